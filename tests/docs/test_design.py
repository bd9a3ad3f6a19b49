"""docs/design.md: its example runs, its walls stand, and the rooms it lists are those there are."""

import ast
import re
from pathlib import Path

from documents import ROOT, blocks, compiled

from softswitch.acd import OfferOutcome, OfferRecord, RingMember

PAGE = ROOT / "docs" / "design.md"
PACKAGE = ROOT / "softswitch"


def test_the_engine_example_rings_anna_and_gives_up_after_her_ring_time() -> None:
    [block] = blocks(PAGE, "python")
    names: dict[str, object] = {}
    exec(compiled(block, PAGE), names)  # noqa: S102 - our own page
    todo = names["todo"]
    assert isinstance(todo, list)
    assert [out.member_id for out in todo if isinstance(out, RingMember)] == ["anna", "anna"]
    [offer] = [out for out in todo if isinstance(out, OfferRecord)]
    assert (offer.outcome, offer.at) == (OfferOutcome.NO_ANSWER, 21.0)


def rooms() -> dict[str, str]:
    """Rooms as the page lists them, with what it says they import."""
    text = PAGE.read_text(encoding="utf-8").partition("## Rooms")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([\w/]+)` \|[^|]*\| ([^|]*) \|", text, re.MULTILINE))


def imports(folder: Path) -> set[str]:
    """Our own packages that the modules of a folder import: ``errors``, ``sip``, ..."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            else:
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                top, _, rest = name.partition(".")
                if top == "softswitch_codecs":
                    found.add(top)
                elif top == "softswitch" and rest:
                    found.add(rest.split(".")[0])
    return found - {folder.name}


def test_every_room_is_listed() -> None:
    there = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert there | {"codecs/softswitch_codecs"} <= set(rooms())


def test_rooms_import_what_the_page_says() -> None:
    for room in ("acd", "prompts", "reports", "simulation", "sip", "telephony", "testing"):
        said = set(re.findall(r"`(\w+)`", rooms()[room]))
        assert imports(PACKAGE / room) == said, room
    assert "testing" not in imports(PACKAGE / "switch")
    assert "cli" not in imports(PACKAGE / "switch")
