"""What every network that carries legs has to do with keys and sound."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from softswitch.errors import MisuseError
from softswitch.telephony import DigitPressed, Ended, Leg, LegState, PlaybackEnded
from softswitch.testing.conformance_tools import (
    BEAT_S,
    Check,
    Ears,
    FarEnd,
    Gate,
    NotConformingError,
    World,
    refused,
    same,
)


@asynccontextmanager
async def _answered(world: World) -> AsyncIterator[tuple[Leg, Ears, FarEnd]]:
    """A call that is answered: our leg, what it tells, and the phone; hung up in the end."""
    async with world.network() as network:
        gate = Gate(network)
        async with world.caller(network) as far:
            leg, ears = await gate.answered()
            yield leg, ears, far
            leg.hang_up()
            await far.until_over()


async def keys_pressed(world: World) -> None:
    """Keys come one by one, in their order."""
    async with _answered(world) as (_, ears, far):
        far.press("42#")
        await ears.next(DigitPressed, nth=3)
    same("the keys", "".join(key.digit for key in ears.all(DigitPressed)), "42#")


async def keys_sent(world: World) -> None:
    """The phone gets the keys that we send."""
    async with _answered(world) as (leg, _, far):
        leg.send_digits("17*")
        same("the keys", await far.digits(3), "17*")


async def played_to_the_end(world: World) -> None:
    """A file is heard, and its end is told once."""
    file = world.tone(440, 0.8)
    async with _answered(world) as (leg, ears, far):
        began = asyncio.get_running_loop().time()
        playback = leg.play([file])
        same("whether it is heard", await far.hears(440), True)
        ended = await ears.next(PlaybackEnded)
        lasted_s = asyncio.get_running_loop().time() - began
        await asyncio.sleep(BEAT_S)
        same("which playback ended", ended.playback_id, playback.id)
        same("how often it ended", len(ears.all(PlaybackEnded)), 1)
        same("whether it lasted 0.8 s", 0.7 < lasted_s < 1.4, True)


async def paused_and_resumed(world: World) -> None:
    """A paused file goes on where it stopped."""
    file = world.tone(440, 1.2)
    async with _answered(world) as (leg, ears, _):
        playback = leg.play([file])
        await asyncio.sleep(BEAT_S)
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


async def stopped(world: World) -> None:
    """A playback that is stopped tells of no end."""
    file = world.tone(440, 0.8)
    async with _answered(world) as (leg, ears, _):
        playback = leg.play([file])
        await asyncio.sleep(BEAT_S)
        playback.stop()
        playback.stop()
        await asyncio.sleep(1.0)
        same("how often it ended", len(ears.all(PlaybackEnded)), 0)


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
            await asyncio.sleep(BEAT_S)
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
    async with _answered(world) as (leg, _, far):
        recording = leg.record(path)
        far.say(700)
        await asyncio.sleep(BEAT_S)
        recording.stop()
        recording.stop()
        same("the path", recording.path, path)
    same("the shape", await asyncio.to_thread(_shape, path), (1, 2))


def _shape(path: Path) -> tuple[int, int]:
    with wave.open(str(path), "rb") as file:
        return file.getnchannels(), file.getsampwidth()


SOUND_CHECKS: Final[tuple[Check, ...]] = (
    keys_pressed,
    keys_sent,
    played_to_the_end,
    paused_and_resumed,
    stopped,
    nothing_heard_before_the_answer,
    bridged_and_parted,
    recorded,
)
"""Every check of keys and sound."""
