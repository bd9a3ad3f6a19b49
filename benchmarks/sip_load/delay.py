"""How late sound comes out of the bridge: marks said into one phone and found again in another.

A mark is a short stretch of noise, different each time. It is found by cross-correlation to the
sample. Both instants are the network's: when the packet with the mark's first sample left one
phone, and when the kernel received the packet that holds it at the other, each with the sample's
place in its packet added; so the time that a phone itself needs is not part of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch.testing.peers.mouth import Pacer, Utterance
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp

RATE_HZ = 8000
_MARK_S = 0.1
_PROBES = 5
_MARKS = 8
_SETTLE_S = 2.0
_BETWEEN_S = 0.4
_TAIL_S = 0.6
_LIMIT_S = 30
_LEAST_LIKENESS = 0.5
_LEAST_FOUND = 0.9


@attrs.frozen(kw_only=True)
class Delays:
    """Delays of marks through the bridge, in milliseconds, and how many marks were said."""

    all_ms: tuple[float, ...]
    marks: int

    @property
    def count(self) -> int:
        """How many marks were found again."""
        return len(self.all_ms)

    def __str__(self) -> str:
        return f"largest {self.largest_ms:.0f} ms; {self.count} of {self.marks} marks found"

    @property
    def median_ms(self) -> float | None:
        """Half of them took no longer; None when too many marks were not heard at all."""
        return float(np.median(self.all_ms)) if self.count >= _LEAST_FOUND * self.marks else None

    @property
    def largest_ms(self) -> float:
        """The longest."""
        return max(self.all_ms, default=float("nan"))


class DelayProbe:
    """A few conversations of its own, through a switch that bridges callers to agents.

    Args:
        target: ``host:port`` of the switch; the number dialled is the port of the agents.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._noise = np.random.default_rng(7)

    async def measure(self) -> Delays:
        """Say marks into every probe and find them again."""
        async with contextlib.AsyncExitStack() as stack:
            pacer = stack.enter_context(Pacer())
            phones = [RtpPhone(pacer=pacer) for _ in range(2 * _PROBES)]
            for phone in phones:
                await stack.enter_async_context(phone)
            callers, agents = phones[:_PROBES], phones[_PROBES:]
            await self._connect(stack, callers, agents)
            script = self._script()
            said = []
            for caller, agent in zip(callers, agents, strict=True):
                agent.say_nothing()
                said.append(caller.say(script.samples))
                await asyncio.sleep(self._noise.uniform(0.0, 0.04))
            await asyncio.sleep(len(script.samples) / RATE_HZ + _TAIL_S)
            pairs = zip(said, agents, strict=True)
            found = [delay for one, agent in pairs for delay in script.delays_ms(one, agent)]
        return Delays(all_ms=tuple(found), marks=_PROBES * _MARKS)

    async def _connect(
        self,
        stack: contextlib.AsyncExitStack,
        callers: Sequence[RtpPhone],
        agents: Sequence[RtpPhone],
    ) -> None:
        answering = Sipp(
            "uas_answer_now",
            calls=_PROBES,
            rtp=[phone.address for phone in agents],
            timeout_s=_LIMIT_S,
            trace=False,
        )
        await stack.enter_async_context(answering)
        calling = Sipp(
            "uac_call",
            target=self._target,
            service=str(answering.port),
            calls=_PROBES,
            rate=20,
            talk_ms=1000 * _LIMIT_S,
            rtp=[phone.address for phone in callers],
            timeout_s=_LIMIT_S,
            trace=False,
        )
        await stack.enter_async_context(calling)
        for phone in (*callers, *agents):
            await phone.packets(10)

    def _script(self) -> _Script:
        """Silence, so that buffers settle, and then the marks at uneven distances."""
        length = round(_MARK_S * RATE_HZ)
        starts = _SETTLE_S + np.arange(_MARKS) * _BETWEEN_S + self._noise.uniform(0, 0.1, _MARKS)
        samples = np.zeros(round((starts[-1] + _BETWEEN_S) * RATE_HZ), np.int16)
        places = np.round(starts * RATE_HZ).astype(int)
        for place in places:
            samples[place : place + length] = self._noise.normal(0, 3000, length)
        return _Script(samples=samples, places=tuple(places.tolist()), length=length)


@attrs.frozen(kw_only=True)
class _Script:
    """What is said: samples at 8 kHz, and where in them each mark begins."""

    samples: NDArray[np.int16]
    places: tuple[int, ...]
    length: int

    def delays_ms(self, said: Utterance, listener: RtpPhone) -> list[float]:
        """Delay of each mark that the listener heard."""
        heard = listener.ear.samples()
        found = []
        for place in self.places:
            at = find_mark(heard, self.samples[place : place + self.length])
            if at is not None and said.started_ns is not None:
                left_ns = said.started_ns + place * 1_000_000_000 // RATE_HZ
                found.append((listener.ear.instant_ns(at) - left_ns) / 1e6)
        return found


def find_mark(heard: NDArray[np.int16], mark: NDArray[np.int16]) -> int | None:
    """Sample of ``heard`` at which ``mark`` begins, or None when it is not there."""
    if len(heard) < len(mark):
        return None
    size = 1 << (len(heard) + len(mark)).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(mark, size))
    likeness = np.fft.irfft(spectrum, size)[: len(heard) - len(mark) + 1]
    best = int(np.argmax(likeness))
    there = heard[best : best + len(mark)].astype(np.float64)
    norm = float(np.linalg.norm(there) * np.linalg.norm(mark.astype(np.float64)))
    return best if norm and float(likeness[best]) / norm >= _LEAST_LIKENESS else None
