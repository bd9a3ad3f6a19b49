"""Descriptions of prompts as TOML, read strictly, with every fault and its place.

::

    rate_hz = 8000
    loudness_lufs = -20
    before_s = 1.0
    music = { file = "song.wav", level_dbfs = -26 }

    [speech]
    gap_s = 0.1
    sequence = [{ file = "you-are.wav", trim = true }, { say = "number three", language = "en" }]

Each table describes a sound; one of its keys tells the kind (`file`, `say`, `silence_s`,
`tone_hz`, `sequence`, `mix`, or `speech` with `music`), and all keys are the fields of that kind
in `softswitch.prompts.description`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import cattrs

from softswitch.errors import ConfigurationError, Fault
from softswitch.prompts.description import Sound
from softswitch.prompts.prompt_tables import RefusedError, check_depth, make_converter
from softswitch.settings.faults import ConfigPath, LocatedFault, dotted, nearest, one_of, shown
from softswitch.settings.lines import line_numbers, line_of

RATES_HZ: Final = (8_000, 16_000, 48_000)


@attrs.frozen(kw_only=True)
class PromptFile:
    """What a prompt file says.

    Attributes:
        rate_hz: sample rate: 8,000 (the default), 16,000 or 48,000.
        sound: the description, its paths relative to the folder that the file lies in.
    """

    rate_hz: int = 8_000
    sound: Sound


def load_prompt(path: Path) -> PromptFile:
    """Read a prompt file.

    Raises:
        ConfigurationError: it cannot be read, or something in it is wrong; holds every fault.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"The file is not UTF-8 text: byte {error.start + 1} of it is wrong."
        raise _whole(path, message) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "bad name"
        raise _whole(path, f"The file cannot be read: {why}.") from None
    return parse_prompt(text, base=path.parent, name=str(path))


def _whole(name: object, message: str, line: int | None = None) -> ConfigurationError:
    fault = LocatedFault(path=str(name), message=message, file=str(name), line=line)
    return ConfigurationError([fault])


def parse_prompt(text: str, *, base: Path, name: str = "prompt file") -> PromptFile:
    """Read the text of a prompt file.

    Args:
        text: TOML.
        base: folder that paths in it are relative to.
        name: what to call the text in faults.

    Raises:
        ConfigurationError: something is wrong; it holds every fault.
    """
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        raise _whole(name, "Sounds are nested too deeply.") from None
    except ValueError as error:
        place = re.search(r"\(at line (\d+), ", str(error))
        line = int(place[1]) if place else None
        raise _whole(name, f"This is not TOML: {error}.", line) from None
    try:
        return read_prompt(raw, base=base)
    except ConfigurationError as error:
        lines = line_numbers(text)
        located = [
            LocatedFault(**attrs.asdict(fault), file=name, line=line_of(fault.path, lines))
            for fault in error.faults
        ]
    located.sort(key=lambda fault: fault.line or 0)
    raise ConfigurationError(located)


def read_prompt(raw: Mapping[str, Any], *, base: Path) -> PromptFile:
    """Read a description from nested dicts and lists, as `tomllib` and `json` give them.

    Args:
        raw: the tables of a prompt file; left as they are.
        base: folder that paths in them are relative to.

    Raises:
        ConfigurationError: something is wrong; it holds every fault, without lines.
    """
    rate_hz, sound_table = raw.get("rate_hz", 8_000), dict(raw)
    sound_table.pop("rate_hz", None)
    faults: list[Fault] = []
    if type(rate_hz) is not int or rate_hz not in RATES_HZ:
        faults.append(
            Fault(
                path="rate_hz",
                value=shown(rate_hz),
                allowed=one_of(RATES_HZ),
                message="This is no sample rate of a prompt.",
            )
        )
    try:
        check_depth(sound_table)
        sound = make_converter(base).structure(sound_table, Sound)
    except (cattrs.BaseValidationError, RefusedError) as error:
        faults += _faults(error, (), raw)
    if faults:
        raise ConfigurationError(faults)
    return PromptFile(rate_hz=rate_hz, sound=sound)


def _faults(error: Exception, path: ConfigPath, raw: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Flatten cattrs' tree of errors into faults with their paths."""
    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        for key in sorted(error.extra_fields):
            message = f"There is no such setting of this sound.{nearest(key, known)}"
            yield Fault(path=dotted((*path, key)), message=message, allowed=one_of(known))
    elif isinstance(error, cattrs.ClassValidationError | cattrs.IterableValidationError):
        located, bare = error.group_exceptions()
        for inner, note in located:
            step: str | int = note.name if hasattr(note, "name") else note.index
            yield from _faults(inner, (*path, step), _step(raw, step))
        for inner in bare:
            yield from _faults(inner, path, raw)
    elif isinstance(error, KeyError):
        yield Fault(path=dotted(path), message="This is missing.")
    else:
        words = getattr(error, "allowed", "")
        value = shown(raw) if path else ""
        where = dotted(path) or "the prompt"
        yield Fault(path=where, value=value, allowed=words, message=str(error))


def _step(raw: Any, step: str | int) -> Any:  # noqa: ANN401 - whatever TOML holds
    try:
        return raw[step]
    except (KeyError, IndexError, TypeError):
        return None
