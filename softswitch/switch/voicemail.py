"""A caller speaks after the tone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.prompts import SystemMessage
from softswitch.switch.journal import MessageLeft

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.config import GroupConfig
    from softswitch.switch.house import House

LENGTH_MAX_S = 180.0
"""A message is ended after three minutes."""


async def take_message(house: House, call: Call, group: GroupConfig) -> None:
    """Record what the caller says, until the caller hangs up or the time is over.

    Raises:
        CallEndedError: the caller hung up before the tone.
    """
    await call.answer()
    await call.say_message(SystemMessage.LEAVE_MESSAGE, lang=group.language, barge_in=True)
    await call.play_ready([house.sounds.beep], barge_in=False)
    began_s = house.now
    stamp = house.clock.at(began_s).strftime("%Y%m%dT%H%M%S")
    recording = call.record(house.voicemail_dir(group.id) / f"{stamp}-{call.id}.wav")
    try:
        async with asyncio.timeout(LENGTH_MAX_S):
            await call.until_ended()
    except TimeoutError:
        call.hang_up()
    finally:
        recording.stop()
        house.journal.note(
            MessageLeft(
                at=house.now,
                call_id=call.id,
                group_id=group.id,
                caller=call.caller.number,
                path=recording.path,
                length_s=house.now - began_s,
            )
        )
