"""``--import MODULE``: what a program adds to offices and flows, for every command that reads them.

A module that is imported makes its kinds of nodes known (`softswitch.ivr.model.node_kind`). What
belongs to one switch, such as look-up functions, it adds in a function ``extend``, which is given
the switch before that opens::

    def extend(switch: Switch) -> None:
        switch.look_up("cases")(case)
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Final

import typer

from softswitch.errors import MisuseError

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

Modules = Annotated[
    list[str] | None,
    typer.Option(
        "--import",
        metavar="MODULE",
        help="A Python module with kinds of nodes and look-up functions; may be given again.",
    ),
]

EXTEND: Final = "extend"
"""Name of the function that adds to a switch."""


def imported(modules: Iterable[str] | None, beside: Path) -> tuple[ModuleType, ...]:
    """Import modules, from the working folder, what is installed, or the folder of a file.

    Args:
        modules: their names, such as ``lottery``; None: none.
        beside: the office or flow file that the command is about.

    Raises:
        MisuseError: one of them is not there, or cannot be imported.
    """
    return tuple(import_one(name, beside) for name in modules or ())


def import_one(name: str, beside: Path) -> ModuleType:
    """Import one module; as `imported`."""
    here, folder = str(Path.cwd()), str(beside.resolve().parent)
    if here not in sys.path:
        sys.path.insert(0, here)
    if folder not in sys.path:
        sys.path.append(folder)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise MisuseError(
                f"the module {name!r} needs {error.name!r}, which is not there"
            ) from None
        where = f"in {here}, in {folder}, and among what is installed"
        raise MisuseError(f"there is no module {name!r}: looked for {where}") from None
    except Exception as error:  # of anybody's code
        what = f"{type(error).__name__}: {error}"
        raise MisuseError(f"the module {name!r} cannot be imported: {what}") from error


def extend(switch: Switch, modules: Iterable[ModuleType]) -> None:
    """Let modules add to a switch that is not open yet.

    Raises:
        MisuseError: the function ``extend`` of one of them failed.
    """
    for module in modules:
        add = getattr(module, EXTEND, None)
        if add is None:
            continue
        try:
            add(switch)
        except Exception as error:  # of anybody's code
            what = f"{type(error).__name__}: {error}"
            raise MisuseError(
                f"{EXTEND} of the module {module.__name__!r} failed: {what}"
            ) from error
