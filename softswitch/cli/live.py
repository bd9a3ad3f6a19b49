"""A live view of a running switch on a terminal, redrawn four times a second.

Left those who wait, right what every member does, below what happens, and the calls that ended
last. The same people stand in the same places all the time, so that changes catch the eye. A low
terminal shows less of what is over.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from softswitch.acd.records import CallRecord, MemberState
from softswitch.acd.snapshot import CallSnapshot, MemberSnapshot
from softswitch.cli.news import News
from softswitch.cli.words import OUTCOMES, STATES, duration, number
from softswitch.switch.view import SwitchSnapshot

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

_REDRAW_S: Final = 0.25
_WAITING_SHOWN: Final = 6
_ENDED_SHOWN: Final = 5
_NEWS_SHOWN: Final = 9
_NEWS_AT_LEAST: Final = 4
_NEWS_FRAME: Final = 2
_ENDED_FRAME: Final = 3
_COLOURS: Final = {
    MemberState.READY: "green",
    MemberState.RINGING: "bold cyan",
    MemberState.IN_CALL: "yellow",
    MemberState.WRAP_UP: "magenta",
    MemberState.PAUSED: "dark_orange",
    MemberState.PASSIVE: "bright_black",
}
_Cell = str | Text
_Row = Sequence[_Cell]


@attrs.frozen
class _Column:
    """One column of a frame; the one without a width takes what is left."""

    title: str = ""
    width: int = 0
    right: bool = False


_WAITING: Final = (
    _Column(width=1),
    _Column(),
    _Column(width=7),
    _Column(width=5),
    _Column(width=4, right=True),
)
_MEMBERS: Final = (
    _Column(width=1),
    _Column(width=11),
    _Column(width=7),
    _Column(),
    _Column(width=4, right=True),
)
_ENDED: Final = (
    _Column("Caller"),
    _Column("Group", 12),
    _Column("Outcome", 11),
    _Column("Member", 14),
    _Column("Waited", 7, right=True),
    _Column("Talked", 7, right=True),
)


@contextlib.asynccontextmanager
async def watch(switch: Switch, console: Console) -> AsyncIterator[None]:
    """Show a switch while the block runs; nothing where the console is no terminal."""
    if not console.is_terminal:
        yield
        return
    news = News(switch.snapshot)
    switch.on_record(news.on_record)

    def draw() -> RenderableType:
        news.look()
        return render(switch.snapshot(), news=tuple(news.lines))

    async with redrawn(draw, console):
        yield


@contextlib.asynccontextmanager
async def redrawn(
    draw: Callable[[], RenderableType], console: Console, *, transient: bool = False
) -> AsyncIterator[None]:
    """Show what ``draw`` gives, again and again, until the block ends.

    Args:
        draw: makes the picture.
        console: a terminal.
        transient: wipe the picture away at the end.
    """
    with Live(draw(), console=console, auto_refresh=False, transient=transient) as live:
        drawing = asyncio.create_task(_redraw(draw, live))
        try:
            yield
        finally:
            drawing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await drawing
            live.update(draw(), refresh=True)


async def _redraw(draw: Callable[[], RenderableType], live: Live) -> None:
    while True:
        live.update(draw(), refresh=True)
        await asyncio.sleep(_REDRAW_S)


def render(
    snapshot: SwitchSnapshot,
    *,
    news: Sequence[Text] = (),
    caller: Callable[[str], str] = number,
    above: int = 0,
) -> RenderableType:
    """Draw one snapshot.

    Args:
        snapshot: how things stand.
        news: what happened, the oldest first; the last of it is shown.
        caller: how to write a caller's number.
        above: lines of the terminal that something else takes.
    """
    return _Picture(_View(snapshot, caller), news, above)


@attrs.frozen
class _Picture:
    """What ``render`` gives: as much as the terminal has lines for."""

    _view: _View
    _news: Sequence[Text]
    _above: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        view = self._view
        news, ended = _NEWS_SHOWN, _ENDED_SHOWN
        if console.is_terminal:
            news, ended = _shares(options.size.height - self._above - view.height)
        people = Table.grid(expand=True)
        people.add_column(ratio=23)
        people.add_column(ratio=27)
        people.add_row(view.waiting(), view.members())
        yield from (view.head(), people, _news_panel(self._news, news))
        if ended:
            yield view.ended(ended)
        yield Text("")  # where the terminal writes ^C, and does not spoil the picture


def _shares(lines: int) -> tuple[int, int]:
    """How much news and how many ended calls fit into so many lines; 0 calls: no frame for them."""
    for ended in range(_ENDED_SHOWN, 1, -1):
        news = lines - ended - _ENDED_FRAME - _NEWS_FRAME
        if news >= _NEWS_AT_LEAST:
            return min(news, _NEWS_SHOWN), ended
    return max(1, min(lines - _NEWS_FRAME, _NEWS_SHOWN)), 0


class _View:
    """One snapshot, and how to write the people in it."""

    def __init__(self, snapshot: SwitchSnapshot, caller: Callable[[str], str]) -> None:
        self._snapshot = snapshot
        self._caller = caller
        self._names = {member.id: member.name or member.id for member in snapshot.members}
        self._ringing = {offer.call_id for offer in snapshot.ringing}
        talking: Mapping[str, str] = {c.id: c.caller for c in snapshot.talking}
        self._callers = {**talking, **{c.id: c.caller for c in snapshot.waiting}}
        self._rings_for = {offer.member_id: offer.call_id for offer in snapshot.ringing}
        self._rows = max(len(snapshot.members), _WAITING_SHOWN)
        self.height = self._rows + 4
        """Lines of the head, the people in their frames, and the line below all."""

    def head(self) -> Text:
        snapshot = self._snapshot
        state = ("open", "green") if snapshot.open else ("closing", "yellow")
        return Text.assemble(
            (snapshot.office or "softswitch", "bold"),
            f"   {snapshot.time:%H:%M:%S}   ",
            state,
            f"   {_count(len(snapshot.waiting), 'caller')} waiting,"
            f" {_count(len(snapshot.talking), 'conversation')},"
            f" {_count(len(snapshot.finished), 'call')} ended",
            no_wrap=True,
            overflow="ellipsis",
        )

    def waiting(self) -> RenderableType:
        calls = self._snapshot.waiting
        rows = [self._waiting_row(call) for call in calls[:_WAITING_SHOWN]]
        if len(calls) > _WAITING_SHOWN:
            rows[-1:] = [("", f"and {len(calls) - _WAITING_SHOWN + 1} more", "", "", "")]
        rows = rows or [("", Text("nobody", style="bright_black"), "", "", "")]
        return _panel(f"Waiting: {len(calls)}", rows, self._rows, _WAITING)

    def _waiting_row(self, call: CallSnapshot) -> _Row:
        rings = call.id in self._ringing
        now = Text("rings", "bold cyan") if rings else Text("music", "yellow")
        waited = duration(call.waited_s)
        return str(call.position), self._caller(call.caller), call.group_id, now, waited

    def members(self) -> RenderableType:
        rows = [self._member_row(member) for member in self._snapshot.members]
        return _panel("Members", rows, self._rows, _MEMBERS)

    def _member_row(self, member: MemberSnapshot) -> _Row:
        colour = _COLOURS[member.state]
        call_id = member.call_id or self._rings_for.get(member.id)
        partner = self._caller(self._callers.get(call_id, "")) if call_id else member.reason
        state = Text(STATES[member.state], style=colour)
        since = duration(self._snapshot.now - member.since)
        return Text("●", style=colour), self._names[member.id], state, partner, since

    def ended(self, shown: int) -> RenderableType:
        finished = self._snapshot.finished
        rows = [self._ended_row(call) for call in reversed(finished[-shown:])]
        return _panel(f"Ended: {len(finished)}", rows, shown, _ENDED)

    def _ended_row(self, call: CallRecord) -> _Row:
        answered = call.ended_at if call.answered_at is None else call.answered_at
        return (
            self._caller(call.caller),
            call.group_id,
            OUTCOMES[call.outcome],
            self._names.get(call.member_id or "", ""),
            duration(answered - call.joined_at),
            "" if call.answered_at is None else duration(call.ended_at - answered),
        )


def _news_panel(news: Sequence[Text], shown: int) -> RenderableType:
    last = list(news[-shown:])
    missing = [Text("")] * (shown - len(last))
    for line in last:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Panel(Group(*last, *missing), title="What happens", title_align="left")


def _panel(title: str, rows: Sequence[_Row], height: int, columns: Sequence[_Column]) -> Panel:
    """A frame of a fixed height; text is shown as it is, never read as markup."""
    headed = any(column.title for column in columns)
    table = Table(box=None, expand=True, pad_edge=False, padding=(0, 1, 0, 0), show_header=headed)
    for column in columns:
        table.add_column(
            column.title,
            justify="right" if column.right else "left",
            min_width=column.width or None,
            no_wrap=bool(column.width),
            ratio=None if column.width else 1,
            header_style="dim",
        )
    for row in rows:
        table.add_row(*(_text(cell) for cell in row))
    for _ in range(height - len(rows)):
        table.add_row("")
    return Panel(table, title=title, title_align="left")


def _text(cell: _Cell) -> Text:
    text = Text(cell) if isinstance(cell, str) else cell
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _count(how_many: int, what: str) -> str:
    return f"{how_many} {what}" if how_many == 1 else f"{how_many} {what}s"
