"""Programs that run with their output in a log file."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from softswitch.errors import EnvironmentFaultError

UNCHANGED = "The PJSIP that is installed was left as it is."

_LAST_LINES = 12


class Job:
    """A program that was started; leaving its ``with`` block early ends it.

    Args:
        command: program and arguments.
        log: file that the command line and all output are appended to.
        folder: where it runs.
        environment: its environment, by default ours.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._log = log
        self._command = command
        with log.open("ab") as output:
            output.write(f"$ {shlex.join(command)}\n".encode())
            output.flush()
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()

    def wait(self) -> int:
        """Wait until it has ended.

        Returns:
            Its exit status.
        """
        try:
            return self._process.wait()
        except BaseException:
            self._process.terminate()
            raise

    def check(self) -> None:
        """Wait until it has ended well.

        Raises:
            EnvironmentFaultError: it failed; tells where the log is and how it ends.
        """
        status = self.wait()
        if status != 0:
            raise EnvironmentFaultError(
                f"`{shlex.join(self._command[:2])}` failed with exit status {status}. "
                f"Its log ends with:\n{last_lines(self._log)}",
                remedy=f"The whole log: {self._log}\n  {UNCHANGED}",
            )


def last_lines(log: Path) -> str:
    """The end of a log, indented."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-_LAST_LINES:])


def run(
    command: Sequence[str],
    *,
    log: Path,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a program to its end.

    Raises:
        EnvironmentFaultError: it failed; tells where the log is and how it ends.
    """
    Job(command, log=log, folder=folder, environment=environment).check()
