"""docs/codecs.md: its example runs and prints what the page says; every module is listed."""

import re

from documents import ROOT, blocks, compiled

PAGE = ROOT / "docs" / "codecs.md"
PACKAGE = ROOT / "codecs" / "softswitch_codecs"


def test_the_example_prints_what_the_page_says(capsys) -> None:
    [example], [printed] = blocks(PAGE, "python"), blocks(PAGE, "")
    names: dict[str, object] = {}
    exec(compiled(example, PAGE), names)  # noqa: S102 - our own page
    assert capsys.readouterr().out == printed.text
    assert names["events"] == ()


def test_every_module_is_listed() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    there = {path.stem for path in PACKAGE.glob("[!_]*.py")}
    assert set(listed) == there
