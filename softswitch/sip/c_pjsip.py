"""PJSIP's C interface, for the few things that pjsua2 has no door to.

pjsua2 is made of C functions, and both builds show them: a module of ours can be hung into PJSIP's
chain, sees each SIP message on its way in or out, and may answer or change it. All of it runs on
PJSIP's thread, which is ours. Where a build shows no C functions, PJSIP behaves as it does alone.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar, Final, Self

_logger = logging.getLogger("softswitch.sip")

OnMessage: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_POINTER: Final = ctypes.c_void_p


class Text(ctypes.Structure):
    """`pj_str_t`: no zero at its end."""

    kept: bytes

    _fields_: ClassVar = [("start", _POINTER), ("length", ctypes.c_ssize_t)]

    @classmethod
    def of(cls, text: bytes) -> Self:
        """Return one that shows ``text``, which lives at least as long as what is returned."""
        made = cls(ctypes.cast(ctypes.c_char_p(text), _POINTER), len(text))
        made.kept = text
        return made

    def read(self) -> bytes:
        """Return what it shows."""
        return ctypes.string_at(self.start, self.length) if self.start else b""


class Module(ctypes.Structure):
    """`pjsip_module` (pjsip/sip_module.h)."""

    _fields_: ClassVar = [
        ("previous", _POINTER),
        ("next", _POINTER),
        ("name", Text),
        ("id", ctypes.c_int),
        ("priority", ctypes.c_int),
        ("load", _POINTER),
        ("start", _POINTER),
        ("stop", _POINTER),
        ("unload", _POINTER),
        ("on_rx_request", OnMessage),
        ("on_rx_response", OnMessage),
        ("on_tx_request", OnMessage),
        ("on_tx_response", OnMessage),
        ("on_tsx_state", _POINTER),
    ]


class Method(ctypes.Structure):
    """`pjsip_method`; ``id`` is `pjsip_method_e`."""

    _fields_: ClassVar = [("id", ctypes.c_int), ("name", Text)]


class StatusLine(ctypes.Structure):
    """`pjsip_status_line`."""

    _fields_: ClassVar = [("code", ctypes.c_int), ("reason", Text)]


class _RequestLine(ctypes.Structure):
    _fields_: ClassVar = [("method", Method), ("uri", _POINTER)]


class _StartLine(ctypes.Union):
    _fields_: ClassVar = [("request", _RequestLine), ("status", StatusLine)]


class Message(ctypes.Structure):
    """`pjsip_msg` up to its list of headers (pjsip/sip_msg.h)."""

    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("line", _StartLine),
        ("first_header", _POINTER),
        ("last_header", _POINTER),
    ]


class Headers(ctypes.Structure):
    """`pjsip_hdr` as the head of a list, big enough for the whole of it (pjsip/sip_msg.h)."""

    _fields_: ClassVar = [
        ("previous", _POINTER),
        ("next", _POINTER),
        ("rest", ctypes.c_byte * 64),
    ]


_TEXTS: Final = ctypes.POINTER(Text)
_MESSAGE: Final = ctypes.POINTER(Message)
_FUNCTIONS: Final[Mapping[str, tuple[object, list[object]]]] = MappingProxyType(
    {
        "pjsua_get_pjsip_endpt": (_POINTER, []),
        "pjsua_call_get_count": (ctypes.c_uint, []),
        "pjsua_call_get_max_count": (ctypes.c_uint, []),
        "pjsua_pool_create": (_POINTER, [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t]),
        "pjsip_endpt_register_module": (ctypes.c_int, [_POINTER, ctypes.POINTER(Module)]),
        "pjsip_endpt_respond_stateless": (
            ctypes.c_int,
            [_POINTER, _POINTER, ctypes.c_int, _TEXTS, _POINTER, _POINTER],
        ),
        "pjsip_endpt_create_request": (
            ctypes.c_int,
            [_POINTER, ctypes.POINTER(Method), *([_TEXTS] * 5), ctypes.c_int, _TEXTS, _POINTER],
        ),
        "pjsip_endpt_get_capability": (_POINTER, [_POINTER, ctypes.c_int, _TEXTS]),
        "pjsip_rx_data_get_info": (ctypes.c_char_p, [_POINTER]),
        "pjsip_tx_data_get_info": (ctypes.c_char_p, [_POINTER]),
        "pjsip_tx_data_dec_ref": (ctypes.c_int, [_POINTER]),
        "pjsip_tsx_stop_retransmit": (ctypes.c_int, [_POINTER]),
        "pjsip_get_bye_method": (ctypes.POINTER(Method), []),
        "pjsip_get_status_text": (_TEXTS, [ctypes.c_int]),
        "pjsip_msg_find_hdr_by_name": (_POINTER, [_MESSAGE, _TEXTS, _POINTER]),
        "pjsip_hdr_clone": (_POINTER, [_POINTER, _POINTER]),
        "pjsip_hdr_print_on": (ctypes.c_int, [_POINTER, ctypes.c_char_p, ctypes.c_size_t]),
        "pjsip_generic_string_hdr_create": (_POINTER, [_POINTER, _TEXTS, _TEXTS]),
        "pjsip_retry_after_hdr_create": (_POINTER, [_POINTER, ctypes.c_int]),
        "pj_list_insert_before": (None, [_POINTER, _POINTER]),
    }
)
"""Result and arguments of every function that is used (pjsip's and pjsua's headers)."""


class CInterface:
    """PJSIP's C functions while PJSIP runs, and the modules of ours that it calls."""

    def __init__(self, library: ctypes.PyDLL) -> None:
        self.call = library
        self.endpoint: int = library.pjsua_get_pjsip_endpt()
        self._modules: list[tuple[Module, Text]] = []

    @classmethod
    def of_running_pjsip(cls) -> Self | None:
        """Return it, or None where the build hides its C functions."""
        binary = next((m.__file__ for n, m in sys.modules.items() if n.endswith("_pjsua2")), None)
        library = ctypes.PyDLL(binary) if binary is not None else None
        if library is None or not all(hasattr(library, name) for name in _FUNCTIONS):
            return None
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        return cls(library)

    def listen(self, name: str, priority: int, **callbacks: Callable[[int], bool]) -> None:
        """Hang a module into the chain, until PJSIP stops.

        Args:
            name: what PJSIP's log calls it.
            priority: lower ones see what comes in earlier, and what goes out later.
            callbacks: ``on_rx_request`` and so on; each takes the address of a `pjsip_rx_data` or
                `pjsip_tx_data`. True ends the way of a message that came in.
        """
        hooks = {kind: OnMessage(_harmless(callback)) for kind, callback in callbacks.items()}
        label = Text.of(f"mod-softswitch-{name}".encode())
        module = Module(name=label, id=-1, priority=priority, **hooks)
        self._modules.append((module, label))
        self.call.pjsip_endpt_register_module(self.endpoint, ctypes.byref(module))

    def pool(self, name: str) -> int:
        """Return a small pool of memory that lasts until PJSIP stops."""
        made: int = self.call.pjsua_pool_create(name.encode(), 512, 512)
        return made

    def headers(self, header: int) -> Headers:
        """Return a list of one header, which PJSIP copies into each answer."""
        head = Headers()
        head.previous = head.next = ctypes.addressof(head)
        self.call.pj_list_insert_before(ctypes.addressof(head), header)
        return head

    def respond(self, request: int, status: int, headers: Headers | None = None) -> None:
        """Answer a request that came in, without a transaction (RFC 3261 section 8.2.7)."""
        first = None if headers is None else ctypes.addressof(headers)
        self.call.pjsip_endpt_respond_stateless(self.endpoint, request, status, None, first, None)


def _harmless(callback: Callable[[int], bool]) -> Callable[[int], int]:
    """Keep exceptions from PJSIP: the message goes its way as if nobody had looked at it."""

    def call(data: int) -> int:
        try:
            return int(callback(data))
        except Exception:
            _logger.exception("callback %s failed", callback.__qualname__)
            return 0

    return call
