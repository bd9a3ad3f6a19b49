"""What is wrong with a flow, or with its conversations: for people, editors and programs."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from softswitch.errors import Fault
from softswitch.settings.faults import LocatedFault


def show_faults(faults: tuple[Fault, ...], file: Path) -> None:
    """Print every fault on standard error, and how many there are."""
    console = Console(stderr=True, highlight=False)
    for fault in faults:
        console.print(_line(fault, file), soft_wrap=True)
    many = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    console.print(f"{file}: {many}.", style="bold red", markup=False)


def as_json(fault: Fault) -> dict[str, object]:
    """Return a fault, ready for JSON."""
    located = fault if isinstance(fault, LocatedFault) else None
    return {
        "file": located.file if located else "",
        "line": located.line if located else None,
        "path": fault.path,
        "message": fault.message,
        "value": fault.value,
        "allowed": fault.allowed,
    }


def _line(fault: Fault, file: Path) -> Text:
    """Write a fault as ``file:line: path: message``, as editors understand it.

    The path is left out where the whole file is at fault.
    """
    located = fault if isinstance(fault, LocatedFault) else None
    name = located.file if located and located.file else str(file)
    place = f"{name}:{located.line}: " if located and located.line else f"{name}: "
    path = "" if fault.path == name else f"{fault.path}: "
    found = f" (found {fault.value})" if fault.value else ""
    text = Text.assemble((place, "bold"), (path, "cyan"), f"{fault.message}{found}")
    if fault.allowed:
        text.append(f"\n    allowed: {fault.allowed}", "dim")
    return text
