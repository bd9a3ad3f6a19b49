"""The machine that is measured on, and what the kernel says about a process."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import attrs

BUSY_LOAD = 0.5
"""Load average over a minute from which figures are not to be trusted."""

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@attrs.frozen(kw_only=True)
class Machine:
    """Where figures come from.

    Attributes:
        processor: its model.
        cores: how many of them.
        kernel: release of the operating system's kernel.
        python: version of the interpreter.
        load: mean number of running processes over the last minute.
    """

    processor: str
    cores: int
    kernel: str
    python: str
    load: float

    @property
    def busy(self) -> bool:
        """Whether others use the machine so much that figures are not to be trusted."""
        return self.load > BUSY_LOAD


def this_machine() -> Machine:
    """Look at the machine as it is now."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        kernel=platform.release(),
        python=platform.python_version(),
        load=os.getloadavg()[0],
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def cpu_s(pid: int) -> float:
    """Processor time of a process until now, in user and kernel mode, in seconds (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def rss_mb(pid: int) -> float:
    """Memory of a process that is in use now, in megabytes (10^6 bytes)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * _PAGE / 1e6


def system_idle_s() -> float:
    """Processor time that nobody has wanted since the machine started, all cores, in seconds."""
    first = Path("/proc/stat").read_text(encoding="utf-8").partition("\n")[0]
    return int(first.split()[4]) / _TICKS
