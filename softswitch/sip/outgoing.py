"""SIP messages on their last step out: found, read and amended through PJSIP's C interface.

A `pjsip_tx_data` carries a message, but no function tells where in it the pointer to the message
lies, which differs from version to version. So one that is never sent is made, and looked for.
"""

from __future__ import annotations

import contextlib
import ctypes
import enum
from io import FileIO
from pathlib import Path
from typing import Final

from softswitch.sip.c_pjsip import CInterface, Message, Text

_REQUEST: Final = 0
"""PJSIP_REQUEST_MSG of `pjsip_msg_type_e`."""

_SEARCHED_BYTES: Final = 1024
"""The message is looked for so far into a `pjsip_tx_data`; its memory block has 4,000."""

_MESSAGE_BYTES: Final = ctypes.sizeof(Message)

_POOL_AT: Final = 2 * ctypes.sizeof(ctypes.c_void_p)
"""A `pjsip_tx_data` begins with two links of a list and its pool."""

_LONGEST_HEADER: Final = 1024


class Capability(enum.Enum):
    """Headers that tell what we can do, as numbered by `pjsip_hdr_e`."""

    ACCEPT = 0
    ALLOW = 4
    SUPPORTED = 36


class OutgoingMessages:
    """Reads and amends messages that a module's ``on_tx_…`` callbacks are shown.

    Attributes:
        offset: where a `pjsip_tx_data` holds the pointer to its message; None: not found, and
            nothing may be amended.
    """

    def __init__(self, pjsip: CInterface) -> None:
        self._pjsip = pjsip
        self.offset = self._find_offset()

    def message(self, data: int) -> Message:
        """Return the message that a `pjsip_tx_data` carries."""
        assert self.offset is not None  # noqa: S101 - no callback is registered without it
        return Message.from_address(_address_at(data + self.offset))

    def header(self, message: Message, name: Text) -> str:
        """Return the value of the first header of a name, or an empty string."""
        found = self._pjsip.call.pjsip_msg_find_hdr_by_name(ctypes.byref(message), name, None)
        if not found:
            return ""
        text = ctypes.create_string_buffer(_LONGEST_HEADER)
        length = self._pjsip.call.pjsip_hdr_print_on(found, text, _LONGEST_HEADER)
        return text.raw[: max(0, length)].partition(b":")[2].strip().decode(errors="replace")

    def add_header(self, data: int, name: Text, value: str) -> None:
        """Put a header of plain text at the end of the message."""
        made = self._pjsip.call.pjsip_generic_string_hdr_create(
            self._pool(data), name, Text.of(value.encode())
        )
        self._append(data, made)

    def add_capability(self, data: int, kind: Capability) -> None:
        """Put what PJSIP says of itself at the end of the message."""
        own = self._pjsip.call.pjsip_endpt_get_capability(self._pjsip.endpoint, kind.value, None)
        if own:
            self._append(data, self._pjsip.call.pjsip_hdr_clone(self._pool(data), own))

    def set_status(self, data: int, status: int) -> None:
        """Make a response say something else, in the standard's words."""
        line = self.message(data).line.status
        line.code = status
        line.reason = self._pjsip.call.pjsip_get_status_text(status).contents

    def _append(self, data: int, header: int) -> None:
        headers = ctypes.addressof(self.message(data)) + Message.first_header.offset
        self._pjsip.call.pj_list_insert_before(headers, header)

    @staticmethod
    def _pool(data: int) -> int:
        return _address_at(data + _POOL_AT)

    def _find_offset(self) -> int | None:
        data = self._unsent_bye()
        if data is None:
            return None
        places: list[int] = []
        with contextlib.suppress(OSError), Path("/proc/self/mem").open("rb", buffering=0) as memory:
            every = range(_POOL_AT, _SEARCHED_BYTES, ctypes.sizeof(ctypes.c_void_p))
            places = [place for place in every if self._is_bye(memory, data + place)]
        self._pjsip.call.pjsip_tx_data_dec_ref(data)
        return places[0] if len(places) == 1 else None

    def _unsent_bye(self) -> int | None:
        """Return a `pjsip_tx_data` that carries a BYE."""
        pjsip, made = self._pjsip, ctypes.c_void_p()
        somebody, call_id = Text.of(b"sip:nobody@127.0.0.1"), Text.of(b"unsent")
        pjsip.call.pjsip_endpt_create_request(
            pjsip.endpoint,
            pjsip.call.pjsip_get_bye_method(),
            *(somebody, somebody, somebody, None, call_id),
            *(1, None, ctypes.byref(made)),
        )
        return made.value

    def _is_bye(self, memory: FileIO, place: int) -> bool:
        """Tell whether a pointer at ``place`` leads to a BYE.

        What looks like a pointer may be none: memory is read by way of the system, which refuses
        where there is nothing to read.
        """
        try:
            message = Message.from_buffer_copy(_read(memory, _address_at(place), _MESSAGE_BYTES))
        except (OSError, ValueError, OverflowError):
            return False
        said, bye = message.line.request.method, self._pjsip.call.pjsip_get_bye_method().contents
        return bool(
            message.type == _REQUEST
            and (said.id, said.name.length) == (bye.id, bye.name.length)
            and said.name.start == bye.name.start
        )


def _address_at(place: int) -> int:
    return ctypes.c_void_p.from_address(place).value or 0


def _read(memory: FileIO, address: int, length: int) -> bytes:
    memory.seek(address)
    return memory.read(length)
