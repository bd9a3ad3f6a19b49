"""What the settings of an office mean, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from softswitch.acd.model import FurtherGroup, Group, Member, NoAnswerAction, Target, TargetKind
from softswitch.ivr.check_sayings import sayings
from softswitch.ivr.loading import load_flow
from softswitch.ivr.model import Flow
from softswitch.ivr.possible_values import plans_of
from softswitch.sip.config import Listener, SipConfig
from softswitch.sip.info import LibraryInfo
from softswitch.switch.config import GroupConfig, OfficeConfig
from softswitch.switch.week_tables import as_tables

_LANGUAGE_NAMES: Final = {"da": "Danish", "nb": "Norwegian", "sv": "Swedish", "en": "English"}
_NO_ANSWER_ACTIONS: Final = {
    NoAnswerAction.NOTHING: "is offered calls as before",
    NoAnswerAction.PAUSE: "is paused",
    NoAnswerAction.LOG_OUT: "becomes passive",
    NoAnswerAction.LOG_OUT_UNLESS_LAST: "becomes passive, unless nobody else is active",
}
_UNITS: Final = ((86_400, "day"), (3600, "h"), (60, "min"))


def count(number: int, noun: str) -> str:
    """Write ``1 call`` or ``2 calls``."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def lasting(seconds: float) -> str:
    """Write a length of time in the largest unit that it fills evenly, small ones in seconds."""
    for unit_s, name in _UNITS:
        if seconds >= 2 * unit_s and seconds % unit_s == 0:
            return f"{seconds / unit_s:g} {name}{'s' if name == 'day' else ''}"
    return f"{seconds:g} s"


def language_name(language: str) -> str:
    """Name a language."""
    return _LANGUAGE_NAMES.get(language, language)


# --- who answers ----------------------------------------------------------------------------


def member_words(member: Member) -> str:
    """Say who a member is."""
    passive = "" if member.active else " (passive)"
    skills = f" [{', '.join(sorted(member.skills))}]" if member.skills else ""
    return f"{member.name or member.id} <{member.address}>{skills}{passive}"


def ring_words(group: Group) -> str:
    """Say who rings, and for how long."""
    limit = f"up to {group.simultaneous_limit} at once"
    order = limit if group.strategy == "simultaneous" else "one at a time"
    return f"{group.strategy.replace('_', ' ')}\n{order}, {group.ring_time_s:g} s each"


def further_words(further: FurtherGroup) -> str:
    """Say when the members of another group answer too."""
    conditions = []
    if further.after_s:
        conditions.append(f"after {lasting(further.after_s)}")
    if further.waiting_at_least:
        conditions.append(f"with {further.waiting_at_least} or more unanswered")
    if further.active_at_most is not None:
        conditions.append(f"with at most {further.active_at_most} active")
    return f"members of {further.group_id} too, {' and '.join(conditions) or 'always'}"


# --- where a call goes ----------------------------------------------------------------------


def target_words(target: Target) -> str:
    """Say in words where a call goes."""
    match target.kind:
        case TargetKind.NUMBER:
            return f"call {target.value}"
        case TargetKind.GROUP:
            return f"group {target.value}"
        case TargetKind.VOICEMAIL if target.value:
            return f"voicemail of group {target.value}"
        case TargetKind.VOICEMAIL:
            return "voicemail of the group"
        case TargetKind.MESSAGE:
            return "standard message, then hang up"
        case TargetKind.HANG_UP:
            return "hang up"


def busy_words(group: Group) -> str:
    """Say what happens to a call while every active member is busy."""
    if not group.queue:
        return f"no queue: {target_words(group.no_queue)}"
    told = f"told their place every {group.position_every_s:g} s"
    wait = told if group.position_every_s else "not told their place"
    return f"up to {group.queue_cap} wait, {wait};\nthen {target_words(group.overflow)}"


def no_answer_words(group: Group) -> str:
    """Say what becomes of a call that nobody answers, and of who does not answer it."""
    limits = []
    if group.max_offers is not None:
        limits.append(f"after {count(group.max_offers, 'offer')}")
    if group.max_offering_s is not None:
        limits.append(f"after {group.max_offering_s / 60:g} min of offers")
    sent = f"{' or '.join(limits)}: {target_words(group.no_answer)}"
    call = sent if limits else "offered again without end"
    if group.no_answer_action is NoAnswerAction.NOTHING:
        return call
    return f"{call};\nwho did not answer {_NO_ANSWER_ACTIONS[group.no_answer_action]}"


def nobody_words(group: Group) -> str:
    """Say where a call goes when nobody is active."""
    target = group.nobody_active
    return target_words(target) if target else "as when all are busy"


# --- what else ------------------------------------------------------------------------------


def extras(group: GroupConfig) -> list[str]:
    """Say what else can happen, a sentence each: only what is not as it is everywhere."""
    music = count(len(group.music), "file") if group.music else "the default list"
    said = [
        f"music: {music}",
        *_week_words(group),
        *_key_words(group),
        *_engine_extras(group.engine),
    ]
    if group.greeting:
        said.append(f"greeting: {group.greeting.name}")
    if group.record:
        said.append("every answered call is recorded")
    if group.hours:
        said.append(f"open by hours {group.hours}; closed: {target_words(group.closed)}")
    if group.survey:
        said.append(f"survey {group.survey} after the call")
    return said


def _engine_extras(group: Group) -> Iterator[str]:
    yield from map(further_words, group.further)
    if group.max_wait_s is not None:
        yield f"after {lasting(group.max_wait_s)} of waiting: {target_words(group.too_long)}"
    if group.expected_wait:
        sure = f"{group.expected_wait_probability * 100:g} % sure"
        yield f"callers are told the wait, {sure}, by {group.expected_wait.replace('_', ' ')}"
    yield f"service goal: answered within {lasting(group.service_within_s)}"
    if not group.auto_ready:
        yield "wrap-up: until the member is ready"
    elif group.wrap_up_s:
        yield f"wrap-up: {lasting(group.wrap_up_s)}"
    if group.weight:
        yield f"weight {group.weight} against other groups"
    yield from _back_off_words(group)
    yield from _order_words(group)
    yield from _return_words(group)


def _week_words(group: GroupConfig) -> Iterator[str]:
    """Say where unanswered calls go at which times of the week."""
    for table in as_tables(group.week):
        hours = f"{table.begin:%H:%M} to {table.end:%H:%M}"
        yield f"no answer on {table.days}, {hours}: {target_words(table.target)}"


def _key_words(group: GroupConfig) -> Iterator[str]:
    """Say what keys do while a caller waits."""
    for key, target in sorted(group.leave_keys.items()):
        yield f"key {key}: {target_words(target)}"
    tries, apart_s = group.engine.call_back_attempts, group.engine.call_back_retry_s
    if group.call_back_key:
        apart = f", {lasting(apart_s)} apart" if tries > 1 else ""
        first = ", the caller dialled first" if group.engine.customer_first else ""
        yield f"key {group.call_back_key}: called back, {count(tries, 'attempt')}{apart}{first}"


def _back_off_words(group: Group) -> Iterator[str]:
    pauses = {
        "rejected": group.rejected_back_off_s,
        "busy": group.busy_back_off_s,
        "unreachable": group.unreachable_back_off_s,
        "no answer": group.no_answer_back_off_s,
    }
    listed = ", ".join(f"{cause} {lasting(s)}" for cause, s in pauses.items() if s)
    if listed:
        yield f"left alone after: {listed}"


def _order_words(group: Group) -> Iterator[str]:
    if group.priority_worth_s is not None:
        yield f"a step of priority counts as {lasting(group.priority_worth_s)} of waiting"


def _return_words(group: Group) -> Iterator[str]:
    """Say what a caller finds who comes back."""
    if group.last_agent_within_s:
        kept = f"kept for the member met last up to {lasting(group.last_agent_wait_s)}"
        yield f"who returns within {lasting(group.last_agent_within_s)} is {kept}"
    if group.redial_within_s:
        again = f"cut off and calling again within {lasting(group.redial_within_s)}"
        yield f"who is {again} keeps the place"


# --- SIP ------------------------------------------------------------------------------------


def sip_words(sip: SipConfig, facts: LibraryInfo | None) -> Mapping[str, str]:
    """Say how the office speaks SIP."""
    trunks = [
        f"{trunk.id}: {trunk.server} over {trunk.transport.value}"
        + (f", registers as {trunk.user}" if trunk.register else "")
        for trunk in sip.trunks
    ]
    return {
        "Listens on": "\n".join(map(listener_words, sip.listen)),
        "Trunks": "\n".join(trunks) or "none: members and targets are reached by SIP URI",
        "Codecs": _codec_words(sip, facts),
        "Encrypted sound": sip.srtp.value,
        "Ports for sound": f"{sip.rtp_port_first} to {sip.rtp_port_last}",
        "Capacity": _capacity_words(sip, facts),
    }


def listener_words(listener: Listener) -> str:
    """Say where to listen."""
    host = f"[{listener.address}]" if ":" in listener.address else listener.address
    port = listener.port or "any free port"
    return f"{listener.transport.value} {host}:{port}"


def _codec_words(sip: SipConfig, facts: LibraryInfo | None) -> str:
    lacking = [] if facts is None else [c for c in sip.codecs if c not in facts.codec_names]
    without = f" (the installed PJSIP lacks {', '.join(lacking)})" if lacking else ""
    return ", ".join(sip.codecs) + without


def _capacity_words(sip: SipConfig, facts: LibraryInfo | None) -> str:
    if facts is None:
        return "PJSIP is not installed: `softswitch pjsip build` makes and installs it"
    usable = facts.usable_calls
    wanted = sip.max_calls or usable
    legs = min(wanted, usable)
    short = f"; the {wanted:,} asked for cannot be had" if wanted > legs else ""
    return f"{legs:,} call legs at once by PJSIP {facts.version}{short}"


# --- what callers say -----------------------------------------------------------------------


def heard_words(config: OfficeConfig) -> str:
    """Say who makes out words that callers say; nothing where no flow asks for any either."""
    ears = config.speech.ears()
    if ears is not None:
        codes = [code for code in _LANGUAGE_NAMES if ears.knows(code)]
        spoken = ", ".join(map(language_name, codes))
        return f"made out by {config.speech.recogniser}, in {spoken}"
    asking = [flow.id for flow in config.flows if _listens(load_flow(flow.file))]
    if not asking:
        return ""
    return f"keys alone count in flow {', '.join(asking)}: [speech] names no recogniser"


def _listens(flow: Flow) -> bool:
    return any(True for plan in plans_of(flow) for _ in sayings(plan))
