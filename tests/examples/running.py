"""Runs an example as a person would: as a program of its own, ended by Ctrl-C."""

import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from softswitch.testing.peers.ports import free_port, is_free
from softswitch.testing.peers.process import PeerProcess

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
READY = "Ctrl-C stops."


def port_with_phones() -> int:
    """A free port, those 10 and 20 above free as well, each with room for a phone."""
    while True:
        port = free_port()
        if all(is_free("127.0.0.1", port + way + step) for way in (10, 20) for step in range(4)):
            return port


class Example:
    """A running example.

    Args:
        name: of its file.
        arguments: on its command line.
        sounds: folder of rendered sounds, shared by all examples of a test run.
    """

    def __init__(self, name: str, *arguments: object, sounds: Path) -> None:
        self._command = [sys.executable, "-u", str(EXAMPLES / name), *map(str, arguments)]
        self._sounds = sounds
        self._process = PeerProcess(Path(name).name)

    @property
    def folder(self) -> Path:
        """Its working directory."""
        return self._process.folder

    @property
    def printed(self) -> list[str]:
        """The lines printed so far."""
        return self._process.read("out.txt").decode().splitlines()

    async def __aenter__(self) -> Self:
        await self._process.start(self._prepare, {})
        try:
            await self.until_printed(READY)
        except BaseException:
            await self._process.close(keep=True)
            raise
        return self

    def _prepare(self, folder: Path) -> list[str]:
        (folder / "var").mkdir()
        (folder / "var" / "sounds").symlink_to(self._sounds)
        return self._command

    async def until_printed(self, text: str, timeout_s: float = 10.0) -> None:
        """Wait for a line that holds this."""

        def look() -> bool | None:
            return any(text in line for line in self.printed) or None

        await self._process.until(look, timeout_s, f"line with {text!r}")

    async def stop(self) -> None:
        """Press Ctrl-C, and see that it ends in peace; what it wrote is complete then."""
        self._process.send_signal(signal.SIGINT)
        code = await self._process.wait(5)
        if code != 0 or any("Traceback" in line for line in self.printed):
            raise self._process.failure(f"ended with {code}")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                await self.stop()
        finally:
            await self._process.close(keep=kind is not None)
