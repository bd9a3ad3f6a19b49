"""What the server build is made of: options, compile-time settings, needs; and its fingerprint."""

from __future__ import annotations

import hashlib
import json
import platform
import sysconfig
import tomllib
from importlib import resources

import attrs
import cattrs

_FILES = resources.files(__package__)


@attrs.frozen(kw_only=True)
class Need:
    """Something that must be on the machine: exactly one of ``command`` and ``header``.

    Attributes:
        package: Debian package that brings it.
        command: name of a program on PATH.
        header: C header as written between the brackets of ``#include``.
    """

    package: str
    command: str = ""
    header: str = ""

    def __str__(self) -> str:
        return self.command or f"the C header <{self.header}>"


@attrs.frozen(kw_only=True)
class Recipe:
    """How PJSIP is built; the fields are explained in ``recipe.toml``.

    Attributes:
        revision: number of the steps, raised when they change.
        cflags: for PJSIP's C libraries.
        wrapper_cflags: for the C++ file that SWIG writes.
        configure: arguments of PJSIP's configure script.
        empty_files: paths in the source tree that are created empty where they are missing.
        codecs: names that the finished library must know.
        needs: programs and headers that must be there.
        config_site: text of ``config_site.h``.
    """

    revision: int
    cflags: tuple[str, ...]
    wrapper_cflags: tuple[str, ...]
    configure: tuple[str, ...]
    empty_files: tuple[str, ...]
    codecs: tuple[str, ...]
    needs: tuple[Need, ...]
    config_site: str

    def fingerprint(self, *, source_sha256: str, compiler: str) -> str:
        """Sixteen hexadecimal digits that change whenever the resulting wheel would.

        Args:
            source_sha256: of the source tarball's bytes.
            compiler: the compiler's own word for its version.
        """
        parts = [
            cattrs.unstructure(self),
            source_sha256,
            compiler,
            sysconfig.get_config_var("SOABI"),
            platform.machine(),
        ]
        text = json.dumps(parts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_recipe() -> Recipe:
    """The recipe that this version of softswitch ships."""
    table = tomllib.loads(_FILES.joinpath("recipe.toml").read_text(encoding="utf-8"))
    config_site = _FILES.joinpath("config_site.h").read_text(encoding="utf-8")
    return cattrs.structure({**table, "config_site": config_site}, Recipe)
