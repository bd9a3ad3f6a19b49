"""``softswitch flow``: call flows checked, drawn, tried and tested, without a phone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from softswitch.cli import flow_test, flow_try
from softswitch.cli.flow_faults import as_json as described
from softswitch.cli.flow_faults import show_faults
from softswitch.cli.modules import Modules, import_one, imported
from softswitch.cli.output import errors_explained
from softswitch.errors import ConfigurationError, Fault, MisuseError
from softswitch.ivr import diagram
from softswitch.ivr.check_prompts import file_faults
from softswitch.ivr.checks import ANYWHERE, Surroundings
from softswitch.ivr.checks import check as find_faults
from softswitch.ivr.conversations import script_of
from softswitch.ivr.loading import load_flow
from softswitch.ivr.model import Flow
from softswitch.ivr.writing import flow_text
from softswitch.prompts.library import SoundLibrary
from softswitch.settings.faults import one_of
from softswitch.switch.flow_history import kept_versions, locate, texts_of, write_texts
from softswitch.switch.flow_rules import surroundings
from softswitch.switch.loading import load_office
from softswitch.switch.sound_desk import LIBRARY_FOLDER

FAULTY: Final = 2
"""Exit status of a flow, or of conversations, that are refused."""

FAILED: Final = 1
"""Exit status of a flow of which a conversation went wrong."""

PICTURES: Final = (".svg", ".mmd", ".md")
"""How names of pictures end: SVG, or Mermaid as it is, or in Markdown."""

app = typer.Typer(help="Call flows: check, draw, show, try, test.", no_args_is_help=True)

FlowFile = Annotated[
    Path,
    typer.Argument(metavar="FLOW.TOML", help="The flow file, or a flow in Python: MODULE:NAME."),
]
Office = Annotated[Path, typer.Argument(metavar="OFFICE.TOML", help="The office file.")]
FlowName = Annotated[str, typer.Argument(metavar="FLOW", help="The flow's name in it.")]
OfficeFile = Annotated[
    Path | None,
    typer.Option(
        "--office",
        metavar="OFFICE.TOML",
        help="The office whose groups, calendars and sounds must exist.",
    ),
]


@app.command()
def check(
    file: FlowFile,
    *,
    office: OfficeFile = None,
    modules: Modules = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find everything that is wrong with a flow (exit status 2)."""
    flow = _load(file, modules, office, as_json=as_json)
    if as_json:
        typer.echo(json.dumps({"flow": flow.name, "version": flow.version, "faults": []}))
        return
    plans = f", {len(flow.sub_flows)} further plans" if flow.sub_flows else ""
    text = f"{flow.name}: {len(flow.nodes)} nodes{plans}, in {', '.join(flow.spoken)}. No faults."
    typer.echo(text)


@app.command()
def graph(
    file: FlowFile,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="NAME.svg, .mmd or .md; else Mermaid is shown."),
    ] = None,
    *,
    modules: Modules = None,
) -> None:
    """Draw a flow as Mermaid text or as an SVG picture."""
    if output is not None and output.suffix not in PICTURES:
        raise typer.BadParameter(f"{output}: allowed: a name that ends in {one_of(PICTURES)}")
    flow = _load(file, modules)
    with errors_explained():
        if output is None:
            typer.echo(diagram.mermaid(flow), nl=False)
            return
        try:
            diagram.save(flow, output)
        except OSError as error:
            raise MisuseError(f"{output} cannot be written: {error.strerror}.") from None
    typer.echo(f"{output} shows {flow.name}.")


@app.command()
def show(file: FlowFile, *, modules: Modules = None) -> None:
    """Write a flow as TOML, also one that is built in Python."""
    typer.echo(flow_text(_load(file, modules), _base(file)), nl=False)


def _base(file: Path) -> Path:
    return file.parent if file.exists() else Path()


@app.command()
def history(office: Office, flow: FlowName) -> None:
    """List the versions of an office's flow that were in force."""
    with errors_explained():
        versions = kept_versions(locate(office, flow).kept)
    table = Table("version", "in force since", box=None)
    for kept in versions:
        table.add_row(kept.version, f"{kept.since:%Y-%m-%d %H:%M:%S}")
    Console().print(table)


@app.command()
def restore(
    office: Office,
    flow: FlowName,
    version: Annotated[str, typer.Argument(help="The version, as `flow history` lists it.")],
) -> None:
    """Write an earlier version back into the flow's files; a running office takes it at once."""
    with errors_explained():
        place = locate(office, flow)
        texts = texts_of(place.kept, version)
        write_texts(place.file.parent, texts)
    typer.echo(f"{', '.join(sorted(texts))}: as in version {version}.")


@app.command("try")
def try_(
    file: FlowFile,
    *,
    modules: Modules = None,
    caller: Annotated[str, typer.Option(help="The number that calls.")] = "+4512345678",
    closed: Annotated[
        list[str] | None, typer.Option("--closed", help="A calendar that is closed.")
    ] = None,
    at: Annotated[str, typer.Option(help="When, such as 2026-03-02T10:00.")] = "",
) -> None:
    """Walk through a flow at the keyboard, with no phone."""
    flow = _load(file, modules)
    with errors_explained():
        flow_try.walk(flow, Console(highlight=False), flow_try.pretend(caller, closed or [], at))


@app.command("test")
def hold(
    file: FlowFile,
    script: Annotated[
        Path | None,
        typer.Argument(help="The conversations; without it NAME.test.toml beside NAME.toml."),
    ] = None,
    *,
    modules: Modules = None,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Show what was said also where it is right.")
    ] = False,
) -> None:
    """Hold the conversations written beside a flow (exit status 1 when one goes wrong)."""
    flow = _load(file, modules)
    written = script or script_of(file)
    try:
        conversations = flow_test.conversations_in(written)
    except ConfigurationError as error:
        show_faults(error.faults, written)
        raise typer.Exit(FAULTY) from None
    if not flow_test.run_all(flow, conversations, Console(highlight=False), verbose=verbose):
        raise typer.Exit(FAILED)


def _load(
    file: Path, modules: list[str] | None, office: Path | None = None, *, as_json: bool = False
) -> Flow:
    """Load a flow, or say what is wrong with it and exit."""
    with errors_explained():
        imported(modules, file)
    try:
        if not file.exists() and ":" in file.name:
            return _from_python(str(file), office)
        return load_flow(file, _around(office))
    except ConfigurationError as error:
        if as_json:
            typer.echo(json.dumps({"faults": [described(fault) for fault in error.faults]}))
        else:
            show_faults(error.faults, file)
        raise typer.Exit(FAULTY) from None


def _from_python(name: str, office: Path | None) -> Flow:
    """Return a flow that a module has, such as ``office:front_desk``.

    Raises:
        ConfigurationError: it is faulty, or there is no such flow.
    """
    module, _, attribute = name.partition(":")
    with errors_explained():
        flow = getattr(import_one(module, Path(name)), attribute, None)
    if not isinstance(flow, Flow):
        raise ConfigurationError([Fault(path=name, message="There is no such flow.")])
    if faults := (*find_faults(flow, _around(office)), *file_faults(flow)):
        raise ConfigurationError(faults)
    return flow


def _around(office: Path | None) -> Surroundings:
    if office is None:
        return ANYWHERE
    config = load_office(office, flows=True)
    with errors_explained():
        library = SoundLibrary(config.data_dir / LIBRARY_FOLDER, lambda: datetime.now(UTC))
        sounds = frozenset(library.read().sounds)
    return surroundings(config, sounds)
