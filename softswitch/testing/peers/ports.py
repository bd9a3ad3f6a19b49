"""Free local ports, handed out so that no two peers get the same one, in no process of the machine.

The ports lie below the range that Linux gives to outgoing sockets (32768 and up), so no stranger's
connection takes one between our looking and the peer's binding. The range is cut into districts;
a process claims one by binding a name in Linux's abstract socket namespace, which the kernel
releases when the process ends, and takes further ones when its own are full.
"""

from __future__ import annotations

import collections
import itertools
import os
import socket
import threading
from collections.abc import Iterator, Sequence

FIRST_PORT = 20_000
"""Lowest port handed out."""

LAST_PORT = 31_999
"""Highest port handed out."""

_BLOCK = 4  # SIPp binds its media port and the one two above it
_DISTRICT = 500
_DISTRICTS = (LAST_PORT + 1 - FIRST_PORT) // _DISTRICT
_NOT_AGAIN_WITHIN = 100
_BOTH = (socket.SOCK_DGRAM, socket.SOCK_STREAM)


def family_of(host: str) -> socket.AddressFamily:
    """AF_INET6 for an address with a colon, AF_INET for any other."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def is_free(host: str, port: int, kinds: Sequence[socket.SocketKind] = _BOTH) -> bool:
    """Whether ``host``:``port`` can be bound now, for UDP and TCP unless ``kinds`` says else."""
    for kind in kinds:
        with socket.socket(family_of(host), kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def _claim(district: int) -> bool:
    """Make a district ours until this process ends, unless another process has it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as name:
        try:
            name.bind(f"\0softswitch-test-ports-{district}")
        except OSError:
            return False
        name.detach()  # left open on purpose: the open socket is the claim
    return True


def _all_free(host: str, port: int) -> bool:
    return all(is_free(host, port + offset) for offset in range(_BLOCK))


class _Ports:
    """The districts of this process, and where we are in each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: list[Iterator[int]] = []
        self._recent: collections.deque[int] = collections.deque(maxlen=_NOT_AGAIN_WITHIN)
        self._left = [(os.getpid() + step) % _DISTRICTS for step in range(_DISTRICTS)]

    def _more(self) -> bool:
        """One more district; when all are claimed there is none."""
        while self._left:
            district = self._left.pop()
            if _claim(district):
                first = FIRST_PORT + district * _DISTRICT
                blocks = range(first, first + _DISTRICT, _BLOCK)
                self._own.append(itertools.cycle(blocks))
                return True
        return False

    def free(self, host: str) -> int:
        """The next block that is free and was not handed out a short while ago."""
        with self._lock:
            while True:
                for port in itertools.chain.from_iterable(self._rounds()):
                    if port not in self._recent and _all_free(host, port):
                        self._recent.append(port)
                        return port
                if not self._more():
                    raise OSError(f"no free port from {FIRST_PORT} to {LAST_PORT} at {host}")

    def _rounds(self) -> Iterator[Iterator[int]]:
        """Once round each district, from where we were."""
        return (itertools.islice(blocks, _DISTRICT // _BLOCK) for blocks in self._own)


_ports = _Ports()


def free_port(host: str = "127.0.0.1") -> int:
    """An even port, free for UDP and TCP at ``host`` together with the three ports above it.

    A port comes round again only after a hundred others.

    Raises:
        OSError: there is none.
    """
    return _ports.free(host)
