"""Whatever stands in a file, it is an office or a `ConfigurationError`, and never anything else."""

import copy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from offices import GOOD, TRUNK

from softswitch.errors import ConfigurationError
from softswitch.sip.config import Listener, SipConfig, TlsFiles, Trunk
from softswitch.switch.config import OfficeConfig
from softswitch.switch.loading import load_office, parse_office, read_tables
from softswitch.switch.rules import validate
from softswitch.switch.tables import (
    FurtherTable,
    GroupTable,
    MemberTable,
    OfficeFile,
    OfficeTable,
)

BASE = Path("/nowhere")
CLASSES = (
    *(OfficeFile, OfficeTable, GroupTable, FurtherTable, MemberTable),
    *(SipConfig, Listener, TlsFiles, Trunk),
)
NAMES = sorted({field.name for cls in CLASSES for field in attrs.fields(cls)} | {"anna", "main"})
WORDS = [
    *NAMES,
    "voicemail",
    "number",
    "group",
    "tls",
    "da",
    "priority",
    "1000",
    "sip:a@b",
    "/",
    "",
]

keys = st.one_of(st.sampled_from(NAMES), st.text(max_size=8))
scalars = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=20),
    st.integers(),
    st.sampled_from([400, 5000]).map(lambda digits: 10**digits),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
tables = st.dictionaries(keys, values, max_size=5)


def _read(raw: dict[str, Any]) -> OfficeConfig | None:
    """Read tables; None when they are refused as they should be."""
    try:
        return read_tables(raw, base=BASE)
    except ConfigurationError as error:
        _check_refusal(error)
        return None


def _check_refusal(error: ConfigurationError) -> None:
    assert error.faults
    assert all(fault.message.endswith((".", "?")) for fault in error.faults)
    assert all(str(fault) in str(error) for fault in error.faults)


@given(tables)
def test_any_tables(raw: dict[str, Any]):
    before = copy.deepcopy(raw)
    office = _read(raw)
    assert raw == before
    assert office is None or validate(office) == ()


def _places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of every table, list and value."""
    yield path
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for step, inner in value.items():
            yield from _places(inner, (*path, step))


FULL = (
    """
[office]
name = "Office"
language = "da"
data_dir = "var"
[sip]
listen = [{ transport = "udp", address = "127.0.0.1", port = 5060 }]
srtp = "off"
codecs = ["PCMA"]
[sip.tls]
verify_peers = false
"""
    + GOOD
    + """
max_offers = 3
no_answer = { voicemail = "main" }
overflow = { number = "+4570102030" }
music = []
further = []
leave_keys = { 1 = "voicemail" }
call_back_key = "9"
expected_wait = "queue_length"
"""
    + TRUNK
)
PLACES = [path for path in _places(tomllib.loads(FULL)) if path]


@given(st.lists(st.tuples(st.sampled_from(PLACES), values | st.none()), min_size=1, max_size=4))
def test_an_office_with_a_few_settings_changed_or_taken_away(changes: list[tuple[Any, Any]]):
    raw = tomllib.loads(FULL)
    for path, value in changes:
        container = raw
        for step in path[:-1]:
            container = _step(container, step)
        _change(container, path[-1], value)
    office = _read(raw)
    assert office is None or validate(office) == ()


def _step(container: Any, step: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Go inwards, or nowhere where an earlier change took the place away."""
    try:
        return container[step]
    except (KeyError, IndexError, TypeError):
        return None


def _change(container: object, step: Any, value: object) -> None:  # noqa: ANN401 - key or index
    """Put a value in its place, or take the place away for None."""
    known = isinstance(container, list) and isinstance(step, int) and step < len(container)
    if isinstance(container, dict) and value is None:
        container.pop(step, None)
    elif isinstance(container, dict) or known:
        container[step] = value


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda t: t.encode())))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    try:
        office = load_office(file)
    except ConfigurationError as error:
        _check_refusal(error)
    else:
        assert (office.members, office.groups) == ((), ())


@given(st.data())
def test_an_office_file_with_a_piece_cut_out(data: st.DataObject):
    start = data.draw(st.integers(0, len(FULL)))
    length = data.draw(st.integers(0, 40))
    try:
        office = parse_office(FULL[:start] + FULL[start + length :], base=BASE)
    except ConfigurationError as error:
        _check_refusal(error)
    else:
        assert validate(office) == ()


@pytest.mark.parametrize("digits", [4000, 5000])
def test_numbers_longer_than_python_reads(digits: int):
    with pytest.raises(ConfigurationError):
        parse_office(GOOD + f"queue_cap = 1{'0' * digits}", base=BASE)
