"""The source of PJSIP through apt, as a part of another package's source.

Debian and its kin ship PJSIP inside the source of Asterisk, as a tarball of its own (a component,
dpkg-source(1)). Source packages are seldom enabled in a machine's apt configuration, so an entry
for them is derived from the one it has (same archive, same keys) and put into a temporary list;
the machine's own configuration and package lists stay as they are.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import attrs

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.server_build.files import sha256_of
from softswitch.sip.server_build.jobs import Job

CONFIGURATION = Path("/etc/apt")
REMEDY = "Take a release tarball of PJSIP from its makers and run `softswitch pjsip build TARBALL`."

_HELPER = "/usr/lib/apt/apt-helper"
_CARRIER = "asterisk"
_COMPONENT = re.compile(r"\.orig-X?pjproject\.tar\.\w+$")
_KEPT_OPTIONS = ("Signed-By", "Trusted", "Check-Valid-Until")


@attrs.frozen(kw_only=True)
class Entry:
    """One archive in apt's configuration (sources.list(5)).

    Attributes:
        uri: where it is.
        suites: names of releases: ``bookworm``, ``bookworm-updates``.
        components: ``main``, ``universe``.
        options: those that matter for trust, by their deb822 names.
    """

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    options: dict[str, str]

    def source_stanza(self, suite: str, components: tuple[str, ...]) -> str:
        """An entry for the source packages of the same archive, in deb822 form."""
        lines = [
            "Types: deb-src",
            f"URIs: {self.uri}",
            f"Suites: {suite}",
            f"Components: {' '.join(components)}",
            *(f"{name}: {value}" for name, value in self.options.items()),
        ]
        return "\n".join(lines) + "\n"


@attrs.frozen(kw_only=True)
class Release:
    """What this machine runs (os-release(5)).

    Attributes:
        id: ``debian``, ``ubuntu``, ...
        like: distributions that it descends from, itself included.
        codename: ``bookworm``, ``noble``; of the Ubuntu release where it descends from one.
    """

    id: str
    like: frozenset[str]
    codename: str

    @property
    def source_suites(self) -> tuple[str, ...]:
        """Suites to look in for the newest source, best first."""
        if self.id == "debian":
            return ("sid", self.codename)
        if "ubuntu" in self.like:
            return ("devel", self.codename)
        return (self.codename,)

    @property
    def source_components(self) -> tuple[str, ...]:
        """Parts of the archive that may hold it."""
        return ("main", "universe") if "ubuntu" in self.like else ("main",)


def this_release() -> Release:
    """The release that this machine runs."""
    facts = platform.freedesktop_os_release()
    name = facts.get("ID", "")
    codename = facts.get("UBUNTU_CODENAME") or facts.get("VERSION_CODENAME", "sid")
    like = frozenset([name, *facts.get("ID_LIKE", "").split()])
    return Release(id=name, like=like, codename=codename)


def read_entries(folder: Path = CONFIGURATION) -> list[Entry]:
    """All enabled binary archives, in apt's order of files."""
    parts = sorted((folder / "sources.list.d").glob("*"))
    entries: list[Entry] = []
    for path in [folder / "sources.list", *parts]:
        if path.suffix == ".list" and path.is_file():
            entries += parse_one_line(path.read_text(encoding="utf-8"))
        elif path.suffix == ".sources" and path.is_file():
            entries += parse_deb822(path.read_text(encoding="utf-8"))
    return entries


def parse_one_line(text: str) -> Iterator[Entry]:
    """Entries of a ``.list`` file: ``deb [options] uri suite component...``."""
    pattern = re.compile(r"^\s*deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#\n]*)", re.MULTILINE)
    for options, uri, suite, components in pattern.findall(text):
        pairs = dict(pair.split("=", 1) for pair in options.split() if "=" in pair)
        yield Entry(
            uri=uri,
            suites=(suite,),
            components=tuple(components.split()),
            options={n: pairs[n.lower()] for n in _KEPT_OPTIONS if n.lower() in pairs},
        )


def parse_deb822(text: str) -> Iterator[Entry]:
    """Entries of a ``.sources`` file: stanzas of ``Name: value``, values may go on indented."""
    without_comments = re.sub(r"^#.*\n?", "", text, flags=re.MULTILINE)
    for stanza in re.split(r"\n\s*\n", without_comments):
        found = re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t]+.*)*)", stanza, re.MULTILINE)
        fields = {name.lower(): value for name, value in found}
        if "deb" not in fields.get("types", "").split() or fields.get("enabled") == "no":
            continue
        for uri in fields.get("uris", "").split():
            yield Entry(
                uri=uri,
                suites=tuple(fields.get("suites", "").split()),
                components=tuple(fields.get("components", "").split()),
                options={n: fields[n.lower()] for n in _KEPT_OPTIONS if n.lower() in fields},
            )


def main_entry(entries: list[Entry], codename: str) -> Entry:
    """The entry of the distribution's main archive.

    Raises:
        EnvironmentFaultError: none of the entries is it.
    """
    for entry in entries:
        usable = not entry.uri.startswith("cdrom:") and "main" in entry.components
        if usable and codename in entry.suites:
            return entry
    raise EnvironmentFaultError(
        f"apt's configuration in {CONFIGURATION} has no entry for the suite {codename!r}.",
        remedy=REMEDY,
    )


def fetch(folder: Path, log: Path) -> Path:
    """Fetch the newest source of PJSIP that this machine's distribution offers.

    Args:
        folder: where the tarball is put; apt's temporary files go there too.
        log: file for what apt says.

    Returns:
        Path of the tarball, its checksum compared with that in the signed list.

    Raises:
        EnvironmentFaultError: this is no Debian-like system, its archive cannot be reached, or
            it offers no such source.
    """
    if not Path(_HELPER).exists():
        raise EnvironmentFaultError("There is no apt on this machine.", remedy=REMEDY)
    release = this_release()
    entry = main_entry(read_entries(), release.codename)
    for suite in dict.fromkeys(release.source_suites):
        stanza = entry.source_stanza(suite, release.source_components)
        found = _offered(stanza, folder, log)
        if found is not None:
            return _download(*found, folder, log)
    raise EnvironmentFaultError(
        f"Through apt, no source of PJSIP was found in {' or '.join(release.source_suites)} "
        f"(log: {log}).{complaints(log)}",
        remedy=REMEDY,
    )


def complaints(log: Path) -> str:
    """The errors that apt reported, each on a line of its own."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "".join(f"\n    {line}" for line in dict.fromkeys(lines) if line.startswith("E:"))


def _offered(stanza: str, folder: Path, log: Path) -> tuple[str, str, str] | None:
    """URI, file name and SHA-256 of the tarball, as offered by the archive in ``stanza``."""
    options = private_apt(stanza, folder)
    update = ["apt-get", *options, "update"]
    if Job(update, log=log).wait() != 0:
        return None
    command = ["apt-get", *options, "source", "--print-uris", _CARRIER]
    listed = subprocess.run(command, text=True, capture_output=True, check=False).stdout
    for uri, name, digest in re.findall(r"^'(\S+)' (\S+) \d+ SHA256:(\w+)", listed, re.MULTILINE):
        if _COMPONENT.search(name):
            return uri, name, digest
    return None


def private_apt(stanza: str, folder: Path) -> list[str]:
    """Options that make apt use ``stanza`` alone and keep its lists in ``folder``."""
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    sources = folder / "source.sources"
    sources.write_text(stanza, encoding="utf-8")
    settings = {
        "Dir::Etc::sourcelist": str(sources),
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": str(lists),
        "Dir::Cache": str(folder / "cache"),
        "Acquire::Languages": "none",
        "APT::Update::Error-Mode": "any",
    }
    if os.geteuid() == 0:
        settings["APT::Sandbox::User"] = "root"  # the user _apt cannot write here
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def _download(uri: str, name: str, digest: str, folder: Path, log: Path) -> Path:
    """Let apt download one file."""
    path = folder / name
    sandbox = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
    command = [_HELPER, *sandbox, "download-file", uri, str(path), f"SHA256:{digest}"]
    if Job(command, log=log).wait() != 0 or sha256_of(path) != digest:
        raise EnvironmentFaultError(
            f"apt could not download {name} (log: {log}).{complaints(log)}",
            remedy=f"Try again later, or: {REMEDY}",
        )
    return path
