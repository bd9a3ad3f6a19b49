"""Versions of flows that were in force, kept in the data folder, one file each."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs

from softswitch.durable import write_whole
from softswitch.errors import MisuseError

KEPT: Final = 50
"""Versions of a flow that are kept."""


@attrs.frozen(kw_only=True)
class KeptVersion:
    """A version that was in force.

    Attributes:
        version: its digest.
        since: when it came into force.
    """

    version: str
    since: datetime


@attrs.frozen(kw_only=True)
class Place:
    """Where a flow is.

    Attributes:
        file: the flow file.
        kept: the folder with its versions.
    """

    file: Path
    kept: Path


def locate(office: Path, flow_id: str) -> Place:
    """Find a flow of an office by the office's file, which may be faulty otherwise.

    Raises:
        MisuseError: it cannot be found.
    """
    try:
        raw = tomllib.loads(office.read_text(encoding="utf-8-sig"))
        file = office.parent / raw["flows"][flow_id]["file"]
        data_dir = office.parent / raw.get("office", {}).get("data_dir", "var")
    except (OSError, ValueError) as error:
        raise MisuseError(f"{office} cannot be read: {error}") from None
    except (KeyError, TypeError):
        raise MisuseError(f"{office} has no flow {flow_id!r}") from None
    return Place(file=file, kept=data_dir / "flows" / flow_id)


def kept_versions(folder: Path) -> tuple[KeptVersion, ...]:
    """Return the versions kept in a folder, the latest last."""
    return tuple(
        KeptVersion(version=raw["version"], since=datetime.fromisoformat(raw["since"]))
        for raw in map(_raw, _files(folder))
    )


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def _raw(file: Path) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return raw


def texts_of(folder: Path, version: str) -> dict[str, str]:
    """Return the files of a version kept, by their paths beside the flow's.

    Raises:
        MisuseError: there is no such version.
    """
    for raw in map(_raw, reversed(_files(folder))):
        if raw["version"] == version:
            texts: dict[str, str] = raw["texts"]
            return texts
    raise MisuseError(f"there is no version {version!r} of this flow")


def keep(folder: Path, version: str, texts: Mapping[str, str], since: datetime) -> None:
    """Write a version to a file of its own, unless it is the latest there; the oldest go."""
    folder.mkdir(parents=True, exist_ok=True)
    files = _files(folder)
    if files and _raw(files[-1])["version"] == version:
        return
    number = int(files[-1].stem.split("-")[0]) + 1 if files else 1
    raw = {"version": version, "since": since.isoformat(), "texts": dict(texts)}
    write_whole(folder / f"{number:06}-{version}.json", json.dumps(raw).encode())
    for old in files[: max(len(files) + 1 - KEPT, 0)]:
        old.unlink()


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the files of a version, each whole or not at all."""
    for name, text in texts.items():
        write_whole(folder / name, text.encode())
