"""On which line of a TOML text a setting stands.

`tomllib` does not tell, so this looks for table headers and ``key =`` at the start of lines. It
reads no values: a line inside a multi-line string that looks like a setting can fool it, and then
a fault names a wrong line, which is all the harm done.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from typing import Final

from softswitch.settings.faults import ConfigPath, dotted

_KEY: Final = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEYS: Final = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER: Final = re.compile(rf"\s*(\[\[?)\s*({_KEYS})\s*\]")
_SETTING: Final = re.compile(rf"\s*({_KEYS})\s*=")


def line_numbers(text: str) -> dict[str, int]:
    """Map the dotted path of each table and setting to its line, 1 for the first."""
    lines: dict[str, int] = {}
    table: ConfigPath = ()
    counts: Counter[ConfigPath] = Counter()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            table = _indexed(_split(header[2]), counts, repeated=header[1] == "[[")
            lines.setdefault(dotted(table), number)
        elif setting := _SETTING.match(line):
            lines.setdefault(dotted((*table, *_split(setting[1]))), number)
    return lines


def line_of(path: str, lines: Mapping[str, int]) -> int | None:
    """Return the line of a path, or of the nearest table around it; None where there is none."""
    while path:
        if path in lines:
            return lines[path]
        path = re.sub(r"""(?:\[\d+\]|\.?(?:[^.\[\]"]+|"(?:[^"\\]|\\.)*"))$""", "", path)
    return None


def _split(keys: str) -> ConfigPath:
    """Take dotted keys apart, quoted ones read as TOML reads them."""
    return tuple(_unquoted(key) for key in re.findall(_KEY, keys))


def _unquoted(key: str) -> str:
    try:
        [name] = tomllib.loads(f"{key} = 0")
    except (tomllib.TOMLDecodeError, ValueError):
        return key
    return name


def _indexed(table: ConfigPath, counts: Counter[ConfigPath], *, repeated: bool) -> ConfigPath:
    """Put the index into the path of a table that stands in an array of tables."""
    path: ConfigPath = ()
    for depth, key in enumerate(table, start=1):
        path = (*path, key)
        last = depth == len(table)
        if last and repeated:
            counts[path] += 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path
