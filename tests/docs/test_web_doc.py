"""docs/web.md: its office is one, its JSON is what is answered, its figures are the code's."""

import ast
import json
from pathlib import Path

import pytest
from documents import ROOT, blocks

from softswitch.switch import parse_office
from softswitch.switch.call_back_order import KEY_BYTES, CallBackStanding, Origin, Standing
from softswitch.switch.web_tables import TOKEN_LENGTH
from softswitch.web import doors, forgery
from softswitch.web.api import problem
from softswitch.web.numbers import number_rules
from softswitch.web.refusals import WishRefusedError

PAGE = ROOT / "docs" / "web.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_office_file_is_one(tmp_path: Path) -> None:
    (block,) = blocks(PAGE, "toml")
    web = parse_office(block.text, base=tmp_path).web
    assert (web.port, web.groups) == (8080, {"main": "Reception"})
    assert web.secret({"CALL_BACK_TOKEN": "x" * TOKEN_LENGTH}) == "x" * TOKEN_LENGTH
    assert web.secret({}) == ""


def test_the_problem_is_what_is_answered(tmp_path: Path) -> None:
    (block,) = blocks(PAGE, "json")
    said = json.loads(block.text)
    (fault,) = said.pop("errors")
    assert json.loads(problem(422).text) == said
    rules = number_rules(parse_office(blocks(PAGE, "toml")[0].text, base=tmp_path))
    with pytest.raises(WishRefusedError) as refused:
        rules.number(fault["value"])
    (found,) = refused.value.faults
    assert (found.field, found.why, found.allowed) == (
        fault["field"],
        fault["code"],
        fault["allowed"],
    )


def test_the_python_can_be_compiled() -> None:
    (block,) = blocks(PAGE, "python")
    compile(block.text, str(PAGE), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_what_is_named_is_there() -> None:
    for name in (*Origin, *(one.value for one in Standing)):
        assert f"`{name}`" in TEXT
    assert {"position", "expected"} <= {field.name for field in CallBackStanding.__attrs_attrs__}


def test_the_figures_are_those_of_the_code() -> None:
    plain = " ".join(TEXT.split())
    figures = (
        f"secrets of {KEY_BYTES * 8} bits",
        f"at least {TOKEN_LENGTH} characters",
        f"{doors.CONNECTIONS_MAX} connections, {doors.PER_CLIENT_MAX} of a client",
        f"within {doors.PATIENCE_S:g} s is cut off",
    )
    for figure in figures:
        assert figure in plain
    assert forgery.VALID_S == 4 * 3600
    assert "for four hours" in plain
