"""An answer for requests that no part of PJSIP feels called to answer.

PJSIP drops such requests (a REGISTER, a REFER outside a call, a method it does not know) in
silence, so that their sender repeats them for half a minute. RFC 3261 section 8.2.1 wants an
answer. pjsua2 has no door to them; PJSIP's C interface has: a module of low priority that sees what
all others have left. Where a build does not show its C functions, silence it is.
"""

from __future__ import annotations

import ctypes
import sys
from typing import ClassVar, Final

_LAST: Final = 255
"""Priority after every module of PJSIP's own (PJSIP_MOD_PRIORITY_APPLICATION is 64)."""

_NOT_IMPLEMENTED: Final = 501
_NEEDED: Final = (
    "pjsua_get_pjsip_endpt",
    "pjsip_endpt_register_module",
    "pjsip_endpt_respond_stateless",
    "pjsip_rx_data_get_info",
)
_OnRequest = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class _Text(ctypes.Structure):
    """`pj_str_t`."""

    _fields_: ClassVar = [("start", ctypes.c_char_p), ("length", ctypes.c_ssize_t)]


class _Module(ctypes.Structure):
    """`pjsip_module` (pjsip/sip_module.h)."""

    _fields_: ClassVar = [
        ("previous", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("name", _Text),
        ("id", ctypes.c_int),
        ("priority", ctypes.c_int),
        ("load", ctypes.c_void_p),
        ("start", ctypes.c_void_p),
        ("stop", ctypes.c_void_p),
        ("unload", ctypes.c_void_p),
        ("on_rx_request", _OnRequest),
        ("on_rx_response", ctypes.c_void_p),
        ("on_tx_request", ctypes.c_void_p),
        ("on_tx_response", ctypes.c_void_p),
        ("on_tsx_state", ctypes.c_void_p),
    ]


class Unhandled:
    """Answers 501 to what is left over, from PJSIP's start to its end. Keep a reference."""

    def __init__(self) -> None:
        self._library = _library()
        if self._library is None:
            return
        name = b"mod-softswitch-unhandled"
        self._module = _Module(
            name=_Text(name, len(name)),
            id=-1,
            priority=_LAST,
            on_rx_request=_OnRequest(self._answer),
        )
        self._endpoint = ctypes.c_void_p(self._library.pjsua_get_pjsip_endpt())
        self._library.pjsip_endpt_register_module(self._endpoint, ctypes.byref(self._module))

    def _answer(self, request: int) -> int:
        """Answer one request; an ACK takes no answer. Runs on PJSIP's thread, which is ours."""
        assert self._library is not None  # noqa: S101 - only registered when there is one
        told = self._library.pjsip_rx_data_get_info(request) or b""
        if told.startswith(b"Request msg ACK"):
            return 0
        self._library.pjsip_endpt_respond_stateless(
            self._endpoint, ctypes.c_void_p(request), _NOT_IMPLEMENTED, None, None, None
        )
        return 1


def _library() -> ctypes.PyDLL | None:
    """Return the C functions behind the Python module, typed; None where they are hidden."""
    binary = next((m.__file__ for name, m in sys.modules.items() if name.endswith("_pjsua2")), None)
    if binary is None:
        return None
    library = ctypes.PyDLL(binary)
    if not all(hasattr(library, name) for name in _NEEDED):
        return None
    library.pjsua_get_pjsip_endpt.restype = ctypes.c_void_p
    library.pjsip_rx_data_get_info.restype = ctypes.c_char_p
    library.pjsip_rx_data_get_info.argtypes = [ctypes.c_void_p]
    return library
