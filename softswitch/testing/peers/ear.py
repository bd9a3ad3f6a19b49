"""What one end of a call has heard: packets with their arrival, put together into sound."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch.testing.peers import g711
from softswitch.testing.peers.packets import RtpPacket, parse_event
from softswitch.testing.peers.tones import RATE_HZ, tone_spans

_NS_PER_SAMPLE = 1_000_000_000 // RATE_HZ
_JUMP = 2 * RATE_HZ  # a larger step of the timestamp is a new stream, not silence


@attrs.frozen(kw_only=True)
class Heard:
    """A tone as it was heard, on the clock of ``time.monotonic_ns`` and since the first packet."""

    start_ns: int
    end_ns: int
    start_s: float
    end_s: float


@attrs.frozen(kw_only=True)
class Reception:
    """How well the packets came.

    Attributes:
        packets: received, doubles included.
        lost: sequence numbers that never came (RFC 3550 section A.3, per stream).
        duplicates: sequence numbers that came twice.
        reordered: packets that came after a later one.
        streams: different SSRCs.
        largest_gap_s: longest time between two packets.
        jitter_s: interarrival jitter at the end (RFC 3550 section 6.4.1).
    """

    packets: int
    lost: int
    duplicates: int
    reordered: int
    streams: int
    largest_gap_s: float
    jitter_s: float


def unwrapped(values: Sequence[int], bits: int) -> NDArray[np.int64]:
    """Counters of so many bits as they would be without wrapping round (steps under a half)."""
    if not values:
        return np.zeros(0, np.int64)
    raw = np.asarray(values, np.int64)
    half = 1 << (bits - 1)
    steps = (np.diff(raw) + half) % (1 << bits) - half
    return np.concatenate([raw[:1], raw[0] + np.cumsum(steps)])


class Ear:
    """Collects packets; everything else is worked out from them when asked for.

    Args:
        event_payload_type: payload type of RFC 4733 events in what we receive.
    """

    def __init__(self, event_payload_type: int = 101) -> None:
        self.packets: list[RtpPacket] = []
        self.event_payload_type = event_payload_type
        self._placed = 0
        self._audio: list[tuple[int, NDArray[np.int16]]] = []
        self._arrivals: list[int] = []
        self._last: RtpPacket | None = None
        self._end = 0

    def take(self, packet: RtpPacket) -> None:
        """One more packet."""
        self.packets.append(packet)

    @property
    def first_ns(self) -> int | None:
        """Arrival of the first packet; None while there is none."""
        return self.packets[0].arrival_ns if self.packets else None

    @property
    def last_ns(self) -> int | None:
        """Arrival of the last packet; None while there is none."""
        return self.packets[-1].arrival_ns if self.packets else None

    @property
    def reception(self) -> Reception:
        """Losses, gaps and jitter so far."""
        streams: dict[int, list[RtpPacket]] = {}
        for packet in self.packets:
            streams.setdefault(packet.ssrc, []).append(packet)
        counts = [sequence_counts([p.sequence for p in group]) for group in streams.values()]
        lost, duplicates, reordered = np.sum([(0, 0, 0), *counts], axis=0).tolist()
        return Reception(
            packets=len(self.packets),
            lost=lost,
            duplicates=duplicates,
            reordered=reordered,
            streams=len(streams),
            largest_gap_s=max((gap for _, gap in self.gaps()), default=0.0),
            jitter_s=max((_jitter_s(group) for group in streams.values()), default=0.0),
        )

    def gaps(self, longer_than_s: float = 0.0) -> tuple[tuple[int, float], ...]:
        """Each silence between two packets longer than this: when it began (ns), how long (s)."""
        times = [packet.arrival_ns for packet in self.packets]
        steps = zip(times, np.diff(times) / 1e9, strict=False)
        return tuple((start, float(gap)) for start, gap in steps if gap > longer_than_s)

    @property
    def payload_types(self) -> frozenset[int]:
        """Payload types received."""
        return frozenset(packet.payload_type for packet in self.packets)

    @property
    def digits(self) -> str:
        """Keys received as RFC 4733 events, each counted once however often it was repeated."""
        keys: list[str] = []
        last: tuple[int, int] | None = None
        for packet in self.packets:
            if packet.payload_type != self.event_payload_type:
                continue
            event = parse_event(packet.payload)
            if event and (packet.ssrc, packet.timestamp) != last:
                last = (packet.ssrc, packet.timestamp)
                keys.append(event[0])
        return "".join(keys)

    def _place(self) -> None:
        """Give each new audio packet its place in the sound: by timestamp, else by arrival."""
        for packet in self.packets[self._placed :]:
            if packet.payload_type in g711.DECODE:
                self._place_one(packet)
        self._placed = len(self.packets)

    def _place_one(self, packet: RtpPacket) -> None:
        sound = g711.decode(packet.payload_type, packet.payload)
        position = 0
        if self._last is not None:
            position = self._audio[-1][0] + self._step(self._last, packet)
        self._audio.append((max(0, position), sound))
        self._arrivals.append(packet.arrival_ns)
        self._end = max(self._end, position + len(sound))
        self._last = packet

    @staticmethod
    def _step(last: RtpPacket, packet: RtpPacket) -> int:
        step = (packet.timestamp - last.timestamp + 2**31) % 2**32 - 2**31
        if packet.ssrc == last.ssrc and abs(step) < _JUMP:
            return step
        return max(len(last.payload), (packet.arrival_ns - last.arrival_ns) // _NS_PER_SAMPLE)

    def samples(self, last_s: float | None = None) -> NDArray[np.int16]:
        """The sound at 8 kHz, 16 bits; what never came is silence.

        Args:
            last_s: only so many seconds from the end.
        """
        self._place()
        start = 0 if last_s is None else max(0, self._end - round(last_s * RATE_HZ))
        sound = np.zeros(self._end - start, np.int16)
        for position, part in reversed(self._audio):
            if position + len(part) <= start:
                break
            cut = part[max(0, start - position) :]
            at = max(0, position - start)
            sound[at : at + len(cut)] = cut
        return sound

    def instant_ns(self, sample: int) -> int:
        """When this sample of ``samples()`` could first be heard.

        That is its packet's arrival plus its place in the packet; a sample that never came counts
        from the packet before it.

        Raises:
            IndexError: nothing was heard.
        """
        self._place()
        if not self._audio:
            raise IndexError("nothing was heard")
        starts = np.array([position for position, _ in self._audio])
        index = int(np.clip(np.searchsorted(starts, sample, "right") - 1, 0, len(starts) - 1))
        return self._arrivals[index] + (sample - int(starts[index])) * _NS_PER_SAMPLE

    def tone(
        self, hz: float, *, share: float = 0.5, floor_dbfs: float = -45.0, least_s: float = 0.03
    ) -> tuple[Heard, ...]:
        """Each stretch in which a tone was heard (arguments as in ``tones.tone_spans``)."""
        spans = tone_spans(self.samples(), hz, share=share, floor_dbfs=floor_dbfs, least_s=least_s)
        return tuple(self._heard(span.start, span.end) for span in spans)

    def _heard(self, start: int, end: int) -> Heard:
        start_ns, end_ns = self.instant_ns(start), self.instant_ns(end)
        first = self.packets[0].arrival_ns
        return Heard(
            start_ns=start_ns,
            end_ns=end_ns,
            start_s=(start_ns - first) / 1e9,
            end_s=(end_ns - first) / 1e9,
        )


def sequence_counts(sequences: Sequence[int]) -> tuple[int, int, int]:
    """Lost, double and late packets of one stream."""
    numbers = unwrapped(sequences, 16)
    different = len(np.unique(numbers))
    lost = int(numbers.max() - numbers.min()) + 1 - different
    late = int(np.count_nonzero(numbers[1:] < np.maximum.accumulate(numbers)[:-1]))
    return lost, len(numbers) - different, late


def _jitter_s(packets: Sequence[RtpPacket]) -> float:
    """RFC 3550 section A.8, at 8 kHz; events, whose timestamp stands still, are left out."""
    audio = [packet for packet in packets if packet.payload_type in g711.DECODE]
    sent = unwrapped([packet.timestamp for packet in audio], 32) / RATE_HZ
    came = np.array([packet.arrival_ns for packet in audio]) / 1e9
    jitter = 0.0
    for step in np.abs(np.diff(came - sent)):
        jitter += (float(step) - jitter) / 16
    return jitter
