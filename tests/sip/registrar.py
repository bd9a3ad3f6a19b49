"""A registrar written by hand: challenges, checks, keeps what came (RFC 3261 section 10)."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from softswitch.testing.peers.messages import SipMessage, parse_message

WAIT_S = 10.0


def right_digest(request: SipMessage, header: str, password: str) -> bool:
    """Whether a response to a digest challenge is right (RFC 7616 section 3.4.1, MD5, no qop)."""
    fields = dict(re.findall(r'(\w+)="?([^",]+)"?', request.header(header) or ""))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    secret = md5(f"{fields['username']}:{fields['realm']}:{password}")
    action = md5(f"{request.method}:{fields['uri']}")
    return fields["response"] == md5(f"{secret}:{fields['nonce']}:{action}")


def is_farewell(register: SipMessage) -> bool:
    """Whether a REGISTER takes a registration back (RFC 3261 section 10.2.2)."""
    contact = register.header("Contact") or ""
    return register.header("Expires") == "0" or "expires=0" in contact


class Registrar(asyncio.DatagramProtocol):
    """Knows one password; grants ``expires_s`` whatever is asked for.

    Attributes:
        address: ``host:port``.
        accepted: requests with the right password, in order.
        refused: those with a wrong one.
    """

    def __init__(self, password: str, expires_s: int) -> None:
        self.address = ""
        self.accepted: list[SipMessage] = []
        self.refused: list[SipMessage] = []
        self._password = password
        self._expires_s = expires_s
        self._transport: asyncio.DatagramTransport | None = None
        self._news = asyncio.Event()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport
        self.address = "{}:{}".format(*transport.get_extra_info("sockname"))

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        request = parse_message(data)
        if request.header("Authorization") is None:
            challenge = 'Digest realm="provider", nonce="n0", algorithm=MD5'
            self._reply(request, address, "401 Unauthorized", f"WWW-Authenticate: {challenge}")
        elif right_digest(request, "Authorization", self._password):
            self.accepted.append(request)
            contact = re.search(r"<[^>]*>", request.header("Contact") or "*")
            granted = 0 if is_farewell(request) else self._expires_s
            lines = [f"Contact: {contact[0]};expires={granted}"] if granted and contact else []
            self._reply(request, address, "200 OK", *lines)
        else:
            self.refused.append(request)
            self._reply(request, address, "403 Forbidden")
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _reply(
        self, request: SipMessage, address: tuple[str, int], status: str, *lines: str
    ) -> None:
        kept = [f"{name}: {request.header(name)}" for name in ("Via", "From", "Call-ID", "CSeq")]
        head = [f"SIP/2.0 {status}", *kept, f"To: {request.header('To')};tag=r", *lines]
        text = "\r\n".join([*head, "Content-Length: 0", "", ""])
        if self._transport is not None:
            self._transport.sendto(text.encode(), address)

    async def accepts(self, count: int) -> SipMessage:
        """Wait until so many registrations have been accepted in all; the last of them."""
        async with asyncio.timeout(WAIT_S):
            while len(self.accepted) < count:
                await self._news.wait()
        return self.accepted[count - 1]


@asynccontextmanager
async def registrar(*, password: str = "secret", expires_s: int = 300) -> AsyncIterator[Registrar]:  # noqa: S107
    """A registrar on a free UDP port of 127.0.0.1."""
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Registrar(password, expires_s), local_addr=("127.0.0.1", 0)
    )
    try:
        yield protocol
    finally:
        transport.close()
