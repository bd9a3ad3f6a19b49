"""A peer as a child process with a folder of its own: started, watched, quoted and ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from softswitch.errors import EnvironmentFaultError, SoftswitchError
from softswitch.testing.peers.messages import SipMessage
from softswitch.testing.peers.watch import FolderWatch

T = TypeVar("T")

_SETPRIV = shutil.which("setpriv")
_GRACE_S = 2.0
_QUOTED_BYTES = 4000


class PeerProcessError(SoftswitchError):
    """A peer did not do what it was started for.

    Attributes:
        folder: where its files are kept for a look.
    """

    def __init__(self, message: str, *, folder: Path) -> None:
        super().__init__(message)
        self.folder = folder


def program(name: str, package: str) -> str:
    """Full path of ``name``.

    Raises:
        EnvironmentFaultError: it is not installed; ``package`` is the Debian package that has it.
    """
    found = shutil.which(name)
    if found is None:
        raise EnvironmentFaultError(f"{name} is not installed", remedy=f"apt install {package}")
    return found


def _make_folder(name: str, files: dict[str, str]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"softswitch-{name}-"))
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def _with_parent() -> Sequence[str]:
    """Command prefix that ends the child should our own process be killed (util-linux)."""
    return ("setpriv", "--pdeathsig", "TERM", "--") if _SETPRIV else ()


def ladder(messages: Sequence[SipMessage], most: int = 40) -> str:
    """The last messages as one line each, for errors."""
    arrows = {True: "->", False: "<-"}
    return "\n".join(f"  {arrows[m.sent]} {m.start_line}" for m in messages[-most:])


class PeerProcess:
    """One child process. ``name`` names its folder and stands in errors."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path()
        self._child: asyncio.subprocess.Process | None = None
        self._watch: FolderWatch | None = None
        self._exit_watch: asyncio.Task[None] | None = None
        self._closed = False

    async def start(self, argv: Callable[[Path], Sequence[str]], files: dict[str, str]) -> None:
        """Write ``files`` into a new folder and run ``argv(folder)`` there, output to out.txt.

        ``argv`` is called in a thread of its own and may write files too.
        """
        self.folder = await asyncio.to_thread(_make_folder, self.name, files)
        command = await asyncio.to_thread(argv, self.folder)
        self._watch = FolderWatch(self.folder)
        output = os.open(self.folder / "out.txt", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC)
        try:
            self._child = await asyncio.create_subprocess_exec(
                *_with_parent(),
                *command,
                cwd=self.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        finally:
            os.close(output)
        self._exit_watch = asyncio.create_task(self._watch_exit(self._child, self._watch))

    @staticmethod
    async def _watch_exit(child: asyncio.subprocess.Process, watch: FolderWatch) -> None:
        await child.wait()
        watch.wake()

    @property
    def pid(self) -> int:
        """Process id; 0 before the start."""
        return self._child.pid if self._child else 0

    @property
    def closed(self) -> bool:
        """Whether it was closed: its files may be gone."""
        return self._closed

    @property
    def exit_code(self) -> int | None:
        """Exit code; None while it runs."""
        return self._child.returncode if self._child else None

    async def until(self, probe: Callable[[], T | None], timeout_s: float, what: str) -> T:
        """Call ``probe`` after each change of a file in the folder until it gives something.

        Raises:
            PeerProcessError: the child ended first, or ``timeout_s`` seconds went by.
        """
        watch = self._watch
        if watch is None:
            raise PeerProcessError(f"{self.name} is not running", folder=self.folder)

        def look() -> T | None:
            value = probe()
            if value is None and self.exit_code is not None:
                raise self.failure(f"ended with {self.exit_code} before {what}")
            return value

        try:
            return await watch.until(look, timeout_s)
        except TimeoutError:
            raise self.failure(f"no {what} within {timeout_s:g} s") from None

    async def wait(self, timeout_s: float) -> int:
        """Exit code, once it has ended.

        Raises:
            PeerProcessError: it runs still after ``timeout_s`` seconds.
        """
        if self._child is None:
            raise PeerProcessError(f"{self.name} is not running", folder=self.folder)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._child.wait()
        except TimeoutError:
            raise self.failure(f"still runs after {timeout_s:g} s") from None

    def send_signal(self, number: signal.Signals) -> None:
        """Signal the child if it runs."""
        if self._child is not None and self._child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._child.send_signal(number)

    def read(self, file: str, offset: int = 0) -> bytes:
        """What ``file`` of the folder holds from ``offset`` on; nothing when it does not exist."""
        try:
            handle = os.open(self.folder / file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return b""
        try:
            os.lseek(handle, offset, os.SEEK_SET)
            return b"".join(iter(lambda: os.read(handle, 1 << 20), b""))
        finally:
            os.close(handle)

    def failure(self, message: str) -> PeerProcessError:
        """An error that quotes the ends of the child's logs."""
        quotes = [f"{self.name} (files kept in {self.folder}): {message}"]
        for path in sorted(self.folder.glob("*.txt")) + sorted(self.folder.glob("*.log")):
            text = self.read(path.name)[-_QUOTED_BYTES:].decode("utf-8", "replace").strip()
            if text:
                quotes.append(f"--- {path.name}\n{text}")
        return PeerProcessError("\n".join(quotes), folder=self.folder)

    async def end(self, *, grace_s: float = _GRACE_S) -> None:
        """Ask the child to end, and after ``grace_s`` seconds make it; at once if that is 0."""
        if self._child is None:
            return
        self.send_signal(signal.SIGTERM if grace_s else signal.SIGKILL)
        try:
            async with asyncio.timeout(grace_s or None):
                await self._child.wait()
        except TimeoutError:
            self.send_signal(signal.SIGKILL)
            await self._child.wait()

    def annotate(self, error: BaseException, messages: Sequence[SipMessage]) -> None:
        """Tell with an error, whatever its cause, what this peer saw and where its files are."""
        error.add_note(f"{self.name}, files kept in {self.folder}:\n{ladder(messages)}")

    async def close(self, *, keep: bool) -> None:
        """End the child, stop watching and, unless ``keep``, remove the folder."""
        await self.end()
        self._closed = True
        if self._exit_watch is not None:
            await self._exit_watch
        if self._watch is not None:
            self._watch.close()
        if not keep and self.folder.name:
            await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)
