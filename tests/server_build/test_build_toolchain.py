"""Everything that is missing is named at once, with the packages that bring it."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.server_build import toolchain
from softswitch.sip.server_build.recipe import Need

HEADERS = (
    Need(package="libc6-dev", header="stdlib.h"),
    Need(package="libnowhere-dev", header="no/such/header.h"),
)
COMMANDS = (
    Need(package="build-essential", command="gcc"),
    Need(package="build-essential", command="g++"),
    Need(package="swig", command="swig"),
)


def test_a_header_that_the_compiler_does_not_find_is_missing() -> None:
    assert toolchain.missing(HEADERS) == (HEADERS[1],)


def test_without_a_compiler_all_commands_are_named_and_each_package_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFaultError, match=r"lacks gcc, g\+\+, swig\.") as caught:
        toolchain.require((*COMMANDS, *HEADERS))
    assert caught.value.remedy == "On Debian or Ubuntu: apt-get install build-essential swig"
    assert toolchain.compiler_version() == "none"


def test_with_everything_there_nothing_is_said() -> None:
    toolchain.require((COMMANDS[0], HEADERS[0]))
