"""SIP messages as a peer saw them: read from its log, independent of any SIP stack.

Only what a test asks for is understood: start line, headers (RFC 3261 section 7.3, with folding and
compact names), body, and where an SDP body wants audio.
"""

from __future__ import annotations

import datetime as dt
import re
import time

import attrs

_COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
}


def _full_name(name: str) -> str:
    lowered = name.strip().lower()
    return _COMPACT.get(lowered, lowered)


@attrs.frozen(kw_only=True)
class SipMessage:
    """One request or response.

    Attributes:
        start_line: request line or status line.
        headers: names as written with their values, in order; folded lines joined by a space.
        body: what follows the empty line.
        sent: whether the peer sent it; else it received it.
        at_ns: when, on the clock of ``time.monotonic_ns``; 0 where unknown.
    """

    start_line: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    sent: bool = False
    at_ns: int = 0

    @property
    def method(self) -> str:
        """``INVITE`` and so on; empty for a response."""
        return "" if self.status else self.start_line.split(" ", 1)[0]

    @property
    def status(self) -> int:
        """Status code; 0 for a request."""
        found = re.match(r"SIP/2\.0 (\d{3})\b", self.start_line)
        return int(found[1]) if found else 0

    @property
    def request_uri(self) -> str:
        """What the request is for; empty for a response."""
        parts = self.start_line.split(" ")
        return "" if self.status or len(parts) < 2 else parts[1]

    @property
    def cseq_method(self) -> str:
        """Method of the transaction that a message belongs to; empty when CSeq is missing."""
        return (self.header("CSeq") or "").rpartition(" ")[2]

    @property
    def call_id(self) -> str:
        """Call-ID; empty when missing."""
        return self.header("Call-ID") or ""

    def all(self, name: str) -> tuple[str, ...]:
        """Values of every header called ``name``, in order, compact forms included."""
        wanted = _full_name(name)
        return tuple(value for key, value in self.headers if _full_name(key) == wanted)

    def header(self, name: str) -> str | None:
        """Value of the first header called ``name``."""
        return next(iter(self.all(name)), None)

    def tag(self, name: str) -> str:
        """The tag parameter of From or To; empty when missing."""
        found = re.search(r";\s*tag=([^;>\s]+)", self.header(name) or "")
        return found[1] if found else ""

    @property
    def audio(self) -> tuple[str, int] | None:
        """Where the SDP body wants audio: address and port (RFC 8866 sections 5.7 and 5.14)."""
        media = re.search(r"^m=audio (\d+)", self.body, re.MULTILINE)
        if not media:
            return None
        own = re.search(r"^c=IN IP[46] (\S+)", self.body[media.end() :], re.MULTILINE)
        session = re.search(r"^c=IN IP[46] (\S+)", self.body, re.MULTILINE)
        address = own or session
        return (address[1], int(media[1])) if address else None

    def __str__(self) -> str:
        arrow = "->" if self.sent else "<-"
        lines = [
            f"{arrow} {self.start_line}",
            *(f"   {key}: {value}" for key, value in self.headers),
        ]
        return "\n".join([*lines, *(f"   {line}" for line in self.body.splitlines())])


def parse_message(data: bytes, *, sent: bool = False, at_ns: int = 0) -> SipMessage:
    """Read one message; whatever is malformed stays visible as text and raises nothing."""
    text = data.decode("utf-8", "replace").lstrip("\r\n")
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    start_line, *lines = re.sub(r"\n[ \t]+", " ", head).split("\n")
    pairs = (line.partition(":") for line in lines if line)
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    return SipMessage(start_line=start_line, headers=headers, body=body, sent=sent, at_ns=at_ns)


_ENTRY = re.compile(
    rb"-{10,} (\d{4}-\d\d-\d\d)[ \t]([\d:.]+)\n"
    rb"[^\n]*message (sent|received) [\[(](\d+)[\])]? ?bytes\)?[^\n]*\n\n"
)


def _monotonic_ns(date: bytes, clock: bytes) -> int:
    """The monotonic instant of a local wall-clock stamp: right while nobody sets the clock."""
    wall = dt.datetime.fromisoformat(f"{date.decode()}T{clock.decode()}").astimezone()
    return round(wall.timestamp() * 1e6) * 1000 - (time.time_ns() - time.monotonic_ns())


def parse_log(data: bytes) -> tuple[list[SipMessage], int]:
    """Read SIPp's message log.

    Args:
        data: the log from some entry's beginning on; its last entry may be half-written.

    Returns:
        The whole messages, and how many bytes of ``data`` they took.
    """
    found: list[SipMessage] = []
    used = 0
    while entry := _ENTRY.search(data, used):
        date, clock, direction, size = entry.groups()
        end = entry.end() + int(size)
        if end > len(data):
            break
        stamp = _monotonic_ns(date, clock)
        found.append(parse_message(data[entry.end() : end], sent=direction == b"sent", at_ns=stamp))
        used = end
    return found, used


def message_request(call_id: str, number: int, text: str) -> bytes:
    """Write a MESSAGE (RFC 3428) with which a test tells a peer what to do within a call.

    Args:
        call_id: of the call.
        number: of the request; no two are alike, or it would be taken for one sent again.
        text: what to do.
    """
    lines = [
        "MESSAGE sip:peer@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-told-{number}",
        "Max-Forwards: 70",
        "From: <sip:test@127.0.0.1>;tag=test",
        "To: <sip:peer@127.0.0.1>",
        f"Call-ID: {call_id}",
        f"CSeq: {number} MESSAGE",
        "Content-Type: text/plain",
        f"Content-Length: {len(text)}",
    ]
    return "\r\n".join([*lines, "", text]).encode()
