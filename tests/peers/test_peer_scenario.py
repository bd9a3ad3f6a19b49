"""Scenarios with places to fill in."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from softswitch.errors import MisuseError
from softswitch.testing.peers import scenario


def filled(text: str, **params: object) -> str:
    return scenario.render(text, params, ("PCMA", "PCMU"))


def test_a_place_takes_its_default_or_the_value_everywhere() -> None:
    assert filled("{{who=anna}} and {{who}}") == "anna and anna"
    assert filled("{{who=anna}} and {{who}}", who="bo") == "bo and bo"


def test_a_line_of_nothing_but_empty_places_goes_away() -> None:
    assert filled("a\n  {{headers=}}\nb") == "a\nb"
    assert filled("a\n  {{headers=}}\nb", headers="X: 1") == "a\n  X: 1\nb"


def test_a_value_may_have_several_lines() -> None:
    assert filled("{{message=one\ntwo}}") == "one\ntwo"


def test_a_block_is_repeated_for_each_character() -> None:
    assert filled("{{#each digits=12}}<{{item}}>{{/each}}") == "<1><2>"
    assert filled("{{#each digits=12}}<{{item}}>{{/each}}", digits="9*#") == "<9><*><#>"


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(MisuseError, match="talk_sm"):
        filled("{{talk_ms=5}}", talk_sm=3)


def test_an_unknown_scenario_is_refused_by_naming_those_that_exist() -> None:
    with pytest.raises(MisuseError, match="uac_call, "):
        scenario.scenario_text("uac_cal")


def test_sdp_names_codecs_in_order_and_direction() -> None:
    body = filled("{{sdp sendonly 2}}")
    assert "m=audio [field2] RTP/AVP 8 0 101" in body
    assert body.index("a=rtpmap:8 PCMA/8000") < body.index("a=rtpmap:0 PCMU/8000")
    assert body.endswith("a=sendonly")
    assert "o=- [pid] 2 IN" in body


@pytest.mark.parametrize("name", scenario.scenario_names())
def test_each_scenario_is_xml_with_every_place_filled(name: str) -> None:
    text = filled(scenario.scenario_text(name))
    assert "{{" not in text
    root = ET.fromstring(text.encode())  # noqa: S314 - our own files
    assert root.get("name") == name
    targets = {element.get("id") for element in root.iter("label")}
    jumps = {element.get(key) for element in root for key in ("next", "ontimeout")} - {None}
    assert jumps <= targets
    for sent in root.iter("send"):
        head = re.sub(r"\n[ \t]+", "\n", sent.text or "").strip().split("\n\n")[0]
        assert all(":" in line or line.startswith("[") for line in head.split("\n")[1:])
