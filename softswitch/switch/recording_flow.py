"""The recording number: an administrator calls it, keys a PIN, and speaks a greeting.

The caller is guided all the way: which greeting, record, listen, record again, save. What is saved
is a new version in the sound library, and the next caller hears it. Hanging up earlier leaves
everything as it was.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from softswitch.errors import SoftswitchError
from softswitch.prompts import PromptError, SystemMessage
from softswitch.prompts.library import OFFICE, Origin, PinVerdict, Slot, SoundKind, SoundLibrary
from softswitch.prompts.library.model import Catalogue
from softswitch.prompts.library.rules import activate
from softswitch.prompts.library.spoken import tidy_recording
from softswitch.switch.numbers import masked

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_S: Final = 180.0
"""A recording is ended after three minutes."""

KEY_WAIT_S: Final = 8.0
TRIES: Final = 3
"""How long a key is waited for, and how often anything is asked."""

SLOTS: Final = {
    "1": Slot.OPEN,
    "2": Slot.CLOSED,
    "3": Slot.OPEN_SPECIAL,
    "4": Slot.CLOSED_SPECIAL,
}
"""Which key stands for which greeting."""

_LISTEN, _AGAIN, _SAVE, _STOP = "1", "2", "3", "*"


def name_of(slot: Slot) -> str:
    """Return the name in the library of what is recorded by phone for a slot."""
    return f"recorded {slot.value}"


async def recording_flow(house: House, call: Call) -> None:
    """Lead one call through the recording of a greeting.

    Raises:
        CallEndedError: the caller hung up.
    """
    await call.answer()
    if not await _is_let_in(house, call):
        return
    slot = await _asked(call, SystemMessage.RECORDING_CHOOSE, SLOTS)
    if slot is not None:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="softswitch-"))
        try:
            await _guide(house, call, slot, folder)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    await call.say_message(SystemMessage.GOODBYE, barge_in=False)


async def _is_let_in(house: House, call: Call) -> bool:
    """Ask for the PIN; what is keyed counts for all calls together."""
    for _ in range(TRIES):
        await _ask(call, SystemMessage.RECORDING_PIN)
        pin = await call.collect(timeout_s=KEY_WAIT_S)
        verdict = await house.desk.try_pin(pin) if pin else PinVerdict.WRONG
        if verdict is PinVerdict.RIGHT:
            return True
        log.warning("%s keyed a PIN: %s", masked(call.caller.number), verdict.value)
        if verdict is PinVerdict.LOCKED:
            break
        await call.say_message(SystemMessage.RECORDING_WRONG_PIN, barge_in=False)
    await call.say_message(SystemMessage.RECORDING_LOCKED, barge_in=False)
    return False


async def _ask(call: Call, question: SystemMessage) -> None:
    """Say what is wanted, unless the caller knows and has pressed a key already."""
    if not call.key_waits:
        await call.say_message(question)


async def _asked(call: Call, question: SystemMessage, choices: Mapping[str, T]) -> T | None:
    """Ask until a key is pressed that stands for something; None when that never comes."""
    for _ in range(TRIES):
        await _ask(call, question)
        key = await call.next_key(KEY_WAIT_S)
        if key is not None and key in choices:
            return choices[key]
        if key is not None:
            await call.say_message(SystemMessage.INVALID_CHOICE)
    return None


async def _guide(house: House, call: Call, slot: Slot, folder: Path) -> None:
    """Record, listen, record again, save."""
    spoken = await _recorded(house, call, folder)
    while spoken is not None:
        choice = await _asked(call, SystemMessage.RECORDING_REVIEW, {key: key for key in "123*"})
        if choice == _LISTEN:
            await call.play_ready([spoken])
        elif choice == _AGAIN:
            spoken = await _recorded(house, call, folder)
        elif choice == _SAVE:
            await _save(house, call, slot, spoken)
            return
        else:
            break
    await call.say_message(SystemMessage.RECORDING_NOT_SAVED, barge_in=False)


async def _recorded(house: House, call: Call, folder: Path) -> Path | None:
    """Record until something was heard; None when nothing ever was."""
    raw, spoken = folder / "raw.wav", folder / "spoken.wav"
    for _ in range(TRIES):
        await _ask(call, SystemMessage.RECORDING_SPEAK)
        await _forget_keys(call)
        await call.play_ready([house.sounds.beep], barge_in=False)
        recording = call.record(raw)
        try:
            await call.next_key(LONGEST_S)
        finally:
            recording.stop()
        # The file is whole when the bridge has gone on a little, as this tone shows that it has.
        await call.play_ready([house.sounds.beep], barge_in=False)
        try:
            await asyncio.to_thread(tidy_recording, raw, spoken, house.sounds.rate_hz)
        except PromptError as error:
            log.info("a recording by phone is not taken: %s", error)
            await call.say_message(SystemMessage.RECORDING_UNHEARD, barge_in=False)
        else:
            return spoken
    return None


async def _forget_keys(call: Call) -> None:
    """Let keys that cut the instructions short not end the recording too."""
    while await call.next_key(0.0) is not None:
        pass


async def _save(house: House, call: Call, slot: Slot, spoken: Path) -> None:
    def save(library: SoundLibrary) -> Catalogue:
        return library.add(
            name_of(slot),
            spoken,
            SoundKind.GREETING,
            origin=Origin.PHONE,
            then=lambda catalogue: activate(catalogue, name_of(slot), slot, OFFICE),
        )

    try:
        await house.desk.change(save)
    except SoftswitchError:
        log.exception("a greeting recorded by phone could not be saved")
        await call.say_message(SystemMessage.RECORDING_NOT_SAVED, barge_in=False)
        return
    log.info("%s recorded the greeting %s", masked(call.caller.number), slot.value)
    await call.say_message(SystemMessage.RECORDING_SAVED, barge_in=False)
