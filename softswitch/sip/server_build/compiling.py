"""The steps from a tarball to a Python extension module; each writes a log of its own.

The C++ file that SWIG writes takes one processor about as long as all the C libraries, and needs
only their headers: the two are compiled side by side.
"""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import attrs

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.server_build import toolchain
from softswitch.sip.server_build.files import Tarball
from softswitch.sip.server_build.jobs import UNCHANGED, Job, run
from softswitch.sip.server_build.recipe import Recipe

WRAPPER = Path("pjsip-apps/src/swig/python")
_HEADER_FOLDERS = ("pjlib", "pjlib-util", "pjmedia", "pjsip", "pjnath")
_LINKER_FLAGS = ("-Wl,--strip-debug", "-Wl,-Bsymbolic-functions")
_DROPPED_VARIABLES = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CPPFLAGS", "LDFLAGS", "LIBS")


@attrs.frozen(kw_only=True)
class Tree:
    """An unpacked source of PJSIP, and how to build it.

    Attributes:
        root: the folder that holds ``aconfigure``; without spaces, which PJSIP's make files need.
        recipe: options.
        logs: folder for the logs.
    """

    root: Path
    recipe: Recipe
    logs: Path

    @property
    def version(self) -> str:
        """PJSIP's version as its make files give it: ``2.17``, ``2.15.1``."""
        text = (self.root / "version.mak").read_text(encoding="utf-8")
        found = re.findall(r"PJ_VERSION_(?:MAJOR|MINOR|REV)\s*:=\s*(\d+)", text)
        return ".".join(found)

    @property
    def extension(self) -> Path:
        """The finished extension module."""
        return self._wrapper / f"_pjsua2{sysconfig.get_config_var('EXT_SUFFIX')}"

    @property
    def module(self) -> Path:
        """The Python module that SWIG wrote beside it."""
        return self._wrapper / "pjsua2.py"

    @property
    def _wrapper(self) -> Path:
        return self.root / WRAPPER

    def configure(self) -> None:
        """Put our settings in and run PJSIP's configure script."""
        for name in self.recipe.empty_files:
            (self.root / name).touch()
        config_site = self.root / "pjlib/include/pj/config_site.h"
        config_site.write_text(self.recipe.config_site, encoding="utf-8")
        script = self.root / "aconfigure"
        script.chmod(0o755)
        self._run("configure", [str(script), *self.recipe.configure])

    def compile_libraries(self) -> None:
        """Compile PJSIP's own libraries with all processors.

        Each file is compiled once and never again, so no dependencies are worked out first.
        """
        self._run("libraries", ["make", f"-j{os.cpu_count() or 1}", "lib"])

    def write_wrapper(self) -> None:
        """Let SWIG write the wrapper; its calls let other Python threads run (-threads)."""
        headers = [f"-I{self.root / name / 'include'}" for name in _HEADER_FOLDERS]
        options = ["-c++", "-python", "-threads", "-w312", "-o", "pjsua2_wrap.cpp"]
        self._run("wrapper", ["swig", *headers, *options, "../pjsua2.i"], folder=self._wrapper)

    def compile_wrapper(self) -> Job:
        """Start compiling what SWIG wrote."""
        include = f"-I{toolchain.python_include()}"
        flags = [*self._make_says("cflags"), *self.recipe.wrapper_cflags, include]
        return Job(
            ["g++", *flags, "-c", "pjsua2_wrap.cpp", "-o", "pjsua2_wrap.o"],
            log=self._log("wrapper"),
            folder=self._wrapper,
        )

    def link(self) -> None:
        """Link wrapper and libraries into one file that needs only the system's libraries."""
        libraries = [f"-l{name}" for name in self._make_says("libs")]
        parts = ["pjsua2_wrap.o", *self._make_says("ldflags"), *libraries]
        command = ["g++", "-shared", "-o", self.extension.name, *parts, *_LINKER_FLAGS]
        self._run("link", command, folder=self._wrapper)

    def _make_says(self, target: str) -> list[str]:
        """Compiler or linker flags as PJSIP's own make file for Python prints them."""
        command = ["make", "--no-print-directory", "-f", "helper.mak", target]
        done = subprocess.run(
            command,
            cwd=self._wrapper,
            env=self._environment(),
            text=True,
            capture_output=True,
            check=True,
        )
        return done.stdout.split()

    def _environment(self) -> dict[str, str]:
        """Ours, with the recipe's flags in place of whatever a surrounding make or user set."""
        kept = {name: v for name, v in os.environ.items() if name not in _DROPPED_VARIABLES}
        flags = " ".join(self.recipe.cflags)
        return {**kept, "CFLAGS": flags, "CXXFLAGS": flags, "LC_ALL": "C"}

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _run(self, name: str, command: list[str], *, folder: Path | None = None) -> None:
        run(
            command,
            log=self._log(name),
            folder=folder or self.root,
            environment=self._environment(),
        )


def unpack(tarball: Tarball, folder: Path, *, recipe: Recipe, logs: Path) -> Tree:
    """Unpack a source tarball of PJSIP into ``folder``.

    Raises:
        EnvironmentFaultError: it cannot be unpacked, or holds something else.
    """
    command = ["tar", "--extract", "--no-same-owner", f"--file={tarball.path}"]
    run([*command, f"--directory={folder}"], log=logs / "unpack.log")
    for script in folder.glob("*/aconfigure"):
        if (script.parent / WRAPPER).is_dir():
            return Tree(root=script.parent, recipe=recipe, logs=logs)
    raise EnvironmentFaultError(
        f"{tarball.path} is not a source tarball of PJSIP: it has no folder with aconfigure and "
        f"{WRAPPER}.",
        remedy=f"Name a release tarball of pjproject. {UNCHANGED}",
    )
