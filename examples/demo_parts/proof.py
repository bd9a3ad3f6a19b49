"""Whether the story went as it should: outcomes by the records, sound by the sound itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from demo_parts.people import Caller
from demo_parts.stage import Stage
from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.prompts import SoundStore, SystemMessage
from softswitch.testing.peers.likeness import is_heard, read_sound

RATE_HZ: Final = 8000
MUSIC_LOOKED_AT: Final = 6 * RATE_HZ

EXPECTED: Final = {
    "Karen": (["main"], CallOutcome.ANSWERED),
    "Lars": (["repairs"], CallOutcome.ANSWERED),
    "Mette": (["main"], CallOutcome.ANSWERED),
    "Ole": (["main"], CallOutcome.ANSWERED),
    "Pia": (["main"], CallOutcome.ANSWERED),
    "Rune": (["main"], CallOutcome.ANSWERED),
    "Sofie": (["main"], CallOutcome.ABANDONED),
    "Tove": (["main"], CallOutcome.ANSWERED),
    "Uffe": (["main", "repairs"], CallOutcome.ANSWERED),
}
"""The groups that each call went through, and how it ended."""


def faults(stage: Stage) -> list[str]:
    """Everything that was not as it should be, in plain words."""
    return [fault for caller in stage.callers.values() for fault in _faults_of(stage, caller)]


def _faults_of(stage: Stage, caller: Caller) -> Iterator[str]:
    name, calls = caller.role.name, stage.calls_of(caller)
    groups, outcome = EXPECTED[name]
    went = [call.group_id for call in calls]
    if went != groups:
        yield f"{name} was in {went} instead of {groups}."
    elif calls[-1].outcome is not outcome:
        yield f"{name}'s call ended as {calls[-1].outcome.value}, not {outcome.value}."
    else:
        yield from _recording_faults(stage, caller, calls[-1])
        if any(call.queued for call in calls):
            yield from _waiting_faults(stage, caller, calls[-1])


def _recording_faults(stage: Stage, caller: Caller, call: CallRecord) -> Iterator[str]:
    path = stage.recording_of(call)
    if path is None or call.member_id is None:
        return
    if not path.is_file():
        yield f"The recording {path} does not exist."
        return
    recorded = read_sound(path)
    for person in (caller, stage.agents[call.member_id]):
        if not contains(recorded, [person.voice]):
            yield f"{person.role.name} cannot be heard in {path}."


def _waiting_faults(stage: Stage, caller: Caller, call: CallRecord) -> Iterator[str]:
    name, language = caller.role.name, stage.config.language
    store = SoundStore(stage.config.data_dir / "sounds", RATE_HZ)
    heard = np.concatenate([np.zeros(1, np.int16), *caller.phone.heard()])
    if not contains(heard, [store.system(SystemMessage.PLEASE_HOLD, language)]):
        yield f"{name} was not asked to hold the line."
    if not contains(heard, store.default_music(), first=MUSIC_LOOKED_AT):
        yield f"{name} heard no music."
    group = next(group.engine for group in stage.config.groups if group.id == call.group_id)
    waited_s = (call.answered_at or call.ended_at) - call.joined_at
    places = [store.position(place, language) for place in range(1, group.queue_cap + 1)]
    if waited_s > group.position_every_s + 2 and not contains(heard, places):
        yield f"{name} was not told the place in the queue."


def contains(heard: NDArray[np.int16], said: Iterable[Path], *, first: int | None = None) -> bool:
    """Whether a stretch of any of these files (of their ``first`` samples) was heard."""
    return any(is_heard(heard, read_sound(path)[:first]) for path in said)
