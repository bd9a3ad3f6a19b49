"""docs/states.md is what the tables say."""

import importlib.util
import re

from documents import ROOT, blocks

from softswitch.acd.tables import CALL_TABLE, OFFER_TABLE

PAGE = ROOT / "docs" / "states.md"


def made_now() -> str:
    path = ROOT / "scripts" / "make_state_doc.py"
    spec = importlib.util.spec_from_file_location("make_state_doc", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return str(script.page())


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == made_now()


def test_every_step_of_a_table_is_drawn() -> None:
    diagrams = [block.text for block in blocks(PAGE, "mermaid")]
    for diagram, table in zip(diagrams, (CALL_TABLE, OFFER_TABLE), strict=False):
        drawn = {
            (source, word.strip(), target)
            for source, target, words in re.findall(r"(\w+) --> (\w+): (.*)", diagram)
            for word in words.split(",")
        }
        steps = {
            (state.value, happens.value.replace("_", " "), following.value)
            for (state, happens), (_, following) in table.items()
            if state is not following
        }
        assert drawn == steps
