"""``softswitch flow try``: a flow at the keyboard; you are caller, members and data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Final

import attrs
from rich.console import Console
from rich.text import Text

from softswitch.errors import MisuseError
from softswitch.ivr import commands as cmd
from softswitch.ivr.expressions import Value
from softswitch.ivr.model import Flow
from softswitch.ivr.rehearsal import MONDAY_MORNING, Happened, Heard, PretendWorld, Rehearsal
from softswitch.ivr.world import CallFacts

_HELP: Final = "keys, say WORDS, Enter for silence, h to hang up, q to leave"
_VALUES: Final = (bool, int, float, str, time, date)
_MOST_SHOWN: Final = 3


@attrs.frozen(kw_only=True)
class Pretended:
    """Who calls, into which world."""

    world: PretendWorld
    facts: CallFacts


def pretend(caller: str, closed: list[str], at: str) -> Pretended:
    """Make a world from what the command line says.

    Raises:
        MisuseError: ``at`` is no date and time.
    """
    try:
        begins = datetime.fromisoformat(at) if at else MONDAY_MORNING
    except ValueError:
        raise MisuseError(f"{at!r} is no date and time such as 2026-03-02T10:00") from None
    world = PretendWorld(
        begins=begins if begins.tzinfo else begins.replace(tzinfo=UTC),
        open=dict.fromkeys(closed, False),
    )
    return Pretended(world=world, facts=CallFacts(caller=caller, dialled="1000"))


def walk(flow: Flow, console: Console, pretended: Pretended) -> None:
    """Walk until the session is over or the person leaves."""
    rehearsal = Rehearsal(flow, pretended.world, pretended.facts)
    console.print(f"[bold]{flow.name}[/bold]: {_HELP}.")
    rehearsal.begin()
    shown = 0
    while True:
        for line in _lines(rehearsal, shown):
            console.print(line)
        shown = len(rehearsal.seen)
        if rehearsal.over or not _turn(rehearsal, console):
            break
    fault = rehearsal.session.fault
    if fault is not None:
        console.print(f"It failed: {fault.value}, {rehearsal.session.detail}", style="bold red")


def _lines(rehearsal: Rehearsal, shown: int) -> Iterator[Text]:
    for one in rehearsal.seen[shown:]:
        if isinstance(one, Heard):
            yield Text.assemble((f"{one.language or '♪':>3} ", "dim"), one.text)
        else:
            yield _happening(one)


def _happening(one: Happened) -> Text:
    words = one.what.replace("_", " ")
    about = (f"{words} {one.about}".rstrip(), "bold green")
    return Text.assemble(("  → ", "green"), about, f": {one.said}" if one.said else "")


def _turn(rehearsal: Rehearsal, console: Console) -> bool:
    """Let the person do the next thing; tell whether to go on."""
    waits = rehearsal.waits_for
    prompt = f"[{rehearsal.at}] {_question(rehearsal)}> "
    try:
        said = console.input(Text(prompt, style="bold")).strip()
    except (EOFError, KeyboardInterrupt):
        return False
    if said == "q":
        return False
    try:
        _do(rehearsal, waits, said)
    except (MisuseError, ValueError) as error:
        console.print(f"{error}", style="yellow")
    return True


def _question(rehearsal: Rehearsal) -> str:
    match waits := rehearsal.waits_for:
        case None:
            return ""
        case cmd.LookUp():
            asked = ", ".join(f"{name} = {value!r}" for name, value in waits.arguments.items())
            return f"{waits.source}({asked}): answer as TOML, nothing, or fails "
        case cmd.Record():
            return "seconds that you speak "
        case _:
            known = rehearsal.outcomes
            more = ("...",) if len(known) > _MOST_SHOWN else ()
            return f"{' / '.join((*known[:_MOST_SHOWN], *more, 'failed'))} "


def _do(rehearsal: Rehearsal, waits: cmd.Asking | None, said: str) -> None:
    if said == "h":
        rehearsal.hang_up()
    elif waits is None and said.startswith("say "):
        rehearsal.say(said.removeprefix("say "))
    elif waits is None:
        rehearsal.press(said) if said else rehearsal.stay_silent()
    elif said in {"fails", "failed"}:
        rehearsal.fails()
    elif isinstance(waits, cmd.LookUp):
        rehearsal.found(None if said == "nothing" else _answer(said))
    elif isinstance(waits, cmd.Record):
        rehearsal.recorded(float(said or 5))
    else:
        outcome, _, gives = said.partition(",")
        usual = next(iter(rehearsal.outcomes), "done")
        rehearsal.comes_out(outcome.strip() or usual, _given(gives) if gives else {})


def _given(said: str) -> dict[str, Value]:
    """Read what a node of a program's own gives: values of the kinds that variables have."""
    given = _answer(said)
    return {name: value for name, value in given.items() if isinstance(value, _VALUES)}


def _answer(said: str) -> dict[str, object]:
    """Read ``name = "Anna", level = 2`` as a table."""
    try:
        table = tomllib.loads(f"answer = {{ {said} }}")["answer"]
    except tomllib.TOMLDecodeError as error:
        raise MisuseError(f'an answer looks like name = "Anna", level = 2 ({error})') from None
    return dict(table)
