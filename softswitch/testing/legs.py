"""The switch's end of a simulated call, as `softswitch.telephony.Leg` asks.

Nothing travels: what one end does is known at the other at the same instant. But the switch is
told by the loop's next turn, as with a real network, so two phones that answer at the same
instant have both answered before the switch hears of either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from softswitch.errors import CallEndedError, MisuseError
from softswitch.telephony import (
    Answered,
    Dialled,
    DigitMethod,
    Direction,
    EarlyMedia,
    Ended,
    EndedBy,
    EndReason,
    Identity,
    Leg,
    LegEvent,
    LegState,
    LegStatistics,
    MediaReady,
    Playback,
    PlaybackEnded,
    Reason,
    Recording,
    Ringing,
)
from softswitch.testing.logbook import Heard, Talked
from softswitch.testing.sounding import Piece, SimulatedPlayback, SimulatedRecording, duration_s

if TYPE_CHECKING:
    from softswitch.testing.network import SimulatedTelephony
    from softswitch.testing.phones import PhoneCall

_DIGITS = frozenset("0123456789*#ABCD")


class SimulatedLeg:
    """One call between the switch and one simulated phone."""

    def __init__(
        self,
        network: SimulatedTelephony,
        *,
        direction: Direction,
        remote: Identity,
        dialled: Dialled,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._network = network
        self._id = network.next_id("leg")
        self._direction = direction
        self._remote = remote
        self._dialled = dialled
        self._headers = MappingProxyType(dict(headers or {}))
        self._state = LegState.NEW
        self._early_media = False
        self._listener: Callable[[LegEvent], None] | None = None
        self._unheard: list[LegEvent] = []
        self._bridges: dict[SimulatedLeg, float] = {}
        self._playbacks: list[SimulatedPlayback] = []
        self._recordings: list[SimulatedRecording] = []
        self.phone: PhoneCall
        network.carry(self)

    @property
    def id(self) -> str:
        """Unique for the life of the network."""
        return self._id

    @property
    def direction(self) -> Direction:
        """Who started the leg."""
        return self._direction

    @property
    def state(self) -> LegState:
        """Where it stands."""
        return self._state

    @property
    def remote(self) -> Identity:
        """The phone at the other end."""
        return self._remote

    @property
    def dialled(self) -> Dialled:
        """What was dialled."""
        return self._dialled

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the INVITE that came in."""
        return self._headers

    def listen(self, listener: Callable[[LegEvent], None]) -> None:
        """Give every event from now on, and those nobody has heard yet, to ``listener``."""
        self._listener = listener
        unheard, self._unheard = self._unheard, []
        for event in unheard:
            listener(event)

    def ring(self, *, early_media: bool = False) -> None:
        """Tell the caller that it rings (180), or open sound before answering (183)."""
        self._alive()
        self._state = LegState.RINGING
        self._early_media = self._early_media or early_media
        self.phone.log.ringing_heard = True

    def answer(self) -> None:
        """Answer an incoming leg (200)."""
        self._alive()
        if self._direction is not Direction.INCOMING:
            raise MisuseError("a leg that we dialled is answered by its phone")
        if self._state is not LegState.ANSWERED:
            self.become_answered()

    def reject(
        self, status: int, *, reason: Reason | None = None, retry_after_s: int | None = None
    ) -> None:
        """Refuse an incoming leg with any status 300-699."""
        self._alive()
        if self._direction is not Direction.INCOMING or self._state is LegState.ANSWERED:
            raise MisuseError("only an incoming leg that is not answered can be rejected")
        if not 300 <= status <= 699:
            raise MisuseError(f"{status} refuses nothing")
        self.phone.retry_after_s = retry_after_s
        self.finish(EndedBy.US, EndReason.REJECTED, status=status, reason=reason)

    def hang_up(self, reason: Reason | None = None, *, status: int | None = None) -> None:
        """End the leg: BYE, CANCEL or a refusal, whichever fits."""
        if self._state is LegState.ENDED:
            return
        if self._state is LegState.ANSWERED:
            self.finish(EndedBy.US, EndReason.NORMAL, status=200, reason=reason)
        elif self._direction is Direction.INCOMING:
            self.finish(EndedBy.US, EndReason.REJECTED, status=status or 603, reason=reason)
        else:
            elsewhere = reason is not None and reason.protocol == "SIP" and reason.cause == 200
            why = EndReason.COMPLETED_ELSEWHERE if elsewhere else EndReason.CANCELLED
            self.finish(EndedBy.US, why, status=487, reason=reason)

    def hold(self) -> None:
        """Put the phone on hold."""
        self._in_conversation()
        self.phone.log.held_at.append(_now())

    def unhold(self) -> None:
        """Take the phone off hold."""
        self._in_conversation()
        self.phone.log.resumed_at.append(_now())

    def send_digits(self, digits: str, *, method: DigitMethod = DigitMethod.RFC4733) -> None:
        """Send key presses to the phone, which remembers them whatever the method."""
        del method
        if not digits or not set(digits) <= _DIGITS:
            raise MisuseError(f"keys are 0-9 * # A-D, not {digits!r}")
        self._in_conversation()
        self.phone.log.digits += digits

    def transfer(self, target: str) -> None:
        """Ask the phone to call ``target`` instead of us."""
        self._in_conversation()
        self.phone.asked_to_call(target)

    def transfer_to(self, other: Leg) -> None:
        """Ask the phone to take over our place in ``other``."""
        self._in_conversation()
        self.phone.asked_to_take_over(self._network.own(other).phone)

    def play(self, files: Sequence[Path], *, loop: bool = False, gain_db: float = 0.0) -> Playback:
        """Play WAV files to the phone, one after the other."""
        pieces = [Piece(file=file, length_s=duration_s(file)) for file in files]
        playback = self._start(pieces, loop=loop)
        playback.level(gain_db)
        return playback

    def play_tone(
        self,
        frequencies_hz: Sequence[float],
        *,
        on_ms: int,
        off_ms: int = 0,
        repeat: int | None = 1,
    ) -> Playback:
        """Play a tone; the phone remembers it as one stretch, its silences included."""
        length_s = float("inf") if repeat is None else (on_ms + off_ms) / 1000 * repeat
        return self._start([Piece(tone_hz=tuple(frequencies_hz), length_s=length_s)])

    def record(self, path: Path, *, other: Leg | None = None) -> Recording:
        """Write a WAV file of what this phone says, and remember who was recorded."""
        self._alive()
        parties = [self] if other is None else [self, self._network.own(other)]
        names = tuple(leg.phone.name for leg in parties)
        says = self.phone.says
        recording = SimulatedRecording(path, names, self._network.recordings, says=says)
        self._recordings.append(recording)
        return recording

    def bridge(self, other: Leg) -> None:
        """Let the two phones hear each other."""
        peer = self._network.own(other)
        self._alive()
        if peer not in self._bridges:
            peer.enter_bridge(self)
            self.enter_bridge(peer)

    def unbridge(self, other: Leg) -> None:
        """Take them apart again."""
        peer = self._network.own(other)
        if peer in self._bridges:
            peer.leave_bridge(self)
            self.leave_bridge(peer)

    def statistics(self) -> LegStatistics:
        """Perfect sound: nothing is lost where nothing travels."""
        return LegStatistics(codec="PCMA/8000", mos=4.4)

    @property
    def heard_now(self) -> frozenset[Path | str]:
        """What the phone hears at this instant: files, and names of phones at the other end."""
        playing = (playback.file for playback in self._playbacks if playback.playing)
        files = {file for file in playing if file is not None}
        return frozenset(files | {partner.phone.name for partner in self._bridges})

    # What the other end of a bridge calls.

    def enter_bridge(self, partner: SimulatedLeg) -> None:
        """Note that the phone hears ``partner`` from now on."""
        self._alive()
        self._bridges[partner] = _now()

    def leave_bridge(self, partner: SimulatedLeg) -> None:
        """Note for how long the phone heard ``partner``."""
        since_s = self._bridges.pop(partner)
        self.phone.log.talked.append(Talked(other=partner.phone.name, from_s=since_s, to_s=_now()))

    # What the phone's end calls.

    def post(self, event: LegEvent) -> None:
        """Tell the switch by the loop's next turn."""
        asyncio.get_running_loop().call_soon(self._deliver, event)

    def become_ringing(self) -> None:
        """The phone rings."""
        self._state = LegState.RINGING
        self.post(Ringing())

    def become_early(self) -> None:
        """The phone sends sound before it answers."""
        self._early_media = True
        self.post(EarlyMedia())

    def become_answered(self) -> None:
        """Either side answered."""
        self._state = LegState.ANSWERED
        self.phone.was_answered()
        self.post(Answered())
        self.post(MediaReady())

    def finish(
        self, by: EndedBy, why: EndReason, *, status: int, reason: Reason | None = None
    ) -> None:
        """End the leg, whoever did it."""
        if self._state is LegState.ENDED:
            return
        self._silence()
        self._state = LegState.ENDED
        self._network.drop(self)
        ended = Ended(by=by, why=why, status=status, reason=reason)
        self.phone.is_over(ended)
        self.post(ended)

    def _silence(self) -> None:
        for playback in self._playbacks:
            playback.stop()
        for recording in self._recordings:
            recording.stop()
        for other in tuple(self._bridges):
            self.unbridge(other)

    def _deliver(self, event: LegEvent) -> None:
        if self._listener is None:
            self._unheard.append(event)
        else:
            self._listener(event)

    def _start(self, pieces: Sequence[Piece], *, loop: bool = False) -> SimulatedPlayback:
        self._alive()
        if self._state is not LegState.ANSWERED and not self._early_media:
            raise MisuseError("nothing can be heard before the call is answered")
        playback = SimulatedPlayback(
            self._network.next_id("playback"),
            pieces,
            loop=loop,
            begin=self._begin,
            hear=self._hear,
            ended=self._playback_ended,
        )
        self._playbacks.append(playback)
        return playback

    def _begin(self, file: Path | None) -> None:
        self.phone.begins_to_hear(file)

    def _hear(self, heard: Heard) -> None:
        self.phone.log.heard.append(heard)

    def _playback_ended(self, playback_id: str) -> None:
        self._playbacks = [left for left in self._playbacks if left.id != playback_id]
        self.post(PlaybackEnded(playback_id=playback_id))

    def _in_conversation(self) -> None:
        self._alive()
        if self._state is not LegState.ANSWERED:
            raise MisuseError(f"{self._id} has not been answered")

    def _alive(self) -> None:
        if self._state is LegState.ENDED:
            raise CallEndedError(f"{self._id} has ended")


def _now() -> float:
    return asyncio.get_running_loop().time()
