"""Packs the finished extension as a wheel, checks it, installs it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

from wheel.wheelfile import WheelFile

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.info import SWITCH_CALLS, LibraryInfo, read_info
from softswitch.sip.server_build.compiling import Tree
from softswitch.sip.server_build.jobs import UNCHANGED, run
from softswitch.sip.server_build.recipe import Recipe

DISTRIBUTION = "pjsua2-python"
"""The name under which the general-purpose build is known; ours takes its place."""

_INIT = '''"""PJSUA2: PJSIP for Python, in a build for servers. {version}"""

from .pjsua2 import *

__version__ = "{version}"
'''

_METADATA = """\
Metadata-Version: 2.4
Name: {name}
Version: {version}
Summary: PJSIP for Python, built for servers on this machine by softswitch
License-Expression: GPL-2.0-or-later
License-File: COPYING
"""

_WHEEL = """\
Wheel-Version: 1.0
Generator: softswitch
Root-Is-Purelib: false
Tag: {tag}
"""


def wheel_version(pjsip_version: str, fingerprint: str) -> str:
    """Version of the wheel: PJSIP's, with a local label (PEP 440) that names the ingredients.

    The letter keeps a label of digits from being read as a number.
    """
    return f"{pjsip_version}+server.r{fingerprint[:8]}"


def wheel_tag() -> str:
    """Where it runs (PEP 425): under this Python on machines like this one, hence no manylinux."""
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    place = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"{python}-{python}-{place}"


def pack(tree: Tree, version: str, folder: Path) -> Path:
    """Write the wheel into ``folder``."""
    stem = f"{DISTRIBUTION.replace('-', '_')}-{version}"
    path = folder / f"{stem}-{wheel_tag()}.whl"
    notes = f"{stem}.dist-info"
    metadata = _METADATA.format(name=DISTRIBUTION, version=version)
    with WheelFile(path, "w") as wheel:
        wheel.writestr("pjsua2/__init__.py", _INIT.format(version=version))
        wheel.write(tree.module, "pjsua2/pjsua2.py")
        wheel.write(tree.extension, f"pjsua2/{tree.extension.name}")
        wheel.writestr(f"{notes}/METADATA", metadata)
        wheel.writestr(f"{notes}/WHEEL", _WHEEL.format(tag=wheel_tag()))
        wheel.write(tree.root / "COPYING", f"{notes}/licenses/COPYING")
    return path


def verify(wheel: Path, recipe: Recipe) -> LibraryInfo:
    """Load the wheel's library from a temporary folder and look at what it can do.

    Raises:
        EnvironmentFaultError: it cannot be loaded, or is not fit for a switch.
    """
    with tempfile.TemporaryDirectory(prefix="softswitch-check-") as folder:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        info = read_info(Path(folder))
    faults = shortcomings(info, recipe)
    if faults:
        raise EnvironmentFaultError(
            f"The PJSIP {info.version} in {wheel.name} is not fit for a switch: "
            f"{'; '.join(faults)}.",
            remedy=UNCHANGED,
        )
    return info


def shortcomings(info: LibraryInfo, recipe: Recipe) -> list[str]:
    """What a switch misses in the library that ``info`` describes, in plain words."""
    codecs = [codec for codec in recipe.codecs if codec not in info.codec_names]
    checks = {
        f"it carries {info.max_calls} calls, not {SWITCH_CALLS}": info.max_calls >= SWITCH_CALLS,
        f"it watches sockets by {info.io_queue}, not epoll": info.uses_epoll,
        "it cannot wake the asyncio loop": info.wakes_loop,
        "it has no IPv6": info.ipv6,
        "it was built with assertions": not info.asserts,
        "it has no TLS": bool(info.tls),
        "it has no SRTP": bool(info.srtp),
        f"it lacks the codecs {', '.join(codecs)}": not codecs,
    }
    return [fault for fault, passed in checks.items() if not passed]


def installed_version() -> str:
    """Version of the distribution in the current environment, or empty."""
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return ""


def version_of(wheel: Path) -> str:
    """The version that a wheel's file name gives."""
    return wheel.name.split("-")[1]


def install(wheel: Path, logs: Path) -> None:
    """Install the wheel over what is there, by pip or, in environments without it, by uv.

    Raises:
        EnvironmentFaultError: neither is there, or it failed.
    """
    options = ["--no-deps", "--no-index", "--force-reinstall", str(wheel)]
    run([*_installer(wheel), *options], log=logs / "install.log")


def _installer(wheel: Path) -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "--disable-pip-version-check", "install"]
    uv = shutil.which("uv")
    if uv is not None:
        return [uv, "pip", "install", "--python", sys.executable]
    raise EnvironmentFaultError(
        f"{sys.executable} has no pip to install the wheel with.",
        remedy=f"The wheel is ready: {wheel}. {UNCHANGED}",
    )
