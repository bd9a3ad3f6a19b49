"""The recipe is whole, and every ingredient counts in its fingerprint."""

from __future__ import annotations

import re

import attrs
import pytest

from softswitch.sip.info import SWITCH_CALLS
from softswitch.sip.server_build.recipe import Need, Recipe, load_recipe

RECIPE = load_recipe()


def mark(recipe: Recipe, *, source: str = "a" * 64, compiler: str = "12.2.0") -> str:
    return recipe.fingerprint(source_sha256=source, compiler=compiler)


def defined(name: str) -> int:
    found = re.search(rf"^#define {name} (\d+)$", RECIPE.config_site, re.MULTILINE)
    assert found, name
    return int(found[1])


def test_the_same_ingredients_make_the_same_wheel() -> None:
    assert mark(RECIPE) == mark(load_recipe())
    assert re.fullmatch(r"[0-9a-f]{16}", mark(RECIPE))


@pytest.mark.parametrize(
    "change",
    [
        {"revision": RECIPE.revision + 1},
        {"cflags": (*RECIPE.cflags, "-g")},
        {"wrapper_cflags": ("-O2",)},
        {"configure": RECIPE.configure[1:]},
        {"config_site": RECIPE.config_site + "\n"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_other_setting_makes_another_wheel(change: dict[str, object]) -> None:
    assert mark(attrs.evolve(RECIPE, **change)) != mark(RECIPE)


def test_another_source_or_compiler_makes_another_wheel() -> None:
    marks = {mark(RECIPE), mark(RECIPE, source="b" * 64), mark(RECIPE, compiler="14.2.0")}
    assert len(marks) == 3


def test_there_is_room_for_the_calls_of_a_switch() -> None:
    calls = defined("PJSUA_MAX_CALLS")
    assert calls >= SWITCH_CALLS
    assert defined("PJ_IOQUEUE_MAX_HANDLES") >= 2 * calls  # RTP and RTCP
    assert defined("PJSUA_MAX_CONF_PORTS") >= 2 * calls  # a call and its player
    for table in ("PJSIP_MAX_TSX_COUNT", "PJSIP_MAX_DIALOG_COUNT"):
        size = defined(table) + 1
        assert size & (size - 1) == 0, f"{table} is not 2^n - 1"


def test_each_need_is_one_thing() -> None:
    assert all(bool(need.command) != bool(need.header) for need in RECIPE.needs)
    assert str(Need(package="swig", command="swig")) == "swig"
    assert str(Need(package="libopus-dev", header="opus/opus.h")) == "the C header <opus/opus.h>"
