"""Another office while calls go on: what it would do, in words, before it comes into force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from softswitch.acd.plan import Effect, EffectKind, Plan
from softswitch.switch.config import GroupConfig, OfficeConfig

_SENTENCES: Final[Mapping[EffectKind, str]] = {
    EffectKind.GROUP_ADDED: "Group {id} is new.",
    EffectKind.GROUP_CHANGED: "Group {id} changes: {detail}.",
    EffectKind.GROUP_REMOVED: "Group {id} is removed.",
    EffectKind.MEMBER_ADDED: "Member {id} is new.",
    EffectKind.MEMBER_CHANGED: "Member {id} changes: {detail}.",
    EffectKind.MEMBER_REMOVED: "Member {id} is removed.",
    EffectKind.MEMBER_LEAVES_AFTER_CALL: "Member {id} is in a call, and leaves when it is over.",
    EffectKind.QUEUE_ABOVE_CAP: "Group {id} is fuller than allowed: {detail}.",
    EffectKind.CALL_SENT_AWAY: "Call {id}, which waits, is sent elsewhere: {detail}.",
    EffectKind.PHONE_STOPS: "The phone of {id} stops ringing: {detail}.",
    EffectKind.PHONE_RINGS: "The phone of {id} rings for call {detail}.",
}
_OF_THE_RUNTIME: Final = (
    "language",
    "record",
    "music",
    "greeting",
    "leave_keys",
    "call_back_key",
    "week",
)
_AT_THE_NEXT_START: Final = ("sip", "data_dir", "timezone")
_OF_THE_WEB_SERVICE: Final = (
    "port",
    "address",
    "certificate",
    "key",
    "form",
    "token",
    "token_file",
    "body_max",
)
"""What the web service is told when it begins to listen."""


@attrs.frozen(kw_only=True)
class OfficePlan:
    """Another office that fits together; `Switch.apply` brings it into force, whole.

    Attributes:
        config: the office as it will be; what can change at a start only is as it is now.
        engine: the queue engine's part.
        effects: what changes and what follows for calls and members, one sentence each; none:
            everything stays as it is.
    """

    config: OfficeConfig
    engine: Plan
    effects: tuple[str, ...]


def attainable(now: OfficeConfig, wanted: OfficeConfig) -> OfficeConfig:
    """Return the office as far as it can be had while the switch runs."""
    web = attrs.evolve(wanted.web, **{name: getattr(now.web, name) for name in _OF_THE_WEB_SERVICE})
    kept = {name: getattr(now, name) for name in _AT_THE_NEXT_START}
    return attrs.evolve(wanted, web=web, **kept)


def in_words(now: OfficeConfig, wanted: OfficeConfig, plan: Plan) -> Iterator[str]:
    """Say what another office changes, and what follows."""
    for effect in plan.effects:
        yield _sentence(effect)
    yield from _numbers(now, wanted)
    yield from _runtime_settings(now, wanted)
    for name in _AT_THE_NEXT_START:
        if getattr(now, name) != getattr(wanted, name):
            yield f"What changes in {name} comes into force at the next start only."
    yield from _web(now, wanted)


def _web(now: OfficeConfig, wanted: OfficeConfig) -> Iterator[str]:
    if now.web == wanted.web:
        return
    if attainable(now, wanted).web != now.web:
        yield "Who can order call backs by web changes."
    late = [
        name for name in _OF_THE_WEB_SERVICE if getattr(now.web, name) != getattr(wanted.web, name)
    ]
    if late:
        yield f"What changes in {', '.join(late)} of web comes into force at the next start only."


def _sentence(effect: Effect) -> str:
    detail = effect.detail.replace("_", " ")
    if effect.kind in {EffectKind.GROUP_CHANGED, EffectKind.MEMBER_CHANGED}:
        detail = effect.detail
    return _SENTENCES[effect.kind].format(id=effect.id, detail=detail)


def _numbers(now: OfficeConfig, wanted: OfficeConfig) -> Iterator[str]:
    before, after = _number_plan(now), _number_plan(wanted)
    for number, place in after.items():
        if number not in before:
            yield f"Number {number} leads to {place}."
        elif before[number] != place:
            yield f"Number {number} leads to {place}, no longer to {before[number]}."
    for number, place in before.items():
        if number not in after:
            yield f"Number {number} leads nowhere, no longer to {place}."


def _number_plan(config: OfficeConfig) -> dict[str, str]:
    groups = {number: f"group {g.id}" for g in config.groups for number in g.numbers}
    return groups | {number: f"flow {f.id}" for f in config.flows for number in f.numbers}


def _runtime_settings(now: OfficeConfig, wanted: OfficeConfig) -> Iterator[str]:
    if (now.name, now.language) != (wanted.name, wanted.language):
        yield "The office's name or language changes."
    if (now.speech.clips, now.speech.piper) != (wanted.speech.clips, wanted.speech.piper):
        yield "Callers are spoken to with other recordings or voices."
    if _ears(now) != _ears(wanted):
        yield f"Words that callers say are made out by {wanted.speech.recogniser or 'nothing'}."
    if now.recording_number != wanted.recording_number:
        yield f"Greetings are recorded at {wanted.recording_number or 'no number'}."
    before = {group.id: group for group in now.groups}
    for group in wanted.groups:
        changed = _differences(before[group.id], group) if group.id in before else []
        if changed:
            yield f"Group {group.id} changes: {', '.join(changed)}."


def _ears(config: OfficeConfig) -> tuple[str | None, tuple[str, ...]]:
    return config.speech.recogniser, config.speech.listens_in


def _differences(one: GroupConfig, other: GroupConfig) -> list[str]:
    return [name for name in _OF_THE_RUNTIME if getattr(one, name) != getattr(other, name)]
