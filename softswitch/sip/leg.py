"""A SIP call as a leg of the switch (`softswitch.telephony.Leg`)."""

from __future__ import annotations

import itertools
from asyncio import TimerHandle
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from softswitch.errors import CallEndedError, MisuseError
from softswitch.sip import headers as sip_headers
from softswitch.sip.media import FilePlayback, FileRecording, TonePlayback
from softswitch.sip.native import audio_only, end_call, misuse_on_error, pj
from softswitch.sip.outcome import end_reason, told_by_peer
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

_numbers = itertools.count(1)
_DIGITS: Final = frozenset("0123456789*#ABCD")
_DIGIT_MS: Final = 160
_METHODS: Final = MappingProxyType(
    {
        DigitMethod.RFC4733: pj.PJSUA_DTMF_METHOD_RFC2833,
        DigitMethod.INFO: pj.PJSUA_DTMF_METHOD_SIP_INFO,
    }
)


class SipLeg:
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
        self.id = f"leg-{next(_numbers)}"
        self.direction = direction
        self.state = LegState.NEW
        self.native: NativeCall | None = None
        self._network = network
        self._invite = invite
        self._given_remote = remote
        self._given_dialled = dialled
        self._port: pj.AudioMedia | None = None
        self._listener: Callable[[LegEvent], None] | None = None
        self._unheard: list[LegEvent] = []
        self._ending: Ended | None = None
        self._ring_timer: TimerHandle | None = None
        self._held_by_peer = False
        self._can_hear = False
        self._statistics = LegStatistics()

    def __repr__(self) -> str:
        return f"<SipLeg {self.id} {self.direction.value} {self.state.value}>"

    # -- who and what ---------------------------------------------------------------------------

    @cached_property
    def message(self) -> sip_headers.Message:
        """The INVITE that came in, or the final answer to ours."""
        return sip_headers.parse_message(self._invite)

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the INVITE that came in, or of the final answer to ours."""
        return self.message.as_mapping()

    @cached_property
    def remote(self) -> Identity:
        """The party at the other end. Personal data."""
        return self._given_remote or sip_headers.caller_identity(self.message)

    @cached_property
    def dialled(self) -> Dialled:
        """What was dialled."""
        return self._given_dialled or sip_headers.dialled_number(self.message)

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
        self._can_hear = True

    def _respond(self, status: int) -> None:
        native = self.require_live()
        if self.direction is not Direction.INCOMING or self.state is LegState.ANSWERED:
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
        if self.direction is not Direction.INCOMING or self.state is LegState.ANSWERED:
            raise MisuseError(f"{self!r} cannot be refused any more")
        extra = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
        self._end(status, reason, extra, EndReason.REJECTED)

    def hang_up(self, reason: Reason | None = None, *, status: int | None = None) -> None:
        """End the leg, whatever its state."""
        if self.native is None or self._ending is not None:
            return
        answered = self.state is LegState.ANSWERED
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
        told = self._final_status(status, why)
        self._ending = Ended(by=by, why=why, status=told, reason=reason)
        if not end_call(native, self._network.operation(status, fields)):
            self._ending = None

    def _final_status(self, status: int, why: EndReason) -> int:
        """Say what a leg that we end comes to in SIP: 603 is how PJSIP refuses, 487 follows CANCEL.

        A ring time that is over counts as 408 (RFC 3261 section 16.8), whatever follows our CANCEL.
        """
        if self.state is LegState.ANSWERED:
            return 200
        if why is EndReason.NO_ANSWER:
            return 408
        return 487 if self.direction is Direction.OUTGOING else status or 603

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
        if not digits or not set(digits) <= _DIGITS:
            raise MisuseError(f"keys are 0-9 * # A-D, not {digits!r}")
        if method not in _METHODS:
            raise MisuseError(f"keys are sent by {', '.join(m.value for m in _METHODS)}")
        parameters = pj.CallSendDtmfParam()
        parameters.digits, parameters.duration = digits, _DIGIT_MS
        parameters.method = _METHODS[method]
        with misuse_on_error("send keys"):
            self.require_answered().sendDtmf(parameters)

    def transfer(self, target: str) -> None:
        """Ask the phone to call ``target`` instead of us."""
        uri = self._network.target_uri(target)
        with misuse_on_error("transfer"):
            self.require_answered().xfer(uri, audio_only())

    def transfer_to(self, other: Leg) -> None:
        """Ask the phone to take over our place in ``other``."""
        partner = _own(other).require_answered()
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
        if self.native is not None and self._port is not None:
            self._statistics = read_statistics(self.native) or self._statistics
        return self._statistics

    # -- told by PJSIP, inside its callbacks ------------------------------------------------------

    def ring_for(self, seconds: float) -> None:
        """Give up when the phone has not answered in time."""
        self._ring_timer = self._network.studio.call_later(seconds, self.give_up)

    def became_early(self, status: int) -> None:
        """Note a provisional response to our INVITE, or that we gave one."""
        if self.direction is Direction.INCOMING or self.state is not LegState.NEW:
            return
        self.state = LegState.RINGING
        self._can_hear = status == 183
        self.post(EarlyMedia() if status == 183 else Ringing())

    def became_confirmed(self, answer: str) -> None:
        """Note that the call is up."""
        if self.state is LegState.ANSWERED or self._ending is not None:
            return
        self.state = LegState.ANSWERED
        if self.direction is Direction.OUTGOING:
            self._invite = answer
        self._stop_ringing()
        self.post(Answered())

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
        self.native = None

    def _ended(self, status: int, text: str, message: str, *, answered: bool) -> Ended:
        if self._ending is not None:
            return self._ending
        found = sip_headers.parse_message(message)
        reason = sip_headers.parse_reason(found.first("Reason"))
        why = end_reason(status, answered=answered)
        from_peer = told_by_peer(found.start_line, status) and why is not EndReason.SESSION_EXPIRED
        if self.direction is Direction.INCOMING and not answered:
            from_peer = why is EndReason.CANCELLED
        by = EndedBy.PEER if from_peer else EndedBy.NETWORK
        if not answered and not from_peer and why is not EndReason.PROTOCOL_ERROR:
            why = EndReason.UNREACHABLE
        if self.direction is Direction.OUTGOING and not answered:
            self._invite = message
        return Ended(by=by, why=why, status=status, reason=reason, text=text)

    def got_media(self, port: pj.AudioMedia | None, *, held_by_peer: bool) -> None:
        """Note a new port on the bridge, and whether the phone holds us."""
        self._port = port
        if port is not None:
            self._network.studio.wiring.refresh(self)
            self.post(MediaReady())
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

    def _stop_ringing(self) -> None:
        if self._ring_timer is not None:
            self._ring_timer.cancel()
            self._ring_timer = None

    def require_live(self) -> NativeCall:
        """Return PJSIP's call; raises `CallEndedError` when there is none any more."""
        if self.native is None or self._ending is not None:
            raise CallEndedError(f"{self!r} has ended")
        return self.native

    def _require_ear(self) -> None:
        """Raise `MisuseError` while whatever is played would be played to nobody."""
        self.require_live()
        if not self._can_hear and self.state is not LegState.ANSWERED:
            raise MisuseError(f"{self!r} has not been answered: nobody would hear it")

    def require_answered(self) -> NativeCall:
        """Return PJSIP's call; raises `MisuseError` when it is not answered yet."""
        native = self.require_live()
        if self.state is not LegState.ANSWERED:
            raise MisuseError(f"{self!r} has not been answered")
        return native


def _own(leg: Leg) -> SipLeg:
    if not isinstance(leg, SipLeg):
        raise MisuseError(f"{leg!r} is not a leg of this network")
    return leg
