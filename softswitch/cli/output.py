"""How the command speaks to a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.text import Text

from softswitch.errors import SoftswitchError


@contextmanager
def errors_explained() -> Iterator[None]:
    """Turn an error of ours into its message on standard error and exit status 1."""
    try:
        yield
    except SoftswitchError as error:
        message = Text.assemble(("error: ", "bold red"), str(error))
        Console(stderr=True).print(message, soft_wrap=True)
        raise typer.Exit(1) from error
