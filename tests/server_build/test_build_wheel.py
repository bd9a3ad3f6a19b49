"""The wheel is one that pip and others accept, and a library unfit for a switch is refused."""

from __future__ import annotations

import base64
import csv
import hashlib
import zipfile
from pathlib import Path

import attrs
import pytest
from packaging.specifiers import SpecifierSet
from packaging.tags import sys_tags
from packaging.utils import parse_wheel_filename

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.info import LibraryInfo, read_info
from softswitch.sip.server_build import wheel
from softswitch.sip.server_build.compiling import WRAPPER, Tree
from softswitch.sip.server_build.recipe import load_recipe

RECIPE = load_recipe()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """What is left after a build, with short stand-ins for the long files."""
    root = tmp_path / "pjproject"
    (root / WRAPPER).mkdir(parents=True)
    (root / "version.mak").write_text(
        "export PJ_VERSION_MAJOR  := 2\nexport PJ_VERSION_MINOR  := 17\n"
        "export PJ_VERSION_REV    :=\n"
        "export PJ_VERSION_SUFFIX := -dev\n"
    )
    (root / "COPYING").write_text("GPL")
    tree = Tree(root=root, recipe=RECIPE, logs=tmp_path)
    tree.module.write_text("from . import _pjsua2\n")
    tree.extension.write_bytes(b"\x7fELF and no more")
    return tree


@pytest.fixture
def packed(tree: Tree, tmp_path: Path) -> Path:
    return wheel.pack(tree, wheel.wheel_version(tree.version, "0123456789abcdef"), tmp_path)


def test_its_name_says_what_it_is(packed: Path) -> None:
    name, version, _build, tags = parse_wheel_filename(packed.name)
    assert name == "pjsua2-python"
    assert str(version) == "2.17+server.r01234567"
    assert wheel.version_of(packed) == str(version)
    assert tags <= set(sys_tags()), "this Python would not install it"
    assert not any("any" in tag.platform or "manylinux" in tag.platform for tag in tags)


@pytest.mark.parametrize("fingerprint", ["0" * 16, "0123456700000000", "abcdefab00000000"])
def test_its_version_takes_the_place_of_the_general_purpose_one(fingerprint: str) -> None:
    version = wheel.wheel_version("2.17", fingerprint)
    assert version in SpecifierSet(">=2.15.1")
    assert version in SpecifierSet("> 2.15.1.post1")


def test_its_record_matches_its_contents(packed: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        record = next(name for name in archive.namelist() if name.endswith("RECORD"))
        rows = {row[0]: row for row in csv.reader(archive.read(record).decode().splitlines())}
        assert set(rows) == set(archive.namelist())
        for name in rows.keys() - {record}:
            data = archive.read(name)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert rows[name][1:] == [f"sha256={digest}", str(len(data))]


def test_it_carries_the_licence_of_pjsip(packed: Path) -> None:
    notes = "pjsua2_python-2.17+server.r01234567.dist-info"
    with zipfile.ZipFile(packed) as archive:
        assert archive.read(f"{notes}/licenses/COPYING") == b"GPL"
        metadata = archive.read(f"{notes}/METADATA").decode()
    assert "\nLicense-Expression: GPL-2.0-or-later\n" in metadata


def test_a_library_that_cannot_be_loaded_is_refused(packed: Path) -> None:
    with pytest.raises(EnvironmentFaultError, match="PJSIP cannot be used"):
        wheel.verify(packed, RECIPE)


@pytest.fixture(scope="module")
def installed() -> LibraryInfo:
    return read_info()


def test_the_installed_library_has_no_shortcomings(installed: LibraryInfo) -> None:
    assert wheel.shortcomings(installed, RECIPE) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"max_calls": 4}, "it carries 4 calls, not 1000"),
        ({"io_queue": "select"}, "it watches sockets by select, not epoll"),
        ({"wakes_loop": False}, "it cannot wake the asyncio loop"),
        ({"ipv6": False}, "it has no IPv6"),
        ({"asserts": True}, "it was built with assertions"),
        ({"tls": ""}, "it has no TLS"),
        ({"srtp": ()}, "it has no SRTP"),
        (
            {
                "codecs": (
                    "PCMU/8000/1",
                    "PCMA/8000/1",
                    "G722/16000/1",
                    "GSM/8000/1",
                    "speex/8000/1",
                )
            },
            "it lacks the codecs opus, L16",
        ),
    ],
)
def test_each_shortcoming_is_named(
    installed: LibraryInfo, change: dict[str, object], fault: str
) -> None:
    assert wheel.shortcomings(attrs.evolve(installed, **change), RECIPE) == [fault]
