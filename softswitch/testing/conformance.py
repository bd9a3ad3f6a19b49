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
import wave
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

from softswitch.errors import CallEndedError, CapacityError, MisuseError
from softswitch.telephony import (
    COMPLETED_ELSEWHERE,
    Answered,
    DigitPressed,
    Ended,
    EndedBy,
    EndReason,
    Leg,
    LegEvent,
    LegState,
    MediaReady,
    PlaybackEnded,
    Reason,
    Ringing,
    Telephony,
)

WAIT_S: Final = 8.0
"""How long anything may take that has to come."""

_BEAT_S: Final = 0.3
"""How long sound is left to flow."""

_MOMENT_S: Final = 0.1
"""Scripted phones take their time between an ACK and the next request."""

V = TypeVar("V")
E = TypeVar("E", bound=LegEvent)


class NotConformingError(AssertionError):
    """The network did something else than it has to."""


class FarEnd(Protocol):
    """A phone out there, in a call with the network or about to be."""

    @property
    def address(self) -> str:
        """What the network dials to reach it."""

    def say(self, hz: int) -> None:
        """Let a tone sound from now on, for the other end to hear."""

    def press(self, keys: str) -> None:
        """Press keys."""

    async def hears(self, hz: int) -> bool:
        """Listen for a moment; return whether this tone is heard at its end."""

    async def digits(self, count: int) -> str:
        """Return the keys that the network sent, once there are so many."""

    async def until_over(self) -> None:
        """Return when the call is over at this end too."""

    async def status(self) -> int:
        """Return the final status of the INVITE: for one that calls what it was answered."""

    async def reason(self) -> str:
        """Return the Reason header of the BYE, CANCEL or refusal that ended the call, or ""."""

    async def retry_after(self) -> str:
        """Return the Retry-After header of the refusal, or ""."""


class World(Protocol):
    """A network, and phones about it.

    Scripted phones have to know beforehand what will happen to them, so their habits are told when
    they are made; None means never.
    """

    def network(self, *, capacity: int | None = None) -> AbstractAsyncContextManager[Telephony]:
        """Return a network that has been started, and is stopped at the end.

        Args:
            capacity: how many legs it may have.
        """

    def caller(
        self,
        network: Telephony,
        number: str = "1000",
        *,
        hangs_up_after_s: float | None = None,
        gives_up_after_s: float | None = None,
        refused_with: int | None = None,
    ) -> AbstractAsyncContextManager[FarEnd]:
        """Return a phone that calls the network.

        Args:
            network: whom it calls.
            number: what it dials.
            hangs_up_after_s: seconds after the answer.
            gives_up_after_s: seconds after it has heard that it rings.
            refused_with: the status that the network will refuse it with.
        """

    def phone(
        self, *, answers_after_s: float | None = None, refuses_with: int | None = None
    ) -> AbstractAsyncContextManager[FarEnd]:
        """Return a phone that can be called, and rings at once.

        Args:
            answers_after_s: seconds of ringing; with neither of the two it only rings.
            refuses_with: a status.
        """

    def tone(self, hz: int, length_s: float) -> Path:
        """Return a WAV file of a tone."""

    @property
    def folder(self) -> Path:
        """Where files may be written."""


Check = Callable[[World], Awaitable[None]]


class Ears:
    """Everything that one leg tells."""

    def __init__(self) -> None:
        self.told: list[LegEvent] = []
        self._news = asyncio.Event()

    def __call__(self, event: LegEvent) -> None:
        """Take an event."""
        self.told.append(event)
        self._news.set()

    def all(self, kind: type[E]) -> list[E]:
        """Return those of a kind."""
        return [event for event in self.told if isinstance(event, kind)]

    async def next(self, kind: type[E], *, nth: int = 1) -> E:
        """Return the nth of a kind; waits for it.

        Raises:
            NotConformingError: it does not come.
        """
        try:
            async with asyncio.timeout(WAIT_S):
                while len(self.all(kind)) < nth:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise NotConformingError(f"no {kind.__name__} came, only {self.told}") from None
        return self.all(kind)[nth - 1]

    async def ended(self, by: EndedBy, why: EndReason, status: int) -> None:
        """See that the leg ends so: once, and with nothing after it."""
        ended = await self.next(Ended)
        await asyncio.sleep(_BEAT_S)
        same("the end", (ended.by, ended.why, ended.status), (by, why, status))
        same("how often it ended", len(self.all(Ended)), 1)
        same("the last event", type(self.told[-1]), Ended)


class Gate:
    """Takes incoming legs, each with ears."""

    def __init__(self, network: Telephony) -> None:
        self._arrived: asyncio.Queue[tuple[Leg, Ears]] = asyncio.Queue()
        network.on_incoming(self._take)

    def _take(self, leg: Leg) -> None:
        ears = Ears()
        leg.listen(ears)
        self._arrived.put_nowait((leg, ears))

    async def next(self) -> tuple[Leg, Ears]:
        """Return the next leg; waits for it."""
        try:
            async with asyncio.timeout(WAIT_S):
                return await self._arrived.get()
        except TimeoutError:
            raise NotConformingError("no call came in") from None

    async def answered(self) -> tuple[Leg, Ears]:
        """Return the next leg, answered and with sound; the phone has had a moment to see it."""
        leg, ears = await self.next()
        leg.answer()
        await ears.next(Answered)
        await ears.next(MediaReady)
        await asyncio.sleep(_MOMENT_S)
        return leg, ears


def same(what: str, found: V, expected: V) -> None:
    """See that two values are the same.

    Raises:
        NotConformingError: they are not.
    """
    if found != expected:
        raise NotConformingError(f"{what}: {found!r} instead of {expected!r}")


def refused(what: str, kind: type[Exception], act: Callable[[], object]) -> None:
    """See that something raises.

    Raises:
        NotConformingError: it does not.
    """
    try:
        act()
    except kind:
        return
    raise NotConformingError(f"{what} does not raise {kind.__name__}")


# Incoming legs.


async def answered_and_hung_up_by_the_caller(world: World) -> None:
    """A call is answered; the caller hangs up."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network, "1234", hangs_up_after_s=_BEAT_S) as far:
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


# Keys and sound.


async def keys_pressed(world: World) -> None:
    """Keys come one by one, in their order."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, ears = await gate.answered()
            far.press("42#")
            await ears.next(DigitPressed, nth=3)
            leg.hang_up()
            await far.until_over()
        same("the keys", "".join(key.digit for key in ears.all(DigitPressed)), "42#")


async def keys_sent(world: World) -> None:
    """The phone gets the keys that we send."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, _ = await gate.answered()
            leg.send_digits("17*")
            same("the keys", await far.digits(3), "17*")
            leg.hang_up()
            await far.until_over()


async def played_to_the_end(world: World) -> None:
    """A file is heard, and its end is told once."""
    file = world.tone(440, 0.8)
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, ears = await gate.answered()
            began = asyncio.get_running_loop().time()
            playback = leg.play([file])
            same("whether it is heard", await far.hears(440), True)
            ended = await ears.next(PlaybackEnded)
            lasted_s = asyncio.get_running_loop().time() - began
            await asyncio.sleep(_BEAT_S)
            same("which playback ended", ended.playback_id, playback.id)
            same("how often it ended", len(ears.all(PlaybackEnded)), 1)
            same("whether it lasted 0.8 s", 0.7 < lasted_s < 1.4, True)
            leg.hang_up()
            await far.until_over()


async def paused_and_resumed(world: World) -> None:
    """A paused file goes on where it stopped."""
    file = world.tone(440, 1.2)
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, ears = await gate.answered()
            playback = leg.play([file])
            await asyncio.sleep(_BEAT_S)
            playback.pause()
            place_s = playback.position_s
            await asyncio.sleep(1.5)
            same("whether the place is kept", abs(playback.position_s - place_s) < 0.1, True)
            same("how often it ended", len(ears.all(PlaybackEnded)), 0)
            playback.resume()
            began = asyncio.get_running_loop().time()
            await ears.next(PlaybackEnded)
            left_s = asyncio.get_running_loop().time() - began
            same("whether the rest was played", abs(1.2 - place_s - left_s) < 0.4, True)
            leg.hang_up()
            await far.until_over()


async def stopped(world: World) -> None:
    """A playback that is stopped tells of no end."""
    file = world.tone(440, 0.8)
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, ears = await gate.answered()
            playback = leg.play([file])
            await asyncio.sleep(_BEAT_S)
            playback.stop()
            playback.stop()
            await asyncio.sleep(1.0)
            same("how often it ended", len(ears.all(PlaybackEnded)), 0)
            leg.hang_up()
            await far.until_over()


async def nothing_heard_before_the_answer(world: World) -> None:
    """Before the answer there is sound only where early media was opened."""
    file = world.tone(440, 0.4)
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network, refused_with=480):
            leg, ears = await gate.next()
            refused("play before the answer", MisuseError, lambda: leg.play([file]))
            leg.ring()
            refused("play while it rings", MisuseError, lambda: leg.play([file]))
            refused("a tone", MisuseError, lambda: leg.play_tone([425.0], on_ms=100))
            leg.ring(early_media=True)
            leg.play([file])
            await ears.next(PlaybackEnded)
            leg.reject(480)
            await ears.next(Ended)


async def bridged_and_parted(world: World) -> None:
    """Two phones hear each other while they are bridged, and not after it."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as first, world.caller(network) as second:
            legs = [(await gate.answered())[0] for _ in range(2)]
            if len({leg.id for leg in legs}) != 2:
                raise NotConformingError("two legs have one id")
            one, two = legs
            first.say(700)
            second.say(1100)
            one.bridge(two)
            one.bridge(two)
            same("whether the first hears", await _either_hears(first, (700, 1100)), True)
            same("whether the second hears", await _either_hears(second, (700, 1100)), True)
            one.unbridge(two)
            await asyncio.sleep(_BEAT_S)
            same("who hears", await _either_hears(first, (700, 1100)), False)
            same("the states", [leg.state for leg in legs], [LegState.ANSWERED] * 2)
            for leg in legs:
                leg.hang_up()
            for far in (first, second):
                await far.until_over()


async def _either_hears(far: FarEnd, tones: Iterable[int]) -> bool:
    """Legs come in either order, so a phone may hear either tone; never its own is asked for."""
    return any([await far.hears(hz) for hz in tones])


async def recorded(world: World) -> None:
    """A recording is a whole WAV file once it is stopped."""
    path = world.folder / "recorded.wav"
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, _ = await gate.answered()
            recording = leg.record(path)
            far.say(700)
            await asyncio.sleep(_BEAT_S)
            recording.stop()
            recording.stop()
            same("the path", recording.path, path)
            leg.hang_up()
            await far.until_over()
    same("the shape", await asyncio.to_thread(_shape, path), (1, 2))


def _shape(path: Path) -> tuple[int, int]:
    with wave.open(str(path), "rb") as file:
        return file.getnchannels(), file.getsampwidth()


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
            await network.drain(_BEAT_S)
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
    keys_pressed,
    keys_sent,
    played_to_the_end,
    paused_and_resumed,
    stopped,
    nothing_heard_before_the_answer,
    bridged_and_parted,
    recorded,
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
