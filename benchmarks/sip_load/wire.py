"""A SIP endpoint whose every message has the network's own time: for delays of milliseconds.

It knows as much of RFC 3261 as the measurements need: calls made and taken over UDP on loopback,
where nothing is lost, so that nothing need be sent twice. Sending is timed just before the message
is handed to the kernel, receiving by the kernel's stamp, so what this side takes to wake up, and
its scheduling, are not part of what is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import socket
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

import attrs

from softswitch.testing.peers.messages import SipMessage, parse_message
from softswitch.testing.peers.packets import ANCILLARY_BYTES, arrival, bound_socket, wall_offset_ns
from softswitch.testing.peers.ports import free_port

Address = tuple[str, int]

_LARGEST = 65_535
_BUFFER = 1 << 22
_COPIED = ("Via", "From", "Call-ID", "CSeq")
_REASONS = {180: "Ringing", 200: "OK", 487: "Request Terminated"}
_numbers = itertools.count(1)


@attrs.define(eq=False, kw_only=True)
class Dialog:
    """One call as this side sees it; instants on the clock of ``time.monotonic_ns``, 0 for never.

    Attributes:
        call_id: of SIP.
        name: user part of the other side: the caller's number, or the number called.
        own_name: user part of this side.
        invite_ns: when the INVITE was sent or came.
        answered_ns: when the 200 was sent or came.
        bye_ns: when the BYE was sent or came.
        refused: status of a refusal, else 0.
    """

    call_id: str
    name: str
    own_name: str
    peer: Address
    own_end: str
    peer_end: str = ""
    target: str = ""
    invite: SipMessage | None = None
    invite_ns: int = 0
    answered_ns: int = 0
    bye_ns: int = 0
    refused: int = 0
    sequence: int = 1

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return bool(self.bye_ns or self.refused)


def _ignore(_dialog: Dialog) -> None:
    pass


class Endpoint:
    """Many calls over one socket. Use as an async context manager.

    Attributes:
        on_invite: told of every call that comes; it has been given a 180.
        on_answered: told of every call of ours that is answered.
        on_over: told of every call that the other side has ended or refused.
        repeats: messages that came a second time.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.address: Address = (host, free_port(host))
        self.on_invite: Callable[[Dialog], None] = _ignore
        self.on_answered: Callable[[Dialog], None] = _ignore
        self.on_over: Callable[[Dialog], None] = _ignore
        self.repeats = 0
        self._dialogs: dict[str, Dialog] = {}
        self._sock = bound_socket(*self.address)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        # Sound goes to a port that nobody reads: packets are dropped there and no error comes back.
        self._sound = bound_socket(host, free_port(host))
        self._sound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._sock, self._readable)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._sock)
        self._sock.close()
        self._sound.close()

    # What it does.

    def call(self, peer: Address, number: str, caller: str) -> Dialog:
        """Call a number at a switch."""
        tag = next(_numbers)
        dialog = Dialog(
            call_id=f"wire-{tag}-{self.address[1]}",
            name=number,
            own_name=caller,
            peer=peer,
            own_end=f"<sip:{caller}@{self._host_port}>;tag=w{tag}",
            peer_end=f"<sip:{number}@{peer[0]}:{peer[1]}>",
            target=f"sip:{number}@{peer[0]}:{peer[1]}",
        )
        self._dialogs[dialog.call_id] = dialog
        dialog.invite_ns = self._request(dialog, "INVITE", body=self._sdp())
        return dialog

    def answer(self, dialog: Dialog) -> None:
        """Answer a call that came, unless it is over."""
        if dialog.invite is not None and not dialog.over:
            dialog.answered_ns = self._respond(dialog.invite, 200, dialog, body=self._sdp())

    def hang_up(self, dialog: Dialog) -> None:
        """End a call that is answered."""
        if dialog.answered_ns and not dialog.over:
            dialog.sequence += 1
            dialog.bye_ns = self._request(dialog, "BYE")

    # Messages out.

    @property
    def _host_port(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"

    def _sdp(self) -> str:
        host, port = self._sound.getsockname()[:2]
        lines = [
            "v=0",
            f"o=- 1 1 IN IP4 {host}",
            "s=-",
            f"c=IN IP4 {host}",
            "t=0 0",
            f"m=audio {port} RTP/AVP 8",
            "a=rtpmap:8 PCMA/8000",
        ]
        return "".join(f"{line}\r\n" for line in lines)

    def _request(self, dialog: Dialog, method: str, *, body: str = "", branch: str = "") -> int:
        mark = branch or f"z9hG4bK{next(_numbers)}"
        headers = {
            "Via": f"SIP/2.0/UDP {self._host_port};branch={mark}",
            "From": dialog.own_end,
            "To": dialog.peer_end,
            "Call-ID": dialog.call_id,
            "CSeq": f"{dialog.sequence} {method}",
            "Contact": f"<sip:{dialog.own_name}@{self._host_port}>",
            "Max-Forwards": "70",
        }
        return self._send(f"{method} {dialog.target} SIP/2.0", headers, body, dialog.peer)

    def _respond(
        self, request: SipMessage, status: int, dialog: Dialog | None, *, body: str = ""
    ) -> int:
        lines = [(name, value) for name in _COPIED for value in request.all(name)]
        headers = dict(lines)
        headers["To"] = dialog.own_end if dialog is not None else request.header("To") or ""
        headers["Contact"] = f"<sip:{self._host_port}>"
        peer = dialog.peer if dialog is not None else self._via(request)
        return self._send(f"SIP/2.0 {status} {_REASONS[status]}", headers, body, peer)

    @staticmethod
    def _via(request: SipMessage) -> Address:
        host, _, port = re.split(r"[ ;]", request.header("Via") or "")[1].partition(":")
        return host, int(port or 5060)

    def _send(self, start: str, headers: Mapping[str, str], body: str, peer: Address) -> int:
        lines = [start, *(f"{name}: {value}" for name, value in headers.items())]
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        data = "\r\n".join([*lines, "", body]).encode()
        now_ns = time.monotonic_ns()
        self._sock.sendto(data, peer)
        return now_ns

    # Messages in.

    def _readable(self) -> None:
        offset_ns = wall_offset_ns()
        with contextlib.suppress(BlockingIOError):
            while True:
                data, ancillary, _, source = self._sock.recvmsg(_LARGEST, ANCILLARY_BYTES)
                message = parse_message(data, at_ns=arrival(ancillary, offset_ns))
                if message.status:
                    self._response(message)
                else:
                    self._requested(message, source[:2])

    def _response(self, message: SipMessage) -> None:
        dialog = self._dialogs.get(message.call_id)
        if dialog is None or message.status < 200 or message.cseq_method != "INVITE":
            return
        if message.status >= 300:
            self._refused(dialog, message)
            return
        repeated = bool(dialog.answered_ns)
        self.repeats += repeated
        dialog.peer_end = message.header("To") or ""
        dialog.target = _uri(message.header("Contact") or "") or dialog.target
        if not repeated:
            dialog.answered_ns = message.at_ns
        self._request(dialog, "ACK")
        if not repeated:
            self.on_answered(dialog)

    def _refused(self, dialog: Dialog, message: SipMessage) -> None:
        dialog.peer_end = message.header("To") or ""
        branch = re.search(r"branch=([^;\s]+)", message.header("Via") or "")
        self._request(dialog, "ACK", branch=branch[1] if branch else "")
        if not dialog.refused:
            dialog.refused = message.status
            self._over(dialog)

    def _requested(self, message: SipMessage, source: Address) -> None:
        dialog = self._dialogs.get(message.call_id)
        if message.method == "ACK":
            return
        if message.method == "INVITE":
            self._invited(message, source, dialog)
            return
        self._respond(message, 200, dialog)
        if dialog is None or dialog.over:
            return
        if message.method == "CANCEL" and dialog.invite is not None:
            dialog.refused = 487
            self._respond(dialog.invite, 487, dialog)
            self._over(dialog)
        elif message.method == "BYE":
            dialog.bye_ns = message.at_ns
            self._over(dialog)

    def _over(self, dialog: Dialog) -> None:
        self._dialogs.pop(dialog.call_id, None)
        self.on_over(dialog)

    def _invited(self, message: SipMessage, source: Address, known: Dialog | None) -> None:
        if known is not None:
            self.repeats += 1
            self._respond(message, 200 if known.answered_ns else 180, known)
            return
        dialog = Dialog(
            call_id=message.call_id,
            name=_user(message.header("From") or ""),
            own_name=_user(message.request_uri),
            peer=source,
            own_end=f"{message.header('To')};tag=w{next(_numbers)}",
            peer_end=message.header("From") or "",
            target=_uri(message.header("Contact") or ""),
            invite=message,
            invite_ns=message.at_ns,
        )
        self._dialogs[dialog.call_id] = dialog
        self._respond(message, 180, dialog)
        self.on_invite(dialog)


def _uri(value: str) -> str:
    found = re.search(r"<([^>]+)>", value)
    return found[1] if found else value.partition(";")[0].strip()


def _user(value: str) -> str:
    found = re.search(r"sips?:([^@>;]+)@", value)
    return found[1] if found else ""
