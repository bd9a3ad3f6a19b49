"""What of the recipe's needs is missing on this machine, and what to do about it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.server_build.recipe import Need


def require(needs: Iterable[Need]) -> None:
    """Check that everything needed is there.

    Raises:
        EnvironmentFaultError: names everything that is missing at once.
    """
    lacking = missing(needs)
    if lacking:
        packages = " ".join(dict.fromkeys(need.package for need in lacking))
        raise EnvironmentFaultError(
            f"To build PJSIP this machine lacks {', '.join(map(str, lacking))}.",
            remedy=f"On Debian or Ubuntu: apt-get install {packages}",
        )


def missing(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Those of ``needs``, and of what Python extensions need, that are not here."""
    wanted = (*needs, python_headers())
    lacking = tuple(n for n in wanted if n.command and shutil.which(n.command) is None)
    if any(need.command == "gcc" for need in lacking):
        return lacking  # headers cannot be looked for
    return lacking + tuple(n for n in wanted if n.header and not has_header(n.header))


def python_headers() -> Need:
    """The headers of the Python that runs this."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Need(header="Python.h", package=f"python{version}-dev")


def has_header(header: str) -> bool:
    """Whether the C compiler finds ``header``, in its own places or in Python's."""
    program = f"#include <stddef.h>\n#include <stdio.h>\n#include <{header}>\n"
    command = ["gcc", "-fsyntax-only", "-x", "c", f"-I{python_include()}", "-"]
    done = subprocess.run(command, input=program, text=True, capture_output=True, check=False)
    return done.returncode == 0


def python_include() -> Path:
    """Folder with the C headers of the Python that runs this."""
    return Path(sysconfig.get_path("include"))


def compiler_version() -> str:
    """What the C compiler says it is, or ``none``."""
    if shutil.which("gcc") is None:
        return "none"
    command = ["gcc", "-dumpfullversion", "-dumpmachine"]
    return subprocess.run(command, text=True, capture_output=True, check=False).stdout.strip()
