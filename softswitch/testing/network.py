"""Simulated telephony: the network that the switch runs on in tests and simulations.

::

    network = SimulatedTelephony()
    anna = network.phone("sip:anna@127.0.0.1:5071", answers_after_s=3, hangs_up_after_s=60)
    async with Switch(config, telephony=network):
        caller = network.call("1000", caller="+4533111111", gives_up_after_s=70)
        log = await caller.until_ended()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Unpack

from softswitch.errors import CapacityError, MisuseError
from softswitch.telephony import (
    Dialled,
    Direction,
    EndedBy,
    EndReason,
    Identity,
    Leg,
    LegEvent,
    LegState,
    Replaced,
    TransferRequested,
)
from softswitch.testing.behaviour import Behaviour, Habits
from softswitch.testing.legs import SimulatedLeg
from softswitch.testing.logbook import Notice, Recorded
from softswitch.testing.phones import PhoneCall, SimulatedPhone


class SimulatedTelephony:
    """Carries legs between the switch and simulated phones.

    Attributes:
        recordings: every recording that the switch made and finished.
        notices: what the switch sent to phones unasked, with the time.
        media_timeout_s: how long after a phone vanished the switch notices.
    """

    def __init__(self, *, capacity: int = 1000, media_timeout_s: float = 60.0) -> None:
        self.recordings: list[Recorded] = []
        self.notices: list[Notice] = []
        self.media_timeout_s = media_timeout_s
        self._capacity = capacity
        self._phones: dict[str, SimulatedPhone] = {}
        self._legs: dict[str, SimulatedLeg] = {}
        self._counts: dict[str, int] = {}
        self._handler: Callable[[Leg], None] | None = None
        self._open = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def capacity(self) -> int:
        """How many legs there can be at once."""
        return self._capacity

    @property
    def legs(self) -> int:
        """How many legs there are now."""
        return len(self._legs)

    # The world outside the switch.

    def phone(self, address: str, **habits: Unpack[Habits]) -> SimulatedPhone:
        """Put a phone at an address; ``habits`` are the fields of `Behaviour`."""
        if address in self._phones:
            raise MisuseError(f"there is a phone at {address} already")
        phone = self._phones[address] = SimulatedPhone(address, Behaviour(**habits))
        return phone

    def phone_at(self, address: str) -> SimulatedPhone:
        """Return the phone at an address.

        Raises:
            MisuseError: there is none.
        """
        if address not in self._phones:
            raise MisuseError(f"there is no phone at {address}")
        return self._phones[address]

    def call(
        self,
        number: str,
        *,
        caller: str = "+4533000000",
        name: str = "",
        headers: Mapping[str, str] | None = None,
        **habits: Unpack[Habits],
    ) -> PhoneCall:
        """Call a number of the switch; ``habits`` are the fields of `Behaviour`."""
        leg = SimulatedLeg(
            self,
            direction=Direction.INCOMING,
            remote=Identity(uri=f"sip:{caller}@caller.example", number=caller, name=name),
            dialled=Dialled(number=number, host="switch.example", original=number),
            headers=headers,
        )
        call = PhoneCall(self, leg, caller, Behaviour(**habits))
        if not self._open or self._handler is None or self.legs > self._capacity:
            call.retry_after_s = 10
            leg.finish(EndedBy.US, EndReason.CAPACITY, status=503)
            return call
        call.set_out()
        asyncio.get_running_loop().call_soon(self._handler, leg)
        return call

    def take_over(
        self, other: PhoneCall, *, caller: str = "+4533000000", **habits: Unpack[Habits]
    ) -> PhoneCall:
        """Call so as to take the place of another call (INVITE with Replaces), which ends."""
        leg = SimulatedLeg(
            self,
            direction=Direction.INCOMING,
            remote=Identity(uri=f"sip:{caller}@caller.example", number=caller),
            dialled=other.leg.dialled,
        )
        call = PhoneCall(self, leg, caller, Behaviour(**habits))
        self._replace(other, leg)
        leg.become_answered()
        return call

    def _replace(self, other: PhoneCall, leg: SimulatedLeg) -> None:
        other.leg.post(Replaced(leg=leg))
        other.leg.finish(EndedBy.PEER, EndReason.REPLACED, status=200)

    # The network as the switch sees it.

    def on_incoming(self, handler: Callable[[Leg], None]) -> None:
        """Give every new incoming leg to ``handler``."""
        self._handler = handler

    def dial(
        self,
        target: str,
        *,
        listener: Callable[[LegEvent], None],
        ring_time_s: float = 30.0,
        caller: Identity | None = None,
        trunk: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Leg:
        """Call the phone at ``target``; where there is none the leg ends as unreachable."""
        del trunk
        if not target:
            raise MisuseError("nothing to dial")
        if self.legs >= self._capacity:
            raise CapacityError("every leg is taken", retry_after_s=10)
        leg = self._outgoing(target, caller, headers)
        leg.listen(listener)
        loop = asyncio.get_running_loop()
        loop.call_soon(self._invite, target, leg, ring_time_s)
        return leg

    def notify(self, target: str, *, event: str, content_type: str, body: str) -> None:
        """Note news for a phone."""
        del content_type
        at_s = asyncio.get_running_loop().time()
        self.notices.append(Notice(target=target, event=event, body=body, at_s=at_s))

    async def start(self) -> None:
        """Open for calls."""
        self._open = True

    async def drain(self, timeout_s: float) -> None:
        """Take no new calls; return when those in progress are over or the time is."""
        self._open = False
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return

    async def stop(self) -> None:
        """End every leg and close."""
        self._open = False
        for leg in tuple(self._legs.values()):
            status = 200 if leg.phone.talking else 503
            leg.finish(EndedBy.US, EndReason.SHUTDOWN, status=status)

    # What legs and phones need.

    def call_for(self, target: str, caller: str) -> None:
        """Let a phone call ``target`` by itself; the switch hears of it where that is no phone."""
        if target not in self._phones:
            self.call(target, caller=caller)

    def next_id(self, kind: str) -> str:
        """Return an id that was never given out."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}-{self._counts[kind]}"

    def carry(self, leg: SimulatedLeg) -> None:
        """Count a new leg."""
        self._legs[leg.id] = leg
        self._empty.clear()

    def drop(self, leg: SimulatedLeg) -> None:
        """Forget an ended leg."""
        del self._legs[leg.id]
        if not self._legs:
            self._empty.set()

    def own(self, leg: Leg) -> SimulatedLeg:
        """Return a leg as one of ours."""
        if not isinstance(leg, SimulatedLeg):
            raise MisuseError("this leg belongs to another network")
        return leg

    def transfer(self, call: PhoneCall, target: str) -> None:
        """Carry out a REFER that a phone sent: dial, and tell the switch."""
        leg = self._outgoing(target, None, None)
        call.leg.post(TransferRequested(target=target, leg=leg))
        asyncio.get_running_loop().call_soon(self._invite, target, leg, 30.0)

    def transfer_consulted(self, call: PhoneCall, other: PhoneCall) -> None:
        """Carry out a REFER with Replaces: the new leg takes over where ``other`` was.

        The dialog to be replaced ends at the switch itself, so the switch's INVITE comes back
        to it: the two partners are joined through a pair of legs.
        """
        leaving = self._outgoing(other.name, None, None)
        entering = SimulatedLeg(
            self,
            direction=Direction.INCOMING,
            remote=Identity(uri=f"sip:{call.name}", number=call.name),
            dialled=Dialled(number=other.name, original=other.name),
        )
        for leg, name in ((leaving, other.name), (entering, call.name)):
            PhoneCall(self, leg, name, Behaviour())
        self._join(leaving, entering)
        call.leg.post(TransferRequested(target=other.name, leg=leaving))
        self._replace(other, entering)
        entering.become_answered()
        leaving.become_answered()

    def _join(self, one: SimulatedLeg, two: SimulatedLeg) -> None:
        one.phone.hangs_up_too(two.phone)
        two.phone.hangs_up_too(one.phone)

    def _outgoing(
        self, target: str, caller: Identity | None, headers: Mapping[str, str] | None
    ) -> SimulatedLeg:
        shown = caller or Identity(uri="sip:switch.example")
        leg = SimulatedLeg(
            self,
            direction=Direction.OUTGOING,
            remote=Identity(uri=target, number=_user_part(target)),
            dialled=Dialled(number=target, original=target),
            headers=headers,
        )
        phone = self._phones.get(target)
        behaviour = phone.behaviour if phone is not None else Behaviour()
        PhoneCall(self, leg, target, behaviour).shown = shown
        return leg

    def _invite(self, target: str, leg: SimulatedLeg, ring_time_s: float) -> None:
        if leg.state is LegState.ENDED:
            return
        phone = self._phones.get(target)
        if phone is None:
            leg.finish(EndedBy.NETWORK, EndReason.UNREACHABLE, status=503)
            return
        leg.phone.give_up_ringing_after(ring_time_s)
        phone.take(leg.phone)


def _user_part(uri: str) -> str:
    return uri.removeprefix("sip:").removeprefix("sips:").partition("@")[0]
