"""Calling back a caller who hung up and kept the place in the queue.

Agent first: a member is rung as for every call; once on the line the member hears it ring while the
caller is dialled. Customer first: the caller is dialled when a member is free, and then waits for
whoever answers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from softswitch.acd import commands as cmd
from softswitch.acd import events as ev
from softswitch.errors import CallEndedError, CapacityError, MisuseError
from softswitch.prompts import SystemMessage
from softswitch.switch.call import Call
from softswitch.switch.call_back_asking import confirmed_number
from softswitch.switch.call_back_orders import way_back
from softswitch.switch.dialling import start_ring_tone
from softswitch.switch.party import Party
from softswitch.switch.ringing import MemberPhones
from softswitch.switch.tickets import NotHere, Ticket
from softswitch.telephony import Answered, Ended, LegEvent, Playback

if TYPE_CHECKING:
    from softswitch.switch.driver import EngineDriver
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

RING_TIME_S = 40.0
"""How long a caller who is called back may take to answer, while the member waits."""


class CallBacks:
    """Callers who were promised a call."""

    def __init__(
        self,
        house: House,
        tickets: Mapping[str, Ticket],
        phones: MemberPhones,
        reached: Callable[[Ticket, Call], None],
    ) -> None:
        """Prepare.

        Args:
            house: what the switch's parts share.
            tickets: visits by the engine's ids.
            phones: those of members.
            reached: told of a caller who has answered, before the engine is.
        """
        self._house = house
        self._tickets = tickets
        self._phones = phones
        self._reached = reached
        self._attempts: dict[tuple[str, int | None], _Attempt] = {}
        self.driver: EngineDriver

    def promise(self, ticket: Ticket) -> None:
        """Let the caller hang up and keep the place; a caller without a number waits on."""
        number = way_back(self._house, ticket.caller)
        if ticket.group.call_back_confirm:
            asking = self._ask(ticket, number)
            task = self._house.tasks.spawn(asking, name=f"number of {ticket.id}")
            ticket.decided.add_done_callback(lambda _: task.cancel())
        elif not number:
            self._say(ticket, SystemMessage.INVALID_CHOICE)
        else:
            self._promise(ticket, number)

    async def _ask(self, ticket: Ticket, number: str) -> None:
        """Let the caller confirm the number or key another one; who does not waits on."""
        ticket.asking = True
        try:
            chosen = await confirmed_number(self._house, ticket, number)
        except CallEndedError:
            return
        finally:
            ticket.asking = False
        if chosen:
            self._promise(ticket, chosen)

    def _promise(self, ticket: Ticket, number: str) -> None:
        ticket.call_back = number
        self.driver.tell(ev.CallBackAsked(call_id=ticket.id, number=number))
        self._house.tasks.spawn(self._say_goodbye(ticket), name=f"promise to {ticket.id}")

    def _say(self, ticket: Ticket, message: SystemMessage) -> None:
        ticket.sound.say(self._house.sounds.message(message, ticket.group.language))

    async def _say_goodbye(self, ticket: Ticket) -> None:
        try:
            self._say(ticket, SystemMessage.WILL_CALL_BACK)
            await ticket.sound.until_said()
        except CallEndedError:
            return
        if ticket.call_back and not ticket.decided.done():
            ticket.call.hang_up()

    def dial(self, command: cmd.DialCaller | cmd.DialCallerFirst) -> None:
        """Dial the caller, unless the line is still open on which the promise was given."""
        ticket = self._tickets.get(command.call_id)
        if ticket is not None and ticket.call.ended is None:
            ticket.call_back = ""
            told = ev.CallBackAnswered(call_id=ticket.id, attempt=command.attempt)
            self.driver.tell(told)
            return
        attempt = _Attempt(self._house, self.driver, ticket, command, self._reached)
        self._attempts[command.call_id, command.attempt] = attempt
        member = None
        if isinstance(command, cmd.DialCaller):
            member = self._phones.watch_instead(command.offer_id, attempt.on_member)
        attempt.begin(member.call if member is not None else None)

    def stop(self, command: cmd.StopDialling) -> None:
        """Dial no longer."""
        attempt = self._attempts.pop((command.call_id, command.attempt), None)
        if attempt is not None:
            attempt.stop()

    def release(self, command: cmd.ReleaseCaller) -> None:
        """Apologise to a caller who answered too late, and keep the promise."""
        attempt = self._attempts.pop((command.call_id, command.attempt), None)
        ticket = self._tickets.get(command.call_id)
        if attempt is None or attempt.call is None or ticket is None:
            return
        if ticket.call is attempt.call:
            ticket.call = Call.absent(self._house)
        ticket.call_back = attempt.number
        goodbye = self._apologise(attempt.call, ticket.group.language)
        self._house.tasks.spawn(goodbye, name=f"apology to {ticket.id}")

    async def _apologise(self, call: Call, language: str) -> None:
        try:
            await call.say_message(SystemMessage.WILL_CALL_BACK, lang=language, barge_in=False)
        except CallEndedError:
            return
        call.hang_up()


@attrs.define(eq=False)
class _Attempt:
    """One call to a caller, with or without a member waiting for it.

    Attributes:
        call: the call to the caller, once dialled.
    """

    _house: House
    _driver: EngineDriver
    _ticket: Ticket | None
    _command: cmd.DialCaller | cmd.DialCallerFirst
    _reached: Callable[[Ticket, Call], None]
    call: Call | None = None
    _member: Party | None = None
    _tone: Playback | None = None

    @property
    def number(self) -> str:
        """Where the caller is."""
        return self._command.number

    def begin(self, member: Party | None) -> None:
        """Dial."""
        self._member = member
        needs_member = isinstance(self._command, cmd.DialCaller)
        if self._ticket is None or (needs_member and (member is None or member.ended is not None)):
            self._fail()
            return
        try:
            self._tone = None if member is None else start_ring_tone(member)
            self.call = Call.outgoing(self._house, self.number, ring_time_s=RING_TIME_S)
        except (CallEndedError, CapacityError, MisuseError) as error:
            log.warning("call %s cannot be called back: %s", self._command.call_id, error)
            self._fail()
            return
        self.call.watch(self._on_caller)

    def stop(self) -> None:
        """Dial no longer; the engine knows."""
        self._quiet()
        if self.call is not None and not self.call.answered:
            self.call.unwatch(self._on_caller)
            self.call.hang_up()

    def _on_caller(self, call: Party, event: LegEvent) -> None:
        if isinstance(event, Answered) and self._ticket is not None and self.call is not None:
            call.unwatch(self._on_caller)
            self._quiet()
            self._reached(self._ticket, self.call)
            call_id, attempt = self._command.call_id, self._command.attempt
            self._driver.tell(ev.CallBackAnswered(call_id=call_id, attempt=attempt))
        elif isinstance(event, Ended):
            self._fail()

    def on_member(self, _member: Party, event: LegEvent) -> None:
        """The member hung up before the caller answered; the engine then says `StopDialling`."""
        if isinstance(event, Ended) and isinstance(self._command, cmd.DialCaller):
            self._member = None
            member_id, call_id = self._command.member_id, self._command.call_id
            self._driver.tell(ev.MemberHungUp(member_id=member_id, call_id=call_id))
            self._house.services.call_backs.attempt_over()

    def _fail(self) -> None:
        """The caller is not there: the member is free again."""
        self._quiet()
        if self._member is not None:
            self._member.unwatch(self.on_member)
            self._member.hang_up()
        call_id, attempt = self._command.call_id, self._command.attempt
        self._driver.tell(ev.CallBackFailed(call_id=call_id, attempt=attempt))
        self._house.services.call_backs.attempt_over()

    def _quiet(self) -> None:
        if self._tone is not None:
            self._tone.stop()


def forget(ticket: Ticket) -> None:
    """The engine has given up on a caller who was to be called back."""
    if ticket.call_back:
        ticket.decide(NotHere.GONE)
