"""Carries out what the queue engine decides for callers: sound, connecting, sending elsewhere.

The engine decides; here is only what its commands mean for calls, and what calls mean to it as
events. Members' phones are in `ringing`, calling back in `call_back`. Prompts never stand between
a caller and a member: whatever is being said is cut by `Connect`.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from softswitch.acd import commands as cmd
from softswitch.acd import events as ev
from softswitch.acd.commands import Command
from softswitch.acd.records import CallOutcome, CallRecord, Record
from softswitch.acd.snapshot import CallSnapshot
from softswitch.errors import CallEndedError, MisuseError
from softswitch.prompts import SystemMessage
from softswitch.switch.call import Call
from softswitch.switch.call_back import CallBacks, forget
from softswitch.switch.config import GroupConfig
from softswitch.switch.conversation import Conversation
from softswitch.switch.driver import EngineDriver
from softswitch.switch.forwarding import send_on
from softswitch.switch.journal import RecordingMade
from softswitch.switch.party import Party
from softswitch.switch.requests import CallRequests
from softswitch.switch.results import GroupFullError, QueueResult, QueueWishes
from softswitch.switch.ringing import MemberPhones
from softswitch.switch.tickets import Connected, NotHere, Offer, Ticket
from softswitch.switch.waiting import WaitingSound
from softswitch.telephony import DigitPressed, Ended, Identity, LegEvent

if TYPE_CHECKING:
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

_NOTHING_SPECIAL = QueueWishes()


class Queueing:
    """The hands and ears of the queue engine.

    Attributes:
        requests: what may be asked of calls from outside.
    """

    def __init__(self, house: House, groups: Iterable[GroupConfig]) -> None:
        self._house = house
        self._groups: dict[str, GroupConfig] = {group.id: group for group in groups}
        self._tickets: dict[str, Ticket] = {}
        self._by_call: dict[Party, Ticket] = {}
        self._phones = MemberPhones(house, self._tickets)
        self._call_backs = CallBacks(house, self._tickets, self._phones, self._reached)
        self.requests = CallRequests(self, self._tickets)
        self._driver: EngineDriver
        self._actions: Mapping[type[Command], Callable[[Any], None]] = {
            cmd.StartWaiting: self._start_waiting,
            cmd.TellPosition: self._tell_position,
            cmd.RingMember: self._phones.ring,
            cmd.StopRinging: self._phones.stop,
            cmd.Connect: self._connect,
            cmd.ReleaseMember: self._phones.release,
            cmd.Forward: self._forward,
            cmd.DialCaller: self._call_backs.dial,
            cmd.DialCallerFirst: self._call_backs.dial,
            cmd.StopDialling: self._call_backs.stop,
            cmd.ReleaseCaller: self._call_backs.release,
        }

    @property
    def driver(self) -> EngineDriver:
        """The way to the engine."""
        return self._driver

    @driver.setter
    def driver(self, driver: EngineDriver) -> None:
        self._driver = self._phones.driver = self._call_backs.driver = driver

    def carry_out(self, command: Command) -> None:
        """Do what the engine wants.

        Raises:
            MisuseError: a command of a kind that is not known here.
        """
        action = self._actions.get(type(command))
        if action is None:
            raise MisuseError(f"nobody knows how to carry out {type(command).__name__}")
        action(command)

    def note(self, record: Record) -> None:
        """Take what has happened to the journal, and let go of whom the engine has given up."""
        self._house.journal.note(record)
        ticket = self._tickets.get(record.call_id) if isinstance(record, CallRecord) else None
        if ticket is not None:
            forget(ticket)

    def group(self, group_id: str) -> GroupConfig:
        """Return a group of the office.

        Raises:
            MisuseError: there is none.
        """
        if group_id not in self._groups:
            raise MisuseError(f"the office has no group {group_id!r}")
        return self._groups[group_id]

    def regroup(self, groups: Iterable[GroupConfig]) -> None:
        """Let groups be others; calls that wait for one that is gone keep what they had."""
        self._groups = {group.id: group for group in groups}
        for ticket in self._tickets.values():
            ticket.group = self._groups.get(ticket.group.id, ticket.group)

    async def serve(
        self, call: Call, group_id: str, wishes: QueueWishes = _NOTHING_SPECIAL
    ) -> QueueResult:
        """Take a call through a group until that is over; see `Call.queue`."""
        call.check_alive()
        ticket = self._ticket(call, self.group(group_id), wishes)
        try:
            if wishes.first:
                call.answer_soon()
                ticket.sound.say(*wishes.first)
            self._join(ticket, wishes)
            return await self._see_through(ticket, stay=wishes.stay, returns=wishes.returns)
        finally:
            self._let_go(ticket)

    def _ticket(self, call: Call, group: GroupConfig, wishes: QueueWishes) -> Ticket:
        if call in self._by_call:
            raise MisuseError(f"call {call.id} is in a queue already")
        call.visits += 1
        key = wishes.call_back_key
        ticket = Ticket(
            id=call.id if call.visits == 1 else f"{call.id}-{call.visits}",
            call=call,
            caller=call.caller,
            group=group,
            keys=group.leave_keys if wishes.keys is None else wishes.keys,
            call_back_key=group.call_back_key if key is None else key,
            joined_s=self.driver.now,
        )
        self._begin(ticket)
        self._by_call[call] = ticket
        call.watch(self._on_caller)
        return ticket

    def _begin(self, ticket: Ticket) -> None:
        self._tickets[ticket.id] = ticket
        ticket.begin_again()
        self._new_sound(ticket)

    def _new_sound(self, ticket: Ticket) -> None:
        def plays() -> None:
            self.driver.tell(ev.MusicPlays(call_id=ticket.id))

        playlist = self._house.playlist(ticket.group.id)
        ticket.sound = WaitingSound(ticket.call, playlist, plays=plays)

    def _join(self, ticket: Ticket, wishes: QueueWishes) -> None:
        self.driver.tell(
            ev.CallJoined(
                call_id=ticket.id,
                group_id=ticket.group.id,
                caller=ticket.caller.number,
                priority=wishes.priority,
                skills=wishes.skills,
            )
        )

    async def _see_through(
        self, ticket: Ticket, *, stay: bool, returns: bool = False
    ) -> QueueResult:
        while True:
            decided = await ticket.decided
            if decided is NotHere.TO_BE_CALLED_BACK:
                self._see_back(ticket)
                return self._result(ticket, CallOutcome.CALLED_BACK)
            if isinstance(decided, NotHere):
                return self._result(ticket, CallOutcome.ABANDONED)
            if isinstance(decided, cmd.Forward):
                return await self._send_on(ticket, decided, returns=returns)
            await decided.conversation.until_over()
            if ticket.connected is decided:
                break
        if not stay:
            ticket.call.hang_up()
        return self._talked(ticket, decided)

    async def _send_on(self, ticket: Ticket, forward: cmd.Forward, *, returns: bool) -> QueueResult:
        self._drop(ticket)
        result = self._result(ticket, CallOutcome.FORWARDED)
        then = None
        try:
            if forward.reason is not cmd.ForwardReason.CALLER_CHOICE:
                await ticket.sound.until_said()
            ticket.sound.stop()
            if not returns:
                then = await send_on(self._house, ticket.call, ticket.group, forward.target)
        except CallEndedError:
            log.debug("call %s ended while it was sent on", ticket.id)
        return attrs.evolve(result, target=forward.target, reason=forward.reason, then=then)

    def _talked(self, ticket: Ticket, connected: Connected) -> QueueResult:
        return attrs.evolve(
            self._result(ticket, CallOutcome.ANSWERED),
            member=connected.member_id,
            waited_s=connected.at_s - ticket.joined_s,
            talked_s=self.driver.now - connected.at_s,
            recording=connected.recording,
        )

    def _result(self, ticket: Ticket, outcome: CallOutcome) -> QueueResult:
        return QueueResult(
            outcome=outcome,
            group_id=ticket.group.id,
            waited_s=self.driver.now - ticket.joined_s,
        )

    # What happens to the caller.

    def _on_caller(self, call: Party, event: LegEvent) -> None:
        ticket = self._by_call.get(call)
        if ticket is None or ticket.decided.done():
            return
        if isinstance(event, DigitPressed):
            self._on_key(ticket, event.digit)
        elif isinstance(event, Ended):
            self._on_hung_up(ticket)

    def _on_key(self, ticket: Ticket, digit: str) -> None:
        if ticket.call_back or ticket.asking:
            return
        if digit in ticket.keys:
            ticket.call.take_back_key()
            self.driver.tell(ev.CallLeft(call_id=ticket.id, target=ticket.keys[digit]))
        elif digit == ticket.call_back_key:
            ticket.call.take_back_key()
            self._call_backs.promise(ticket)

    def _on_hung_up(self, ticket: Ticket) -> None:
        if ticket.call_back:
            ticket.sound.stop()
            self._see_back(ticket)
            ticket.decide(NotHere.TO_BE_CALLED_BACK)
        else:
            self._let_go(ticket)
            ticket.decide(NotHere.GONE)

    def _see_back(self, ticket: Ticket) -> None:
        """From here on the visit has no flow, since its caller is not on the line."""
        self._drop(ticket)
        waiting = attrs.evolve(ticket)
        self._begin(waiting)
        self._house.tasks.spawn(self._await_back(waiting), name=f"calling back for {ticket.id}")

    async def _await_back(self, ticket: Ticket) -> None:
        try:
            await self._see_through(ticket, stay=False)
        finally:
            self._let_go(ticket)

    def _reached(self, ticket: Ticket, call: Call) -> None:
        """A caller who is called back is on the line again."""
        ticket.call, ticket.call_back = call, ""
        self._new_sound(ticket)
        self._by_call[call] = ticket
        call.watch(self._on_caller)

    def promise_back(
        self, group_id: str, caller: Identity, number: str, *, priority: int = 0
    ) -> str:
        """Let somebody who is not on the line wait in a group, to be called when it is their turn.

        Args:
            group_id: the group.
            caller: who is shown to members.
            number: where to call: a number or SIP URI. Personal data.
            priority: the higher is served first.

        Returns:
            The call's id in the records.

        Raises:
            MisuseError: there is no such group.
            GroupFullError: it takes no more callers.
        """
        ticket = Ticket(
            id=self._house.new_id(),
            call=Call.absent(self._house),
            caller=caller,
            group=self.group(group_id),
            keys={},
            call_back_key="",
            joined_s=self.driver.now,
            call_back=number,
        )
        self._see_back(ticket)
        self._join(ticket, QueueWishes(priority=priority))
        self.driver.tell(ev.CallBackAsked(call_id=ticket.id, number=number))
        waiting = self._tickets.get(ticket.id)
        if waiting is None or waiting.decided.done():
            raise GroupFullError(f"group {group_id} takes no more callers now")
        return ticket.id

    def expect_back(self, waiting: CallSnapshot) -> None:
        """Take over, after a restart, the promise to call somebody back."""
        ticket = Ticket(
            id=waiting.id,
            call=Call.absent(self._house),
            caller=Identity(uri=waiting.call_back, number=waiting.caller),
            group=self.group(waiting.group_id),
            keys={},
            call_back_key="",
            joined_s=waiting.joined_at,
            call_back=waiting.call_back,
        )
        self._see_back(ticket)

    def _let_go(self, ticket: Ticket) -> None:
        """The visit is over, whatever ended it: also a flow that was cancelled."""
        ticket.sound.stop()
        if self._tickets.get(ticket.id) is ticket:
            self._drop(ticket)
            self._tell_gone(ticket)

    def _drop(self, ticket: Ticket) -> None:
        self._tickets.pop(ticket.id, None)
        self._unwatch(ticket)

    def _unwatch(self, ticket: Ticket) -> None:
        self._by_call.pop(ticket.call, None)
        ticket.call.unwatch(self._on_caller)

    def _tell_gone(self, ticket: Ticket) -> None:
        if not ticket.told_gone:
            ticket.told_gone = True
            self.driver.tell(ev.CallHungUp(call_id=ticket.id))

    # What the engine wants for a caller.

    def _start_waiting(self, command: cmd.StartWaiting) -> None:
        ticket = self._tickets.get(command.call_id)
        if ticket is None or ticket.call.ended is not None:
            return
        if not ticket.sound.fresh:
            ticket.sound.stop()
            self._new_sound(ticket)
        hold = self._house.sounds.message(SystemMessage.PLEASE_HOLD, ticket.group.language)
        with _perhaps_ended():
            ticket.call.answer_soon()
            ticket.sound.say(hold)
            ticket.sound.start_music()

    def _tell_position(self, command: cmd.TellPosition) -> None:
        ticket = self._tickets.get(command.call_id)
        if ticket is not None:
            name = f"position of {ticket.id}"
            self._house.tasks.spawn(self._say_position(ticket, command), name=name)

    async def _say_position(self, ticket: Ticket, command: cmd.TellPosition) -> None:
        sounds, language = self._house.sounds, ticket.group.language
        messages = [await sounds.position(command.position, language)]
        if command.expected is not None:
            messages.append(await sounds.expected_wait(command.expected, language))
        with _perhaps_ended():
            ticket.sound.say(*messages)

    def _connect(self, command: cmd.Connect) -> None:
        offer, ticket = self._phones.take(command.offer_id), self._tickets.get(command.call_id)
        if offer is None:
            log.error("no phone is there to be connected for %s", command.offer_id)
            return
        if ticket is None:  # the caller has just left, and the engine is about to hear of it
            offer.call.hang_up()
            return
        ticket.sound.stop()
        with _perhaps_ended():
            ticket.call.answer_soon()
        connected = self._conversation(ticket, offer)
        ticket.connected = connected
        ticket.decide(connected)
        connected.conversation.begin()

    def _conversation(self, ticket: Ticket, offer: Offer) -> Connected:
        record_to = self._recording(ticket)

        def left(party: Party) -> None:
            if party is offer.call:
                self._member_left(ticket, offer.member_id)

        conversation = Conversation(
            self._house,
            ticket.call,
            offer.call,
            group_id=ticket.group.id,
            record_to=record_to,
            left=left,
            over=lambda: self._tell_gone(ticket),
        )
        return Connected(
            member_id=offer.member_id,
            conversation=conversation,
            at_s=self.driver.now,
            recording=record_to,
        )

    def _recording(self, ticket: Ticket) -> Path | None:
        """Say where a conversation is recorded: the second one of a call after a put-back too."""
        if not ticket.group.record:
            return None
        ticket.conversations += 1
        nth = "" if ticket.conversations == 1 else f"-talk-{ticket.conversations}"
        path = self._house.recordings_dir / f"{ticket.id}{nth}.wav"
        made = RecordingMade(at=self.driver.now, call_id=ticket.id, path=path)
        self._house.journal.note(made)
        return path

    def _member_left(self, ticket: Ticket, member_id: str) -> None:
        ticket.told_gone = True
        self.driver.tell(ev.MemberHungUp(member_id=member_id, call_id=ticket.id))

    def _forward(self, command: cmd.Forward) -> None:
        ticket = self._tickets.get(command.call_id)
        if ticket is not None:
            ticket.decide(command)


def _perhaps_ended() -> AbstractContextManager[None]:
    """For a call that may have ended a moment ago: its `Ended` is on the way and does the rest."""
    return contextlib.suppress(CallEndedError)
