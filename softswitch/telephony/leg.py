"""A leg: one call between the switch and one phone; and the network that carries legs."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import attrs

from softswitch.telephony.events import DigitMethod, LegEvent
from softswitch.telephony.identity import Dialled, Identity
from softswitch.telephony.reason import Reason


class Direction(enum.Enum):
    """Who started the leg."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


class LegState(enum.Enum):
    """Where a leg stands."""

    NEW = "new"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


@attrs.frozen(kw_only=True)
class LegStatistics:
    """What the sound of a leg has been like so far (RFC 3550 section 6.4, ITU-T G.107).

    Attributes:
        codec: name and clock rate in Hz of what is sent, such as ``PCMA/8000``.
        sent_packets: RTP packets sent to the phone.
        received_packets: RTP packets received from the phone.
        lost_packets: of those expected from the phone, how many never came.
        jitter_ms: mean interarrival jitter of what we received.
        round_trip_ms: last round trip by RTCP, or None where the phone sends no RTCP.
        mos: estimated listening quality 1.0-4.5 of what we received.
    """

    codec: str = ""
    sent_packets: int = 0
    received_packets: int = 0
    lost_packets: int = 0
    jitter_ms: float = 0.0
    round_trip_ms: float | None = None
    mos: float = 0.0


class Playback(Protocol):
    """Sound being played to one leg: files one after the other, or a tone.

    It can be paused and goes on where it stopped. When it reaches its end by itself the leg
    posts `PlaybackEnded`.
    """

    @property
    def id(self) -> str:
        """Unique for the life of the process."""

    def pause(self) -> None:
        """Fall silent; the place is kept."""

    def resume(self) -> None:
        """Go on where it stopped."""

    def stop(self) -> None:
        """End for good; posts nothing. Stopping twice is harmless."""

    def seek(self, position_s: float) -> None:
        """Go to a place in the file that is playing now, in seconds from its start."""

    @property
    def position_s(self) -> float:
        """Place in the file that is playing now, in seconds from its start."""

    def level(self, gain_db: float) -> None:
        """Set loudness relative to the file as it is, -60 to +12 dB."""


class Recording(Protocol):
    """Sound being written to a WAV file.

    Its header tells the right length once it is finished, a moment after `stop`.
    """

    @property
    def path(self) -> Path:
        """The file."""

    def catch_up(self) -> None:
        """See to it that the file holds what was said until now, but for the last half second."""

    def stop(self) -> None:
        """Finish the file. Stopping twice is harmless."""


class Leg(Protocol):
    """One call between the switch and one phone.

    Commands return at once and raise `CallEndedError` on a leg that has ended, but for
    `hang_up`, which is always allowed. What comes of a command is told by events.
    """

    @property
    def id(self) -> str:
        """Unique for the life of the process."""

    @property
    def direction(self) -> Direction:
        """Who started the leg."""

    @property
    def state(self) -> LegState:
        """Where it stands."""

    @property
    def remote(self) -> Identity:
        """The party at the other end. Personal data."""

    @property
    def dialled(self) -> Dialled:
        """What was dialled: by the caller for an incoming leg, by us for an outgoing one."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the INVITE that came in, or of the final answer to ours; names as sent."""

    def listen(self, listener: Callable[[LegEvent], None]) -> None:
        """Give every event from now on to ``listener``, which replaces the one before it."""

    def ring(self, *, early_media: bool = False) -> None:
        """Tell the caller that it rings (180), or open sound before answering (183)."""

    def answer(self) -> None:
        """Answer an incoming leg (200)."""

    def reject(
        self, status: int, *, reason: Reason | None = None, retry_after_s: int | None = None
    ) -> None:
        """Refuse an incoming leg with any status 300-699."""

    def hang_up(self, reason: Reason | None = None, *, status: int | None = None) -> None:
        """End the leg by BYE, CANCEL or a refusal (603, or ``status``); twice is harmless."""

    def hold(self) -> None:
        """Put the phone on hold."""

    def unhold(self) -> None:
        """Take the phone off hold."""

    def send_digits(self, digits: str, *, method: DigitMethod = DigitMethod.RFC4733) -> None:
        """Send key presses to the phone."""

    def transfer(self, target: str) -> None:
        """Ask the phone to call ``target`` instead of us (blind, REFER)."""

    def transfer_to(self, other: Leg) -> None:
        """Ask the phone to take over our place in ``other`` (consulted, REFER with Replaces)."""

    def play(self, files: Sequence[Path], *, loop: bool = False, gain_db: float = 0.0) -> Playback:
        """Play WAV files to the phone, one after the other.

        Before the answer only where early media was opened: else `MisuseError`. So for tones.
        """

    def play_tone(
        self,
        frequencies_hz: Sequence[float],
        *,
        on_ms: int,
        off_ms: int = 0,
        repeat: int | None = 1,
    ) -> Playback:
        """Play a tone of one or two frequencies; ``repeat=None`` is for ever."""

    def record(self, path: Path, *, other: Leg | None = None) -> Recording:
        """Write what the phone says, and what ``other`` says too, to a WAV file."""

    def bridge(self, other: Leg) -> None:
        """Let the two phones hear each other."""

    def unbridge(self, other: Leg) -> None:
        """Take them apart again; both legs live on."""

    def statistics(self) -> LegStatistics:
        """What the sound has been like so far; the last word on a leg that has ended."""


class Telephony(Protocol):
    """A network that carries legs."""

    @property
    def capacity(self) -> int:
        """How many legs there can be at once."""

    def on_incoming(self, handler: Callable[[Leg], None]) -> None:
        """Give every new incoming leg to ``handler``, on the loop's thread."""

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
        """Call ``target``. Unanswered after ``ring_time_s`` the leg ends with NO_ANSWER.

        ``target`` is a SIP URI, or a plain number that goes out over ``trunk`` (the first
        trunk when None). Raises `CapacityError` when no leg is free and `MisuseError` when the
        target cannot be dialled (bad URI, no trunk).
        """

    def notify(self, target: str, *, event: str, content_type: str, body: str) -> None:
        """Send a phone news that it has not subscribed to (NOTIFY, RFC 6665 section 8.2.1).

        Nothing is heard of what becomes of it: phones that are away or do not understand it show
        nothing. Raises `MisuseError` when the target cannot be reached by any listener.

        Args:
            target: a SIP URI, or a plain number, which goes out over the first trunk.
            event: the package, such as ``message-summary`` (RFC 3842).
            content_type: of the body.
            body: what is new.
        """

    def start(self) -> Awaitable[None]:
        """Open for calls."""

    def drain(self, timeout_s: float) -> Awaitable[None]:
        """Take no new calls; return when those in progress are over or the time is."""

    def stop(self) -> Awaitable[None]:
        """End every leg and close."""
