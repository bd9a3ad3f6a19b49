"""Compiles the queue engine to machine code, three times as fast as plain Python.

    .venv/bin/python scripts/compile_engine.py [--check]

Needs a C compiler and Python's headers, and takes about a minute. Does nothing where the sources
have not changed since. Where it fails the engine runs as plain Python, and decides alike. See
softswitch/machine_code.py. ``--check`` only tells, by its status, whether there is nothing to do.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from softswitch import machine_code

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = "softswitch.acd.machine_code"
"""The extension that holds all of it; the files of the modules only point to it."""


def main() -> int:
    """Compile what is to be compiled; 1 when it cannot be."""
    wanted = machine_code.place() / machine_code.mark()
    if wanted.is_dir():
        return 0
    if sys.argv[1:] == ["--check"]:
        return 1
    wanted.parent.mkdir(parents=True, exist_ok=True)
    stale = list(wanted.parent.iterdir())
    log = compiled(wanted)
    for folder in stale:
        shutil.rmtree(folder, ignore_errors=True)
    if log:
        sys.stderr.write(f"{log}\nThe queue engine could not be compiled: see above.\n")
    return 1 if log else 0


def compiled(wanted: Path) -> str:
    """Put machine code there; returns why it cannot be made, or "".

    A failure leaves an empty folder: nothing is found there, and it is tried only once.
    """
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile("w+") as log:
        work, made = Path(name), Path(name, "made")
        made.mkdir()
        with spoken_to(log.fileno()), contextlib.chdir(ROOT):
            success = attempt(made, work)
        copy = shutil.copytree(made if success else work / "nothing", f"{wanted}.new")
        Path(copy).replace(wanted)
        log.seek(0)
        return "" if success else log.read()


@contextlib.contextmanager
def spoken_to(descriptor: int) -> Iterator[None]:
    """What this process and the compiler say goes there meanwhile."""
    kept = os.dup(1), os.dup(2)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)


def attempt(made: Path, work: Path) -> bool:
    """Compile; False, with the reason told, where that fails."""
    (work / "nothing").mkdir()
    try:
        build(made, work)
    except (Exception, SystemExit):  # noqa: BLE001 -- mypyc and setuptools end as they like
        traceback.print_exc()
        return False
    return True


def build(made: Path, work: Path) -> None:
    """Have mypyc write C, and the C compiler make a library of it."""
    from mypyc.build import mypycify  # noqa: PLC0415 -- slow, and not wanted for --check
    from setuptools import Distribution  # noqa: PLC0415

    paths = [
        str(Path(*package.split("."), f"{name}.py"))
        for package, names in machine_code.MODULES.items()
        for name in names
    ]
    extensions = mypycify(
        paths, group_name=LIBRARY, debug_level="0", target_dir=str(work / "written")
    )
    for extension in extensions:
        extension.extra_compile_args += machine_code.FLAGS
    command = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(made), str(work / "objects")
    command.ensure_finalized()
    command.run()


if __name__ == "__main__":
    sys.exit(main())
