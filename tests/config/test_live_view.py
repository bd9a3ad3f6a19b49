"""The live view, of a queue engine in the middle of its work."""

import asyncio
import io
from datetime import UTC, datetime

import attrs
from rich.console import Console, RenderableType
from rich.text import Text

from softswitch.acd import Engine
from softswitch.acd.commands import RingMember
from softswitch.acd.events import CallHungUp, CallJoined, OfferAnswered
from softswitch.acd.model import Group, Member
from softswitch.acd.records import CallRecord
from softswitch.cli.live import redrawn, render, watch
from softswitch.cli.words import duration, listed, number
from softswitch.switch.view import SwitchSnapshot


def _snapshot() -> SwitchSnapshot:
    """At 100 s one caller talks to Anna since 10 s, Bo rings for 5 s, a third waits.

    A fourth caller gave up after 3 s.
    """
    members = [
        Member(id="anna", address="sip:a@x", name="Anna"),
        Member(id="bo", address="sip:b@x"),
    ]
    engine = Engine([Group(id="main", members=("anna", "bo"))], members, now=0)
    engine.handle(CallJoined(call_id="1", group_id="main", caller="1111"), 80)
    [ring] = [command for command in engine.poll() if isinstance(command, RingMember)]
    engine.handle(OfferAnswered(offer_id=ring.offer_id), 90)
    engine.handle(CallJoined(call_id="4", group_id="main", caller="+4570102030"), 91)
    engine.handle(CallHungUp(call_id="4"), 94)
    engine.handle(CallJoined(call_id="2", group_id="main", caller="[2222]"), 95)
    engine.handle(CallJoined(call_id="3", group_id="main", caller=""), 97)
    return SwitchSnapshot(
        office="Office",
        time=datetime(2026, 1, 1, 12, tzinfo=UTC),
        now=100,
        open=True,
        calls=4,
        engine=engine.snapshot(100),
        finished=tuple(record for record in engine.poll() if isinstance(record, CallRecord)),
    )


def _lines(picture: RenderableType) -> list[str]:
    console = Console(file=io.StringIO(), width=100)
    with console.capture() as capture:
        console.print(picture)
    return [" ".join(line.split()) for line in capture.get().splitlines()]


def test_who_waits_rings_talks_and_gave_up():
    lines = _lines(render(_snapshot()))
    assert lines[0] == ("Office 12:00:00 open 2 callers waiting, 1 conversation, 1 call ended")
    for row in (
        "│ 1 [2222] main rings 0:05 ││ ● Anna talks 1111 0:10 │",
        "│ 2 unknown main music 0:03 ││ ● bo rings [2222] 0:05 │",
        "│ +45 70 10 20 30 main gave up 0:03 │",
    ):
        assert row in lines


def test_callers_can_be_given_names():
    names = {"1111": "Karen", "[2222]": "Lars"}
    picture = render(_snapshot(), caller=lambda dialled_from: names.get(dialled_from, "?"))
    assert "│ 1 Lars main rings 0:05 ││ ● Anna talks Karen 0:10 │" in _lines(picture)


def test_the_picture_keeps_its_height_and_the_last_news_are_seen():
    empty = attrs.evolve(_snapshot(), finished=())
    news = [Text(f"sentence {i}") for i in range(1, 21)]
    assert len(_lines(render(empty))) == len(_lines(render(_snapshot(), news=news))) <= 31
    told = [line for line in _lines(render(empty, news=news)) if "sentence" in line]
    assert told[-1] == "│ sentence 20 │"
    assert "│ sentence 11 │" not in told


class _Switch:
    """What `watch` asks of a switch."""

    def __init__(self) -> None:
        self.listeners: list[object] = []

    def snapshot(self) -> SwitchSnapshot:
        return _snapshot()

    def on_record(self, listener: object) -> None:
        self.listeners.append(listener)


def _watched(console: Console) -> _Switch:
    switch = _Switch()

    async def show() -> None:
        async with watch(switch, console):
            pass

    asyncio.run(show())
    return switch


def test_it_is_drawn_on_a_terminal_and_nowhere_else():
    terminal, pipe = io.StringIO(), io.StringIO()
    drawn = _watched(Console(file=terminal, force_terminal=True, width=120, height=40))
    silent = _watched(Console(file=pipe, width=120))
    assert "Waiting: 2" in terminal.getvalue()
    assert "[2222] calls main: bo rings." in terminal.getvalue()
    assert len(drawn.listeners) == 1
    assert pipe.getvalue() == ""
    assert silent.listeners == []


def test_it_is_drawn_once_more_at_the_end():
    pictures = iter(["first", "last"])

    async def show(console: Console) -> None:
        async with redrawn(lambda: next(pictures), console):
            pass

    terminal = io.StringIO()
    asyncio.run(show(Console(file=terminal, force_terminal=True, width=40)))
    assert terminal.getvalue().splitlines()[-2].endswith("last")


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


def test_numbers_and_names():
    assert number("+4570102030") == "+45 70 10 20 30"
    assert number("+4721436587") == "+47 21 43 65 87"
    assert number("+46855512345") == "+46855512345"
    assert number("") == "unknown"
    assert [listed(names) for names in (["A"], ["A", "B"], ["A", "B", "C"])] == [
        "A",
        "A and B",
        "A, B and C",
    ]
