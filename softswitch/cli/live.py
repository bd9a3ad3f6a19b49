"""A live view of a running switch on a terminal, redrawn twice a second.

Waiting callers, phones that ring, conversations, what every member does, and the calls that ended
last.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from softswitch.acd.records import CallRecord, MemberState
from softswitch.acd.snapshot import CallSnapshot
from softswitch.switch.view import SwitchSnapshot

_REDRAW_S: Final = 0.5
_LAST_CALLS: Final = 8
_COLOURS: Final = {
    MemberState.READY: "green",
    MemberState.RINGING: "cyan",
    MemberState.IN_CALL: "yellow",
    MemberState.WRAP_UP: "yellow",
    MemberState.PAUSED: "dark_orange",
    MemberState.PASSIVE: "dim",
}


@contextlib.asynccontextmanager
async def watch(snapshot: Callable[[], SwitchSnapshot], console: Console) -> AsyncIterator[None]:
    """Show snapshots while the block runs; does nothing where the console is no terminal."""
    if not console.is_terminal:
        yield
        return
    with Live(render(snapshot()), console=console, auto_refresh=False) as live:
        drawing = asyncio.create_task(_draw(snapshot, live))
        try:
            yield
        finally:
            drawing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await drawing
            live.update(render(snapshot()), refresh=True)


async def _draw(snapshot: Callable[[], SwitchSnapshot], live: Live) -> None:
    while True:
        live.update(render(snapshot()), refresh=True)
        await asyncio.sleep(_REDRAW_S)


def render(snapshot: SwitchSnapshot) -> RenderableType:
    """Draw one snapshot."""
    members = {member.id: member.name or member.id for member in snapshot.members}
    return Group(
        _head(snapshot),
        _waiting(snapshot),
        _ringing(snapshot, members),
        _talking(snapshot.talking, snapshot.now, members),
        _members(snapshot),
        _finished(snapshot.finished[-_LAST_CALLS:], members),
    )


def _head(snapshot: SwitchSnapshot) -> Text:
    state = ("open", "green") if snapshot.open else ("closing: no new calls", "yellow")
    return Text.assemble(
        (snapshot.office or "softswitch", "bold"),
        f"  {snapshot.time:%H:%M:%S}  ",
        state,
        f"  {snapshot.calls} call legs, {len(snapshot.finished)} calls ended",
    )


def _table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str | Text]]
) -> RenderableType:
    """Make a table, or its title alone; text is shown as it is, never read as markup."""
    rows = tuple(rows)
    if not rows:
        return Text(title, style="dim italic")
    table = Table(title=title, title_justify="left", expand=True)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return table


def _waiting(snapshot: SwitchSnapshot) -> RenderableType:
    rows = [
        (str(call.position), call.group_id, call.caller or "unknown", duration(call.waited_s))
        for call in snapshot.waiting
    ]
    return _table(f"Waiting: {len(rows)}", ("Place", "Group", "Caller", "Waited"), rows)


def _ringing(snapshot: SwitchSnapshot, members: dict[str, str]) -> RenderableType:
    callers = {call.id: call.caller or "unknown" for call in snapshot.waiting}
    rows = [
        (
            members.get(offer.member_id, offer.member_id),
            offer.group_id,
            callers.get(offer.call_id, ""),
            duration(snapshot.now - offer.started_at),
        )
        for offer in snapshot.ringing
    ]
    return _table(f"Ringing: {len(rows)}", ("Member", "Group", "Caller", "Rings"), rows)


def _talking(calls: Iterable[CallSnapshot], now: float, members: dict[str, str]) -> RenderableType:
    rows = [
        (
            members.get(call.member_id or "", ""),
            call.group_id,
            call.caller or "unknown",
            duration(call.waited_s),
            duration(now - call.joined_at - call.waited_s),
        )
        for call in calls
    ]
    columns = ("Member", "Group", "Caller", "Waited", "Talks")
    return _table(f"Talking: {len(rows)}", columns, rows)


def _members(snapshot: SwitchSnapshot) -> RenderableType:
    rows = [
        (
            member.name or member.id,
            Text(_words(member.state.value), style=_COLOURS[member.state]),
            duration(snapshot.now - member.since),
            member.reason,
        )
        for member in snapshot.members
    ]
    return _table("Members", ("Member", "State", "For", "Reason"), rows)


def _finished(calls: Sequence[CallRecord], members: dict[str, str]) -> RenderableType:
    rows = [
        (
            call.group_id,
            call.caller or "unknown",
            _words(call.outcome.value),
            members.get(call.member_id or "", ""),
            duration(
                (call.ended_at if call.answered_at is None else call.answered_at) - call.joined_at
            ),
            "" if call.answered_at is None else duration(call.ended_at - call.answered_at),
        )
        for call in reversed(calls)
    ]
    columns = ("Group", "Caller", "Outcome", "Member", "Waited", "Talked")
    return _table(f"Ended last: {len(rows)}", columns, rows)


def _words(name: str) -> str:
    return name.replace("_", " ")


def duration(seconds: float) -> str:
    """Write seconds as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
