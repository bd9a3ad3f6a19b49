"""``softswitch messages`` and ``softswitch pin``: an office's voicemail, and who may hear it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from softswitch.cli.modules import Modules, imported
from softswitch.cli.output import errors_explained
from softswitch.errors import MisuseError
from softswitch.prompts.library import PinGuard
from softswitch.switch import load_office
from softswitch.switch.boxes import Box, boxes_of
from softswitch.switch.config import OfficeConfig
from softswitch.switch.pins import FOLDER as PIN_FOLDER
from softswitch.switch.voicemail_desk import FOLDER
from softswitch.voicemail import Message, MessageBox
from softswitch.voicemail.message import in_order

OfficeFile = Annotated[Path, typer.Argument(metavar="OFFICE.TOML", help="The office file.")]


def pin(
    office: OfficeFile,
    box: Annotated[str, typer.Argument(help="A member or a group of the office.")],
    *,
    modules: Modules = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for one instead of making it.")] = False,
) -> None:
    """Make a new PIN for hearing messages, and a member's for logging in by phone; show it once."""
    with errors_explained():
        imported(modules, office)
        config = load_office(office, flows=True)
        owner = _box(config, box).pin_owner
        chosen = typer.prompt("PIN", hide_input=True, confirmation_prompt=True) if ask else None
        guard = PinGuard(config.data_dir / PIN_FOLDER / f"{owner}.json", lambda: datetime.now(UTC))
        told = guard.new(chosen)
        typer.echo("The PIN is set." if ask else f"The PIN is {told}; it is shown only now.")


def messages(
    office: OfficeFile,
    box: Annotated[str, typer.Argument(help="A member or a group; without it, all.")] = "",
    *,
    modules: Modules = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the messages that callers have left."""
    with errors_explained():
        imported(modules, office)
        config = load_office(office, flows=True)
        boxes = [_box(config, box)] if box else [*boxes_of(config).values()]
        found = [
            (folder.sound(message), message)
            for folder in (MessageBox(config.data_dir / FOLDER / one.id) for one in boxes)
            for message in in_order(folder.read())
        ]
        if as_json:
            typer.echo(json.dumps([_described(*one) for one in found], ensure_ascii=False))
        else:
            Console().print(_table(found))


def _box(config: OfficeConfig, name: str) -> Box:
    boxes = boxes_of(config)
    if name not in boxes:
        raise MisuseError(f"There is no box {name!r}; there are: {', '.join(boxes)}.")
    return boxes[name]


def _table(found: list[tuple[Path, Message]]) -> Table:
    table = Table()
    for title in ("Box", "Received", "From", "Length", "State", "File"):
        table.add_column(title)
    for sound, message in found:
        state = message.state.value + (", urgent" if message.urgent else "")
        received = f"{message.received_at:%Y-%m-%d %H:%M}"
        length = f"{message.length_s:.0f} s"
        table.add_row(message.box, received, message.caller, length, state, str(sound))
    return table


def _described(sound: Path, message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "box": message.box,
        "received_at": message.received_at.isoformat(),
        "caller": message.caller,
        "caller_name": message.caller_name,
        "length_s": message.length_s,
        "state": message.state.value,
        "urgent": message.urgent,
        "file": str(sound),
    }
