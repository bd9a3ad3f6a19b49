"""Where a sound is used, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from softswitch.prompts.library.model import Catalogue, Shelf, Slot

SLOT_WORDS: Final = {
    Slot.OPEN: "while open",
    Slot.CLOSED: "while closed",
    Slot.OPEN_SPECIAL: "while open in special hours",
    Slot.CLOSED_SPECIAL: "while closed in special hours",
}


def uses_of(catalogue: Catalogue, name: str, now: datetime) -> tuple[str, ...]:
    """Return every place of the library where a sound is used; a hotprompt that is over is none."""
    found: list[str] = []
    for owner, shelf in sorted(catalogue.shelves.items()):
        found += [f"{what} of {owner_words(owner)}" for what in _on_shelf(shelf, name, now)]
    return tuple(found)


def owner_words(owner: str) -> str:
    """Return what to call the owner of a shelf."""
    return f"group {owner}" if owner else "the office"


def _on_shelf(shelf: Shelf, name: str, now: datetime) -> Iterator[str]:
    for slot in Slot:
        if shelf.greetings.get(slot) == name:
            yield f"greeting {SLOT_WORDS[slot]}"
    for title, names in shelf.playlists.items():
        if name in names:
            yield f"playlist {title!r}"
    hot = shelf.hotprompt
    if hot is not None and hot.sound == name and not hot.over_at(now):
        yield "hotprompt"
