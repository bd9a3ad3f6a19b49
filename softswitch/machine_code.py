"""The queue engine as machine code, where it was compiled from these very sources.

`scripts/compile_engine.py`, a part of ``make setup``, has mypyc compile `MODULES` into a folder
that is named after their sources. A process that finds the folder of its own sources imports the
machine code from there. Whoever changes a source has sources of another name: they run as the
plain Python that they are, until they are compiled again.

Both decide alike; plain Python takes about three times as long. SOFTSWITCH_PLAIN=1 has plain Python
run anyway: for a debugger, a profiler, or to measure coverage.
"""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Final

PLAIN: Final = "SOFTSWITCH_PLAIN"
"""The environment variable that asks for plain Python."""

MODULES: Final = {
    "softswitch.acd": (
        "altering",
        "callers",
        "calling_back",
        "choosing",
        "core",
        "deadlines",
        "dispatch",
        "engine",
        "fork",
        "handlers",
        "late",
        "lately",
        "line",
        "names",
        "queueing",
        "reconfiguring",
        "ringing",
        "roster",
        "served",
        "serving",
        "setup",
        "staffing",
        "state",
        "tables",
        "waits",
    ),
    "softswitch.simulation": ("day",),
}
"""What is compiled: all that is done for each call. What is not is data, or rarely used."""

FLAGS: Final = ("-fno-semantic-interposition",)
"""For the C compiler: nobody puts another function in the place of one of these, so that it may
join them."""

_ROOT: Final = Path(__file__).parent


class Finder:
    """Finds modules of `MODULES` in the folder of the machine code, before Python's own finder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where the module is; None: not here."""
        package = name.rpartition(".")[0]
        if package not in MODULES:
            return None
        return PathFinder.find_spec(name, [str(self._folder.joinpath(*package.split(".")))])


def source_files(root: Path = _ROOT) -> list[Path]:
    """All that the machine code depends on."""
    packages = [root / package.partition(".")[2] for package in MODULES]
    return sorted([root / "errors.py", *(file for one in packages for file in one.glob("*.py"))])


def mark(root: Path = _ROOT) -> str:
    """A name for these sources, compiled for this Python."""
    found = hashlib.sha256(f"{sysconfig.get_config_var('EXT_SUFFIX')} {FLAGS}".encode())
    for file in source_files(root):
        found.update(f"\0{file.relative_to(root)}\0".encode() + file.read_bytes())
    return found.hexdigest()[:16]


def place() -> Path:
    """Where this environment keeps machine code, a folder for each mark."""
    return Path(sys.prefix, "share", "softswitch", "machine-code")


def found() -> Path | None:
    """The machine code of these sources; None: there is none, or it could not be compiled."""
    folder = place() / mark() if place().is_dir() else place()
    return folder if (folder / "softswitch").is_dir() else None


def use() -> None:
    """From here on, import the machine code of these sources where there is some."""
    if not os.environ.get(PLAIN) and (folder := found()) is not None:
        sys.meta_path.insert(0, Finder(folder))


def in_use() -> bool:
    """Whether this process runs machine code."""
    return any(isinstance(finder, Finder) for finder in sys.meta_path)
