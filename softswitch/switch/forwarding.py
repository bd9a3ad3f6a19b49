"""Where a call goes that no member takes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from softswitch.acd.model import Target, TargetKind
from softswitch.errors import CapacityError, MisuseError, PeerError
from softswitch.prompts import SystemMessage
from softswitch.switch import voicemail
from softswitch.switch.conversation import Conversation
from softswitch.switch.dialling import dial_for

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.config import GroupConfig
    from softswitch.switch.house import House
    from softswitch.switch.results import QueueResult

log = logging.getLogger(__name__)

HOPS_MAX = 5
"""How often a call is sent on inside the switch before it gets the standard message."""

UNAVAILABLE = 480
"""What a caller is told who was never answered and is sent away (RFC 3261 section 21.4.18)."""


async def send_on(
    house: House, call: Call, group: GroupConfig, target: Target
) -> QueueResult | None:
    """Take a call to a target and stay until that is over.

    Returns:
        How it fared in the group that it was sent to, or None.

    Raises:
        CallEndedError: the caller hung up.
    """
    call.hops += 1
    if call.hops > HOPS_MAX:
        log.warning("call %s was sent on %d times; it ends here", call.id, HOPS_MAX)
        target = Target(TargetKind.MESSAGE)
    if target.kind is TargetKind.GROUP:
        return await house.queueing.serve(call, target.value)
    if target.kind is TargetKind.VOICEMAIL:
        await voicemail.take_message(house, call, house.queueing.group(target.value or group.id))
    elif target.kind is TargetKind.NUMBER:
        await to_number(house, call, group, target.value)
    elif target.kind is TargetKind.MESSAGE:
        await standard_message(call, group.language)
    else:
        call.hang_up(status=UNAVAILABLE)
    return None


async def to_number(house: House, call: Call, group: GroupConfig, number: str) -> None:
    """Send a call to a number: one of our own, else one to be dialled."""
    flow = house.numbers.exact(number)
    if flow is not None:
        await flow(call)
        return
    try:
        other = await dial_for(call, house, number)
    except (PeerError, CapacityError, MisuseError) as error:
        if call.ended is not None:
            raise
        log.warning("call %s could not be sent on: %s", call.id, error)
        await standard_message(call, group.language)
        return
    await Conversation(house, call, other, group_id=group.id).run()
    call.hang_up()


async def standard_message(call: Call, language: str) -> None:
    """Say that nobody can answer, and hang up."""
    await call.answer()
    await call.say_message(SystemMessage.STANDARD, lang=language, barge_in=False)
    call.hang_up()
