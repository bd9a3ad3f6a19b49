"""Whatever goes wrong on the way leaves the installed PJSIP alone and says where to look."""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path

import pytest
from rich.console import Console

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.server_build.build import build_and_install
from softswitch.sip.server_build.compiling import WRAPPER
from softswitch.sip.server_build.files import Cache
from softswitch.sip.server_build.jobs import UNCHANGED
from softswitch.sip.server_build.progress import Steps
from softswitch.sip.server_build.wheel import installed_version

FAILING_CONFIGURE = """#!/bin/sh
echo checking for the moon... no
echo the flags are $CFLAGS
exit 3
"""


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def archive(path: Path, members: dict[str, str]) -> Path:
    with tarfile.open(path, "w:xz") as tar:
        for name, text in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return path


def source_that_fails(path: Path) -> Path:
    """Looks like PJSIP as far as its configure script, which fails."""
    members = {
        "pjproject-9.9/version.mak": "export PJ_VERSION_MAJOR := 9\nexport PJ_VERSION_MINOR := 9\n",
        "pjproject-9.9/aconfigure": FAILING_CONFIGURE,
        "pjproject-9.9/pjlib/include/pj/config.h": "",
        "pjproject-9.9/pjmedia/src/pjmedia-audiodev/null_dev.c": "",
        f"pjproject-9.9/{WRAPPER}/helper.mak": "",
    }
    return archive(path, members)


def failure(tarball: Path, cache: Cache) -> tuple[EnvironmentFaultError, str]:
    """The error that building ``tarball`` ends in, and what was shown until then."""
    before = installed_version()
    shown = io.StringIO()
    steps = Steps(Console(file=shown))
    with pytest.raises(EnvironmentFaultError) as caught:
        build_and_install(tarball, steps, cache=cache)
    assert UNCHANGED in caught.value.remedy
    assert installed_version() == before
    assert cache.latest_source() is None, "a source that failed must not be used again"
    return caught.value, shown.getvalue()


def test_a_failing_step_shows_the_end_of_its_log_and_where_it_lies(
    tmp_path: Path, cache: Cache
) -> None:
    error, shown = failure(source_that_fails(tmp_path / "pjproject.tar.xz"), cache)
    assert "failed with exit status 3" in str(error)
    assert "    checking for the moon... no\n" in str(error)
    assert "    the flags are -O3 -fPIC -fno-semantic-interposition -DNDEBUG" in str(error)
    named = re.search(r"The whole log: (\S+)", error.remedy)
    assert named
    assert "checking for the moon... no\n" in Path(named[1]).read_text()
    assert "Unpack pjproject.tar.xz: done in" in shown
    assert "Configure PJSIP 9.9 ...\n" in shown
    assert "Configure PJSIP 9.9: done" not in shown


def test_a_damaged_tarball(tmp_path: Path, cache: Cache) -> None:
    whole = source_that_fails(tmp_path / "whole.tar.xz").read_bytes()
    damaged = tmp_path / "damaged.tar.xz"
    damaged.write_bytes(whole[: len(whole) // 2])
    error, _shown = failure(damaged, cache)
    assert "`tar --extract` failed" in str(error)
    assert str(damaged) in str(error)


def test_a_tarball_of_something_else(tmp_path: Path, cache: Cache) -> None:
    error, _shown = failure(archive(tmp_path / "a.tar.xz", {"a/readme": "hello"}), cache)
    assert f"{tmp_path}/a.tar.xz is not a source tarball of PJSIP" in str(error)


def test_a_tarball_that_is_not_there(tmp_path: Path, cache: Cache) -> None:
    error, _shown = failure(tmp_path / "missing.tar.xz", cache)
    assert "No such file or directory" in str(error)
