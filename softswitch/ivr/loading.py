"""Reading a flow file: TOML text to `Flow`, or every fault with its file, line and path.

A flow is taken whole, with every further plan that it leads to, or refused whole.
"""

from __future__ import annotations

import hashlib
import os.path
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

import softswitch.ivr.nodes  # noqa: F401 - makes the kinds of nodes known
from softswitch.errors import ConfigurationError, Fault
from softswitch.ivr.check_prompts import file_faults
from softswitch.ivr.checks import ANYWHERE, Surroundings, check
from softswitch.ivr.model import Flow
from softswitch.ivr.reading import FlowReader
from softswitch.settings.faults import ConfigPath, LocatedFault, dotted, is_within
from softswitch.settings.lines import line_numbers, line_of

_TEXT_NAME: Final = "flow"


def load_flow(path: Path | str, around: Surroundings = ANYWHERE) -> Flow:
    """Read a flow file, and every plan that it leads to.

    Args:
        path: the file; paths in it are relative to its folder.
        around: groups and calendars that it may refer to.

    Raises:
        ConfigurationError: a file cannot be read, or something in one of them is wrong.
    """
    path = Path(path)
    loading = _Loading(around)
    flow = loading.file(path, str(path), ())
    if loading.faults or flow is None:
        raise ConfigurationError(loading.faults)
    return flow


def parse_flow(
    text: str, *, base: Path, name: str = _TEXT_NAME, around: Surroundings = ANYWHERE
) -> Flow:
    """Read the text of a flow file.

    Args:
        text: TOML.
        base: folder that paths in it are relative to.
        name: what to call the text in faults.
        around: groups and calendars that it may refer to.

    Raises:
        ConfigurationError: something is wrong; it holds every fault.
    """
    loading = _Loading(around)
    flow = loading.text(text, base, name, ())
    if loading.faults or flow is None:
        raise ConfigurationError(loading.faults)
    return flow


def flow_files(path: Path) -> dict[str, str]:
    """Return the text of a flow file and of every plan that it leads to.

    Keys are paths relative to the file's folder. What cannot be read is left out.
    """
    found: dict[str, str] = {}
    ahead = [path]
    while ahead:
        file = ahead.pop()
        name = os.path.relpath(file, path.parent)
        if name in found:
            continue
        try:
            found[name] = file.read_bytes().decode("utf-8-sig")
            reader = FlowReader(file.parent)
            reader.read(tomllib.loads(found[name]))
        except (OSError, ValueError):
            continue
        ahead += (file.parent / inner for inner in reader.sub_flows)
    return found


class _Loading:
    """Reads one file after the other, each once."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self.faults: list[Fault] = []
        self._read: dict[Path, Flow | None] = {}

    def file(self, path: Path, name: str, around: tuple[Path, ...]) -> Flow | None:
        resolved = path.resolve()
        if resolved not in self._read:
            text = self._contents(path, name)
            flow = None
            if text is not None:
                flow = self.text(text, path.parent, name, (*around, resolved))
            self._read[resolved] = flow
        return self._read[resolved]

    def _contents(self, path: Path, name: str) -> str | None:
        try:
            return path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            message = "There is no such file."
        except UnicodeDecodeError as error:
            message = f"The file is not UTF-8 text: byte {error.start + 1} of it is wrong."
        except (OSError, ValueError) as error:
            message = f"The file cannot be read: {getattr(error, 'strerror', None) or 'bad name'}."
        self.faults.append(LocatedFault(path=name, message=message, file=name))
        return None

    def text(self, text: str, base: Path, name: str, around: tuple[Path, ...]) -> Flow | None:
        """Read and check one flow; its faults are noted with their lines."""
        raw = self._toml(text, name)
        if raw is None:
            return None
        reader = FlowReader(base)
        flow = reader.read(raw)
        faults = list(reader.faults)
        plans = {}
        for file, path in reader.sub_flows.items():
            inner = self._plan(base / file, file, path, around, faults)
            if inner is not None:
                plans[file] = inner
        flow = attrs.evolve(flow, sub_flows=plans, version=_digest(text, plans.values()))
        told = [f.path for f in faults]
        further = (*check(flow, self._around, refused=reader.refused), *file_faults(flow))
        faults += (f for f in further if not any(is_within(f.path, path) for path in told))
        self._locate(faults, name, text)
        return flow

    def _plan(
        self, file: Path, name: str, path: ConfigPath, around: tuple[Path, ...], faults: list[Fault]
    ) -> Flow | None:
        if file.resolve() in around:
            message = "These plans lead into one another in a circle."
            faults.append(Fault(path=dotted(path), message=message, value=repr(name)))
            return None
        before = len(self.faults)
        inner = self.file(file, str(file), around)
        if inner is None or len(self.faults) > before:
            faults.append(
                Fault(path=dotted(path), message="This plan is faulty.", value=repr(name))
            )
        return inner

    def _toml(self, text: str, name: str) -> dict[str, Any] | None:
        try:
            return tomllib.loads(text)
        except RecursionError:
            message, line = "Lists or tables are nested too deeply.", None
        except ValueError as error:
            place = re.search(r"\(at line (\d+), ", str(error))
            line = int(place[1]) if place else text.count("\n") + 1
            message = f"This is not TOML: {error}."
        self.faults.append(LocatedFault(path=name, message=message, file=name, line=line))
        return None

    def _locate(self, faults: list[Fault], name: str, text: str) -> None:
        lines = line_numbers(text)
        located = [
            LocatedFault(**attrs.asdict(f), file=name, line=_line(f.path, lines)) for f in faults
        ]
        located.sort(key=lambda f: f.line or 0)
        self.faults += located


def _digest(text: str, plans: Iterable[Flow]) -> str:
    """Return what tells versions apart: of a flow's text and of the plans in it."""
    whole = "\0".join([text, *(plan.version for plan in plans)])
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def _line(path: str, lines: Mapping[str, int]) -> int | None:
    """Return the line of a path, of what stands around it, or of the first thing inside."""
    inside = (line for known, line in lines.items() if is_within(known, path))
    return line_of(path, lines) or min(inside, default=None)
