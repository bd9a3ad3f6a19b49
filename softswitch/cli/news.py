"""What happens in a switch, told in sentences while it happens.

Records say what is over (an offer, a call), snapshots what has begun (a caller, a ringing phone).
Everything of one instant is told together, so that "Anna answers" and "the others stop ringing"
are one sentence.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from rich.text import Text

from softswitch.acd.commands import ForwardReason
from softswitch.acd.model import Target, TargetKind
from softswitch.acd.records import (
    CallOutcome,
    CallRecord,
    MemberState,
    MemberStateRecord,
    OfferOutcome,
    OfferRecord,
    Record,
)
from softswitch.acd.snapshot import CallSnapshot
from softswitch.cli.words import duration, listed, number
from softswitch.switch.journal import MessageLeft, RecordingMade
from softswitch.switch.view import SwitchSnapshot

_KEPT: Final = 200
_IN_VAIN: Final = {
    OfferOutcome.REJECTED: "refuses",
    OfferOutcome.BUSY: "says busy to",
    OfferOutcome.NO_ANSWER: "does not answer",
    OfferOutcome.UNREACHABLE: "cannot be reached for",
}
_WHY_SENT: Final = {
    ForwardReason.QUEUE_FULL: "finds the queue full",
    ForwardReason.NO_QUEUE: "finds everybody busy",
    ForwardReason.NOBODY_ACTIVE: "finds nobody at work",
    ForwardReason.OFFERS_EXHAUSTED: "was offered often enough",
    ForwardReason.OFFERING_TIME_OVER: "was offered long enough",
    ForwardReason.WAITED_TOO_LONG: "has waited too long",
}


class News:
    """Keeps the latest sentences.

    Args:
        snapshot: gives the present state of the switch.
        caller: how to write a caller's number.

    Attributes:
        lines: the sentences, the oldest first.
        told: called with every new one.
    """

    def __init__(
        self,
        snapshot: Callable[[], SwitchSnapshot],
        *,
        caller: Callable[[str], str] = number,
    ) -> None:
        self.lines: deque[Text] = deque(maxlen=_KEPT)
        self._snapshot = snapshot
        self._caller = caller
        self.told: Callable[[Text], None] = lambda _: None
        self._fresh: list[Record] = []
        self._calls: dict[str, str] = {}
        self._offers: set[str] = set()
        self._sent_on: set[str] = set()
        self._states: dict[str, MemberState] = {}
        self._names: dict[str, str] = {}

    def on_record(self, record: Record) -> None:
        """Take a record; it is told at the end of this turn of the loop."""
        if not self._fresh:
            asyncio.get_running_loop().call_soon(self.look)
        self._fresh.append(record)

    def look(self) -> None:
        """Tell what is new. Call it now and then: a caller who only waits makes no record."""
        now, records = self._snapshot(), self._fresh
        self._fresh = []
        self._names = {member.id: member.name or member.id for member in now.members}
        for text, style in [*self._ended(records), *self._begun(now), *self._changed(records)]:
            self._tell(f"{now.time:%H:%M:%S}  {text}", style)
        self._states |= {member.id: member.state for member in now.members}

    def say(self, text: str, style: str = "") -> None:
        """Put a sentence of one's own between the others."""
        self.look()
        self._tell(text, style)

    def _tell(self, text: str, style: str) -> None:
        line = Text(text, style=style)
        self.lines.append(line)
        self.told(line)

    # What is over.

    def _ended(self, records: list[Record]) -> Iterable[tuple[str, str]]:
        offers = [record for record in records if isinstance(record, OfferRecord)]
        recorded = {record.call_id for record in records if isinstance(record, RecordingMade)}
        for offer in offers:
            if offer.outcome is OfferOutcome.ANSWERED:
                yield self._answered(offer, offers, recorded=offer.call_id in recorded), "green"
            elif offer.outcome in _IN_VAIN:
                who, whom = self._names[offer.member_id], self._of(offer.call_id)
                yield f"{who} {_IN_VAIN[offer.outcome]} {whom}.", "dark_orange"
        for record in records:
            if isinstance(record, CallRecord):
                yield self._call_over(record)
            elif isinstance(record, MessageLeft):
                who = self._caller(record.caller)
                yield f"{who} left a message of {duration(record.length_s)}.", "magenta"

    def _of(self, call_id: str) -> str:
        return self._caller(self._calls.get(call_id, ""))

    def _answered(self, offer: OfferRecord, offers: list[OfferRecord], *, recorded: bool) -> str:
        others = [
            self._names[other.member_id]
            for other in offers
            if other.call_id == offer.call_id and other.outcome is OfferOutcome.ANSWERED_ELSEWHERE
        ]
        text = f"{self._names[offer.member_id]} answers {self._of(offer.call_id)}"
        text += " (recorded)" if recorded else ""
        stops = "stops" if len(others) == 1 else "stop"
        return text + (f"; {listed(others)} {stops} ringing." if others else ".")

    def _call_over(self, call: CallRecord) -> tuple[str, str]:
        who, waited = self._caller(call.caller), duration(call.ended_at - call.joined_at)
        if call.outcome is CallOutcome.ABANDONED:
            return f"{who} gives up after {waited}.", "red"
        if call.forward_target is not None:
            if call.forward_target.kind is TargetKind.GROUP:
                self._sent_on.add(call.caller)
            why = _WHY_SENT.get(call.forward_reason or ForwardReason.WITHDRAWN, "is sent on")
            return f"{who} {why}: {_goes(call.forward_target)}.", "magenta"
        if call.answered_at is None or call.member_id is None:
            return f"{who} has gone.", "dim"
        talked, member = duration(call.ended_at - call.answered_at), self._names[call.member_id]
        return f"{who} and {member} have talked for {talked}.", "dim"

    # What has begun.

    def _begun(self, now: SwitchSnapshot) -> Iterable[tuple[str, str]]:
        ringing: dict[str, list[str]] = {}
        for offer in now.ringing:
            if offer.id not in self._offers:
                ringing.setdefault(offer.call_id, []).append(self._names[offer.member_id])
        self._offers = {offer.id for offer in now.ringing}
        for call in now.waiting:
            phones = ringing.get(call.id, [])
            if call.id not in self._calls:
                yield self._joined(call, phones)
            elif phones:
                yield f"{_rings(phones)} for {self._caller(call.caller)}.", "cyan"
        self._calls = {call.id: call.caller for call in (*now.waiting, *now.talking)}

    def _joined(self, call: CallSnapshot, phones: list[str]) -> tuple[str, str]:
        who = self._caller(call.caller)
        if call.caller in self._sent_on:
            self._sent_on.discard(call.caller)
        else:
            who += f" calls {call.group_id}"
        if phones:
            return f"{who}: {_rings(phones)}.", "cyan"
        return f"{who}: all busy, waits as number {call.position} with music.", "yellow"

    def _changed(self, records: list[Record]) -> Iterable[tuple[str, str]]:
        for record in records:
            if not isinstance(record, MemberStateRecord) or record.member_id not in self._states:
                continue
            who, before = self._names[record.member_id], self._states[record.member_id]
            if record.state is MemberState.PASSIVE:
                yield f"{who} takes no more calls.", "dim"
            elif record.state is MemberState.PAUSED:
                yield f"{who} pauses. {record.reason}".rstrip(), "dim"
            elif record.state is MemberState.WRAP_UP:
                yield f"{who} writes up the call.", "dim"
            elif before in {MemberState.PASSIVE, MemberState.PAUSED}:
                yield f"{who} takes calls again.", "dim"


def _rings(phones: list[str]) -> str:
    return f"{listed(phones)} {'rings' if len(phones) == 1 else 'ring'}"


def _goes(target: Target) -> str:
    return {
        TargetKind.GROUP: f"goes to {target.value}",
        TargetKind.NUMBER: f"goes to {target.value}",
        TargetKind.VOICEMAIL: "may leave a message",
        TargetKind.MESSAGE: "hears the standard message",
        TargetKind.HANG_UP: "is hung up",
    }[target.kind]
