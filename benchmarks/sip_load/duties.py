"""What a switch under test does with its calls. Runs in the child process."""

from __future__ import annotations

import contextlib
import wave
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from softswitch.errors import CallEndedError, SoftswitchError
from softswitch.sip import SipTelephony
from softswitch.sip.config import Listener, SipConfig
from softswitch.telephony import Answered, Ended, Leg, LegEvent

RATE_HZ: Final = 8000
_MUSIC_S: Final = 60


class Duty(Protocol):
    """A switch at work."""

    address: str
    pjsip: str

    def counts(self) -> dict[str, int]:
        """What has happened so far."""


def sip_config() -> SipConfig:
    """Loopback, G.711, and sound on ports that no peer of ours takes."""
    return SipConfig(
        listen=(Listener(address="127.0.0.1", port=0),),
        codecs=("PCMA", "PCMU"),
        rtp_port_first=10_000,
        rtp_port_last=19_998,
        media_timeout_s=0,
    )


class Desk:
    """The SIP room alone, with the barest handlers: what the switch cannot be better than."""

    def __init__(self, telephony: SipTelephony) -> None:
        self.telephony = telephony
        self.address = telephony.addresses[0]
        self.pjsip = pjsip_version()
        self.answered = self.ended = self.failed = 0
        self.legs: set[Leg] = set()
        self.greet: Callable[[Leg], None] = lambda _leg: None
        telephony.on_incoming(self._take)

    def _take(self, leg: Leg) -> None:
        leg.listen(lambda event: self._on_event(leg, event))
        self.legs.add(leg)
        self.greet(leg)

    def _on_event(self, leg: Leg, event: LegEvent) -> None:
        if isinstance(event, Answered):
            self.answered += 1
        elif isinstance(event, Ended):
            self.ended += 1
            self.legs.discard(leg)

    def counts(self) -> dict[str, int]:
        """What has happened so far; packets are those of the legs that live."""
        statistics = [leg.statistics() for leg in self.legs]
        return {
            "answered": self.answered,
            "ended": self.ended,
            "failed": self.failed,
            "live": len(self.legs),
            "waiting": self.answered - self.ended,
            "received_packets": sum(one.received_packets for one in statistics),
            "lost_packets": sum(one.lost_packets for one in statistics),
        }


def pjsip_version() -> str:
    """Version of the PJSIP that runs, and how many calls it takes."""
    from softswitch.sip.library import library_capacity  # noqa: PLC0415 - needs PJSIP started
    from softswitch.sip.native import pj  # noqa: PLC0415

    version = pj.Endpoint.instance().libVersion().full  # type: ignore[attr-defined] # not in stubs
    return f"{version}, {library_capacity()} calls"


@contextlib.asynccontextmanager
async def _desk() -> AsyncIterator[Desk]:
    telephony = SipTelephony(sip_config())
    await telephony.start()
    try:
        yield Desk(telephony)
    finally:
        await telephony.stop()


@contextlib.asynccontextmanager
async def answering(_options: Mapping[str, Any]) -> AsyncIterator[Desk]:
    """Answer; the caller hangs up."""
    async with _desk() as desk:
        desk.greet = lambda leg: leg.answer()
        yield desk


@contextlib.asynccontextmanager
async def music(options: Mapping[str, Any]) -> AsyncIterator[Desk]:
    """Answer and play, each caller having a player of its own."""
    path = Path(options["folder"]) / "music.wav"
    write_music(path)
    async with _desk() as desk:

        def greet(leg: Leg) -> None:
            leg.answer()
            leg.play([path], loop=True)

        desk.greet = greet
        yield desk


@contextlib.asynccontextmanager
async def bridging(_options: Mapping[str, Any]) -> AsyncIterator[Desk]:
    """Answer, dial an agent at the port dialled, and let the two hear each other."""
    async with _desk() as desk:
        desk.greet = lambda leg: _Pair(desk, leg).begin()
        yield desk


class _Pair:
    """A caller and the agent dialled for it; the one who ends takes the other along."""

    def __init__(self, desk: Desk, caller: Leg) -> None:
        self._desk = desk
        self._caller = caller
        self._target = f"sip:agent@127.0.0.1:{caller.dialled.number}"
        self._agent: Leg | None = None

    def begin(self) -> None:
        """Answer and dial."""
        self._caller.listen(self._on_caller)
        self._caller.answer()
        try:
            self._agent = self._desk.telephony.dial(self._target, listener=self._on_agent)
        except SoftswitchError:
            self._desk.failed += 1
            self._caller.hang_up()

    def _on_caller(self, event: LegEvent) -> None:
        if isinstance(event, Ended):
            self._over(self._caller, self._agent)

    def _on_agent(self, event: LegEvent) -> None:
        agent = self._agent
        if isinstance(event, Answered) and agent is not None:
            self._desk.answered += 1
            self._desk.legs.add(agent)
            try:
                self._caller.bridge(agent)
            except CallEndedError:
                agent.hang_up()
        elif isinstance(event, Ended) and agent is not None:
            self._over(agent, self._caller)

    def _over(self, leg: Leg, other: Leg | None) -> None:
        self._desk.legs.discard(leg)
        self._desk.ended += 1
        if other is not None:
            other.hang_up()


def write_music(path: Path) -> None:
    """Write a minute of sound that is nowhere silent, in the form that the bridge wants."""
    n = np.arange(_MUSIC_S * RATE_HZ)
    pitches_hz = np.array([[262.0], [330.0], [392.0]])
    chord = np.sin(2 * np.pi * pitches_hz * n / RATE_HZ).sum(axis=0)
    with path.open("wb") as file, wave.open(file) as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE_HZ)
        writer.writeframes((chord * 3000).astype("<i2").tobytes())
