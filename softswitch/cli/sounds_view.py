"""A sound library as tables for people and as JSON for machines."""

from __future__ import annotations

import itertools
import wave
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from softswitch.cli.words import duration
from softswitch.prompts.library import OFFICE, Catalogue, Shelf, Slot, Sound, uses_of
from softswitch.prompts.library.uses import SLOT_WORDS, owner_words
from softswitch.prompts.shaping import SILENCE_DBFS
from softswitch_codecs.levels import rms_dbfs

_BARS: Final = " ▁▂▃▄▅▆▇█"
_LOUDEST_DBFS: Final = -10.0


Uses = Mapping[str, tuple[str, ...]]
"""For sounds by name where they are used outside of the library, in words."""


def sounds(catalogue: Catalogue, now: datetime, flows: Uses) -> RenderableType:
    """Show every sound with where it is used; ``flows``: what the office's flows use."""
    if not catalogue.sounds:
        return Text("The library holds no sounds yet: softswitch sounds add OFFICE.TOML FILE")
    table = Table(title="Sounds", title_justify="left")
    for title in ("Name", "Kind", "Version", "Length", "Since", "Used as"):
        table.add_column(title, overflow="fold")
    for sound in sorted(catalogue.sounds.values(), key=lambda one: (one.kind.value, one.name)):
        current = sound.version()
        table.add_row(
            Text(sound.name),
            sound.kind.value,
            f"{sound.current} of {len(sound.versions)}",
            duration(current.length_s),
            f"{current.added_at:%Y-%m-%d %H:%M}",
            Text("\n".join(_uses(catalogue, sound.name, now, flows)) or "-"),
        )
    return table


def _uses(catalogue: Catalogue, name: str, now: datetime, flows: Uses) -> tuple[str, ...]:
    return (*uses_of(catalogue, name, now), *flows.get(name, ()))


def shelves(catalogue: Catalogue, now: datetime) -> RenderableType:
    """Show what callers of the office and of its groups hear."""
    owners = [OFFICE, *sorted(owner for owner in catalogue.shelves if owner)]
    return Group(*(shelf(catalogue, owner, now) for owner in owners))


def shelf(catalogue: Catalogue, owner: str, now: datetime) -> RenderableType:
    """Show what callers of the office, or of a group, hear."""
    own = catalogue.shelf(owner)
    table = Table(title=f"Callers of {owner_words(owner)} hear", title_justify="left")
    table.add_column("What")
    table.add_column("Sounds", overflow="fold")
    table.add_row("Hotprompt", Text(_hotprompt(own, now)))
    for slot in Slot:
        table.add_row(f"Greeting {SLOT_WORDS[slot]}", Text(own.greetings.get(slot, "-")))
    for title, names in own.playlists.items():
        active = " (active)" if title == own.active else ""
        listed = ", ".join(names) or ("what is supplied" if title == "default" else "-")
        table.add_row(Text(f"Playlist {title}{active}"), Text(listed))
    if not own.active:
        table.add_row("Playlist", "the office's")
    return table


def _hotprompt(shelf: Shelf, now: datetime) -> str:
    hot = shelf.hotprompt
    if hot is None or hot.over_at(now):
        return "-"
    begin = "" if hot.heard_at(now) else f"from {hot.since:%Y-%m-%d %H:%M} "
    end = "until it is switched off" if hot.until is None else f"until {hot.until:%Y-%m-%d %H:%M}"
    return f"{hot.sound}, {begin}{end}"


def versions(sound: Sound, uses: tuple[str, ...]) -> RenderableType:
    """Show the versions of a sound, and where it is used."""
    table = Table(title=f"{sound.name} ({sound.kind.value})", title_justify="left")
    for title in ("Version", "Added", "Length", "From"):
        table.add_column(title, overflow="fold")
    for version in sound.versions:
        here = "current" if version.number == sound.current else ""
        table.add_row(
            f"{version.number} {here}".strip(),
            f"{version.added_at:%Y-%m-%d %H:%M}",
            f"{version.length_s:.1f} s",
            Text(version.source or version.origin.value),
            style="bold" if here else "",
        )
    return Group(table, Text(f"Used: {'; '.join(uses) or 'nowhere'}."))


def added(sound: Sound) -> str:
    """Say what has come in."""
    current = sound.version()
    return f"{sound.name}: version {current.number}, {current.length_s:.1f} s, {sound.kind.value}."


def read(path: Path) -> tuple[NDArray[np.int16], int]:
    """Return the samples and the rate of a file that is ready to be played."""
    with wave.open(str(path), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.astype(np.int16), file.getframerate()


def outline(samples: NDArray[np.int16], rate_hz: int, width: int) -> Text:
    """Draw how loud a sound is over time in one line of text."""
    columns = max(1, min(width - 10, 100, len(samples)))
    edges = np.linspace(0, len(samples), columns + 1).astype(int)
    levels = [float(rms_dbfs(samples[a:b])) for a, b in itertools.pairwise(edges)]
    heights = np.clip((np.array(levels) - SILENCE_DBFS) / (_LOUDEST_DBFS - SILENCE_DBFS), 0.0, 1.0)
    bars = "".join(_BARS[round(height * (len(_BARS) - 1))] for height in heights)
    return Text.assemble((bars, "cyan"), f" {len(samples) / rate_hz:.1f} s")


def describe(catalogue: Catalogue, now: datetime, flows: Uses) -> dict[str, Any]:
    """Say the same as JSON can hold it."""
    return {
        "sounds": [_sound(catalogue, name, now, flows) for name in sorted(catalogue.sounds)],
        "shelves": {
            owner or "office": _described_shelf(catalogue.shelf(owner), now)
            for owner in (OFFICE, *sorted(o for o in catalogue.shelves if o))
        },
    }


def _sound(catalogue: Catalogue, name: str, now: datetime, flows: Uses) -> dict[str, Any]:
    sound = catalogue.sounds[name]
    return {
        "name": name,
        "kind": sound.kind.value,
        "current": sound.current,
        "versions": [
            {
                "number": version.number,
                "added_at": version.added_at.isoformat(),
                "length_s": version.length_s,
                "origin": version.origin.value,
                "source": version.source,
            }
            for version in sound.versions
        ],
        "used": list(_uses(catalogue, name, now, flows)),
    }


def _described_shelf(shelf: Shelf, now: datetime) -> dict[str, Any]:
    hot = shelf.hotprompt
    heard = hot if hot is not None and not hot.over_at(now) else None
    return {
        "greetings": {slot.value: name for slot, name in shelf.greetings.items()},
        "playlists": {title: list(names) for title, names in shelf.playlists.items()},
        "active_playlist": shelf.active or None,
        "hotprompt": heard and heard.sound,
        "hotprompt_since": heard and heard.since and heard.since.isoformat(),
        "hotprompt_until": heard and heard.until and heard.until.isoformat(),
    }
