"""Another configuration while calls wait: what it would do, told beforehand."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from softswitch.acd.commands import Command, Forward, RingMember, StopRinging
from softswitch.acd.core import Core
from softswitch.acd.model import Group, Member
from softswitch.acd.names import Name
from softswitch.acd.records import Record


class EffectKind(Name):
    """What a new configuration brings about."""

    GROUP_ADDED = "group_added"
    GROUP_CHANGED = "group_changed"
    GROUP_REMOVED = "group_removed"
    MEMBER_ADDED = "member_added"
    MEMBER_CHANGED = "member_changed"
    MEMBER_REMOVED = "member_removed"
    MEMBER_LEAVES_AFTER_CALL = "member_leaves_after_call"
    QUEUE_ABOVE_CAP = "queue_above_cap"
    CALL_SENT_AWAY = "call_sent_away"
    PHONE_STOPS = "phone_stops"
    PHONE_RINGS = "phone_rings"


@attrs.frozen(kw_only=True)
class Effect:
    """One consequence.

    Attributes:
        id: of the group, member or call that it befalls; of the member where a phone rings.
        detail: for people: the settings that change, the reason, or the call.
    """

    kind: EffectKind
    id: str
    detail: str = ""


@attrs.frozen(kw_only=True)
class Plan:
    """A configuration that fits together, and what it would do to calls and members now.

    Attributes:
        version: of the configuration that it would replace; the plan is stale after another.
    """

    groups: tuple[Group, ...]
    members: tuple[Member, ...]
    effects: tuple[Effect, ...]
    version: int


def changes(core: Core, groups: tuple[Group, ...], members: tuple[Member, ...]) -> list[Effect]:
    """What differs between the present configuration and another."""
    old_groups = {group.id: group.group for group in core.groups.values()}
    old_members = {agent.id: agent.member for agent in core.agents.values() if not agent.retired}
    kinds = (EffectKind.GROUP_ADDED, EffectKind.GROUP_CHANGED, EffectKind.GROUP_REMOVED)
    found = list(_differences(old_groups, {group.id: group for group in groups}, kinds))
    kinds = (EffectKind.MEMBER_ADDED, EffectKind.MEMBER_CHANGED, EffectKind.MEMBER_REMOVED)
    found += _differences(old_members, {member.id: member for member in members}, kinds)
    return found


def consequences(core: Core, output: list[Command | Record]) -> Iterator[Effect]:
    """What followed for calls and members, from the memory and the output after the change."""
    for out in output:
        if isinstance(out, Forward):
            detail = out.reason.value
            yield Effect(kind=EffectKind.CALL_SENT_AWAY, id=out.call_id, detail=detail)
        elif isinstance(out, StopRinging):
            detail = out.reason.value
            yield Effect(kind=EffectKind.PHONE_STOPS, id=out.member_id, detail=detail)
        elif isinstance(out, RingMember):
            yield Effect(kind=EffectKind.PHONE_RINGS, id=out.member_id, detail=out.call_id)
    for agent in core.agents.values():
        if agent.retired:
            yield Effect(kind=EffectKind.MEMBER_LEAVES_AFTER_CALL, id=agent.id)
    for group in core.groups.values():
        if group.places > group.group.queue_cap:
            detail = f"{group.places} wait, {group.group.queue_cap} would be let in"
            yield Effect(kind=EffectKind.QUEUE_ABOVE_CAP, id=group.id, detail=detail)


def _differences(
    old: dict[str, Group] | dict[str, Member],
    new: dict[str, Group] | dict[str, Member],
    kinds: tuple[EffectKind, EffectKind, EffectKind],
) -> Iterator[Effect]:
    added, changed, removed = kinds
    for key, item in new.items():
        if key not in old:
            yield Effect(kind=added, id=key)
        elif item != old[key]:
            yield Effect(kind=changed, id=key, detail=", ".join(_settings(old[key], item)))
    for key in old:
        if key not in new:
            yield Effect(kind=removed, id=key)


def _settings(old: Group | Member, new: Group | Member) -> list[str]:
    names = [field.name for field in attrs.fields(type(new))]
    return [name for name in names if getattr(old, name) != getattr(new, name)]
