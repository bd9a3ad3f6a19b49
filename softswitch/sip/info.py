"""What the PJSIP that runs here is and can carry, read from the library itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import cattrs

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.capacity import usable_calls

SWITCH_CALLS = 1000
"""From so many calls at once on we speak of a server build."""

BUILD_REMEDY = "Run `softswitch pjsip build` to make and install the server build of PJSIP."

_PROBE = Path(__file__).with_name("probe.py")
_PROBE_LIMIT_S = 30
_LAST_LINES = 5


@attrs.frozen(kw_only=True)
class LibraryInfo:
    """Facts about one installed PJSIP.

    Attributes:
        distribution: version of the Python distribution ``pjsua2-python``: ``2.17+server.…``.
        version: version of PJSIP itself: ``2.17``.
        max_calls: most call legs at once; compiled in. A bridged conversation has two.
        io_queue: how sockets are watched: ``epoll`` or ``select``.
        io_queue_handles: most sockets at once; compiled in.
        ipv6: whether it can use IPv6.
        asserts: whether failed assertions abort the process.
        wakes_loop: whether an asyncio loop can watch the SIP sockets by one file descriptor.
        codecs: sound codecs as ``name/clock rate in Hz/channels``.
        tls: the TLS library in use, such as ``OpenSSL 3.0.22 …``; empty: no TLS.
        srtp: SRTP cipher suites (RFC 4568 section 6.2); empty: no SRTP.
    """

    distribution: str
    version: str
    max_calls: int
    io_queue: str
    io_queue_handles: int
    ipv6: bool
    asserts: bool
    wakes_loop: bool
    codecs: tuple[str, ...]
    tls: str
    srtp: tuple[str, ...]

    @property
    def codec_names(self) -> tuple[str, ...]:
        """Names of the codecs, each once, without rates."""
        return tuple(dict.fromkeys(codec.split("/")[0] for codec in self.codecs))

    @property
    def usable_calls(self) -> int:
        """Most call legs that a switch takes; the others are kept free to refuse with."""
        return usable_calls(self.max_calls)

    @property
    def is_server_build(self) -> bool:
        """Whether a switch can be run on it."""
        return self.max_calls >= SWITCH_CALLS and self.uses_epoll and not self.asserts

    @property
    def uses_epoll(self) -> bool:
        """Whether the cost of watching sockets is independent of their number (epoll(7))."""
        return self.io_queue.startswith("epoll")

    def to_dict(self) -> dict[str, Any]:
        """The facts, whether it is a server build, and what it means, ready for JSON."""
        facts: dict[str, Any] = cattrs.unstructure(self)
        return {
            **facts,
            "codecs": list(self.codecs),
            "srtp": list(self.srtp),
            "server_build": self.is_server_build,
            "meaning": list(meaning(self)),
        }


def read_info(search: Path | None = None) -> LibraryInfo:
    """Read the facts from the PJSIP that ``import pjsua2`` finds.

    Takes about a third of a second: the library runs in a process of its own meanwhile, so this
    may be called at any time, whether or not PJSIP runs in the calling process.

    Args:
        search: a folder to look for ``pjsua2`` in before the usual places.

    Raises:
        EnvironmentFaultError: there is no PJSIP, or it cannot be loaded or started.
    """
    answer = _ask(search)
    if answer.returncode != 0:
        last = "\n  ".join(answer.stderr.strip().splitlines()[-_LAST_LINES:])
        raise EnvironmentFaultError(
            f"PJSIP cannot be used from {sys.executable} (exit status {answer.returncode}):"
            f"\n  {last}",
            remedy=BUILD_REMEDY,
        )
    return cattrs.structure(json.loads(answer.stdout), LibraryInfo)


def _ask(search: Path | None) -> subprocess.CompletedProcess[str]:
    """Run the probe; its own folder is kept off the module search path (-P)."""
    environment = dict(os.environ)
    if search is not None:
        environment["PYTHONPATH"] = str(search)
    try:
        return subprocess.run(
            [sys.executable, "-P", str(_PROBE)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PROBE_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise EnvironmentFaultError(
            f"PJSIP did not answer within {_PROBE_LIMIT_S} s", remedy=BUILD_REMEDY
        ) from late


def meaning(info: LibraryInfo) -> tuple[str, ...]:
    """The facts in plain words, one sentence each, the most important first."""
    return (
        _meaning_of_calls(info),
        _meaning_of_queue(info),
        _meaning_of_waking(info),
        _meaning_of_asserts(info),
        _meaning_of_encryption(info),
    )


def _meaning_of_calls(info: LibraryInfo) -> str:
    if info.max_calls >= SWITCH_CALLS:
        return (
            f"Carries {info.max_calls:,} call legs at once: enough for a switch "
            f"({info.max_calls // 2:,} conversations, two legs each)."
        )
    return (
        f"Carries {info.max_calls} call legs at once ({info.max_calls // 2} conversations): enough "
        f"to try things out, not for a switch. {BUILD_REMEDY}"
    )


def _meaning_of_queue(info: LibraryInfo) -> str:
    handles = f"up to {info.io_queue_handles:,} sockets"
    if info.uses_epoll:
        return f"Watches {handles} by epoll: the cost does not grow with their number."
    return f"Watches {handles} by {info.io_queue}: every wake-up looks at all of them."


def _meaning_of_waking(info: LibraryInfo) -> str:
    if info.wakes_loop:
        return "Wakes the asyncio loop when a message arrives: answers at once, idle when idle."
    return "Cannot wake the asyncio loop: it is asked for news at short intervals instead."


def _meaning_of_asserts(info: LibraryInfo) -> str:
    if info.asserts:
        return "Built with assertions: an unexpected message may end the whole process."
    return "Built without assertions: an unexpected message ends in an error, not the process."


def _meaning_of_encryption(info: LibraryInfo) -> str:
    tls = f"TLS by {info.tls}" if info.tls else "No TLS"
    outdated = " (no longer maintained)" if info.tls.startswith(_UNMAINTAINED) else ""
    srtp = f"SRTP with {len(info.srtp)} cipher suites" if info.srtp else "no SRTP"
    return f"{tls}{outdated}; {srtp}."


_UNMAINTAINED = ("OpenSSL 0.", "OpenSSL 1.")
