"""apt's configuration is read as sources.list(5) describes it, and apt reads what we write."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.server_build import apt

BOOKWORM = """\
# the main archive
Types: deb
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
# a comment in the middle
Components: main contrib
Signed-By: /usr/share/keyrings/example.gpg

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main
"""

EMBEDDED_KEY = """\
Types: deb deb-src
URIs: http://one.example/ubuntu http://two.example/ubuntu
Suites: noble
Components: main universe
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abcdef
 -----END PGP PUBLIC KEY BLOCK-----
"""

ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb cdrom:[Debian GNU/Linux 12]/ bookworm main
deb-src http://sources.example/debian bookworm main
deb [ arch=amd64 signed-by=/etc/apt/keyrings/a.gpg ] https://mirror.example/debian bookworm main # x
deb http://mirror.example/debian bookworm-updates main contrib
"""

DEBIAN = apt.Release(id="debian", like=frozenset({"debian"}), codename="bookworm")
UBUNTU = apt.Release(id="ubuntu", like=frozenset({"ubuntu", "debian"}), codename="noble")
MINT = apt.Release(id="linuxmint", like=frozenset({"ubuntu", "debian"}), codename="noble")


def test_deb822_entries_have_their_uris_suites_components_and_keys() -> None:
    first, second = apt.parse_deb822(BOOKWORM)
    assert first == apt.Entry(
        uri="http://archive.example/debian",
        suites=("bookworm", "bookworm-updates"),
        components=("main", "contrib"),
        options={"Signed-By": "/usr/share/keyrings/example.gpg"},
    )
    assert second.suites == ("bookworm-security",)
    assert second.options == {}


def test_each_uri_of_a_stanza_is_an_entry_and_an_embedded_key_stays_whole() -> None:
    one, two = apt.parse_deb822(EMBEDDED_KEY)
    assert (one.uri, two.uri) == ("http://one.example/ubuntu", "http://two.example/ubuntu")
    assert one.options["Signed-By"].splitlines()[1:] == [
        " -----BEGIN PGP PUBLIC KEY BLOCK-----",
        " .",
        " abcdef",
        " -----END PGP PUBLIC KEY BLOCK-----",
    ]


@pytest.mark.parametrize("line", ["Enabled: no", "Types: deb-src"])
def test_entries_that_bring_no_packages_are_left_out(line: str) -> None:
    name, _, _ = line.partition(":")
    first, _, _ = BOOKWORM.partition("\n\n")
    kept = [text for text in first.splitlines() if not text.startswith(name)]
    assert list(apt.parse_deb822("\n".join([*kept, line]))) == []


def test_one_line_entries() -> None:
    entries = list(apt.parse_one_line(ONE_LINE))
    assert entries[-2].uri == "https://mirror.example/debian"
    assert entries[-1].uri == "http://mirror.example/debian"
    assert entries[-2].components == ("main",)
    assert entries[-2].options == {"Signed-By": "/etc/apt/keyrings/a.gpg"}
    assert entries[-1].components == ("main", "contrib")


def test_the_main_archive_is_the_one_with_the_suite_of_this_release() -> None:
    entries = [*apt.parse_one_line(ONE_LINE), *apt.parse_deb822(BOOKWORM)]
    assert apt.main_entry(entries, "bookworm").uri == "https://mirror.example/debian"
    assert apt.main_entry(entries[::-1], "bookworm").uri == "http://archive.example/debian"
    with pytest.raises(EnvironmentFaultError, match="trixie") as caught:
        apt.main_entry(entries, "trixie")
    assert "softswitch pjsip build TARBALL" in caught.value.remedy


def test_files_of_both_forms_are_read_and_others_are_not(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://a.example/debian sid main\n")
    (parts / "b.sources").write_text(BOOKWORM)
    (parts / "c.list").write_text("deb http://c.example/debian sid main\n")
    (parts / "d.list.save").write_text("deb http://d.example/debian sid main\n")
    assert [entry.uri for entry in apt.read_entries(tmp_path)] == [
        "http://a.example/debian",
        "http://archive.example/debian",
        "http://security.example/debian-security",
        "http://c.example/debian",
    ]


def test_the_newest_source_is_looked_for_where_each_distribution_has_it() -> None:
    assert DEBIAN.source_suites == ("sid", "bookworm")
    assert DEBIAN.source_components == ("main",)
    assert UBUNTU.source_suites == ("devel", "noble")
    assert UBUNTU.source_components == ("main", "universe")
    assert MINT.source_suites == UBUNTU.source_suites


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="no apt on this machine")
@pytest.mark.parametrize("text", [BOOKWORM, EMBEDDED_KEY])
def test_apt_itself_reads_our_entry_as_that_source(text: str, tmp_path: Path) -> None:
    entry = next(iter(apt.parse_deb822(text)))
    stanza = entry.source_stanza("sid", ("main", "universe"))
    options = [*apt.private_apt(stanza, tmp_path), "--no-release-info", "--format", "$(URI)"]
    command = ["apt-get", "indextargets", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert sorted(done.stdout.split()) == [
        f"{entry.uri}/dists/sid/main/source/Sources",
        f"{entry.uri}/dists/sid/universe/source/Sources",
    ]


def test_what_apt_complained_about_is_passed_on_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("Get:1 x\nE: expired\nW: odd\nE: expired\nE: unreachable\n")
    assert apt.complaints(log) == "\n    E: expired\n    E: unreachable"
