"""``softswitch pjsip``: which PJSIP runs here, and making the one that a switch needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from softswitch.cli.output import errors_explained
from softswitch.sip.info import LibraryInfo, meaning, read_info
from softswitch.sip.server_build.build import build_and_install
from softswitch.sip.server_build.progress import Steps

app = typer.Typer(help="The SIP library underneath: look at it, build it.", no_args_is_help=True)


@app.command()
def info(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what the installed PJSIP is, what it can carry, and what that means."""
    with errors_explained():
        facts = read_info()
    if as_json:
        typer.echo(json.dumps(facts.to_dict(), indent=2))
    else:
        _show(facts, Console(highlight=False))


@app.command()
def build(
    tarball: Annotated[
        Path | None,
        typer.Argument(help="Source of PJSIP; without it, the one used last, or through apt."),
    ] = None,
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Fetch and compile again, whatever was kept.")
    ] = False,
) -> None:
    """Build PJSIP for a switch and install it into this Python environment."""
    console = Console(soft_wrap=True, highlight=False)
    with errors_explained(), Steps(console) as steps:
        outcome = build_and_install(tarball, steps, fresh=fresh)
    news = f"in place of {outcome.replaced}" if outcome.replaced else "as it is now"
    console.print(f"PJSIP {outcome.info.distribution} is installed, {news}.")
    console.print(meaning(outcome.info)[0])
    console.print(f"Its wheel: {outcome.wheel}")


def _show(facts: LibraryInfo, console: Console) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _rows(facts).items():
        table.add_row(f"[bold]{name}", value)
    console.print(table)
    console.print()
    for sentence in meaning(facts):
        console.print(f"• {sentence}")


def _rows(facts: LibraryInfo) -> dict[str, str]:
    """The facts as a person reads them, by their names."""
    return {
        "PJSIP": f"{facts.version} (distribution {facts.distribution})",
        "Calls at once": f"{facts.max_calls:,}",
        "I/O queue": f"{facts.io_queue}, {facts.io_queue_handles:,} sockets",
        "IPv6": "yes" if facts.ipv6 else "no",
        "Wakes asyncio": "yes" if facts.wakes_loop else "no",
        "Assertions": "on" if facts.asserts else "off",
        "Codecs": ", ".join(facts.codec_names),
        "TLS": facts.tls or "none",
        "SRTP": ", ".join(facts.srtp) or "none",
    }
