"""The door to PJSIP: the import, silence while it starts, and errors in our own words."""

from __future__ import annotations

import functools
import logging
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, Protocol

from softswitch.errors import CapacityError, EnvironmentFaultError, MisuseError

try:
    import pjsua2 as pj
except ImportError as error:  # pragma: no cover - only on a machine without PJSIP
    raise EnvironmentFaultError(
        f"PJSIP cannot be loaded: {error}",
        remedy="pip install pjsua2-python (Python up to 3.12), or: softswitch pjsip build",
    ) from error

__all__ = [
    "audio_only",
    "end_call",
    "guarded",
    "header_vector",
    "make_call",
    "misuse_on_error",
    "pj",
    "quiet_standard_output",
    "raise_descriptor_limit",
]

_logger = logging.getLogger("softswitch.sip")
_SESSION_TERMINATED = 171_140
"""PJSIP_ESESSIONTERMINATED of pjsip/sip_errno.h."""

_TOO_MANY = 70_010
"""PJ_ETOOMANY of pj/errno.h."""

_P = ParamSpec("_P")


def guarded(callback: Callable[_P, None]) -> Callable[_P, None]:
    """Report what a callback raises; PJSIP prints and swallows it otherwise."""

    @functools.wraps(callback)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except Exception:
            _logger.exception("callback %s failed", callback.__qualname__)

    return call


@contextmanager
def misuse_on_error(doing: str) -> Iterator[None]:
    """Turn PJSIP's refusal of something that we were asked to do into a `MisuseError`."""
    try:
        yield
    except pj.Error as error:
        raise MisuseError(f"{doing}: {error.reason}") from None


class _HasAnEnd(Protocol):
    def hangup(self, prm: pj.CallOpParam, /) -> None: ...


def end_call(native: _HasAnEnd, operation: pj.CallOpParam) -> bool:
    """Hang up; False when the call is over already and the event that tells so is on its way."""
    try:
        native.hangup(operation)
    except pj.Error as error:
        if error.status != _SESSION_TERMINATED:
            raise MisuseError(f"hang up: {error.reason}") from None
        return False
    return True


def make_call(native: pj.Call, uri: str, operation: pj.CallOpParam, *, retry_after_s: int) -> None:
    """Dial.

    Raises:
        CapacityError: every call of PJSIP's is taken, some of them by calls that are ending.
        MisuseError: it cannot be dialled.
    """
    try:
        native.makeCall(uri, operation)
    except pj.Error as error:
        if error.status == _TOO_MANY:
            raise CapacityError("no call is free", retry_after_s=retry_after_s) from None
        raise MisuseError(f"dial {uri}: {error.reason}") from None


@contextmanager
def quiet_standard_output() -> Iterator[None]:
    """Send file descriptor 1 to nowhere: PJSIP prints to it before its log can be set."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(nowhere)
        os.close(kept)


def raise_descriptor_limit(wanted: int) -> int:
    """Let this process open ``wanted`` files if the system allows; return how many it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


def audio_only() -> pj.CallOpParam:
    """Return call parameters for sound alone; PJSIP's own default offers real-time text too."""
    operation = pj.CallOpParam(True)
    operation.opt.audioCount = 1
    operation.opt.videoCount = 0
    if hasattr(operation.opt, "textCount"):
        operation.opt.textCount = 0
    return operation


def header_vector(headers: dict[str, str]) -> Any:  # noqa: ANN401 - a SWIG vector
    """Return headers as PJSIP wants them; CR and LF in a value would forge a header."""
    vector = pj.SipHeaderVector()
    for name, value in headers.items():
        if any(mark in name + value for mark in "\r\n\0"):
            raise MisuseError(f"header {name!r} holds a line break")
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        vector.append(header)
    return vector
