"""Who may hold a connection, and for how long: nobody keeps the switch waiting, or its sockets.

A request must have come whole within `PATIENCE_S` of the connection, or of the answer before.
While it is worked on the time stands still.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Callable
from typing import Final, cast

PATIENCE_S: Final = 15.0
CONNECTIONS_MAX: Final = 200
PER_CLIENT_MAX: Final = 20

_NAME_MAX: Final = 64

_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)


class Doors:
    """Makes the protocols of connections, and counts them."""

    def __init__(
        self, inner: Callable[[], asyncio.Protocol], trusted: Callable[[], tuple[str, ...]]
    ) -> None:
        """Set up.

        Args:
            inner: makes what speaks HTTP on a connection.
            trusted: addresses that may hold any number of connections: proxies.
        """
        self._inner = inner
        self._trusted = trusted
        self._open: dict[asyncio.BaseTransport, _Door] = {}
        self._clients: Counter[str] = Counter()

    def __call__(self) -> asyncio.Protocol:
        """Make the protocol of a connection."""
        return _Door(self, self._inner())

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, transport: asyncio.BaseTransport, door: _Door) -> bool:
        """Count a connection, unless there are too many."""
        host = _host(transport)
        client = client_of(host)
        too_many = self._clients[client] >= PER_CLIENT_MAX and not is_one_of(host, self._trusted())
        if len(self._open) >= CONNECTIONS_MAX or too_many:
            return False
        self._open[transport] = door
        self._clients[client] += 1
        return True

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """A connection is over."""
        if self._open.pop(transport, None) is not None:
            client = client_of(_host(transport))
            self._clients[client] -= 1
            if self._clients[client] <= 0:
                del self._clients[client]

    def hold(self, transport: asyncio.BaseTransport | None) -> None:
        """A request has come whole: it may take its time."""
        if transport in self._open:
            self._open[transport].patience.cancel()

    def release(self, transport: asyncio.BaseTransport | None) -> None:
        """A request is answered: take the answer, and send the next one, in time."""
        if transport in self._open:
            self._open[transport].be_patient()


class _Door(asyncio.Protocol):
    """One connection: everything goes through to what speaks HTTP, for as long as it may."""

    patience: asyncio.TimerHandle

    def __init__(self, doors: Doors, inner: asyncio.Protocol) -> None:
        self._doors = doors
        self._inner = inner
        self._admitted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._admitted = self._doors.admit(transport, self)
        if not self._admitted:
            self._transport.write(_FULL)
            self._transport.close()
            return
        self.be_patient()
        self._inner.connection_made(transport)

    def be_patient(self) -> None:
        """Give the other side the time that it has."""
        if hasattr(self, "patience"):
            self.patience.cancel()
        loop = asyncio.get_running_loop()
        self.patience = loop.call_later(PATIENCE_S, self._transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._admitted:
            self.patience.cancel()
            self._doors.leave(self._transport)
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._admitted:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._admitted else None

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


def _host(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if peer else ""


def client_of(address: str) -> str:
    """Return who an address stands for: itself, or its network of 64 bits for IPv6 (RFC 4291)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:_NAME_MAX]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False).network_address)


def is_one_of(address: str, known: tuple[str, ...]) -> bool:
    """Tell whether an address is among others; IPv6 can be written in many ways (RFC 4291)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return any(ipaddress.ip_address(one) == found for one in known)


def asking(peer: str, forwarded_for: str, proxies: tuple[str, ...]) -> str:
    """Return who asks: the peer, or whom a proxy names that is trusted.

    Args:
        peer: the address at the other end of the connection.
        forwarded_for: the header `X-Forwarded-For`; its last entry is of the nearest proxy.
        proxies: addresses that are believed.
    """
    who = peer
    for entry in reversed(forwarded_for.split(",")):
        if not is_one_of(who, proxies) or not entry.strip():
            break
        who = entry.strip()
    return client_of(who)
