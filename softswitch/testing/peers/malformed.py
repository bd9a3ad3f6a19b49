"""SIP as it should not be, for tests that nothing of it brings a switch down.

In the spirit of RFC 4475 (torture tests), written anew. ``{host}`` and ``{port}`` stand for the
target, ``{own}`` for the sender's host and port.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

_REQUEST = (
    "{method} sip:1000@{host}:{port} SIP/2.0\r\n"
    "Via: SIP/2.0/UDP {own};branch=z9hG4bK-{name}\r\n"
    "From: <sip:mallory@{own}>;tag={name}\r\n"
    "To: <sip:1000@{host}:{port}>\r\n"
    "Call-ID: {name}@{own}\r\n"
    "CSeq: 1 {method}\r\n"
    "Contact: <sip:mallory@{own}>\r\n"
    "Max-Forwards: 70\r\n"
)
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8\r\n"
)


def _request(name: str, *lines: str, method: str = "INVITE", body: str = "") -> str:
    head = _REQUEST.replace("{name}", name).replace("{method}", method)
    length = (
        ""
        if any(line.startswith("Content-Length") for line in lines)
        else (f"Content-Length: {len(body)}\r\n")
    )
    return head + "".join(f"{line}\r\n" for line in lines) + length + "\r\n" + body


_SDP_TYPE = "Content-Type: application/sdp"

MALFORMED: Mapping[str, str] = MappingProxyType(
    {
        "nothing": "",
        "keep_alive": "\r\n\r\n",
        "not_sip": "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "nul_bytes": "\0" * 64,
        "start_line_only": "INVITE sip:1000@{host} SIP/2.0\r\n\r\n",
        "cut_in_header": _request("cut")[:120],
        "no_via": _request("novia").replace("Via:", "X-Via:"),
        "no_cseq": _request("nocseq").replace("CSeq:", "X-CSeq:"),
        "no_call_id": _request("nocallid").replace("Call-ID:", "X-Call-ID:"),
        "no_from": _request("nofrom").replace("From:", "X-From:"),
        "wrong_version": _request("version").replace(" SIP/2.0\r\n", " SIP/7.0\r\n", 1),
        "cseq_of_other_method": _request("cseq").replace("1 INVITE", "1 BYE"),
        "cseq_too_large": _request("large").replace("CSeq: 1 ", "CSeq: 36893488147419103232 "),
        "bad_request_uri": _request("uri").replace("sip:1000@{host}:{port} ", "sip:@:x;;? ", 1),
        "unknown_scheme": _request("scheme").replace("INVITE sip:1000@", "INVITE nobody:1000@", 1),
        "unterminated_quote": _request("quote").replace("From: <", 'From: "Mallory <'),
        "unknown_method": _request("method", method="NEWMETHOD"),
        "max_forwards_zero": _request("hops").replace("Max-Forwards: 70", "Max-Forwards: 0"),
        "content_length_too_long": _request("long", _SDP_TYPE, "Content-Length: 9999", body=_SDP),
        "content_length_negative": _request("minus", _SDP_TYPE, "Content-Length: -1", body=_SDP),
        "content_length_missing_body": _request("missing", _SDP_TYPE, "Content-Length: 150"),
        "sdp_rubbish": _request("rubbish", _SDP_TYPE, body="this is not SDP\r\n"),
        "sdp_no_media": _request("nomedia", _SDP_TYPE, body=_SDP[: _SDP.index("m=")]),
        "sdp_no_common_codec": _request("codec", _SDP_TYPE, body=_SDP.replace("AVP 8", "AVP 77")),
        "sdp_bad_address": _request("address", _SDP_TYPE, body=_SDP.replace("127.0.0.1", "x..y")),
        "unknown_body": _request("body", "Content-Type: application/x-unknown", body="?" * 40),
        "unknown_extension_required": _request("ext", "Require: nothing-we-know"),
        "huge_header": _request("huge", "X-Long: " + "a" * 20_000),
        "many_headers": _request("many", *(f"X-{n}: {n}" for n in range(1500))),
        "high_bytes_in_name": _request("high").replace("From: <", 'From: "\udcff\udcfe" <'),
        "bye_of_no_call": _request("bye", method="BYE"),
        "ack_of_no_call": _request("ack", method="ACK"),
        "cancel_of_no_call": _request("cancel", method="CANCEL"),
        "refer_of_no_call": _request("refer", "Refer-To: <sip:x@{host}>", method="REFER"),
        "replaces_no_call": _request(
            "replaces", "Replaces: none@x;to-tag=1;from-tag=2", _SDP_TYPE, body=_SDP
        ),
        "response_to_nothing": _request("stray").replace(
            "INVITE sip:1000@{host}:{port} SIP/2.0", "SIP/2.0 200 OK", 1
        ),
        "status_out_of_range": _request("status").replace(
            "INVITE sip:1000@{host}:{port} SIP/2.0", "SIP/2.0 4294967301 Better than OK", 1
        ),
    }
)
"""Malformed or out-of-place messages by name."""


class _Answers(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _addr: object) -> None:
        if not self.first.done():
            self.first.set_result(data)


async def send_malformed(name: str, target: str, *, wait_s: float = 0.3) -> bytes | None:
    """Send one of MALFORMED over UDP to ``host:port`` and give the first answer, if one comes.

    Args:
        name: key in MALFORMED.
        target: ``host:port``.
        wait_s: how long an answer may take; silence is a proper answer to much of this.
    """
    host, _, port = target.rpartition(":")
    host = host.strip("[]")
    loop = asyncio.get_running_loop()
    transport, answers = await loop.create_datagram_endpoint(
        _Answers, remote_addr=(host, int(port))
    )
    try:
        own_host, own_port = transport.get_extra_info("sockname")[:2]
        text = MALFORMED[name].replace("{host}", host).replace("{port}", port)
        text = text.replace("{own}", f"{own_host}:{own_port}")
        transport.sendto(text.encode("utf-8", "surrogateescape"))
        async with asyncio.timeout(wait_s):
            return await answers.first
    except TimeoutError:
        return None
    finally:
        transport.close()
