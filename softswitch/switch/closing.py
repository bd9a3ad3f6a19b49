"""Calls to a group that is closed: what they hear, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from softswitch.acd.model import TargetKind
from softswitch.prompts import SystemMessage
from softswitch.prompts import messages as languages
from softswitch.switch.forwarding import send_on
from softswitch.switch.journal import CallTurnedAway

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.config import GroupConfig
    from softswitch.switch.house import House

_SPOKEN_TO: Final = (TargetKind.MESSAGE, TargetKind.VOICEMAIL)
"""Who goes there is told that the group is closed; others are answered elsewhere."""


async def turn_away(house: House, call: Call, group: GroupConfig) -> None:
    """Take a call through a closed group.

    It hears hotprompts, and the greeting of the hour where there is one. Else, before the message
    or voicemail, it hears that the group is closed and when it opens.

    Raises:
        CallEndedError: the caller hung up.
    """
    status = house.calendars.status(group.hours)
    house.journal.note(
        CallTurnedAway(
            at=house.now,
            call_id=call.id,
            group_id=group.id,
            caller=call.caller.number,
            target=group.closed,
            rule=status.rule,
        )
    )
    welcome = house.welcome(group.id)
    if welcome:
        await call.answer()
        await call.play_ready([*welcome], barge_in=False)
    if not house.greeting(group.id) and group.closed.kind in _SPOKEN_TO:
        await call.answer()
        await _say_closed(house, call, group)
    if group.closed.kind is TargetKind.MESSAGE:
        call.hang_up()
    else:
        await send_on(house, call, group, group.closed)


async def _say_closed(house: House, call: Call, group: GroupConfig) -> None:
    await call.say_message(SystemMessage.CLOSED, lang=group.language, barge_in=False)
    now = house.clock.at(house.now)
    opens = house.calendars.next_opening(group.hours)
    if opens is not None:
        phrases = languages.language(group.language).phrases
        await call.say(phrases.opens(opens, now), lang=group.language, barge_in=False)
