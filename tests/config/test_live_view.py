"""The live view, of a queue engine in the middle of its work."""

import asyncio
import io
from datetime import UTC, datetime

from rich.console import Console

from softswitch.acd import Engine
from softswitch.acd.commands import RingMember
from softswitch.acd.events import CallJoined, OfferAnswered
from softswitch.acd.model import Group, Member
from softswitch.cli.live import duration, render, watch
from softswitch.switch.view import SwitchSnapshot


def _snapshot() -> SwitchSnapshot:
    """At 100 s one caller talks to Anna since 10 s, Bo rings for a second, a third waits."""
    members = [
        Member(id="anna", address="sip:a@x", name="Anna"),
        Member(id="bo", address="sip:b@x"),
    ]
    engine = Engine([Group(id="main", members=("anna", "bo"))], members, now=0)
    engine.handle(CallJoined(call_id="1", group_id="main", caller="1111"), 80)
    [ring] = [command for command in engine.poll() if isinstance(command, RingMember)]
    engine.handle(OfferAnswered(offer_id=ring.offer_id), 90)
    engine.handle(CallJoined(call_id="2", group_id="main", caller="[2222]"), 95)
    engine.handle(CallJoined(call_id="3", group_id="main", caller=""), 97)
    return SwitchSnapshot(
        office="Office",
        time=datetime(2026, 1, 1, 12, tzinfo=UTC),
        now=100,
        open=True,
        calls=4,
        engine=engine.snapshot(100),
        finished=(),
    )


def _drawn(snapshot: SwitchSnapshot) -> str:
    console = Console(file=io.StringIO(), width=120)
    with console.capture() as capture:
        console.print(render(snapshot))
    return capture.get()


def test_who_waits_rings_and_talks():
    lines = [" ".join(line.split()) for line in _drawn(_snapshot()).splitlines()]
    assert any(line.startswith("Office 12:00:00 open") for line in lines)
    for row in (
        "Waiting: 2",
        "│ 1 │ main │ [2222] │ 0:05 │",
        "│ 2 │ main │ unknown │ 0:03 │",
        "Ringing: 1",
        "│ bo │ main │ [2222] │ 0:05 │",
        "Talking: 1",
        "│ Anna │ main │ 1111 │ 0:10 │ 0:10 │",
        "│ Anna │ in call │ 0:10 │ │",
        "│ bo │ ringing │ 0:05 │ │",
    ):
        assert row in lines


def test_it_is_drawn_on_a_terminal_and_nowhere_else():
    async def drawn(console: Console) -> None:
        async with watch(_snapshot, console):
            pass

    terminal, pipe = io.StringIO(), io.StringIO()
    asyncio.run(drawn(Console(file=terminal, force_terminal=True, width=120)))
    asyncio.run(drawn(Console(file=pipe, width=120)))
    assert "Waiting: 2" in terminal.getvalue()
    assert pipe.getvalue() == ""


def test_durations():
    assert [duration(s) for s in (-1, 0, 59.9, 60, 3599, 3600, 36_061)] == [
        "0:00",
        "0:00",
        "0:59",
        "1:00",
        "59:59",
        "1:00:00",
        "10:01:01",
    ]
