"""A SIP call as a leg of the switch (`softswitch.telephony.Leg`)."""

from __future__ import annotations

from asyncio import TimerHandle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from softswitch.errors import CallEndedError, MisuseError
from softswitch.sip.digits import check_keys, digit_parameters, go_as_tones
from softswitch.sip.leg_facts import LegFacts
from softswitch.sip.media import FilePlayback, FileRecording, TonePlayback
from softswitch.sip.native import audio_only, end_call, misuse_on_error, pj
from softswitch.sip.outcome import not_by_us, status_told
from softswitch.sip.statistics import read_statistics
from softswitch.telephony import (
    COMPLETED_ELSEWHERE,
    Answered,
    Dialled,
    DigitMethod,
    Direction,
    EarlyMedia,
    Ended,
    EndedBy,
    EndReason,
    HeldByPeer,
    Identity,
    Leg,
    LegEvent,
    LegState,
    LegStatistics,
    MediaReady,
    Reason,
    Replaced,
    ResumedByPeer,
    Ringing,
)

if TYPE_CHECKING:
    from softswitch.sip.native_call import NativeCall
    from softswitch.sip.network import SipTelephony
    from softswitch.sip.shortcut import Shortcut

    _AnyCall: TypeAlias = NativeCall | Shortcut


class SipLeg(LegFacts):
    """One SIP call. Made by the network; PJSIP's own object is reached through `native` only."""

    def __init__(
        self,
        network: SipTelephony,
        direction: Direction,
        *,
        invite: str = "",
        remote: Identity | None = None,
        dialled: Dialled | None = None,
    ) -> None:
        super().__init__(direction, invite, remote, dialled)
        self.native: _AnyCall | None = None
        self.loops_to: SipLeg | None = None
        self._network = network
        self._port: pj.AudioMedia | None = None
        self._listener: Callable[[LegEvent], None] | None = None
        self._unheard: list[LegEvent] = []
        self.awaits_ack = False
        self._ending: Ended | None = None
        self._end_after_ack: pj.CallOpParam | None = None
        self._ring_timers: tuple[TimerHandle, ...] = ()
        self._held_by_peer = False
        self._can_hear = False
        self._statistics = LegStatistics()

    def port(self) -> pj.AudioMedia | None:
        """Return the leg's port on the bridge, or None while no sound flows."""
        return self._port

    # -- events ---------------------------------------------------------------------------------

    def listen(self, listener: Callable[[LegEvent], None]) -> None:
        """Give every event from now on, and those nobody has heard yet, to ``listener``."""
        self._listener = listener
        unheard, self._unheard = self._unheard, []
        for event in unheard:
            self.post(event)

    def post(self, event: LegEvent) -> None:
        """Queue an event for the listener; it is delivered outside PJSIP's callbacks."""
        self._network.post(self, event)

    def deliver(self, event: LegEvent) -> None:
        """Hand an event over now."""
        if self._listener is None:
            self._unheard.append(event)
        else:
            self._listener(event)

    # -- signalling -----------------------------------------------------------------------------

    def ring(self, *, early_media: bool = False) -> None:
        """Tell the caller that it rings (180), or open sound before answering (183)."""
        self._respond(183 if early_media else 180)
        self.state = LegState.RINGING
        self._can_hear = self._can_hear or early_media

    def answer(self) -> None:
        """Answer an incoming leg."""
        self._respond(200)
        self._can_hear = self.awaits_ack = True

    def _respond(self, status: int) -> None:
        native = self.require_live()
        if self.direction is not Direction.INCOMING or self._is_up:
            raise MisuseError(f"{self!r} cannot be given a {status}")
        with misuse_on_error(f"answer {status}"):
            native.answer(self._network.operation(status))

    def reject(
        self, status: int, *, reason: Reason | None = None, retry_after_s: int | None = None
    ) -> None:
        """Refuse an incoming leg."""
        if not 300 <= status <= 699:
            raise MisuseError(f"a call is refused with a status of 300 to 699, not {status}")
        self.require_live()
        if self.direction is not Direction.INCOMING or self._is_up:
            raise MisuseError(f"{self!r} cannot be refused any more")
        extra = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
        self._end(status, reason, extra, EndReason.REJECTED)

    def hang_up(self, reason: Reason | None = None, *, status: int | None = None) -> None:
        """End the leg, whatever its state."""
        if self.native is None or self._ending is not None:
            return
        answered = self._is_up
        why = EndReason.NORMAL if answered else EndReason.CANCELLED
        if self.direction is Direction.INCOMING and not answered:
            why = EndReason.REJECTED
        elif not answered and reason == COMPLETED_ELSEWHERE:
            why = EndReason.COMPLETED_ELSEWHERE
        self._end(status or 0, reason, {}, why)

    def give_up(self) -> None:
        """End an unanswered outgoing leg whose ring time is over."""
        if self.native is not None and self.state is not LegState.ANSWERED:
            self._end(0, None, {}, EndReason.NO_ANSWER)

    def lose(self, why: EndReason) -> None:
        """End a leg whose phone is gone."""
        if self.native is not None and self._ending is None:
            self._end(0, None, {}, why, by=EndedBy.NETWORK)

    def shut_down(self) -> None:
        """End the leg because the switch stops."""
        if self.native is not None and self._ending is None:
            self._end(503, None, {}, EndReason.SHUTDOWN)

    def replaced_by(self, other: SipLeg) -> None:
        """Note that another leg takes this one's place; PJSIP ends this one."""
        if self._ending is None:
            self._ending = Ended(by=EndedBy.PEER, why=EndReason.REPLACED, status=200)
        self.post(Replaced(leg=other))

    def _end(
        self,
        status: int,
        reason: Reason | None,
        extra: dict[str, str],
        why: EndReason,
        *,
        by: EndedBy = EndedBy.US,
    ) -> None:
        native = self.require_live()
        fields = extra | ({"Reason": str(reason)} if reason is not None else {})
        told = 200 if self._is_up else status_told(status, why, self.direction)
        self._ending = Ended(by=by, why=why, status=told, reason=reason)
        operation = self._network.operation(status, fields)
        if self.awaits_ack:
            self._end_after_ack = operation
            self._network.studio.end_all(self)
            return
        may_cross = self.direction is Direction.OUTGOING and not self._is_up
        if reason is not None and may_cross and isinstance(native, pj.Call):
            self._network.owe_reason(native, reason)
        if not end_call(native, operation):
            self._ending = None

    @property
    def end_reason(self) -> Reason | None:
        """The Reason that we end it with, if any."""
        return self._ending.reason if self._ending is not None else None

    @property
    def _is_up(self) -> bool:
        """Whether it has been answered, be it that the caller's ACK is still under way."""
        return self.state is LegState.ANSWERED or self.awaits_ack

    def hold(self) -> None:
        """Put the phone on hold."""
        with misuse_on_error("hold"):
            self.require_answered().setHold(audio_only())

    def unhold(self) -> None:
        """Take the phone off hold."""
        operation = audio_only()
        operation.opt.flag = pj.PJSUA_CALL_UNHOLD
        with misuse_on_error("unhold"):
            self.require_answered().reinvite(operation)

    def send_digits(self, digits: str, *, method: DigitMethod = DigitMethod.RFC4733) -> None:
        """Send key presses to the phone."""
        check_keys(digits)
        native = self.require_answered()
        if go_as_tones(native, method):
            self._network.inband.send(self, digits)
            return
        with misuse_on_error("send keys"):
            native.sendDtmf(digit_parameters(digits, method))

    def transfer(self, target: str) -> None:
        """Ask the phone to call ``target`` instead of us."""
        uri = self._network.target_uri(target)
        with misuse_on_error("transfer"):
            self.require_answered().xfer(uri, audio_only())

    def transfer_to(self, other: Leg) -> None:
        """Ask the phone to take over our place in ``other``."""
        partner = _own(other).require_answered()
        if not isinstance(partner, pj.Call):
            raise MisuseError(f"{other!r} leads to ourselves: no phone can take our place in it")
        with misuse_on_error("transfer"):
            self.require_answered().xferReplaces(partner, audio_only())

    # -- sound ----------------------------------------------------------------------------------

    def play(
        self, files: Sequence[Path], *, loop: bool = False, gain_db: float = 0.0
    ) -> FilePlayback:
        """Play WAV files to the phone, one after the other."""
        self._require_ear()
        studio = self._network.studio
        playback = FilePlayback(studio, self, files, loop=loop, gain_db=gain_db)
        studio.keep(self, playback)
        return playback

    def play_tone(
        self,
        frequencies_hz: Sequence[float],
        *,
        on_ms: int,
        off_ms: int = 0,
        repeat: int | None = 1,
    ) -> TonePlayback:
        """Play a tone of one or two frequencies."""
        self._require_ear()
        studio = self._network.studio
        playback = TonePlayback(
            studio, self, frequencies_hz, on_ms=on_ms, off_ms=off_ms, repeat=repeat
        )
        studio.keep(self, playback)
        return playback

    def record(self, path: Path, *, other: Leg | None = None) -> FileRecording:
        """Write what the phone says, and what ``other`` says too, to a WAV file."""
        self.require_live()
        legs = [self] if other is None else [self, _own(other)]
        recording = FileRecording(self._network.studio, legs, path)
        for leg in legs:
            self._network.studio.keep(leg, recording)
        return recording

    def bridge(self, other: Leg) -> None:
        """Let the two phones hear each other."""
        self.require_live()
        partner = _own(other)
        partner.require_live()
        wiring = self._network.studio.wiring
        wiring.connect(self, partner)
        wiring.connect(partner, self)

    def unbridge(self, other: Leg) -> None:
        """Take them apart again."""
        wiring = self._network.studio.wiring
        partner = _own(other)
        wiring.disconnect(self, partner)
        wiring.disconnect(partner, self)

    def statistics(self) -> LegStatistics:
        """What the sound has been like so far."""
        if isinstance(self.native, pj.Call) and self._port is not None:
            self._statistics = read_statistics(self.native) or self._statistics
        return self._statistics

    # -- told by PJSIP, inside its callbacks ------------------------------------------------------

    def ring_for(self, seconds: float, *, reach_within_s: float) -> None:
        """Give up when the phone has not answered in time, or gives no sign of life at all."""
        later = self._network.studio.call_later
        self._ring_timers = (
            later(seconds, self.give_up),
            later(reach_within_s, self._give_up_if_silent),
        )

    def _give_up_if_silent(self) -> None:
        native = self.native
        if self._ending is None and isinstance(native, pj.Call) and not native.was_heard:
            self._network.stop_repeating(native.transaction)
            self.lose(EndReason.UNREACHABLE)

    def became_early(self, status: int) -> None:
        """Note a provisional response to our INVITE, or that we gave one."""
        if self.direction is Direction.INCOMING or self.state is not LegState.NEW:
            return
        self.state = LegState.RINGING
        self._can_hear = status == 183
        self.post(EarlyMedia() if status == 183 else Ringing())

    def became_confirmed(self, answer: str) -> None:
        """Note that the call is up; end it if that was asked before the ACK came.

        Nobody who was called may send BYE earlier (RFC 3261 section 15). Should no ACK come at all,
        PJSIP ends the call when its 200 has been repeated for 32 s (64 T1, section 13.3.1.4).
        """
        self.awaits_ack = False
        if self._end_after_ack is not None:
            self._network.studio.call_later(0, self._end_at_last)
        if self.state is LegState.ANSWERED or self._ending is not None:
            return
        self.state = LegState.ANSWERED
        if self.direction is Direction.OUTGOING:
            self._invite = answer
        self._stop_ringing()
        self.post(Answered())
        self._network.shorten_soon(self)

    def _end_at_last(self) -> None:
        if self.native is not None and self._end_after_ack is not None:
            end_call(self.native, self._end_after_ack)

    def became_disconnected(self, status: int, text: str, message: str) -> None:
        """Note that the call is over."""
        if self.native is None:
            return
        answered = self.state is LegState.ANSWERED
        self.state = LegState.ENDED
        self._stop_ringing()
        self._port = None  # PJSIP has taken it off the bridge
        self.post(self._ended(status, text, message, answered=answered))
        self._network.leg_ended(self)
        self.native = self.loops_to = None

    def _ended(self, status: int, text: str, message: str, *, answered: bool) -> Ended:
        if self._ending is not None:
            return self._ending
        if self.direction is Direction.OUTGOING and not answered:
            self._invite = message
        incoming = self.direction is Direction.INCOMING
        return not_by_us(status, text, message, answered=answered, incoming=incoming)

    def got_media(self, port: pj.AudioMedia | None, *, held_by_peer: bool) -> None:
        """Note a new port on the bridge, and whether the phone holds us."""
        self._port = port
        if port is not None:
            self._network.studio.wiring.refresh(self)
            self._network.inband.follow(self)
            self.post(MediaReady())
            self._network.shorten_soon(self)
        if held_by_peer != self._held_by_peer:
            self._held_by_peer = held_by_peer
            self.post(HeldByPeer() if held_by_peer else ResumedByPeer())

    @property
    def is_held_by_peer(self) -> bool:
        """Whether the phone has put us on hold, so that silence from it means nothing."""
        return self._held_by_peer

    def media_ends(self) -> None:
        """Take the last statistics while the stream is still there."""
        if self.state is LegState.ANSWERED:
            self.statistics()

    def is_steady(self) -> bool:
        """Tell whether it is up with sound, and nothing is about to change."""
        settled = self.state is LegState.ANSWERED and self._ending is None
        return settled and self._port is not None and not self._held_by_peer

    def take_shortcut(self, shortcut: Shortcut) -> _AnyCall | None:
        """Lead straight to another leg from now on; return PJSIP's call, which is to be ended."""
        self.statistics()
        native, self.native, self._port = self.native, shortcut, None
        return native

    def _stop_ringing(self) -> None:
        for timer in self._ring_timers:
            timer.cancel()
        self._ring_timers = ()

    def require_live(self) -> _AnyCall:
        """Return PJSIP's call; raises `CallEndedError` when there is none any more."""
        if self.native is None or self._ending is not None:
            raise CallEndedError(f"{self!r} has ended")
        return self.native

    def _require_ear(self) -> None:
        """Raise `MisuseError` while whatever is played would be played to nobody."""
        self.require_live()
        if not self._can_hear and self.state is not LegState.ANSWERED:
            raise MisuseError(f"{self!r} has not been answered: nobody would hear it")

    def require_answered(self) -> _AnyCall:
        """Return PJSIP's call; raises `MisuseError` when it is not answered yet."""
        native = self.require_live()
        if self.state is not LegState.ANSWERED:
            raise MisuseError(f"{self!r} has not been answered")
        return native


def _own(leg: Leg) -> SipLeg:
    if not isinstance(leg, SipLeg):
        raise MisuseError(f"{leg!r} is not a leg of this network")
    return leg
