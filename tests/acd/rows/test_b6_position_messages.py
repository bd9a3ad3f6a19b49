"""B6: when the position is told to who waits."""

from __future__ import annotations

import pytest
from acd_office import office

from softswitch.acd import (
    CallBackAsked,
    MusicPlays,
    TellPosition,
)


def test_b6_the_position_is_told_every_30_s_from_joining():
    o = office(1)
    o.talk("c1", "1")
    o.at(5).join("c2")
    o.at(10).join("c3")
    o.at(34.9)
    assert o.all(TellPosition) == []
    o.at(70)
    told = [(tell.call_id, tell.position) for tell in o.all(TellPosition)]
    assert told == [("c2", 1), ("c3", 2), ("c2", 1), ("c3", 2)]
    o.hang_up("c2")
    o.at(100)
    assert [(tell.call_id, tell.position) for tell in o.latest(TellPosition)] == [("c3", 1)]


def test_b6_no_position_is_told_once_the_call_is_answered():
    o = office(1)
    o.talk("c", "1")
    o.at(300)
    assert o.all(TellPosition) == []


def test_b6_the_next_position_is_due_counted_from_where_the_music_plays():
    """Greeting until 4.2 s; position at 34.2 s takes 3.5 s, and the music goes on at 37.7 s."""
    o = office(1)
    o.busy("1")
    o.join("c")
    o.at(4.2).tell(MusicPlays(call_id="c"))
    o.at(34.1)
    assert o.all(TellPosition) == []
    o.at(34.2)
    assert len(o.latest(TellPosition)) == 1
    o.at(37.7).tell(MusicPlays(call_id="c"))
    assert o.engine.next_deadline() == pytest.approx(67.7)


def test_b6_music_that_is_reported_when_nobody_waits_any_more_changes_nothing():
    o = office(1)
    o.talk("talking", "1")
    o.tell(MusicPlays(call_id="talking"))
    assert (o.new, o.engine.next_deadline()) == ([], None)
    o.hang_up("talking")
    o.tell(MusicPlays(call_id="talking"))
    assert (o.new, o.engine.next_deadline()) == ([], None)


def test_b6_nobody_who_asked_to_be_called_back_is_told_positions_by_music():
    o = office(1)
    o.busy("1")
    o.join("c")
    o.tell(CallBackAsked(call_id="c", number="+4512345678"))
    o.tell(MusicPlays(call_id="c"))
    assert o.engine.next_deadline() is None
