"""The office file of docs/self-service.md is one, and its Python is Python."""

import ast
from pathlib import Path

from documents import ROOT, blocks

from softswitch.switch import parse_office

PAGE = ROOT / "docs" / "self-service.md"


def test_the_office_file_is_one(tmp_path: Path) -> None:
    (block,) = (block for block in blocks(PAGE, "toml") if "[surveys.after]" in block.text)
    office = parse_office(block.text, base=tmp_path)
    assert office.groups[0].survey == "after"
    assert [q.kind for q in office.surveys["after"].questions] == ["nps", "csat"]
    assert (office.login_number, office.voicemail.number) == ("1097", "1098")
    assert office.people["anna"].code == "21"


def test_the_python_can_be_compiled() -> None:
    found = blocks(PAGE, "python")
    assert len(found) >= 3
    for block in found:
        compile(block.text, str(PAGE), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
