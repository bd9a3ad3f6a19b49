"""``softswitch sounds``: the sound library of an office.

A running office that was started by ``softswitch run`` takes up every change at once.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import attrs
import typer
from rich.console import Console

from softswitch.cli import sounds_view as view
from softswitch.cli.modules import Modules, imported
from softswitch.cli.output import errors_explained
from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.prompts import SoundStore
from softswitch.prompts.library import (
    OFFICE,
    Catalogue,
    PinGuard,
    Slot,
    SoundKind,
    SoundLibrary,
)
from softswitch.prompts.waveform import draw_waveform
from softswitch.simulation.picture import check_picture
from softswitch.switch.config import OfficeConfig
from softswitch.switch.flow_rules import sound_uses
from softswitch.switch.loading import load_office
from softswitch.switch.sound_desk import LIBRARY_FOLDER, PIN_FILE, playable

app = typer.Typer(
    no_args_is_help=True,
    help="The sound library of an office: greetings, music, hotprompts, and the PIN for recording.",
)

NOW: Final[Callable[[], datetime]] = lambda: datetime.now(UTC)  # noqa: E731 - tests set it

OfficeFile = Annotated[Path, typer.Argument(metavar="OFFICE.TOML", help="The office file.")]
Name = Annotated[str, typer.Argument(help="Name of a sound.")]
Group = Annotated[str, typer.Option(metavar="ID", help="A group; without it, the whole office.")]
SlotOption = Annotated[Slot, typer.Option("--slot", help="When a greeting is heard.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@attrs.frozen
class _Desk:
    """An office with its library, as a command works on it."""

    config: OfficeConfig
    library: SoundLibrary
    store: SoundStore

    def owner(self, group: str) -> str:
        """Return whose shelf is meant.

        Raises:
            MisuseError: the office has no such group.
        """
        groups = [one.id for one in self.config.groups]
        if group and group not in groups:
            known = ", ".join(groups) or "none"
            raise MisuseError(f"The office has no group {group!r}; there are: {known}.")
        return group or OFFICE

    def uses(self, name: str) -> tuple[str, ...]:
        """Return where a sound is used, in the library and in the office's flows, in words."""
        return (*self.library.uses(name), *sound_uses(self.config).get(name, ()))

    def show(self, catalogue: Catalogue, owner: str) -> None:
        """Print what callers of the office or a group hear now."""
        Console().print(view.shelf(catalogue, owner, self.library.now))


@contextmanager
def _desk(office: Path, modules: list[str] | None) -> Iterator[_Desk]:
    with errors_explained():
        imported(modules, office)
        config = load_office(office, flows=True)
        zone = ZoneInfo(config.timezone) if config.timezone else None
        library = SoundLibrary(config.data_dir / LIBRARY_FOLDER, lambda: NOW().astimezone(zone))
        store = SoundStore(config.data_dir / "sounds", config.sip.clock_rate_hz)
        yield _Desk(config, library, store)


@app.command("list")
def list_sounds(office: OfficeFile, *, modules: Modules = None, as_json: AsJson = False) -> None:
    """Show every sound, and what callers hear."""
    with _desk(office, modules) as desk:
        catalogue, now = desk.library.read(), desk.library.now
        flows = sound_uses(desk.config)
        if as_json:
            said = view.describe(catalogue, now, flows)
            typer.echo(json.dumps(said, indent=2, ensure_ascii=False))
            return
        screen = Console()
        screen.print(view.sounds(catalogue, now, flows))
        screen.print(view.shelves(catalogue, now))


@app.command()
def add(
    office: OfficeFile,
    file: Annotated[Path, typer.Argument(help="WAV, MP3, WMA, FLAC, Ogg ...")],
    *,
    modules: Modules = None,
    name: Annotated[str | None, typer.Option(help="Without it, that of the file.")] = None,
    kind: Annotated[SoundKind, typer.Option(help="What it is for.")] = SoundKind.GREETING,
) -> None:
    """Take in a sound file; one whose name is known becomes a new version of that sound."""
    with _desk(office, modules) as desk:
        called = file.stem if name is None else name
        before = desk.library.read().sounds
        catalogue = desk.library.add(called, file, kind)
        [sound] = [one for one in catalogue.sounds.values() if one != before.get(one.name)]
        playable(desk.library, desk.store, sound)
        Console().print(view.added(sound), highlight=False, markup=False)


@app.command()
def show(
    office: OfficeFile,
    name: Name,
    *,
    modules: Modules = None,
    version: Annotated[int | None, typer.Option(help="Without it, the current one.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write it as callers hear it: WAV."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw its waveform: .png or .svg.")
    ] = None,
) -> None:
    """Show a sound with its versions and uses; listen to it before it is activated."""
    with _desk(office, modules) as desk:
        if plot:
            check_picture(plot)
        sound = desk.library.read().sound(name)
        heard = playable(desk.library, desk.store, sound, version)
        screen = Console()
        screen.print(view.versions(sound, desk.uses(name)))
        samples, rate_hz = view.read(heard)
        screen.print(view.outline(samples, rate_hz, screen.width))
        try:
            if output:
                shutil.copyfile(heard, output)
            if plot:
                number = sound.version(version).number
                draw_waveform(plot, samples, rate_hz, f"{name}, version {number}")
        except OSError as error:
            raise EnvironmentFaultError(
                f"{error.filename} cannot be written: {error.strerror}.",
                remedy="Check that the folder is there and may be written.",
            ) from error


@app.command()
def activate(
    office: OfficeFile,
    name: Name,
    *,
    modules: Modules = None,
    slot: SlotOption = Slot.OPEN,
    group: Group = "",
) -> None:
    """Let a greeting be heard: while open or closed, in normal or special hours."""
    with _desk(office, modules) as desk:
        owner = desk.owner(group)
        desk.show(desk.library.activate(name, slot, owner), owner)


@app.command()
def deactivate(
    office: OfficeFile, *, modules: Modules = None, slot: SlotOption = Slot.OPEN, group: Group = ""
) -> None:
    """Let no greeting be heard in a slot."""
    with _desk(office, modules) as desk:
        desk.show(desk.library.deactivate(slot, group), group)


@app.command()
def remove(office: OfficeFile, name: Name, *, modules: Modules = None) -> None:
    """Remove a sound with all its versions, unless it is used somewhere."""
    with _desk(office, modules) as desk:
        desk.library.remove(name, also_used=sound_uses(desk.config).get(name, ()))
        typer.echo(f"{name} is removed.")


@app.command()
def rollback(
    office: OfficeFile,
    name: Name,
    version: Annotated[
        int | None, typer.Argument(help="Which one; without it, the one before.")
    ] = None,
    *,
    modules: Modules = None,
) -> None:
    """Let an older version of a sound be heard again."""
    with _desk(office, modules) as desk:
        sound = desk.library.roll_back(name, version).sound(name)
        playable(desk.library, desk.store, sound)
        Console().print(view.versions(sound, desk.uses(name)))


@app.command()
def hotprompt(
    office: OfficeFile,
    name: Annotated[str | None, typer.Argument(help="The sound; without it, switch off.")] = None,
    *,
    modules: Modules = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When it ends by itself: 18:00, or 2026-12-24T12:00."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help="When it begins by itself; without it, now."),
    ] = None,
    group: Group = "",
) -> None:
    """Switch a message in front of everything on or off, now or for a time."""
    with _desk(office, modules) as desk:
        if name is None:
            desk.show(desk.library.hotprompt_off(group), group)
            return
        begin = None if since is None else _time(since, desk.library.now)
        end = None if until is None else _time(until, begin or desk.library.now)
        owner = desk.owner(group)
        desk.show(desk.library.hotprompt_on(name, until=end, since=begin, owner=owner), owner)


def _time(text: str, now: datetime) -> datetime:
    """Read a time of day, the next that comes, or a date and time; both of the office's zone.

    Raises:
        MisuseError: it is neither.
    """
    try:
        end = datetime.combine(now.date(), time.fromisoformat(text), tzinfo=now.tzinfo)
        return end if end > now else end + timedelta(days=1)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise MisuseError(
            f"{text!r} is no time; allowed: a time of day such as 18:00, or a date and a time "
            "such as 2026-12-24T12:00."
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=now.tzinfo)


@app.command()
def playlist(
    office: OfficeFile,
    title: Annotated[str, typer.Argument(help="The playlist; `default` is supplied.")],
    names: Annotated[
        list[str] | None, typer.Argument(help="Sounds of kind music, at most 10.")
    ] = None,
    *,
    modules: Modules = None,
    now: Annotated[bool, typer.Option("--activate", help="Let waiting callers hear it.")] = False,
    gone: Annotated[bool, typer.Option("--remove", help="Remove it; its sounds stay.")] = False,
    group: Group = "",
) -> None:
    """Make, change, activate or remove a playlist; there may be three, one of them is active."""
    with _desk(office, modules) as desk:
        owner, library = desk.owner(group), desk.library
        if gone and (names or now):
            raise MisuseError("A playlist is removed, or it is changed and activated.")
        if gone:
            catalogue = library.remove_playlist(title, owner)
        elif names or not now:
            catalogue = library.set_playlist(title, names or (), owner)
        if now:
            catalogue = library.activate_playlist(title, owner)
        desk.show(catalogue, owner)


@app.command()
def pin(
    office: OfficeFile,
    *,
    modules: Modules = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for one instead of making it.")] = False,
) -> None:
    """Make a new PIN for recording by phone and show it, this once."""
    with _desk(office, modules) as desk:
        chosen = typer.prompt("PIN", hide_input=True, confirmation_prompt=True) if ask else None
        guard = PinGuard(desk.config.data_dir / PIN_FILE, lambda: datetime.now(UTC))
        told = guard.new(chosen)
        number = desk.config.recording_number
        typer.echo("The PIN is set." if ask else f"The PIN is {told}; it is shown only now.")
        if number:
            typer.echo(f"Greetings are recorded at {number}.")
        else:
            typer.echo("Set recording_number in [office], so that there is a number to call.")
