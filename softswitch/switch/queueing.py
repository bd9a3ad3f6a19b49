"""Carries out what the queue engine decides: sound, ringing, connecting, sending elsewhere.

A `Ticket` is one visit of a call to a group, an `Offer` one phone that rings for it. The engine
decides; here is only what its commands mean for calls, and what calls mean to it as events.
Prompts never stand between a caller and a member: whatever is being said is cut by `Connect`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from softswitch.acd import commands as cmd
from softswitch.acd import events as ev
from softswitch.acd.commands import Command, StopReason
from softswitch.acd.records import CallOutcome
from softswitch.errors import CallEndedError, CapacityError, MisuseError
from softswitch.prompts import SystemMessage
from softswitch.switch.call import Call
from softswitch.switch.config import GroupConfig
from softswitch.switch.conversation import Conversation
from softswitch.switch.driver import EngineDriver
from softswitch.switch.failures import offer_failure
from softswitch.switch.forwarding import send_on
from softswitch.switch.journal import RecordingMade
from softswitch.switch.party import Party, Watcher
from softswitch.switch.results import QueueResult
from softswitch.switch.waiting import WaitingSound
from softswitch.telephony import (
    COMPLETED_ELSEWHERE,
    Answered,
    Ended,
    LegEvent,
    LegState,
    Ringing,
)

if TYPE_CHECKING:
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

RING_GRACE_S = 10.0
"""The engine ends an offer on time; the network's own limit is only there in case it does not."""


@attrs.frozen(kw_only=True)
class Connected:
    """A member answered."""

    member_id: str
    conversation: Conversation
    at_s: float
    recording: Path | None


@attrs.define(eq=False, kw_only=True)
class Ticket:
    """One visit of a call to a group.

    Attributes:
        id: the engine's id for it: the call's own for the first visit.
        sound: what the caller hears meanwhile.
        decided: gets a member, a forward, or None when the caller is gone.
        told_gone: the engine knows that nobody talks any more.
    """

    id: str
    call: Call
    group: GroupConfig
    sound: WaitingSound
    joined_s: float
    decided: asyncio.Future[Connected | cmd.Forward | None]
    told_gone: bool = False


@attrs.define(eq=False, kw_only=True)
class Offer:
    """A phone that was asked to ring."""

    id: str
    member_id: str
    ticket: Ticket
    call: Call
    watcher: Watcher


class Queueing:
    """The hands and ears of the queue engine."""

    def __init__(self, house: House, groups: Mapping[str, GroupConfig]) -> None:
        self._house = house
        self._groups = groups
        self._tickets: dict[str, Ticket] = {}
        self._by_call: dict[Party, Ticket] = {}
        self._offers: dict[str, Offer] = {}
        self.driver: EngineDriver
        self._actions: Mapping[type[Command], Callable[[Any], None]] = {
            cmd.StartWaiting: self._start_waiting,
            cmd.TellPosition: self._tell_position,
            cmd.RingMember: self._ring_member,
            cmd.StopRinging: self._stop_ringing,
            cmd.Connect: self._connect,
            cmd.ReleaseMember: self._release_member,
            cmd.Forward: self._forward,
        }

    def carry_out(self, command: Command) -> None:
        """Do what the engine wants.

        Raises:
            MisuseError: a command of a kind that is not known here.
        """
        action = self._actions.get(type(command))
        if action is None:
            raise MisuseError(f"nobody knows how to carry out {type(command).__name__}")
        action(command)

    def group(self, group_id: str) -> GroupConfig:
        """Return a group of the office.

        Raises:
            MisuseError: there is none.
        """
        if group_id not in self._groups:
            raise MisuseError(f"the office has no group {group_id!r}")
        return self._groups[group_id]

    async def serve(
        self,
        call: Call,
        group_id: str,
        *,
        priority: int = 0,
        greeting: Path | None = None,
        stay: bool = False,
    ) -> QueueResult:
        """Take a call through a group until that is over; see `Call.queue`."""
        call.check_alive()
        ticket = self._ticket(call, self.group(group_id))
        try:
            if greeting is not None:
                call.answer_soon()
                ticket.sound.say(greeting)
            self._join(ticket, priority)
            return await self._see_through(ticket, stay=stay)
        finally:
            self._let_go(ticket)

    def _ticket(self, call: Call, group: GroupConfig) -> Ticket:
        if call in self._by_call:
            raise MisuseError(f"call {call.id} is in a queue already")
        call.visits += 1
        ticket = Ticket(
            id=call.id if call.visits == 1 else f"{call.id}-{call.visits}",
            call=call,
            group=group,
            sound=WaitingSound(call, self._house.playlist(group.id)),
            joined_s=self.driver.now,
            decided=asyncio.get_running_loop().create_future(),
        )
        self._tickets[ticket.id] = self._by_call[call] = ticket
        call.watch(self._on_caller)
        return ticket

    def _join(self, ticket: Ticket, priority: int) -> None:
        self.driver.tell(
            ev.CallJoined(
                call_id=ticket.id,
                group_id=ticket.group.id,
                caller=ticket.call.caller.number,
                priority=priority,
            )
        )

    async def _see_through(self, ticket: Ticket, *, stay: bool) -> QueueResult:
        decided = await ticket.decided
        if decided is None:
            return self._result(ticket, CallOutcome.ABANDONED)
        if isinstance(decided, cmd.Forward):
            return await self._send_on(ticket, decided)
        await decided.conversation.until_over()
        if not stay:
            ticket.call.hang_up()
        return self._talked(ticket, decided)

    async def _send_on(self, ticket: Ticket, forward: cmd.Forward) -> QueueResult:
        self._drop(ticket)
        result = self._result(ticket, CallOutcome.FORWARDED)
        try:
            await ticket.sound.until_said()
            ticket.sound.stop()
            then = await send_on(self._house, ticket.call, ticket.group, forward.target)
        except CallEndedError:
            then = None
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
        if isinstance(event, Ended) and ticket is not None and not ticket.decided.done():
            self._let_go(ticket)
            ticket.decided.set_result(None)

    def _let_go(self, ticket: Ticket) -> None:
        """The visit is over, whatever ended it: also a flow that was cancelled."""
        ticket.sound.stop()
        if ticket.id in self._tickets:
            self._drop(ticket)
            self._tell_gone(ticket)

    def _drop(self, ticket: Ticket) -> None:
        del self._tickets[ticket.id], self._by_call[ticket.call]
        ticket.call.unwatch(self._on_caller)

    def _tell_gone(self, ticket: Ticket) -> None:
        if not ticket.told_gone:
            ticket.told_gone = True
            self.driver.tell(ev.CallHungUp(call_id=ticket.id))

    # What the engine wants for a caller.

    def _start_waiting(self, command: cmd.StartWaiting) -> None:
        ticket = self._tickets.get(command.call_id)
        if ticket is None:
            return
        hold = self._house.sounds.message(SystemMessage.PLEASE_HOLD, ticket.group.language)
        with _perhaps_ended():
            ticket.call.answer_soon()
            ticket.sound.say(hold)
            ticket.sound.start_music()

    def _tell_position(self, command: cmd.TellPosition) -> None:
        ticket = self._tickets.get(command.call_id)
        if ticket is not None:
            self._house.tasks.spawn(
                self._say_position(ticket, command.position), name=f"position of {ticket.id}"
            )

    async def _say_position(self, ticket: Ticket, position: int) -> None:
        message = await self._house.sounds.position(position, ticket.group.language)
        with _perhaps_ended():
            ticket.sound.say(message)

    def _connect(self, command: cmd.Connect) -> None:
        offer, ticket = self._take_offer(command.offer_id), self._tickets.get(command.call_id)
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
        ticket.decided.set_result(connected)
        connected.conversation.begin()

    def _conversation(self, ticket: Ticket, offer: Offer) -> Connected:
        record_to = None
        if ticket.group.record:
            record_to = self._house.recordings_dir / f"{ticket.id}.wav"
            made = RecordingMade(at=self.driver.now, call_id=ticket.id, path=record_to)
            self._house.journal.note(made)

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

    def _member_left(self, ticket: Ticket, member_id: str) -> None:
        ticket.told_gone = True
        self.driver.tell(ev.MemberHungUp(member_id=member_id, call_id=ticket.id))

    def _forward(self, command: cmd.Forward) -> None:
        ticket = self._tickets.get(command.call_id)
        if ticket is not None and not ticket.decided.done():
            ticket.decided.set_result(command)

    # What the engine wants of a member's phone.

    def _ring_member(self, command: cmd.RingMember) -> None:
        ticket = self._tickets.get(command.call_id)
        if ticket is None:
            return  # the caller has just left, and the engine is about to hear of it
        call = self._dial_member(command, ticket)
        if call is None:
            failure = ev.OfferFailure.UNREACHABLE
            self.driver.tell(ev.OfferFailed(offer_id=command.offer_id, failure=failure))
            return

        def watcher(_party: Party, event: LegEvent) -> None:
            self._on_phone(command.offer_id, event)

        call.watch(watcher)
        self._offers[command.offer_id] = Offer(
            id=command.offer_id,
            member_id=command.member_id,
            ticket=ticket,
            call=call,
            watcher=watcher,
        )

    def _dial_member(self, command: cmd.RingMember, ticket: Ticket) -> Call | None:
        if self._house.closing:
            return None
        try:
            return Call.outgoing(
                self._house,
                command.address,
                ring_time_s=command.ring_time_s + RING_GRACE_S,
                caller=ticket.call.caller,
            )
        except (CapacityError, MisuseError) as error:
            log.warning("the phone of %s cannot be dialled: %s", command.member_id, error)
            return None

    def _on_phone(self, offer_id: str, event: LegEvent) -> None:
        if isinstance(event, Ringing):
            self.driver.tell(ev.OfferRinging(offer_id=offer_id))
        elif isinstance(event, Answered):
            self.driver.tell(ev.OfferAnswered(offer_id=offer_id))
        elif isinstance(event, Ended):
            self._take_offer(offer_id)
            self.driver.tell(ev.OfferFailed(offer_id=offer_id, failure=offer_failure(event)))

    def _stop_ringing(self, command: cmd.StopRinging) -> None:
        offer = self._offers.get(command.offer_id)
        if offer is None or offer.call.leg.state is LegState.ANSWERED:
            return  # answered a moment ago: its Answered follows and the engine releases it
        elsewhere = command.reason is StopReason.ANSWERED_ELSEWHERE
        offer.call.hang_up(COMPLETED_ELSEWHERE if elsewhere else None)

    def _release_member(self, command: cmd.ReleaseMember) -> None:
        offer = self._take_offer(command.offer_id)
        if offer is not None:
            self._house.tasks.spawn(
                self._goodbye(offer, command.reason), name=f"goodbye to {offer.member_id}"
            )

    async def _goodbye(self, offer: Offer, reason: StopReason) -> None:
        """Tell a member who answered a moment too late that a colleague has the call."""
        self.driver.tell(ev.MemberBusyElsewhere(member_id=offer.member_id))
        elsewhere = reason is StopReason.ANSWERED_ELSEWHERE
        language = offer.ticket.group.language
        try:
            if elsewhere:
                with contextlib.suppress(CallEndedError):
                    await offer.call.say_message(SystemMessage.ANSWERED_ELSEWHERE, lang=language)
        finally:
            offer.call.hang_up(COMPLETED_ELSEWHERE if elsewhere else None)
            self.driver.tell(ev.MemberHungUp(member_id=offer.member_id))

    def _take_offer(self, offer_id: str) -> Offer | None:
        offer = self._offers.pop(offer_id, None)
        if offer is not None:
            offer.call.unwatch(offer.watcher)
        return offer


def _perhaps_ended() -> AbstractContextManager[None]:
    """For a call that may have ended a moment ago: its `Ended` is on the way and does the rest."""
    return contextlib.suppress(CallEndedError)
