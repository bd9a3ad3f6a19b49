"""What programs ask of calls that wait in a group or talk to its members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from softswitch.acd import events as ev
from softswitch.acd.model import Target
from softswitch.errors import MisuseError
from softswitch.switch.call import Call
from softswitch.switch.tickets import Ticket

if TYPE_CHECKING:
    from softswitch.switch.queueing import Queueing


class CallRequests:
    """Requests, which the queue engine grants or refuses; ``call_id`` is the engine's id."""

    def __init__(self, queueing: Queueing, tickets: Mapping[str, Ticket]) -> None:
        self._queueing = queueing
        self._tickets = tickets

    def put_back(self, call_id: str) -> None:
        """Let a caller who talks wait again, with the place kept.

        Raises:
            MisuseError: the call does not talk to a member of the group.
        """
        ticket = self._tickets.get(call_id)
        connected = None if ticket is None else ticket.connected
        if ticket is None or connected is None or ticket.told_gone or ticket.call.ended:
            raise MisuseError(f"call {call_id!r} talks to no member whom it could leave")
        if connected.conversation.parties[0] is not ticket.call:
            raise MisuseError(f"the caller of {call_id!r} was transferred")
        ticket.begin_again()
        connected.conversation.dissolve()
        self._ask(ev.CallPutBack(call_id=call_id))

    def move(self, call_id: str, group_id: str) -> None:
        """Let a waiting call wait in another group, with the time waited kept.

        Raises:
            MisuseError: the call does not wait, or there is no such group.
        """
        ticket, group = self._waiting(call_id), self._queueing.group(group_id)
        before, ticket.group = ticket.group, group
        try:
            self._ask(ev.CallMoved(call_id=call_id, group_id=group_id))
        except MisuseError:
            ticket.group = before
            raise

    def withdraw(self, call_id: str, target: Target) -> None:
        """Take a waiting call out and send it elsewhere; MisuseError: it does not wait."""
        self._waiting(call_id)
        self._ask(ev.CallWithdrawn(call_id=call_id, target=target))

    def reprioritise(self, call_id: str, priority: int) -> None:
        """Give a waiting call another priority; MisuseError: it does not wait."""
        self._waiting(call_id)
        self._ask(ev.CallReprioritised(call_id=call_id, priority=priority))

    def ticket_of(self, call: Call) -> str:
        """Return the engine's id for a call that is in a group; MisuseError: it is in none."""
        for ticket in self._tickets.values():
            if ticket.call is call:
                return ticket.id
        raise MisuseError(f"call {call.id} is in no queue")

    def _waiting(self, call_id: str) -> Ticket:
        ticket = self._tickets.get(call_id)
        if ticket is None or ticket.decided.done():
            raise MisuseError(f"no call {call_id!r} waits")
        return ticket

    def _ask(self, event: ev.EngineEvent) -> None:
        self._queueing.driver.ask(event)
