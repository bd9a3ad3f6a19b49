"""SIP written by hand: a peer for what SIPp cannot do (TLS) or would not do (nonsense).

Every message is text that the test can change before it leaves; nothing is retransmitted.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Self

from softswitch.testing.peers.messages import SipMessage, parse_message

WAIT_S = 5.0
_numbers = itertools.count(1)
_LENGTH = re.compile(rb"^(?:content-length|l)\s*:\s*(\d+)", re.IGNORECASE | re.MULTILINE)


def bracketed(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def split_address(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def sdp(address: tuple[str, int] = ("127.0.0.1", 40_000), *lines: str, formats: str = "8") -> str:
    """An offer of PCMA to be sent to ``address``, or of other formats with their lines."""
    host, port = address
    family = 6 if ":" in host else 4
    head = (
        "v=0",
        f"o=- 1 1 IN IP{family} {host}",
        "s=-",
        f"c=IN IP{family} {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {formats}",
    )
    return "".join(f"{line}\r\n" for line in (*head, *lines))


class Wire:
    """One way to a SIP element: what is sent, and what came.

    Attributes:
        own: our own ``host:port``.
        peer: that of the other end.
        kind: ``UDP``, ``TCP`` or ``TLS``, as Via says it.
    """

    def __init__(self, kind: str, own: str, peer: str, send: Callable[[bytes], None]) -> None:
        self.kind = kind
        self.own = own
        self.peer = peer
        self.send_bytes = send
        self.closed = asyncio.Event()
        self._inbox: asyncio.Queue[SipMessage] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def over_stream(
        cls, kind: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Self:
        own = bracketed(*writer.get_extra_info("sockname")[:2])
        peer = bracketed(*writer.get_extra_info("peername")[:2])
        wire = cls(kind, own, peer, writer.write)
        task = asyncio.create_task(wire._read(reader))
        wire._tasks.add(task)
        return wire

    def arrived(self, data: bytes) -> None:
        self._inbox.put_nowait(parse_message(data))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                self.arrived(head + await reader.readexactly(int(length[1]) if length else 0))
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            self.closed.set()

    def send(self, text: str) -> None:
        self.send_bytes(text.encode("utf-8", "surrogateescape"))

    async def next(self, *, timeout_s: float = WAIT_S) -> SipMessage:
        async with asyncio.timeout(timeout_s):
            return await self._inbox.get()

    def waiting(self) -> list[SipMessage]:
        """What has come and has not been looked at."""
        return [self._inbox.get_nowait() for _ in range(self._inbox.qsize())]

    async def answer(self, status: int | None = None, *, cseq: str | None = None) -> SipMessage:
        """The next final response, or the next with this status; others are passed over."""
        async with asyncio.timeout(WAIT_S):
            while True:
                message = await self._inbox.get()
                wanted = message.status == status if status else message.status >= 200
                if wanted and cseq in (None, message.cseq_method):
                    return message

    async def request(self, method: str) -> SipMessage:
        """The next request of a method; others are passed over."""
        async with asyncio.timeout(WAIT_S):
            while True:
                message = await self._inbox.get()
                if message.method == method:
                    return message

    def reply(self, request: SipMessage, status: int, *lines: str, body: str = "") -> None:
        """Answer a request, with a To tag of our own."""
        to = request.header("To") or ""
        kept = [(name, value) for name, value in request.headers if name in _MIRRORED]
        fields = [f"{name}: {value}" for name, value in kept]
        fields += [f"To: {to}" if "tag=" in to else f"To: {to};tag=wire"]
        scheme = "sips" if request.request_uri.startswith("sips:") else "sip"
        fields += [f"Contact: <{scheme}:wire@{self.own};transport={self.kind.lower()}>"]
        self.send(_assemble(f"SIP/2.0 {status} Wire", [*fields, *lines], body))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


_MIRRORED = ("Via", "From", "Call-ID", "CSeq", "Record-Route")


def _assemble(start: str, fields: list[str], body: str) -> str:
    kind = ["Content-Type: application/sdp"] if body and not _has(fields, "Content-Type") else []
    size = [] if _has(fields, "Content-Length") else [f"Content-Length: {len(body.encode())}"]
    return "\r\n".join([start, *fields, *kind, *size, "", body])


def _has(fields: list[str], name: str) -> bool:
    return any(field.lower().startswith(name.lower() + ":") for field in fields)


class Call:
    """A dialog that we, the caller, write by hand.

    Args:
        wire: the way there.
        target: ``host:port`` that is called.
        scheme: ``sip`` or ``sips``.
    """

    def __init__(self, wire: Wire, target: str, *, scheme: str = "sip") -> None:
        self.wire = wire
        self.id = f"wire-{next(_numbers)}@{wire.own}"
        self.uri = f"{scheme}:1000@{target}"
        self.to = f"<{self.uri}>"
        self._scheme = scheme
        self._branches = itertools.count(1)
        self._cseq = 0
        self._branch = ""

    def text(
        self,
        method: str,
        *lines: str,
        body: str = "",
        cseq: int | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> str:
        """One request of this call as text; ``fields`` overrides headers of the same name."""
        if method not in ("ACK", "CANCEL"):
            self._cseq += 1
        if method != "CANCEL":
            self._branch = f"z9hG4bK-{self.id.partition('@')[0]}-{next(self._branches)}"
        number = cseq if cseq is not None else self._cseq
        via = f"SIP/2.0/{self.wire.kind} {self.wire.own};branch={self._branch}"
        contact = f"<{self._scheme}:wire@{self.wire.own};transport={self.wire.kind.lower()}>"
        standard = {
            "Via": via,
            "From": f"<{self._scheme}:wire@{self.wire.own}>;tag=w",
            "To": self.to,
            "Call-ID": self.id,
            "CSeq": f"{number} {method}",
            "Contact": contact,
            "Max-Forwards": "70",
        } | dict(fields or {})
        head = [f"{name}: {value}" for name, value in standard.items()]
        return _assemble(f"{method} {self.uri} SIP/2.0", [*head, *lines], body)

    def send(self, method: str, *lines: str, body: str = "", cseq: int | None = None) -> None:
        self.wire.send(self.text(method, *lines, body=body, cseq=cseq))

    def joined(self, answer: SipMessage) -> None:
        """Take the tag and the Contact of a response that set the dialog up."""
        self.to = answer.header("To") or self.to
        contact = re.search(r"<([^>]+)>", answer.header("Contact") or "")
        self.uri = contact[1] if contact else self.uri

    async def set_up(self, *lines: str, body: str | None = None) -> SipMessage:
        """INVITE, wait for 200, ACK."""
        self.send("INVITE", *lines, body=sdp() if body is None else body)
        answer = await self.wire.answer(200)
        self.joined(answer)
        self.send("ACK", cseq=self._cseq)
        return answer

    async def hang_up(self) -> SipMessage:
        """BYE, wait for the answer."""
        self.send("BYE")
        return await self.wire.answer(cseq="BYE")


@asynccontextmanager
async def connected(address: str, *, context: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """A TCP or TLS connection to ``host:port``."""
    host, port = split_address(address)
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    wire = Wire.over_stream("TLS" if context else "TCP", reader, writer)
    try:
        yield wire
    finally:
        await wire.close()
        writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.wire: Wire | None = None

    def datagram_received(self, data: bytes, _addr: object) -> None:
        if self.wire is not None:
            self.wire.arrived(data)


@asynccontextmanager
async def datagrams(address: str) -> AsyncIterator[Wire]:
    """A UDP socket that talks to ``host:port``."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        _Datagrams, remote_addr=split_address(address)
    )
    own = bracketed(*transport.get_extra_info("sockname")[:2])
    protocol.wire = Wire("UDP", own, address, transport.sendto)
    try:
        yield protocol.wire
    finally:
        transport.close()


@asynccontextmanager
async def awaiting(
    host: str = "127.0.0.1", *, context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[str, asyncio.Queue[Wire]]]:
    """A TCP or TLS server: its ``host:port`` and the connections that come."""
    came: asyncio.Queue[Wire] = asyncio.Queue()
    wires: list[tuple[Wire, asyncio.StreamWriter]] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire.over_stream("TLS" if context else "TCP", reader, writer)
        wires.append((wire, writer))
        came.put_nowait(wire)

    server = await asyncio.start_server(accept, host, 0, ssl=context)
    try:
        yield bracketed(*server.sockets[0].getsockname()[:2]), came
    finally:
        for wire, writer in wires:
            await wire.close()
            writer.close()
        server.close()
        await server.wait_closed()
