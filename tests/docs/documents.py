"""Reads the project's Markdown: its code blocks, links and headings."""

from __future__ import annotations

import re
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
DOCUMENTS = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE_SPAN = re.compile(r"`[^`\n]*`")


@attrs.frozen
class Block:
    """A fenced block of code.

    Attributes:
        language: what the fence says.
        text: what stands in it.
        line: of its first line in the document, 1 for the first.
    """

    language: str
    text: str
    line: int


def blocks(document: Path, language: str) -> list[Block]:
    """All blocks of one language."""
    text = document.read_text(encoding="utf-8")
    found = [Block(m[1], m[2], text[: m.start(2)].count("\n") + 1) for m in _FENCE.finditer(text)]
    return [block for block in found if block.language == language]


def compiled(block: Block, document: Path) -> object:
    """The block as code whose tracebacks name the document and its lines."""
    return compile("\n" * (block.line - 1) + block.text, str(document), "exec")


def prose(document: Path) -> str:
    """The document without its code."""
    return _CODE_SPAN.sub("``", _FENCE.sub("", document.read_text(encoding="utf-8")))


def links(document: Path) -> list[str]:
    """Targets of all links and pictures."""
    return _LINK.findall(prose(document))


def anchors(document: Path) -> set[str]:
    """Names that a link can end in after ``#``, made of the headings as GitHub makes them."""
    text = _FENCE.sub("", document.read_text(encoding="utf-8"))
    return {_anchor(heading) for heading in _HEADING.findall(text)}


def _anchor(heading: str) -> str:
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.strip().replace(" ", "-")
