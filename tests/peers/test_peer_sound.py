"""What an ear makes of packets, from hand-made ones."""

from __future__ import annotations

import numpy as np
import pytest

from softswitch.testing.peers import g711
from softswitch.testing.peers.ear import Ear
from softswitch.testing.peers.packets import RtpPacket, pack, pack_event, parse, parse_event
from softswitch.testing.peers.tones import Span, level_dbfs, sine, tone_spans

MS = 1_000_000


@pytest.mark.parametrize(
    ("payload_type", "code", "level"),
    [
        # ITU-T G.711 tables 2a and 1a, 14 and 13 bits, times 4 and 8 for 16 bits.
        (0, 0xFF, 0),
        (0, 0x80, 8031 * 4),
        (0, 0x00, -8031 * 4),
        (0, 0xEF, 33 * 4),
        (8, 0xD5, 1 * 8),
        (8, 0x55, -1 * 8),
        (8, 0xAA, 4032 * 8),
        (8, 0x2A, -4032 * 8),
    ],
)
def test_g711_levels_are_those_of_the_standard(payload_type: int, code: int, level: int) -> None:
    assert g711.decode(payload_type, bytes([code])).tolist() == [level]


@pytest.mark.parametrize("payload_type", [0, 8])
def test_a_level_is_encoded_as_a_code_of_that_level(payload_type: int) -> None:
    levels = g711.decode(payload_type, bytes(range(256)))
    assert g711.decode(payload_type, g711.encode(payload_type, levels)).tolist() == levels.tolist()


def test_a_tone_is_found_where_it_is() -> None:
    sound = np.concatenate([np.zeros(800, np.int16), sine(440, 0.2), sine(1000, 0.1)])
    (found,) = tone_spans(sound, 440)
    assert abs(found.start - 800) <= 2
    assert abs(found.end - 2400) <= 80  # 440 Hz hands over to another tone: 10 ms
    (other,) = tone_spans(sound, 1000)
    assert abs(other.start - 2400) <= 80
    assert other.end == 3200
    assert tone_spans(sound, 620) == ()


def test_a_tone_from_the_first_sample_to_the_last_has_these_bounds() -> None:
    assert tone_spans(sine(440, 0.1), 440) == (Span(0, 800),)


def test_a_faint_or_short_tone_is_no_tone() -> None:
    assert tone_spans(sine(440, 0.2, level_dbfs=-50), 440) == ()
    assert tone_spans(sine(440, 0.02), 440) == ()
    assert len(tone_spans(sine(440, 0.2, level_dbfs=-50), 440, floor_dbfs=-55)) == 1


def test_a_level_is_told_against_a_full_sine() -> None:
    assert level_dbfs(sine(1000, 0.5, level_dbfs=-12)) == pytest.approx(-12, abs=0.01)
    assert level_dbfs(np.zeros(100, np.int16)) == -200


def packet(
    number: int,
    *,
    at_ms: float | None = None,
    ssrc: int = 1,
    payload_type: int = 8,
    payload: bytes = b"\xd5" * 160,
    timestamp: int | None = None,
) -> RtpPacket:
    stamp = number * 160 if timestamp is None else timestamp
    when = round((number * 20 if at_ms is None else at_ms) * MS)
    data = pack(payload_type, number, stamp, ssrc, payload, marker=False)
    read = parse(data, when)
    assert read is not None
    return read


def ear_of(*packets: RtpPacket) -> Ear:
    ear = Ear()
    for one in packets:
        ear.take(one)
    return ear


def test_losses_doubles_and_late_packets_are_counted_past_the_wrap() -> None:
    order = [65534, 65535, 65536, 65538, 65537, 65537, 65540]
    got = ear_of(*(packet(number, at_ms=index * 20) for index, number in enumerate(order)))
    reception = got.reception
    assert (reception.packets, reception.streams) == (7, 1)
    assert (reception.lost, reception.duplicates, reception.reordered) == (1, 1, 2)


def test_each_stream_has_sequence_numbers_of_its_own() -> None:
    got = ear_of(packet(1), packet(2), packet(40000, at_ms=60, ssrc=2), packet(40001, at_ms=80))
    assert got.reception.streams == 2
    got = ear_of(packet(1), packet(2), packet(9, at_ms=60, ssrc=2), packet(10, at_ms=80, ssrc=2))
    assert got.reception.lost == 0


def test_the_largest_gap_and_each_gap_over_a_limit() -> None:
    got = ear_of(packet(0, at_ms=0), packet(1, at_ms=20), packet(2, at_ms=95), packet(3, at_ms=100))
    assert got.reception.largest_gap_s == pytest.approx(0.075)
    assert got.gaps(longer_than_s=0.04) == ((20 * MS, pytest.approx(0.075)),)


def test_jitter_is_that_of_the_rfc() -> None:
    # One packet 16 ms late: the difference grows by 16 ms, then shrinks by 16 ms.
    late = [0, 20, 56, 60]
    first = 16 / 16
    expected_ms = first + (16 - first) / 16
    got = ear_of(*(packet(number, at_ms=at) for number, at in enumerate(late)))
    assert got.reception.jitter_s * 1000 == pytest.approx(expected_ms)


def test_nothing_heard_is_told_as_nothing() -> None:
    ear = Ear()
    assert (ear.reception.packets, ear.reception.lost, ear.digits) == (0, 0, "")
    assert (ear.first_ns, ear.last_ns, len(ear.samples())) == (None, None, 0)
    with pytest.raises(IndexError):
        ear.instant_ns(0)


def test_a_lost_packet_is_silence_in_its_place() -> None:
    loud = b"\x2a" * 160
    ear = ear_of(packet(0, payload=loud), packet(2, payload=loud))
    sound = ear.samples()
    assert len(sound) == 480
    assert sound[:160].tolist() == sound[320:].tolist() == [-32256] * 160
    assert not sound[160:320].any()
    assert len(ear.samples(last_s=0.03)) == 240
    assert ear.samples(last_s=0.03).tolist() == sound[240:].tolist()


def test_a_late_packet_goes_where_it_belongs() -> None:
    ear = ear_of(packet(0), packet(2, payload=b"\x2a" * 160), packet(1, payload=b"\xaa" * 160))
    assert ear.samples()[[0, 160, 320]].tolist() == [8, 32256, -32256]


def test_the_sound_grows_as_packets_come() -> None:
    ear = ear_of(packet(0))
    assert len(ear.samples()) == 160
    ear.take(packet(1))
    assert len(ear.samples()) == 320


def test_another_stream_follows_by_its_arrival() -> None:
    ear = ear_of(packet(0), packet(500, at_ms=100, ssrc=2, payload=b"\x2a" * 160))
    assert len(ear.samples()) == 800 + 160
    assert ear.instant_ns(800) == 100 * MS


def test_when_a_tone_was_heard_comes_from_the_arrival_of_its_packet() -> None:
    sound = np.concatenate([np.zeros(320, np.int16), sine(440, 0.1)])
    data = g711.encode(8, sound)
    delay_ms = [0, 0, 30, 30, 30, 30, 30]  # the tone begins in the third packet, 30 ms late
    ear = ear_of(
        *(
            packet(n, at_ms=1000 + n * 20 + late, payload=data[n * 160 : n * 160 + 160])
            for n, late in enumerate(delay_ms)
        )
    )
    (heard,) = ear.tone(440)
    assert heard.start_ns / MS == pytest.approx(1070, abs=0.5)
    assert heard.start_s == pytest.approx(0.070, abs=0.0005)
    assert heard.end_s == pytest.approx(0.170, abs=0.0005)


def test_a_key_counts_once_however_often_it_is_told() -> None:
    presses = [("4", 0, 160), ("4", 0, 320), ("4", 0, 320), ("4", 800, 160), ("#", 1600, 160)]
    ear = ear_of(
        *(
            packet(
                number,
                payload_type=101,
                timestamp=stamp,
                payload=pack_event(key, length, end=length == 320),
            )
            for number, (key, stamp, length) in enumerate(presses)
        )
    )
    assert ear.digits == "44#"


def test_an_event_is_four_bytes_as_in_the_rfc() -> None:
    # RFC 4733 section 2.3: event, E R volume, duration.
    assert pack_event("#", 1600, end=True) == bytes([11, 0x80 | 10, 0x06, 0x40])
    assert parse_event(bytes([11, 0x80 | 10, 0x06, 0x40])) == ("#", 1600, True)
    assert parse_event(bytes([66, 0, 0, 0])) is None
    assert parse_event(b"\x01") is None


def test_header_extension_contributors_and_padding_are_taken_off() -> None:
    # RFC 3550 section 5.1, by hand: V=2 P=1 X=1 CC=1, marker, PT 8.
    data = bytes([0xB1, 0x88, 0x00, 0x07]) + bytes(4) + bytes([0, 0, 0, 9]) + bytes(4)
    data += bytes([0xBE, 0xDE, 0x00, 0x01, 1, 2, 3, 4]) + b"\x55\x55" + bytes([0, 2])
    read = parse(data, 5)
    assert read == RtpPacket(8, True, 7, 0, 9, b"\x55\x55", 5)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80\x08", bytes([0x80, 200]) + bytes(10), bytes(12), bytes([0x90, 8]) + bytes(10)],
)
def test_what_is_no_rtp_is_left_out(data: bytes) -> None:
    assert parse(data, 0) is None
