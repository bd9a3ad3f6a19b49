"""What holds for the room as a whole: nothing of PJSIP's leaves it, and one thread does it all."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import pjsua2
import pytest

import softswitch
from softswitch.telephony import Answered, DigitPressed, Ended, Leg, LegEvent, PlaybackEnded
from tests.sip.observing import Door, Observer, running
from tests.sip.wire import Call, datagrams, sdp

SOURCES = Path(softswitch.__file__).parent
STUB = SOURCES.parent / "typings" / "pjsua2" / "__init__.pyi"


def parts(thing: object) -> Iterator[object]:
    """A value and whatever it is made of."""
    yield thing
    if attrs.has(type(thing)):
        for field in attrs.fields(type(thing)):
            yield from parts(getattr(thing, field.name))
    elif isinstance(thing, Mapping):
        for pair in thing.items():
            yield from parts(pair[0])
            yield from parts(pair[1])
    elif isinstance(thing, list | tuple | set | frozenset):
        for part in thing:
            yield from parts(part)


def facts_of(leg: Leg) -> Iterator[object]:
    """Every property that `Leg` promises, and what its questions answer."""
    for name, member in vars(Leg).items():
        if isinstance(member, property):
            yield getattr(leg, name)
    yield leg.statistics()


@pytest.mark.asyncio
async def test_nothing_of_pjsips_leaves_the_room_and_one_thread_tells_it(tmp_path: Path) -> None:
    told: list[object] = []
    threads: set[int] = set()

    def note(event: LegEvent) -> None:
        told.append(event)
        threads.add(threading.get_ident())

    async with running() as network, datagrams(network.addresses[0]) as wire:
        door = Door(network)
        call = Call(wire, network.addresses[0])
        call.send("INVITE", "Diversion: <sip:9@h>;reason=no-answer", body=sdp())
        leg, _ = await door.next()
        heard = Observer(note)
        leg.listen(heard)
        told += facts_of(leg)
        leg.answer()
        call.joined(await wire.answer(200))
        call.send("ACK", cseq=1)
        await heard.next(Answered)
        told += [leg.play_tone([425.0], on_ms=20), leg.record(tmp_path / "call.wav")]
        call.send("INFO", "Content-Type: application/dtmf-relay", body="Signal=5\r\nDuration=160")
        await heard.next(DigitPressed)
        await heard.next(PlaybackEnded)  # born on one of PJSIP's threads
        told += facts_of(leg)
        call.send("BYE")
        await heard.next(Ended)
        told += facts_of(leg)
    kinds = {type(part) for thing in told for part in parts(thing)}
    assert {Answered, DigitPressed, Ended} <= kinds
    assert [kind for kind in kinds if kind.__module__.startswith("pjsua2")] == []
    assert threads == {threading.main_thread().ident}


def test_events_are_frozen() -> None:
    kinds = LegEvent.__subclasses__()
    assert len(kinds) > 10
    for kind in kinds:
        event = object.__new__(kind)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            event.anything = 1


def test_pjsip_is_imported_in_one_room() -> None:
    for path in SOURCES.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names
        }
        names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert path.is_relative_to(SOURCES / "sip") or "pjsua2" not in names, path


def test_no_python_is_called_for_each_frame_of_sound() -> None:
    """`AudioMediaPort` is PJSIP's only class that asks Python for samples, or hands them over."""
    for path in (SOURCES / "sip").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "AudioMediaPort" not in text, path
        assert "onFrame" not in text, path


def promised() -> Iterator[tuple[str, str]]:
    """Class and member, or an empty string and a constant, of everything in the stub."""
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield "", node.target.id
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    yield node.name, member.name
                elif isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                    yield node.name, member.target.id


def test_the_stub_promises_nothing_that_pjsip_does_not_have() -> None:
    entries = list(promised())
    missing = [
        (owner, name)
        for owner, name in entries
        if not hasattr(getattr(pjsua2, owner) if owner else pjsua2, name)
    ]
    assert len(entries) > 200
    assert missing == []
