"""Messages as the peers' logs give them."""

from __future__ import annotations

import time

from softswitch.testing.peers.messages import parse_log, parse_message

INVITE = (
    b"INVITE sip:1000@example.net SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1\r\n"
    b'f: "A. Caller" <sip:a@example.net>;tag=abc\r\n'
    b"t: <sip:1000@example.net>\r\n"
    b"i: 1@192.0.2.1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Subject: folded\r\n"
    b"  over two lines\r\n"
    b"Diversion: <sip:first@example.net>\r\n"
    b"Diversion: <sip:second@example.net>\r\n"
    b"\r\n"
    b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\nc=IN IP4 192.0.2.99\r\n"
)


def test_a_request_is_read_with_compact_names_and_folded_lines() -> None:
    message = parse_message(INVITE)
    assert (message.method, message.status) == ("INVITE", 0)
    assert message.request_uri == "sip:1000@example.net"
    assert message.header("From") == '"A. Caller" <sip:a@example.net>;tag=abc'
    assert message.tag("From") == "abc"
    assert message.tag("To") == ""
    assert message.call_id == "1@192.0.2.1"
    assert message.cseq_method == "INVITE"
    assert message.header("subject") == "folded over two lines"
    assert message.all("Diversion") == ("<sip:first@example.net>", "<sip:second@example.net>")


def test_the_address_of_the_medium_goes_before_that_of_the_session() -> None:
    assert parse_message(INVITE).audio == ("192.0.2.99", 4000)
    session_only = INVITE.replace(b"c=IN IP4 192.0.2.99\r\n", b"")
    assert parse_message(session_only).audio == ("192.0.2.1", 4000)


def test_a_response_is_read() -> None:
    message = parse_message(b"SIP/2.0 486 Busy Here\r\nCSeq: 7 INVITE\r\n\r\n")
    assert (message.method, message.status, message.audio) == ("", 486, None)
    assert (message.request_uri, message.cseq_method) == ("", "INVITE")


def test_rubbish_stays_visible_and_raises_nothing() -> None:
    message = parse_message(b"\xff\xfe no SIP\r\nnocolon\r\n")
    assert "no SIP" in message.start_line
    assert message.headers == (("nocolon", ""),)


def _entry(stamp: str, direction: str, text: bytes) -> bytes:
    size = f"received [{len(text)}] bytes :" if direction == "in" else f"sent ({len(text)} bytes):"
    return f"{'-' * 47} {stamp}\nUDP message {size}\n\n".encode() + text + b"\n"


def test_a_log_is_read_up_to_the_entry_that_is_still_being_written() -> None:
    now = time.time()
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now)) + f".{int(now % 1 * 1e6):06d}"
    first, second = _entry(stamp, "out", INVITE), _entry(stamp, "in", b"SIP/2.0 200 OK\r\n\r\n")
    messages, used = parse_log(first + second[:-8])
    assert [(m.start_line, m.sent) for m in messages] == [
        ("INVITE sip:1000@example.net SIP/2.0", True)
    ]
    assert abs(messages[0].at_ns - (time.monotonic_ns() - (time.time() - now) * 1e9)) < 500e6
    rest, _ = parse_log((first + second)[used:])
    assert [(m.status, m.sent) for m in rest] == [(200, False)]
