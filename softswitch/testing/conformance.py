"""What every network that carries legs has to do: `softswitch.telephony` put to the test.

The simulated network and the one on PJSIP both pass them, so that the simulation cannot drift from
the truth. For a network of your own, write a `World` about it and run every check::

    @pytest.mark.parametrize("check", CHECKS, ids=name_of)
    async def test_it_conforms(check: Check, tmp_path: Path) -> None:
        await check(MyWorld(tmp_path))

Times are short, since a world may be real, and are checked coarsely; order is checked strictly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from softswitch.errors import CallEndedError, CapacityError, MisuseError
from softswitch.telephony import (
    COMPLETED_ELSEWHERE,
    Answered,
    Ended,
    EndedBy,
    EndReason,
    LegState,
    Reason,
    Ringing,
)
from softswitch.testing.conformance_changes import CHANGE_CHECKS
from softswitch.testing.conformance_sound import SOUND_CHECKS
from softswitch.testing.conformance_tools import (
    BEAT_S,
    WAIT_S,
    Check,
    Ears,
    FarEnd,
    Gate,
    NotConformingError,
    World,
    refused,
    same,
)

__all__ = ["CHECKS", "Check", "Ears", "FarEnd", "Gate", "NotConformingError", "World", "name_of"]


# Incoming legs.


async def answered_and_hung_up_by_the_caller(world: World) -> None:
    """A call is answered; the caller hangs up."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network, "1234", hangs_up_after_s=BEAT_S) as far:
            leg, ears = await gate.next()
            same("the number dialled", leg.dialled.number, "1234")
            same("the state before", leg.state, LegState.NEW)
            leg.ring()
            same("the state while it rings", leg.state, LegState.RINGING)
            leg.answer()
            await ears.next(Answered)
            same("the state after the answer", leg.state, LegState.ANSWERED)
            await ears.ended(EndedBy.PEER, EndReason.NORMAL, 200)
            same("the state at the end", leg.state, LegState.ENDED)
            same("how often it was answered", len(ears.all(Answered)), 1)
            same("what the caller was answered", await far.status(), 200)
            await far.until_over()


async def hung_up_with_a_reason(world: World) -> None:
    """We hang up, and say why."""
    why = Reason(protocol="Q.850", cause=16, text="normal clearing")
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, ears = await gate.answered()
            leg.hang_up(why)
            leg.hang_up()
            await ears.ended(EndedBy.US, EndReason.NORMAL, 200)
            await far.until_over()
            same("the Reason", await far.reason(), str(why))


async def rejected(world: World) -> None:
    """We refuse with a status, a reason and a time after which to try again."""
    why = Reason(cause=486, text="at lunch")
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network, refused_with=486) as far:
            leg, ears = await gate.next()
            for status in (200, 299, 700):
                refused(f"reject({status})", MisuseError, partial(leg.reject, status))
            leg.reject(486, reason=why, retry_after_s=7)
            await ears.ended(EndedBy.US, EndReason.REJECTED, 486)
            await far.until_over()
            same("what the caller was answered", await far.status(), 486)
            same("the Reason", await far.reason(), str(why))
            same("Retry-After", await far.retry_after(), "7")


async def hung_up_before_the_answer(world: World) -> None:
    """Hanging up a leg that was never answered refuses it."""
    async with world.network() as network:
        gate = Gate(network)
        for status, told in ((None, 603), (480, 480)):
            async with world.caller(network, refused_with=told) as far:
                leg, ears = await gate.next()
                leg.hang_up(status=status)
                await ears.ended(EndedBy.US, EndReason.REJECTED, told)
                same("what the caller was answered", await far.status(), told)


async def given_up_by_the_caller(world: World) -> None:
    """The caller cancels while it rings."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network, gives_up_after_s=0.1) as far:
            leg, ears = await gate.next()
            leg.ring()
            await ears.ended(EndedBy.PEER, EndReason.CANCELLED, 487)
            same("how often it was answered", len(ears.all(Answered)), 0)
            await far.until_over()


# Outgoing legs.


async def dialled_and_answered(world: World) -> None:
    """A phone rings and answers; we hang up."""
    async with world.network() as network, world.phone(answers_after_s=0.1) as far:
        ears = Ears()
        leg = network.dial(far.address, listener=ears)
        same("the state before", leg.state, LegState.NEW)
        await ears.next(Ringing)
        await ears.next(Answered)
        same("the state after the answer", leg.state, LegState.ANSWERED)
        order = [type(event) for event in ears.told if isinstance(event, Ringing | Answered)]
        same("the order", order, [Ringing, Answered])
        leg.hang_up()
        await ears.ended(EndedBy.US, EndReason.NORMAL, 200)
        await far.until_over()


_REFUSALS: Final = (
    (486, EndReason.BUSY),
    (600, EndReason.BUSY),
    (603, EndReason.REJECTED),
    (403, EndReason.REJECTED),
    (480, EndReason.NO_ANSWER),
    (404, EndReason.NOT_FOUND),
    (410, EndReason.NOT_FOUND),
    (500, EndReason.UNREACHABLE),
    (503, EndReason.CAPACITY),
    (606, EndReason.REJECTED),
)


async def dialled_and_refused(world: World) -> None:
    """Each status of a refusal has its named reason."""
    async with world.network() as network:
        for status, why in _REFUSALS:
            async with world.phone(refuses_with=status) as far:
                ears = Ears()
                network.dial(far.address, listener=ears)
                await ears.ended(EndedBy.PEER, why, status)
                await far.until_over()


async def ring_time_over(world: World) -> None:
    """A phone that is not answered in time stops ringing."""
    async with world.network() as network, world.phone() as far:
        ears = Ears()
        network.dial(far.address, listener=ears, ring_time_s=0.5)
        await ears.next(Ringing)
        await ears.ended(EndedBy.US, EndReason.NO_ANSWER, 408)
        await far.until_over()


async def cancelled(world: World) -> None:
    """We stop a phone that rings, with and without telling that a colleague has the call."""
    for reason, why in (
        (None, EndReason.CANCELLED),
        (COMPLETED_ELSEWHERE, EndReason.COMPLETED_ELSEWHERE),
    ):
        async with world.network() as network, world.phone() as far:
            ears = Ears()
            leg = network.dial(far.address, listener=ears)
            await ears.next(Ringing)
            leg.hang_up(reason)
            await ears.ended(EndedBy.US, why, 487)
            await far.until_over()
            same("the Reason", await far.reason(), "" if reason is None else str(reason))


async def nothing_to_dial(world: World) -> None:
    """What is no address is the program's mistake."""
    async with world.network() as network:
        refused("dialling nothing", MisuseError, lambda: network.dial("", listener=Ears()))


# Ends, room, and closing.


async def nothing_more_after_the_end(world: World) -> None:
    """Commands on a leg that has ended raise; hanging up is always allowed."""
    file = world.tone(440, 0.4)
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network, hangs_up_after_s=0.1) as far:
            leg, ears = await gate.answered()
            await ears.next(Ended)
            await far.until_over()
        commands: dict[str, Callable[[], object]] = {
            "ring": leg.ring,
            "answer": leg.answer,
            "reject": lambda: leg.reject(486),
            "hold": leg.hold,
            "unhold": leg.unhold,
            "send_digits": lambda: leg.send_digits("1"),
            "transfer": lambda: leg.transfer("sip:a@127.0.0.1"),
            "play": lambda: leg.play([file]),
            "play_tone": lambda: leg.play_tone([425.0], on_ms=100),
            "record": lambda: leg.record(world.folder / "late.wav"),
        }
        for name, command in commands.items():
            refused(f"{name} after the end", CallEndedError, command)
        leg.hang_up()
        leg.statistics()
        same("how often it ended", len(ears.all(Ended)), 1)


async def full(world: World) -> None:
    """Over capacity a caller gets 503 with Retry-After, and nothing can be dialled."""
    async with world.network(capacity=1) as network:
        same("the capacity", network.capacity, 1)
        gate = Gate(network)
        async with world.caller(network) as first:
            leg, _ = await gate.answered()
            refused(
                "dialling when full",
                CapacityError,
                lambda: network.dial("sip:a@127.0.0.1:9", listener=Ears()),
            )
            async with world.caller(network, refused_with=503) as second:
                same("what the second was answered", await second.status(), 503)
                same("whether it was told when", (await second.retry_after()).isdigit(), True)
                await second.until_over()
            leg.hang_up()
            await first.until_over()


async def drained(world: World) -> None:
    """Draining takes no new calls and returns when the last one is over."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network, hangs_up_after_s=1.5) as first:
            _, ears = await gate.answered()
            draining = asyncio.ensure_future(network.drain(WAIT_S))
            await asyncio.sleep(0)
            async with world.caller(network, refused_with=503) as second:
                same("what the second was answered", await second.status(), 503)
                await second.until_over()
            same("whether draining goes on", draining.done(), False)
            await draining
            same("whether the first was left alone", ears.all(Ended)[0].by, EndedBy.PEER)
            await first.until_over()


async def draining_has_an_end(world: World) -> None:
    """Draining returns when its time is over, calls or not."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, ears = await gate.answered()
            await network.drain(BEAT_S)
            same("the state", leg.state, LegState.ANSWERED)
            leg.hang_up()
            await ears.next(Ended)
            await far.until_over()


async def closed(world: World) -> None:
    """Stopping ends every leg."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, ears = await gate.answered()
            await network.stop()
            ended = await ears.next(Ended)
            same("the end", (ended.by, ended.why), (EndedBy.US, EndReason.SHUTDOWN))
            same("the state", leg.state, LegState.ENDED)
            await far.until_over()


CHECKS: Final[tuple[Check, ...]] = (
    answered_and_hung_up_by_the_caller,
    hung_up_with_a_reason,
    rejected,
    hung_up_before_the_answer,
    given_up_by_the_caller,
    dialled_and_answered,
    dialled_and_refused,
    ring_time_over,
    cancelled,
    nothing_to_dial,
    *SOUND_CHECKS,
    *CHANGE_CHECKS,
    nothing_more_after_the_end,
    full,
    drained,
    draining_has_an_end,
    closed,
)
"""Every check."""


def name_of(check: Check) -> str:
    """Return a check's name, for the ids of tests."""
    return getattr(check, "__name__", "check").replace("_", " ")
