"""Baresip as a phone: a child process driven from asyncio.

::

    async with Baresip("anna", tone_hz=440) as anna, Baresip("bo", tone_hz=1000) as bo:
        await anna.dial(bo.uri)
        await bo.event("CALL_INCOMING")
        await bo.answer()
        await anna.event("CALL_ESTABLISHED")
        await anna.hang_up()
        closed = await bo.event("CALL_CLOSED")

Baresip (https://github.com/baresip/baresip) is a SIP and RTP implementation of its own. No sound
card is used: the phone says a tone or a file, and what it hears is written to a file.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from softswitch.testing.peers.baresip_control import Control, ControlError, PhoneEvent
from softswitch.testing.peers.baresip_files import CONFIG, SOUND_S, module_folder, write_sound
from softswitch.testing.peers.likeness import is_heard
from softswitch.testing.peers.messages import SipMessage, parse_message
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.process import PeerProcess, PeerProcessError, program
from softswitch.testing.peers.sipp import Match, matches
from softswitch.testing.peers.tones import RATE_HZ, tone_spans

_START_S = 10.0
_END_S = 0.5  # to hang up and to take a registration back
_WAV_HEADER_BYTES = 44  # as libsndfile writes it; its length field is right only at the end
_HEARD = re.compile(rb"dumping decode audio to \S+/(\S+)")
_TRACE = re.compile(rb"\x1b\[36;1m#\n\w+ (\S+) -> (\S+)\n(.*?)\x1b\[;m", re.DOTALL)


def _parse_trace(log: bytes, listening: set[str]) -> tuple[SipMessage, ...]:
    """Messages of baresip's trace. On a connection that it opened, its first message is its own."""
    ours = set(listening)
    messages = []
    for origin, goal, data in _TRACE.findall(log):
        sent = goal.decode() not in ours
        if sent:
            ours.add(origin.decode())
        messages.append(parse_message(data, sent=sent))
    return tuple(messages)


class Baresip:
    """A phone in a process of its own.

    Args:
        user: user part of its address.
        host: address to bind.
        port: SIP port (UDP and TCP); TLS listens on the next one. None takes a free one.
        says: samples at 8 kHz or a WAV file to say, over and over.
        tone_hz: or a tone to say (whole hertz); without either it says silence.
        answer_after_s: answer each call so many seconds after it rang; None waits for ``answer``.
        auto: baresip itself answers at once.
        codecs: in order of preference.
        registrar: ``host:port`` to register at; None calls and is called without.
        password: for digest challenges.
        transport: ``udp``, ``tcp`` or ``tls`` for what it sends.
        srtp: None, ``srtp`` (offered) or ``srtp-mand`` (required), by SDES (RFC 4568).
        certificate: PEM file with certificate and key, for TLS.
        account: more parameters of baresip's account line, each with its semicolon.
    """

    def __init__(
        self,
        user: str,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        says: NDArray[np.int16] | Path | None = None,
        tone_hz: float | None = None,
        answer_after_s: float | None = None,
        auto: bool = False,
        codecs: Sequence[str] = ("PCMA", "PCMU"),
        registrar: str | None = None,
        password: str | None = None,
        transport: str = "udp",
        srtp: str | None = None,
        certificate: Path | None = None,
        account: str = "",
    ) -> None:
        self.user = user
        self.host = host
        self.port = port or free_port(host)
        self.transport = transport
        self.events: list[PhoneEvent] = []
        self._sound = says if says is not None else tone_hz
        self._answer_after_s = answer_after_s
        self._certificate = certificate
        home = registrar or self.address
        parts = [
            f"<sip:{user}@{home};transport={transport}>",
            f"regint={60 if registrar else 0}",
            f"answermode={'auto' if auto else 'manual'}",
            f"audio_codecs={','.join(f'{name}/8000/1' for name in codecs)}",
            *([f"auth_user={user};auth_pass={password}"] if password else []),
            *([f"mediaenc={srtp}"] if srtp else []),
        ]
        self._account = ";".join(parts) + account
        self._process = PeerProcess(f"baresip-{user}")
        self._control = Control(self._on_event)
        self._handed_out: set[int] = set()
        self._waiting: set[asyncio.Future[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._said = 0
        self._seen: tuple[SipMessage, ...] = ()
        self._heard: tuple[NDArray[np.int16], ...] = ()

    @property
    def address(self) -> str:
        """``host:port`` of its SIP socket."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of baresip; 0 before the start."""
        return self._process.pid

    @property
    def folder(self) -> Path:
        """Where its files are, while it runs and after a failure."""
        return self._process.folder

    @property
    def uri(self) -> str:
        """SIP URI that reaches it without a registrar, over its own transport."""
        if self.transport == "udp":
            return f"sip:{self.user}@{self.address}"
        port = self.port + (self.transport == "tls")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"sip:{self.user}@{host}:{port};transport={self.transport}"

    async def __aenter__(self) -> Self:
        """Start baresip and wait until it is ready."""
        try:
            modules = await asyncio.to_thread(module_folder)
            await self._process.start(
                lambda folder: self._prepare(folder, modules), {"accounts": ""}
            )
            await self._process.until(self._is_ready, _START_S, "start")
            await self._control.connect(self.host, self.port + 2)
            # Only now, so that no event of its registration is missed.
            await self._control.command("uanew", self._account)
        except BaseException as error:
            await self._close(keep=isinstance(error, PeerProcessError))
            raise
        return self

    def _prepare(self, folder: Path, modules: str) -> list[str]:
        control = self.address.rpartition(":")[0] + f":{self.port + 2}"
        certificate = f"sip_certificate {self._certificate}" if self._certificate else ""
        text = CONFIG.format(
            listen=self.address,
            host=self.host,
            folder=folder,
            modules=modules,
            control=control,
            certificate=certificate,
        )
        (folder / "config").write_text(text, encoding="utf-8")
        (folder / "contacts").write_text("", encoding="utf-8")
        write_sound(folder / "says.wav", self._sound)
        # Without line buffering the trace would come in blocks, long after the messages.
        return ["stdbuf", "-oL", program("baresip", "baresip-core"), "-s", "-f", str(folder)]

    def _is_ready(self) -> bool | None:
        return b"baresip is ready" in self._process.read("out.txt") or None

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up and end; the folder stays when the block failed."""
        if error is not None:
            self._process.annotate(error, self.messages)
        await self._close(keep=kind is not None)

    async def _close(self, *, keep: bool) -> None:
        for timer in self._timers.values():
            timer.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._control.close()
        await self._process.end(grace_s=_END_S)
        self._seen, self._heard = self.messages, self.heard()
        await self._process.close(keep=keep)

    def _on_event(self, event: PhoneEvent) -> None:
        self.events.append(event)
        if event.kind == "CALL_INCOMING" and self._answer_after_s is not None:
            loop = asyncio.get_running_loop()
            self._timers[event.call_id] = loop.call_later(
                self._answer_after_s, self._answer_by_itself, event.call_id
            )
        if event.kind == "CALL_CLOSED" and event.call_id in self._timers:
            self._timers.pop(event.call_id).cancel()
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _answer_by_itself(self, call_id: str) -> None:
        async def answer() -> None:
            with contextlib.suppress(ControlError):  # the caller gave up in this moment
                await self.answer()

        self._timers.pop(call_id, None)
        task = asyncio.create_task(answer())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def event(self, kind: str, *, timeout_s: float = 5.0) -> PhoneEvent:
        """The next event of a kind; waits for it. Each event is handed out once.

        Raises:
            PeerProcessError: it did not come in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    for number, event in enumerate(self.events):
                        if event.kind == kind and number not in self._handed_out:
                            self._handed_out.add(number)
                            return event
                    change = asyncio.get_running_loop().create_future()
                    self._waiting.add(change)
                    await change
        except TimeoutError:
            kinds = ", ".join(f"{event.kind} {event.detail}" for event in self.events)
            message = f"no {kind} within {timeout_s:g} s; there were: {kinds or 'none'}"
            raise self._process.failure(message) from None

    async def incoming(self, *, timeout_s: float = 5.0) -> PhoneEvent:
        """The next incoming call; waits for it."""
        return await self.event("CALL_INCOMING", timeout_s=timeout_s)

    async def established(self, *, timeout_s: float = 5.0) -> PhoneEvent:
        """The next call that is answered, in either direction; waits for it."""
        return await self.event("CALL_ESTABLISHED", timeout_s=timeout_s)

    async def closed(self, *, timeout_s: float = 5.0) -> PhoneEvent:
        """The next end of a call, why in ``detail``; waits for it."""
        return await self.event("CALL_CLOSED", timeout_s=timeout_s)

    async def command(self, name: str, params: str = "") -> str:
        """Give any command of baresip's menu; what it prints.

        Raises:
            ControlError: it refused.
        """
        return await self._control.command(name, params)

    async def dial(self, uri: str) -> None:
        """Call a SIP URI."""
        await self.command("dial", uri)

    async def answer(self) -> None:
        """Answer the call that rings."""
        await self.command("accept")

    async def hang_up(self) -> None:
        """End the current call; refuse (486) or cancel one that is not answered yet."""
        await self.command("hangup")

    async def hold(self) -> None:
        """Hold the current call (re-INVITE with sendonly)."""
        await self.command("hold")

    async def resume(self) -> None:
        """Take the held call back."""
        await self.command("resume")

    async def transfer(self, uri: str) -> None:
        """Transfer the current call blind (REFER)."""
        await self.command("transfer", uri)

    async def press(self, keys: str) -> None:
        """Press keys, by RFC 4733."""
        for key in keys:
            await self.command("sndcode", key)

    async def say(self, samples: NDArray[np.int16]) -> None:
        """Say this (8 kHz) in every call, in place of what it says; silence follows."""
        self._said += 1
        file = self.folder / f"said{self._said}.wav"
        then = np.zeros(round(SOUND_S * RATE_HZ), np.int16)
        await asyncio.to_thread(write_sound, file, np.concatenate([samples, then]))
        await self.command("ausrc", f"aufile,{file}")

    @property
    def messages(self) -> tuple[SipMessage, ...]:
        """SIP messages sent and received so far, without times."""
        own = {self.address, self.address.rpartition(":")[0] + f":{self.port + 1}"}
        if not self._process.closed:
            self._seen = _parse_trace(self._process.read("out.txt"), own)
        return self._seen

    async def message(
        self,
        match: Match,
        *,
        cseq: str | None = None,
        sent: bool | None = None,
        timeout_s: float = 5.0,
    ) -> SipMessage:
        """The first message that fits, from the start on; waits for it. See ``Sipp.message``.

        Raises:
            PeerProcessError: it did not come in time.
        """

        def look() -> SipMessage | None:
            fitting = (m for m in self.messages if matches(m, match, cseq))
            return next((m for m in fitting if sent in (None, m.sent)), None)

        return await self._process.until(look, timeout_s, f"message {match} {cseq or ''}")

    def heard(self) -> tuple[NDArray[np.int16], ...]:
        """What each call let it hear until now, at 8 kHz, in order; a hold begins a new one.

        Baresip names its files by the second: of two calls in one second only the last is left.
        Sound counts once it was played, so a little is missing at the end.
        """
        if not self._process.closed:
            self._heard = self._read_heard()
        return self._heard

    def _read_heard(self) -> tuple[NDArray[np.int16], ...]:
        names = dict.fromkeys(_HEARD.findall(self._process.read("out.txt")))
        data = (self._process.read(name.decode())[_WAV_HEADER_BYTES:] for name in names)
        return tuple(np.frombuffer(d[: len(d) // 2 * 2], "<i2").astype(np.int16) for d in data)

    async def hears(self, hz: float, *, least_s: float = 0.1, timeout_s: float = 5.0) -> None:
        """Wait until a tone was heard for ``least_s`` in any call.

        Raises:
            PeerProcessError: it was not heard in time.
        """

        def look() -> bool | None:
            return any(tone_spans(sound, hz, least_s=least_s) for sound in self.heard()) or None

        await self._process.until(look, timeout_s, f"tone of {hz:g} Hz")

    async def hears_more(self, seconds: float) -> None:
        """Wait until so much more was heard, whatever it was: a clock that the call itself drives.

        Raises:
            PeerProcessError: it was not, within 5 s more than that.
        """
        least = sum(map(len, self.heard())) + round(seconds * RATE_HZ)

        def look() -> bool | None:
            return sum(map(len, self.heard())) >= least or None

        await self._process.until(look, seconds + 5, f"{seconds:g} s of sound")

    async def hears_sound(self, said: NDArray[np.int16], *, timeout_s: float = 5.0) -> None:
        """Wait until a second of a sound was heard in the latest call: see `likeness`.

        Raises:
            PeerProcessError: it was not heard in time.
        """
        recent, looked = len(said) + 2 * RATE_HZ, 0

        def look() -> bool | None:
            nonlocal looked
            heard = self.heard()[-1:]
            if not heard or len(heard[0]) < looked + RATE_HZ // 2:
                return None
            since = max(0, len(heard[0]) - recent) if looked else 0
            looked = len(heard[0])
            return is_heard(heard[0][since:], said) or None

        await self._process.until(look, timeout_s, f"sound of {len(said) / RATE_HZ:g} s")
