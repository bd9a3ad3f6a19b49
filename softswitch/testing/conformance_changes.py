"""What every network that carries legs has to do with hold, transfers and phones that vanish."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from softswitch.errors import MisuseError
from softswitch.telephony import (
    Answered,
    Ended,
    EndedBy,
    EndReason,
    HeldByPeer,
    LegState,
    MediaReady,
    Replaced,
    ResumedByPeer,
    Ringing,
    TransferProgress,
    TransferRequested,
)
from softswitch.testing.conformance_tools import (
    BEAT_S,
    Check,
    Ears,
    Gate,
    World,
    refused,
    same,
)

LOST_S: Final = 0.6
"""How long a phone is silent until it counts as gone."""


# Hold.


async def held_by_the_phone(world: World) -> None:
    """A phone holds us and comes back: told once each, and the leg lives on."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network, holds_for_s=BEAT_S) as far:
            leg, ears = await gate.answered()
            await ears.next(HeldByPeer)
            same("the state on hold", leg.state, LegState.ANSWERED)
            await ears.next(ResumedByPeer)
            same("how often it was held", len(ears.all(HeldByPeer)), 1)
            await ears.ended(EndedBy.PEER, EndReason.NORMAL, 200)
            same("how often it came back", len(ears.all(ResumedByPeer)), 1)
            await far.until_over()


async def held_by_us(world: World) -> None:
    """We put a phone on hold and take it off; neither is told as the phone's own doing."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, ears = await gate.answered()
            for count, command in enumerate((leg.hold, leg.unhold), start=1):
                command()
                await far.holds(count)
                await asyncio.sleep(BEAT_S)  # the phone's answer travels
            same("what the phone was told", await far.holds(2), (True, False))
            same("what it did itself", ears.all(HeldByPeer) + ears.all(ResumedByPeer), [])
            same("the state", leg.state, LegState.ANSWERED)
            leg.hang_up()
            await far.until_over()


async def not_before_the_answer(world: World) -> None:
    """What concerns a conversation is refused while there is none."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network, refused_with=480):
            leg, ears = await gate.next()
            leg.ring()
            commands: dict[str, Callable[[], object]] = {
                "hold": leg.hold,
                "unhold": leg.unhold,
                "keys": partial(leg.send_digits, "1"),
                "a transfer": partial(leg.transfer, "sip:a@127.0.0.1"),
            }
            for name, command in commands.items():
                refused(f"{name} before the answer", MisuseError, command)
            leg.reject(480)
            await ears.next(Ended)


async def no_such_keys(world: World) -> None:
    """Keys that no phone has are the program's mistake."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, _ = await gate.answered()
            for digits in ("", "x", "1 2"):
                refused(f"keys {digits!r}", MisuseError, partial(leg.send_digits, digits))
            leg.hang_up()
            await far.until_over()


# Transfers.


async def transferred_by_the_phone(world: World) -> None:
    """A phone asks for its partner to be connected elsewhere: dialled by us, told on both legs."""
    async with world.network() as network, world.phone(answers_after_s=0.1) as target:
        gate = Gate(network)
        async with world.caller(network, transfers_to=target.address) as far:
            leg, ears = await gate.answered()
            asked = await ears.next(TransferRequested)
            same("the target", asked.target, target.address)
            new = Ears()
            asked.leg.listen(new)
            await new.next(Answered)
            same("the state of the new leg", asked.leg.state, LegState.ANSWERED)
            leg.hang_up()
            await ears.next(Ended)
            await far.until_over()
            same("the state of the new leg", asked.leg.state, LegState.ANSWERED)
            asked.leg.hang_up()
            await target.until_over()


async def transferred_to_nobody(world: World) -> None:
    """A transfer whose target refuses: the new leg ends, ours is left to its phone."""
    async with world.network() as network, world.phone(refuses_with=486) as target:
        gate = Gate(network)
        async with world.caller(network, transfers_to=target.address) as far:
            _, ears = await gate.answered()
            asked = await ears.next(TransferRequested)
            new = Ears()
            asked.leg.listen(new)
            await new.ended(EndedBy.PEER, EndReason.BUSY, 486)
            await ears.ended(EndedBy.PEER, EndReason.NORMAL, 200)
            await far.until_over()
            await target.until_over()


async def transferred_by_us(world: World) -> None:
    """We ask a phone to call somebody else; it tells how that goes."""
    async with (
        world.network() as network,
        world.phone() as target,
        world.phone(answers_after_s=0.0, takes_transfers=True) as far,
    ):
        ears = Ears()
        leg = network.dial(far.address, listener=ears)
        await ears.next(Answered)
        leg.transfer(target.address)
        same("whom the phone was asked to call", await far.asked_to_call(), target.address)
        await ears.next(TransferProgress, nth=2)
        told = [(event.status, event.final) for event in ears.all(TransferProgress)]
        same("the progress", told, [(100, False), (200, True)])
        leg.hang_up()
        await ears.next(Ended)
        await far.until_over()


async def replaced(world: World) -> None:
    """Another phone takes a leg's place: the leg ends, the new one is there and answered."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as first:
            leg, ears = await gate.answered()
            async with world.caller(network, takes_place_of=first) as second:
                told = await ears.next(Replaced)
                new = Ears()
                told.leg.listen(new)
                await new.next(Answered)
                await ears.ended(EndedBy.PEER, EndReason.REPLACED, 200)
                same("the states", (leg.state, told.leg.state), (LegState.ENDED, LegState.ANSWERED))
                await first.until_over()
                told.leg.hang_up()
                await second.until_over()


# Phones that vanish.


async def caller_vanishes(world: World) -> None:
    """A caller who is gone without a word is noticed by the silence."""
    async with world.network(media_timeout_s=LOST_S) as network:
        gate = Gate(network)
        async with world.caller(network, vanishes=True):
            leg, ears = await gate.next()
            leg.answer()
            await ears.next(MediaReady)
            await ears.ended(EndedBy.NETWORK, EndReason.MEDIA_LOST, 200)
            same("the state", leg.state, LegState.ENDED)


async def phone_vanishes_in_the_call(world: World) -> None:
    """So is a phone that was dialled and answered."""
    async with (
        world.network(media_timeout_s=LOST_S) as network,
        world.phone(answers_after_s=0.0, vanishes=True) as far,
    ):
        ears = Ears()
        network.dial(far.address, listener=ears)
        await ears.next(Answered)
        await ears.ended(EndedBy.NETWORK, EndReason.MEDIA_LOST, 200)


async def phone_vanishes_while_it_rings(world: World) -> None:
    """A phone that said that it rings, and nothing more, rings no longer than it may."""
    async with world.network() as network, world.phone(vanishes=True) as far:
        ears = Ears()
        network.dial(far.address, listener=ears, ring_time_s=0.5)
        await ears.next(Ringing)
        await ears.ended(EndedBy.US, EndReason.NO_ANSWER, 408)


async def whoever_holds_us_has_not_vanished(world: World) -> None:
    """The silence of a phone that holds us means nothing."""
    async with world.network(media_timeout_s=LOST_S) as network:
        gate = Gate(network)
        async with world.caller(network, holds_for_s=3 * LOST_S) as far:
            _, ears = await gate.answered()
            await ears.next(HeldByPeer)
            await ears.next(ResumedByPeer)
            await ears.ended(EndedBy.PEER, EndReason.NORMAL, 200)
            await far.until_over()


CHANGE_CHECKS: Final[tuple[Check, ...]] = (
    held_by_the_phone,
    held_by_us,
    not_before_the_answer,
    no_such_keys,
    transferred_by_the_phone,
    transferred_to_nobody,
    transferred_by_us,
    replaced,
    caller_vanishes,
    phone_vanishes_in_the_call,
    phone_vanishes_while_it_rings,
    whoever_holds_us_has_not_vanished,
)
"""Every check of hold, transfers and vanishing phones."""
