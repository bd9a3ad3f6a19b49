"""SIPp as a peer: scenarios run as child processes, what they saw read back as objects.

::

    async with Sipp("uas_answer", ring_ms=50) as agent:
        async with Sipp("uac_call", target=agent.address, service="1000", talk_ms=300) as caller:
            answer = await caller.message(200, cseq="INVITE")
            result = await caller.finished()
        assert result.successful == 1

SIPp (https://sipp.sourceforge.net) is a SIP implementation of its own; it shares no code with the
switch.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import itertools
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import attrs

from softswitch.errors import MisuseError
from softswitch.testing.peers import scenario as scenarios
from softswitch.testing.peers.messages import SipMessage, message_request, parse_log
from softswitch.testing.peers.ports import free_port, is_free
from softswitch.testing.peers.process import PeerProcess, PeerProcessError, program

Match = str | int | Callable[[SipMessage], bool]
"""A method, a status, or any condition on a message."""

Address = tuple[str, int]
"""Host and port."""

_STATISTICS = "statistics.csv"
_MESSAGES = "messages.log"
_ERRORS = "errors.log"
_START_S = 10.0
_MARGIN_S = 5.0


@attrs.frozen(kw_only=True)
class SippResult:
    """What a finished run did.

    Attributes:
        exit_code: SIPp's: 0 all calls succeeded, 1 one failed, 99 no calls, 97 or 255 fatal.
        successful: calls that went through the scenario to its end.
        failed: calls that did not.
        retransmissions: SIP messages sent again, by timer, on either side of the scenario.
        unexpected: messages that ended a call because the scenario did not expect them.
        out_of_call: messages that belonged to no call.
        response_times_s: for each ``rtd`` of the scenario, seconds of each call (1 ms resolution).
        messages: every message sent or received, in order; empty with ``trace=False``.
        errors: SIPp's own error log.
    """

    exit_code: int
    successful: int
    failed: int
    retransmissions: int
    unexpected: int
    out_of_call: int
    response_times_s: Mapping[str, tuple[float, ...]]
    messages: tuple[SipMessage, ...]
    errors: str

    def received(self, match: Match, cseq: str | None = None) -> tuple[SipMessage, ...]:
        """Messages that SIPp received and that fit ``match`` (and CSeq method)."""
        return tuple(m for m in self.messages if not m.sent and matches(m, match, cseq))

    def sent(self, match: Match, cseq: str | None = None) -> tuple[SipMessage, ...]:
        """Messages that SIPp sent and that fit ``match`` (and CSeq method)."""
        return tuple(m for m in self.messages if m.sent and matches(m, match, cseq))


def matches(message: SipMessage, match: Match, cseq: str | None = None) -> bool:
    """Whether ``message`` has this method or status or meets this condition, and CSeq method."""
    if cseq is not None and message.cseq_method != cseq:
        return False
    if isinstance(match, str):
        return message.method == match
    return message.status == match if isinstance(match, int) else match(message)


def _split(target: str) -> tuple[str, int]:
    host, _, port = target.rpartition(":")
    if not port.isdecimal():
        raise MisuseError(f"target {target!r} is not host:port")
    return host.strip("[]"), int(port)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class Sipp:
    """One run of a scenario, as a caller (with ``target``) or waiting for calls (without).

    Args:
        scenario: name of one of ours (``scenario_names()``) or the XML itself.
        target: ``host:port`` to call.
        service: user part of the request URI (caller) and of our Contact (waiting).
        calls: how many calls until the run is finished.
        rate: calls per second; None starts them all at once.
        at_once: at most so many calls at a time; None means ``calls``.
        local_host: address to bind, also for media.
        local_port: SIP port; None takes a free one.
        transport: ``udp`` or ``tcp``.
        rtp: where our SDP wants audio, ``(host, port)``: give a phone's or a sink's address here.
            With several, call number n gets number n, round and round. None: a port of SIPp's own.
        rtp_echo: send back what comes in at SIPp's own media port.
        codecs: in our SDP, in order of preference; None means PCMA and PCMU for a caller, who
            offers, and PCMA for one who waits, who answers with one.
        headers: more header lines of the first request (places ``{{headers}}``).
        auth_user: user name for digest challenges.
        auth_password: password for digest challenges.
        timeout_s: the whole run ends as a failure after so many seconds.
        trace: log messages; switch off at high load.
        timer_ms: resolution of SIPp's timers.
        options: more command-line options.
        params: values of the scenario's places (``talk_ms=500``).
    """

    def __init__(
        self,
        scenario: str,
        *,
        target: str | None = None,
        service: str = "1000",
        calls: int = 1,
        rate: float | None = None,
        at_once: int | None = None,
        local_host: str = "127.0.0.1",
        local_port: int | None = None,
        transport: str = "udp",
        rtp: Address | Sequence[Address] | None = None,
        rtp_echo: bool = False,
        codecs: Sequence[str] | None = None,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        auth_user: str = "anna",
        auth_password: str = "secret",  # noqa: S107 - the test peers' own
        timeout_s: float = 20.0,
        trace: bool = True,
        timer_ms: int = 1,
        options: Sequence[str] = (),
        **params: object,
    ) -> None:
        self.calls = calls
        self.timeout_s = timeout_s
        self.host = local_host
        self.port = local_port or free_port(local_host)
        self.media_port = free_port(local_host)
        self.service = service
        text = scenarios.scenario_text(scenario)
        if headers is not None:
            params["headers"] = _header_lines(headers)
        self._files = {
            "scenario.xml": scenarios.render(
                text, params, codecs or (("PCMA", "PCMU") if target else ("PCMA",))
            ),
            "calls.csv": _injection(rtp, (local_host, self.media_port)),
        }
        self._argv = [
            *(["-l", str(at_once or calls)] if target else []),
            *_rate(rate),
            *["-t", {"udp": "u1", "tcp": "t1"}[transport], "-timer_resol", str(timer_ms)],
            *["-au", auth_user, "-ap", auth_password],
            *(["-trace_msg", "-message_file", _MESSAGES] if trace else []),
            *(["-rtp_echo"] if rtp_echo else []),
            *scenarios.options(text),
            *options,
            *([f"{_bracketed(_split(target)[0])}:{_split(target)[1]}"] if target else []),
        ]
        # SIPp would share a UDP port with another program and each would get some of the messages.
        self._kinds = (socket.SOCK_DGRAM,) if transport == "udp" else ()
        self._process = PeerProcess("sipp")
        self._seen: list[SipMessage] = []
        self._read_bytes = 0
        self._told = 0

    @property
    def address(self) -> str:
        """``host:port`` of its SIP socket."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of SIPp; 0 before the start."""
        return self._process.pid

    @property
    def folder(self) -> Path:
        """Where its files are, while it runs and after a failure."""
        return self._process.folder

    @property
    def uri(self) -> str:
        """SIP URI that reaches it."""
        return f"sip:{self.service}@{self.address}"

    async def __aenter__(self) -> Self:
        """Start SIPp and wait until its sockets are bound.

        Raises:
            PeerProcessError: it could not start; its own words are quoted.
            EnvironmentFaultError: it is not installed.
        """
        if not is_free(self.host, self.port, self._kinds):
            raise PeerProcessError(f"{self.address} is in use", folder=self.folder)
        try:
            await self._process.start(self._command, self._files)
            await self._process.until(
                lambda: self._process.read(_STATISTICS) or None, _START_S, "start"
            )
        except BaseException as error:
            await self._process.close(keep=isinstance(error, PeerProcessError))
            raise
        return self

    def _command(self, _folder: Path) -> list[str]:
        own = ["-sf", "scenario.xml", "-inf", "calls.csv", "-s", self.service]
        bind = ["-i", self.host, "-p", str(self.port), "-bind_local"]
        media = ["-mi", self.host, "-mp", str(self.media_port)]
        control = ["-cp", str(self.media_port + 1)]
        logs = ["-trace_err", "-error_file", _ERRORS, "-trace_stat", "-stf", _STATISTICS]
        logs += ["-trace_rtt", "-rtt_freq", "1", "-fd", "1", "-f", "60", "-nostdin"]
        until = ["-m", str(self.calls), "-timeout", f"{self.timeout_s:.0f}s", "-timeout_error"]
        return [
            program("sipp", "sip-tester"),
            *own,
            *bind,
            *media,
            *control,
            *logs,
            *until,
            *self._argv,
        ]

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End SIPp; its folder stays when the block failed, the messages can be read further on."""
        # Killed: a signal that SIPp handles while it writes makes it write the same text twice.
        await self._process.end(grace_s=0)
        self._read_messages()
        if error is not None:
            self._process.annotate(error, self._seen)
        await self._process.close(keep=kind is not None)

    @property
    def messages(self) -> tuple[SipMessage, ...]:
        """Messages sent and received so far."""
        self._read_messages()
        return tuple(self._seen)

    def _read_messages(self) -> None:
        data = self._process.read(_MESSAGES, self._read_bytes)
        found, used = parse_log(data)
        self._seen += found
        self._read_bytes += used

    async def message(
        self,
        match: Match,
        *,
        cseq: str | None = None,
        sent: bool | None = None,
        nth: int = 1,
        timeout_s: float = 5.0,
    ) -> SipMessage:
        """The ``nth`` message that fits, from the run's beginning on; waits for it.

        Args:
            match: a method, a status or a condition.
            cseq: method of the transaction: ``message(200, cseq="BYE")``.
            sent: only those sent (True) or received (False).
            nth: 1 for the first.
            timeout_s: how long to wait.

        Raises:
            PeerProcessError: it did not come in time, or SIPp ended.
        """

        def fits(message: SipMessage) -> bool:
            return sent in (None, message.sent) and matches(message, match, cseq)

        def look() -> SipMessage | None:
            return next(itertools.islice(filter(fits, self.messages), nth - 1, None), None)

        return await self._process.until(look, timeout_s, f"message {match} {cseq or ''}")

    async def press(self, keys: str) -> None:
        """Press keys by SIP INFO in the (first) call of ``uac_call_stay``, each once it was taken.

        Raises:
            PeerProcessError: the call is not answered, or a key is not taken.
        """
        call_id = (await self.message(200, cseq="INVITE")).header("Call-ID") or ""
        for key in keys:
            taken = sum(matches(one, 200, "INFO") for one in self.messages)
            self._told += 1
            with socket.socket(_family(self.host), socket.SOCK_DGRAM) as sock:
                told = message_request(call_id, self._told, f"{key} n{self._told}")
                sock.sendto(told, (self.host, self.port))
            await self.message(200, cseq="INFO", nth=taken + 1)

    async def finished(self, *, check: bool = True) -> SippResult:
        """Wait for the end of the run.

        Args:
            check: whether a failed call is an error.

        Raises:
            PeerProcessError: SIPp did not end in time, could not run, or (``check``) a call failed.
        """
        code = await self._process.wait(self.timeout_s + _MARGIN_S)
        result = await asyncio.to_thread(self._collect, code)
        acceptable = (0,) if check else (0, 1, 99)
        if code not in acceptable:
            raise self._process.failure(f"SIPp ended with {code}: {result.failed} calls failed")
        return result

    async def stop(self, *, grace_s: float = 5.0) -> SippResult:
        """Take no more calls, let those in progress finish for ``grace_s`` seconds, then end.

        Calls that are not finished then do not count, neither as successful nor as failed.
        """
        for patience_s in (grace_s, 1.0):  # asked twice, SIPp drops what is in progress
            self._process.send_signal(signal.SIGUSR1)
            with contextlib.suppress(PeerProcessError):
                await self._process.wait(patience_s)
        await self._process.end(grace_s=0)
        code = await self._process.wait(1.0)
        return await asyncio.to_thread(self._collect, code)

    def _collect(self, code: int) -> SippResult:
        rows = list(csv.DictReader(io.StringIO(self._text(_STATISTICS)), delimiter=";"))
        last = rows[-1] if rows else {}
        return SippResult(
            exit_code=code,
            successful=int(last.get("SuccessfulCall(C)") or 0),
            failed=int(last.get("FailedCall(C)") or 0),
            retransmissions=int(last.get("Retransmissions(C)") or 0),
            unexpected=int(last.get("FailedUnexpectedMessage(C)") or 0),
            out_of_call=int(last.get("OutOfCallMsgs(C)") or 0),
            response_times_s=self._response_times(),
            messages=self.messages,
            errors=self._text(_ERRORS),
        )

    def _text(self, file: str) -> str:
        return self._process.read(file).decode("utf-8", "replace")

    def _response_times(self) -> dict[str, tuple[float, ...]]:
        found: dict[str, list[float]] = {}
        for path in self._process.folder.glob("*_rtt.csv"):
            for row in csv.DictReader(io.StringIO(self._text(path.name)), delimiter=";"):
                found.setdefault(row["rtd_no"], []).append(float(row["response_time_ms"]) / 1000)
        return {name: tuple(times) for name, times in found.items()}


def _rate(rate: float | None) -> list[str]:
    """SIPp counts whole calls a period: so many calls in so many milliseconds."""
    if rate is None:
        return ["-r", "1000"]
    period_ms = 1000 if rate == int(rate) else 100_000
    return ["-r", str(round(rate * period_ms / 1000)), "-rp", str(period_ms)]


def _header_lines(headers: Mapping[str, str | Sequence[str]]) -> str:
    pairs = ((name, [v] if isinstance(v, str) else v) for name, v in headers.items())
    lines = [f"{name}: {value}" for name, values in pairs for value in values]
    return "\n      ".join(lines)


def _injection(rtp: Address | Sequence[Address] | None, own: Address) -> str:
    """SIPp's injection file: IP version, host and port of the audio of each call."""
    one = rtp is not None and isinstance(rtp[0], str)
    targets = cast("Sequence[Address]", [own] if rtp is None else [rtp] if one else rtp)
    lines = (f"{6 if ':' in host else 4};{host};{port}" for host, port in targets)
    return "\n".join(["SEQUENTIAL", *lines, ""])
