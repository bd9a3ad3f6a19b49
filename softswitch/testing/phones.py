"""The phone's end of a simulated call, and the phone itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.errors import MisuseError
from softswitch.telephony import (
    DigitMethod,
    DigitPressed,
    Direction,
    Ended,
    EndedBy,
    EndReason,
    HeldByPeer,
    Identity,
    LegState,
    Reason,
    ResumedByPeer,
    TransferProgress,
)
from softswitch.testing.behaviour import Behaviour
from softswitch.testing.logbook import Logbook, Rang, RingingStopped

if TYPE_CHECKING:
    from softswitch.testing.legs import SimulatedLeg
    from softswitch.testing.network import SimulatedTelephony

REFUSED_WHY: Mapping[int, EndReason] = {
    403: EndReason.REJECTED,
    404: EndReason.NOT_FOUND,
    408: EndReason.UNREACHABLE,
    410: EndReason.NOT_FOUND,
    480: EndReason.NO_ANSWER,
    486: EndReason.BUSY,
    503: EndReason.CAPACITY,
    600: EndReason.BUSY,
    604: EndReason.NOT_FOUND,
}
"""How the switch names a refusal (RFC 3261 section 21); see `refused_why` for other statuses."""


def refused_why(status: int) -> EndReason:
    """Return how the switch names a refusal with this status."""
    if status in REFUSED_WHY:
        return REFUSED_WHY[status]
    if status >= 600:
        return EndReason.REJECTED
    return EndReason.UNREACHABLE if status >= 500 else EndReason.PROTOCOL_ERROR


class PhoneCall:
    """One call at one phone: what can be done with it, and what it remembers (`log`).

    Attributes:
        says: a WAV file that a recording of this call will hold; None for silence.
    """

    def __init__(
        self, network: SimulatedTelephony, leg: SimulatedLeg, name: str, behaviour: Behaviour
    ) -> None:
        self.leg = leg
        self.name = name
        self.behaviour = behaviour
        self.log = Logbook()
        self.retry_after_s: int | None = None
        self.vanished = False
        self.says: Path | None = None
        self.shown = Identity(uri="")
        self._network = network
        self._timers: list[asyncio.TimerHandle] = []
        self._ring_limit: asyncio.TimerHandle | None = None
        self._followers: list[PhoneCall] = []
        self._rings_since_s: float | None = None
        self._ringing = asyncio.Event()
        self._answered = asyncio.Event()
        self._ended = asyncio.Event()
        self._listening: list[tuple[Path, asyncio.Event]] = []
        leg.phone = self

    @property
    def rings(self) -> bool:
        """Whether it rings now."""
        return self._rings_since_s is not None

    @property
    def talking(self) -> bool:
        """Whether it is answered and not over."""
        return self.leg.state is LegState.ANSWERED

    @property
    def hears_now(self) -> frozenset[Path | str]:
        """What it hears at this instant: files, and names of phones at the other end."""
        return self.leg.heard_now

    async def until_ringing(self) -> None:
        """Return when the phone rings."""
        await self._ringing.wait()

    async def until_answered(self) -> None:
        """Return when the call is answered, or over."""
        await self._answered.wait()

    async def until_ended(self) -> Logbook:
        """Return the logbook when the call is over."""
        await self._ended.wait()
        return self.log

    async def until_hears(self, file: Path) -> None:
        """Return when a file begins to be heard, or is being heard already.

        Raises:
            MisuseError: the call ended before.
        """
        begun = asyncio.Event()
        self._listening.append((file, begun))
        if file in self.hears_now or self._ended.is_set():
            begun.set()
        await begun.wait()
        self._listening.remove((file, begun))
        if file not in self.hears_now:
            raise MisuseError(f"{self.name} never heard {file}: the call ended")

    # What a person does with a phone.

    def answer(self) -> None:
        """Take the call that rings."""
        if not self.rings:
            raise MisuseError(f"{self.name} does not ring")
        self._stop_ringing(RingingStopped.ANSWERED)
        self.leg.become_answered()

    def refuse(self, status: int = 603) -> None:
        """Refuse the call that rings, with a SIP status."""
        self._stop_ringing(RingingStopped.REFUSED)
        self.leg.finish(EndedBy.PEER, refused_why(status), status=status)

    def hang_up(self) -> None:
        """Hang up, or give up before the answer."""
        if self.talking:
            self.leg.finish(EndedBy.PEER, EndReason.NORMAL, status=200)
        elif self.leg.direction is Direction.INCOMING:
            self.leg.finish(EndedBy.PEER, EndReason.CANCELLED, status=487)
        elif self.leg.state is not LegState.ENDED:
            self.refuse()

    def press(self, digits: str, *, method: DigitMethod = DigitMethod.RFC4733) -> None:
        """Press keys; of tones heard in the sound nobody knows yet how long they will be."""
        duration_ms = None if method is DigitMethod.INBAND else 100
        for digit in digits:
            self.leg.post(DigitPressed(digit=digit, method=method, duration_ms=duration_ms))

    def hold(self) -> None:
        """Put the switch on hold."""
        self.leg.post(HeldByPeer())

    def resume(self) -> None:
        """Take the switch off hold."""
        self.leg.post(ResumedByPeer())

    def transfer(self, target: str) -> None:
        """Ask the switch to connect the partner to ``target``, unannounced."""
        self._network.transfer(self, target)

    def transfer_to(self, other: PhoneCall) -> None:
        """Ask the switch to connect the partner of this call with the partner of ``other``."""
        self._network.transfer_consulted(self, other)

    def vanish(self) -> None:
        """Break off without a word; the switch notices when nothing was heard for a while."""
        self.vanished = True
        self._cancel_timers()
        if self.talking:
            self._later(self._network.media_timeout_s, self._missed)

    # What the network tells the phone.

    def arrive(self) -> None:
        """Take an INVITE, by habit."""
        if not self.behaviour.present:
            return
        if self.behaviour.rings:
            self._start_ringing()
        if self.behaviour.refuses_with is not None:
            self._later(self.behaviour.refuses_after_s, self.refuse, self.behaviour.refuses_with)
        elif self.behaviour.answers_after_s is not None:
            self._later(self.behaviour.answers_after_s, self._answer_by_habit)

    def begins_to_hear(self, file: Path | None) -> None:
        """Tell those who wait for a file."""
        for wanted, begun in self._listening:
            if wanted == file:
                begun.set()

    def set_out(self) -> None:
        """Begin a call that this phone makes."""
        if self.behaviour.gives_up_after_s is not None:
            self._later(self.behaviour.gives_up_after_s, self.hang_up)

    def was_answered(self) -> None:
        """Note the answer and go on by habit."""
        self.log.answered_at = _now()
        self.log.status = 200
        self._answered.set()
        if self.behaviour.hangs_up_after_s is not None:
            self._later(self.behaviour.hangs_up_after_s, self.hang_up)
        for after_s, digits in self.behaviour.presses:
            self._later(after_s, self.press, digits)

    def is_over(self, ended: Ended) -> None:
        """Note the end."""
        self._cancel_timers()
        if self._ring_limit is not None:
            self._ring_limit.cancel()
        self._stop_ringing(RingingStopped.CANCELLED, ended.reason)
        self.log.ended_at = _now()
        self.log.ended = ended
        if ended.by is EndedBy.US:
            self.log.reason = ended.reason
        if self.log.status is None:
            self.log.status = ended.status
        self._answered.set()
        self._ended.set()
        for _, begun in self._listening:
            begun.set()
        for follower in self._followers:
            follower.hang_up()

    def asked_to_call(self, target: str) -> None:
        """Do as a REFER says: call ``target`` and leave the switch."""
        self.log.asked_to_call = target
        self.leg.post(TransferProgress(status=100, final=False))
        self._network.call_for(target, self.name)
        self.leg.post(TransferProgress(status=200, final=True))
        self.hang_up()

    def asked_to_take_over(self, other: PhoneCall) -> None:
        """Do as a REFER with Replaces says: talk with ``other`` directly, without the switch."""
        self.leg.post(TransferProgress(status=200, final=True))
        self.hang_up()
        other.hang_up()

    def hangs_up_too(self, other: PhoneCall) -> None:
        """Hang up as soon as ``other`` is over."""
        other._followers.append(self)

    def give_up_ringing_after(self, ring_time_s: float) -> None:
        """The switch's own limit for the ringing, also of a phone that has vanished."""
        loop = asyncio.get_running_loop()
        self._ring_limit = loop.call_later(ring_time_s, self._unanswered)

    def _unanswered(self) -> None:
        if self.leg.state is not LegState.ANSWERED:
            self.leg.finish(EndedBy.US, EndReason.NO_ANSWER, status=408)

    def _answer_by_habit(self) -> None:
        if not self.rings:
            self._rings_since_s = _now()
        self.answer()

    def _start_ringing(self) -> None:
        self._rings_since_s = _now()
        self._ringing.set()
        self.leg.become_ringing()

    def _stop_ringing(self, stopped: RingingStopped, reason: Reason | None = None) -> None:
        since_s, self._rings_since_s = self._rings_since_s, None
        if since_s is not None:
            self.log.rang = Rang(
                caller=self.shown.number,
                from_s=since_s,
                to_s=_now(),
                stopped=stopped,
                reason=reason,
            )

    def _missed(self) -> None:
        self.leg.finish(EndedBy.NETWORK, EndReason.MEDIA_LOST, status=200)

    def _later(self, after_s: float, act: Callable[..., None], *args: object) -> None:
        timer = asyncio.get_running_loop().call_later(after_s, act, *args)
        self._timers.append(timer)

    def _cancel_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()


class SimulatedPhone:
    """A phone at an address that the switch can dial.

    Attributes:
        address: what the switch dials.
        behaviour: its habits; may be exchanged at any time and counts from the next call on.
        calls: every call it has had, the oldest first.
    """

    def __init__(self, address: str, behaviour: Behaviour) -> None:
        self.address = address
        self.behaviour = behaviour
        self.calls: list[PhoneCall] = []
        self._live: list[PhoneCall] = []
        self._waiters: list[asyncio.Future[PhoneCall]] = []

    @property
    def call(self) -> PhoneCall:
        """The latest call.

        Raises:
            MisuseError: it never had one.
        """
        if not self.calls:
            raise MisuseError(f"{self.address} was never called")
        return self.calls[-1]

    @property
    def rings(self) -> bool:
        """Whether it rings now."""
        return any(call.rings for call in self.calls)

    @property
    def busy(self) -> bool:
        """Whether every line is taken."""
        self._live = [call for call in self._live if call.leg.state is not LegState.ENDED]
        return len(self._live) >= self.behaviour.lines

    @property
    def rang(self) -> list[Rang]:
        """Every ringing that is over, the oldest first."""
        return [call.log.rang for call in self.calls if call.log.rang is not None]

    async def until_called(self) -> PhoneCall:
        """Return the next call to this phone."""
        waiter: asyncio.Future[PhoneCall] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        return await waiter

    def take(self, call: PhoneCall) -> None:
        """Let an INVITE in."""
        if self.busy:
            self.calls.append(call)
            call.refuse(486)
            return
        self.calls.append(call)
        self._live.append(call)
        call.arrive()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(call)
        self._waiters.clear()


def _now() -> float:
    return asyncio.get_running_loop().time()
