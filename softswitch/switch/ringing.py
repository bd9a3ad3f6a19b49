"""What the queue engine wants of members' phones: ring, stop, say a polite goodbye."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from softswitch.acd import commands as cmd
from softswitch.acd import events as ev
from softswitch.acd.commands import StopReason
from softswitch.errors import CallEndedError, CapacityError, MisuseError
from softswitch.prompts import SystemMessage
from softswitch.switch.call import Call
from softswitch.switch.failures import offer_failure
from softswitch.switch.party import Party, Watcher
from softswitch.switch.tickets import Offer, Ticket
from softswitch.telephony import COMPLETED_ELSEWHERE, Answered, Ended, LegEvent, LegState, Ringing

if TYPE_CHECKING:
    from softswitch.switch.driver import EngineDriver
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

RING_GRACE_S = 10.0
"""The engine ends an offer on time; the network's own limit is only there in case it does not."""


class MemberPhones:
    """The members' phones that ring, and those just answered."""

    def __init__(self, house: House, tickets: Mapping[str, Ticket]) -> None:
        self._house = house
        self._tickets = tickets
        self._offers: dict[str, Offer] = {}
        self.driver: EngineDriver

    def ring(self, command: cmd.RingMember) -> None:
        """Dial a member's phone."""
        ticket = self._tickets.get(command.call_id)
        if ticket is None or self._house.closing:
            return  # the caller has just left, and the engine is about to hear of it
        call = self._dial(command, ticket)
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

    def stop(self, command: cmd.StopRinging) -> None:
        """Cancel a ringing."""
        offer = self._offers.get(command.offer_id)
        if offer is None or offer.call.leg.state is LegState.ANSWERED:
            return  # answered a moment ago: its Answered follows and the engine releases it
        elsewhere = command.reason is StopReason.ANSWERED_ELSEWHERE
        offer.call.hang_up(COMPLETED_ELSEWHERE if elsewhere else None)

    def release(self, command: cmd.ReleaseMember) -> None:
        """Tell a member who answered a moment too late that a colleague has the call."""
        offer = self.take(command.offer_id)
        if offer is not None:
            self._house.tasks.spawn(
                self._goodbye(offer, command.reason), name=f"goodbye to {offer.member_id}"
            )

    def take(self, offer_id: str) -> Offer | None:
        """Return an offer whose phone somebody else looks after from now on."""
        offer = self._offers.pop(offer_id, None)
        if offer is not None:
            offer.call.unwatch(offer.watcher)
        return offer

    def watch_instead(self, offer_id: str, watcher: Watcher) -> Offer | None:
        """Let ``watcher`` follow a phone that has answered; the offer stays here."""
        offer = self._offers.get(offer_id)
        if offer is not None:
            offer.call.unwatch(offer.watcher)
            offer.watcher = watcher
            offer.call.watch(watcher)
        return offer

    def _dial(self, command: cmd.RingMember, ticket: Ticket) -> Call | None:
        try:
            return Call.outgoing(
                self._house,
                self._house.phone_at(command.member_id, command.address),
                ring_time_s=command.ring_time_s + RING_GRACE_S,
                caller=ticket.caller,
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
            self.take(offer_id)
            self.driver.tell(ev.OfferFailed(offer_id=offer_id, failure=offer_failure(event)))

    async def _goodbye(self, offer: Offer, reason: StopReason) -> None:
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
