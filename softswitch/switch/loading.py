"""Reading an office file: TOML text to `OfficeConfig`, or every fault with its place.

Three steps: `tomllib` reads the text, `softswitch.switch.structure` reads the tables strictly, and
`softswitch.switch.rules.validate` looks at the office as a whole. A file is taken whole or refused
whole, by one `ConfigurationError` that holds all that was found in the file's own order.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from softswitch.errors import ConfigurationError, Fault
from softswitch.settings.faults import ConfigPath, LocatedFault, dotted, is_within, shown
from softswitch.settings.lines import line_numbers, line_of
from softswitch.switch.config import OfficeConfig
from softswitch.switch.rules import validate
from softswitch.switch.structure import structure
from softswitch.switch.tables import OfficeFile, to_config
from softswitch.switch.week_tables import overlap_faults, stand_in

_TEXT_NAME: Final = "office file"


def load_office(path: Path | str, *, flows: bool = False) -> OfficeConfig:
    """Read an office file; paths in it are relative to its folder.

    Args:
        path: the file.
        flows: numbers may lead to flows of the program besides the groups of the file.

    Raises:
        ConfigurationError: the file cannot be read, or something in it is wrong.
    """
    path = Path(path)
    return parse_office(_read(path), base=path.parent, name=str(path), flows=flows)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        message = "There is no such file."
    except UnicodeDecodeError as error:
        message = f"The file is not UTF-8 text: byte {error.start + 1} of it is wrong."
    except (OSError, ValueError) as error:
        message = f"The file cannot be read: {getattr(error, 'strerror', None) or 'bad name'}."
    raise _refusal(str(path), message)


def _refusal(name: str, message: str, line: int | None = None) -> ConfigurationError:
    return ConfigurationError([LocatedFault(path=name, message=message, file=name, line=line)])


def parse_office(
    text: str, *, base: Path, name: str = _TEXT_NAME, flows: bool = False
) -> OfficeConfig:
    """Read the text of an office file.

    Args:
        text: TOML.
        base: folder that paths in it are relative to.
        name: what to call the text in faults.
        flows: numbers may lead to flows of the program besides the groups of the file.

    Raises:
        ConfigurationError: something is wrong; it holds every fault.
    """
    lines = line_numbers(text)
    raw = _parse_toml(text, name)
    try:
        return read_tables(raw, base=base, flows=flows)
    except ConfigurationError as error:
        located = [_located(fault, name, lines) for fault in error.faults]
    located.sort(key=lambda fault: (fault.file != name, fault.line or 0))
    raise ConfigurationError(located)


def _located(fault: Fault, name: str, lines: Mapping[str, int]) -> LocatedFault:
    """Say where a fault stands; one of a flow stands in the flow's file already."""
    if isinstance(fault, LocatedFault):
        return fault
    line = line_of(fault.path, lines)
    return LocatedFault(**attrs.asdict(fault), file=name, line=line)


def _parse_toml(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _refusal(name, "Lists or tables are nested too deeply.") from None
    except ValueError as error:  # TOMLDecodeError, or a number too long for Python to read
        place = re.search(r"\(at line (\d+), ", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        raise _refusal(name, f"This is not TOML: {error}.", line) from None


def read_tables(raw: Mapping[str, Any], *, base: Path, flows: bool = False) -> OfficeConfig:
    """Read an office from nested dicts and lists, as `tomllib` and `json` give them.

    Args:
        raw: the tables of an office file; left as they are.
        base: folder that paths in them are relative to.
        flows: numbers may lead to flows of the program besides the groups of the office.

    Raises:
        ConfigurationError: something is wrong; it holds every fault, without lines.
    """
    file, shape_faults = structure(_copied(raw))
    refused = [fault.path for fault in shape_faults]
    rough = to_config(file, base, read_week=stand_in)
    written = dict(_scalars(raw))
    faults = [*shape_faults, *_overlap_faults(file, refused)]
    faults += (
        _as_written(fault, written)
        for fault in validate(rough, flows=flows)
        if not any(is_within(fault.path, path) for path in refused)
    )
    if faults:
        raise ConfigurationError(faults)
    return to_config(file, base)


def _overlap_faults(file: OfficeFile, refused: Iterable[str]) -> Iterator[Fault]:
    """Find overlaps in the standard weeks of which nothing was refused."""
    for name, table in file.groups.items():
        group = ("groups", name)
        week = dotted((*group, "week"))
        if not any(is_within(path, week) for path in refused):
            yield from overlap_faults(group, table.week)


_DEEPEST: Final = 6
"""Tables of an office nest less deep than this; what lies deeper is never touched."""


def _copied(value: Any, depth: int = _DEEPEST) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Copy dicts and lists as deep as an office goes."""
    if depth and isinstance(value, Mapping):
        return {key: _copied(inner, depth - 1) for key, inner in value.items()}
    if depth and isinstance(value, list):
        return [_copied(inner, depth - 1) for inner in value]
    return value


def _as_written(fault: Fault, written: Mapping[str, object]) -> Fault:
    """Show the value of a fault as the file has it: not 41.0 for 41, nor a path with ``base``."""
    if not fault.value or fault.path not in written:
        return fault
    return attrs.evolve(fault, value=shown(written[fault.path]))


def _scalars(value: object, path: ConfigPath = ()) -> Iterator[tuple[str, object]]:
    """Give every value that is no table or list with its dotted path."""
    if isinstance(value, Mapping):
        steps: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    else:
        yield dotted(path), value
        return
    if len(path) < _DEEPEST:
        for step, inner in steps:
            yield from _scalars(inner, (*path, step))
