"""Reading the journal that a switch writes: lines of JSON, a record each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs

from softswitch.acd import events as ev
from softswitch.acd.model import TargetKind
from softswitch.acd.records import CallOutcome, MemberState, OfferOutcome
from softswitch.acd.staffing import NO_ANSWER
from softswitch.errors import ConfigurationError, Fault
from softswitch.simulation.replay import RecordedCall, RecordedTraffic

_IN_VAIN: Final = frozenset(
    outcome.value
    for outcome in (
        OfferOutcome.NO_ANSWER,
        OfferOutcome.REJECTED,
        OfferOutcome.BUSY,
        OfferOutcome.UNREACHABLE,
    )
)
_SENT_ON_INSIDE: Final = frozenset({TargetKind.GROUP.value, TargetKind.NUMBER.value})
_LATER_VISIT: Final = re.compile(r"(.+)-\d+")


@attrs.frozen
class _Line:
    """One record.

    Attributes:
        wall_s: when it was written, in seconds since 1970.
        fields: as they stand in the line.
    """

    wall_s: float
    fields: Mapping[str, Any]

    def wall_of(self, field: str) -> float:
        """When something was that is told in the engine's own seconds."""
        return self.wall_s - (float(self.fields["at"]) - float(self.fields[field]))


def read_journal(path: Path) -> RecordedTraffic:
    """Read a journal. Records of kinds that tell nothing of traffic are passed over.

    A call that one group sent on to another of the office is one caller: of such a call the first
    record counts, and the simulated office decides anew what follows.

    Raises:
        ConfigurationError: the file cannot be read, a line is not a record, or there is no call.
    """
    lines: dict[str, list[_Line]] = {}
    for line in _lines(path):
        lines.setdefault(line.fields["record"], []).append(line)
    calls = _first_visits(lines.get("CallRecord", []))
    if not calls:
        raise _refusal(path, "There is no call in it.")
    every = [line.wall_s for kind in lines.values() for line in kind]
    begin = min(*every, *(line.wall_of("joined_at") for line in calls))
    offers = lines.get("OfferRecord", [])
    return RecordedTraffic(
        calls=tuple(sorted((_call(line, begin) for line in calls), key=lambda call: call.at)),
        length_s=max(every) - begin,
        staff_changes=tuple(_staff_changes(lines.get("MemberStateRecord", []), begin)),
        picked_up_s=tuple(
            line.wall_s - line.wall_of("started_at")
            for line in offers
            if line.fields["outcome"] == OfferOutcome.ANSWERED.value
        ),
        missed=sum(line.fields["outcome"] in _IN_VAIN for line in offers),
    )


def _lines(path: Path) -> Iterator[_Line]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _refusal(path, f"The journal cannot be read: {error}.") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield _line(path, number, line)


def _line(path: Path, number: int, text: str) -> _Line:
    try:
        fields = json.loads(text)
        wall_s = datetime.fromisoformat(fields["time"]).timestamp()
        for required in (*_REQUIRED.get(fields["record"], ()), "at"):
            fields[required]
    except (ValueError, KeyError, TypeError) as error:
        where = f"{path}, line {number}"
        raise _refusal(where, f"This is not a record of a journal: {error!r}.") from None
    return _Line(wall_s, fields)


_REQUIRED: Final = {
    "CallRecord": ("call_id", "group_id", "joined_at", "answered_at", "ended_at", "outcome"),
    "OfferRecord": ("started_at", "outcome"),
    "MemberStateRecord": ("member_id", "state"),
}


def _refusal(where: object, message: str) -> ConfigurationError:
    return ConfigurationError([Fault(path=str(where), message=message)])


def _first_visits(calls: list[_Line]) -> list[_Line]:
    sent_on = {
        line.fields["call_id"]
        for line in calls
        if (line.fields.get("forward_target") or {}).get("kind") in _SENT_ON_INSIDE
    }
    return [line for line in calls if not _is_later_visit(line.fields["call_id"], sent_on)]


def _is_later_visit(call_id: str, sent_on: set[str]) -> bool:
    """Whether this is ``ID-2``, ``ID-3``, ... of a call that was sent on."""
    later = _LATER_VISIT.fullmatch(call_id)
    return later is not None and later[1] in sent_on


def _call(line: _Line, begin: float) -> RecordedCall:
    fields, joined = line.fields, line.wall_of("joined_at")
    ended = line.wall_of("ended_at")
    answered = None if fields["answered_at"] is None else line.wall_of("answered_at")
    return RecordedCall(
        at=joined - begin,
        group_id=fields["group_id"],
        number=fields.get("caller", ""),
        waited_s=(ended if answered is None else answered) - joined,
        talk_s=None if answered is None else ended - answered,
        gave_up=fields["outcome"] == CallOutcome.ABANDONED.value,
    )


def _staff_changes(lines: Iterable[_Line], begin: float) -> Iterator[tuple[float, ev.EngineEvent]]:
    """What members chose; what the rules did to them, the simulated office decides anew.

    A member who is first heard of is told apart from the office file's choice only if passive or
    paused, or passive in the file: becoming active twice does no harm.
    """
    chosen: dict[str, MemberState] = {}
    own = (line for line in lines if line.fields.get("reason") != NO_ANSWER)
    for line in sorted(own, key=lambda line: line.wall_s):
        member_id, state = line.fields["member_id"], MemberState(line.fields["state"])
        if state in _CHOICES and chosen.get(member_id) is not state:
            before = chosen.get(member_id)
            chosen[member_id] = state
            at = max(0.0, line.wall_s - begin)
            yield from ((at, event) for event in _events(member_id, before, state))


_CHOICES: Final = frozenset({MemberState.READY, MemberState.PAUSED, MemberState.PASSIVE})


def _events(member_id: str, before: MemberState | None, state: MemberState) -> list[ev.EngineEvent]:
    if state is MemberState.PASSIVE:
        return [ev.MemberDeactivated(member_id=member_id)]
    active = ev.MemberActivated(member_id=member_id)
    if state is MemberState.PAUSED:
        paused = ev.MemberPaused(member_id=member_id)
        return [paused] if before is MemberState.READY else [active, paused]
    return [ev.MemberReady(member_id=member_id)] if before is MemberState.PAUSED else [active]
