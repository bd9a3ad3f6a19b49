"""Which number is to be called back: told to the caller, who confirms it or keys another one.

`order_by_phone` is for flows. `confirmed_number` asks a caller who waits in a queue, between
stretches of music, while members' phones go on ringing: whoever answers ends the asking.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from softswitch.errors import MisuseError
from softswitch.prompts import PromptError, SystemMessage
from softswitch.prompts import messages as languages
from softswitch.prompts.guidance import Guidance
from softswitch.switch.call_back_order import Origin
from softswitch.switch.guide import KEY_WAIT_S, TRIES, Guide, Words

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.call_back_order import CallBackOrder
    from softswitch.switch.house import House
    from softswitch.switch.tickets import Ticket

log = logging.getLogger(__name__)

CONFIRM, ANOTHER = "1", "2"
_DIGITS_MAX: Final = 20
WAITING_KEY_S: Final = 20.0
"""How long a key is waited for from the beginning of a question, with music after it."""


async def order_by_phone(
    house: House, call: Call, group_id: str, *, number: str, language: str = ""
) -> CallBackOrder | None:
    """Let a caller order a call back; the call goes on afterwards.

    Args:
        house: what the switch's parts share.
        call: the caller.
        group_id: whose members call.
        number: the caller's, as it can be dialled; empty: another one must be keyed.
        language: that the caller is spoken to in; empty: the office's.

    Returns:
        The order; None where the caller did not confirm, or the group takes no more callers.

    Raises:
        CallEndedError: the caller hung up; nothing is ordered.
        MisuseError: there is no such group.
    """
    house.queueing.group(group_id)
    await call.answer()
    guide = Guide(house, call, language)

    async def next_key() -> str | None:
        return await call.next_key(KEY_WAIT_S)

    chosen = await _chosen(house, guide.language, number, guide.say, next_key)
    if chosen:
        try:
            order = await house.services.call_backs.order(
                group_id, chosen, name=call.caller.name, origin=Origin.PHONE
            )
        except MisuseError as error:
            log.info("a call back could not be ordered: %s", error)
        else:
            await guide.say(Guidance.CALL_BACK_ORDERED, barge_in=False)
            return order
    await guide.say(Guidance.CALL_BACK_CANCELLED, barge_in=False)
    return None


async def confirmed_number(house: House, ticket: Ticket, number: str) -> str:
    """Ask a caller who waits in a group which number to call.

    Returns:
        It; empty when the caller confirms none, and waits on.

    Raises:
        CallEndedError: the caller hung up.
    """
    language = ticket.group.language

    async def say(*words: Words) -> None:
        messages = languages.language(language).messages
        texts = (words_ if isinstance(words_, str) else messages[words_] for words_ in words)
        files = [await house.sounds.spoken(text, language) for text in texts]
        ticket.sound.say(*files)

    async def next_key() -> str | None:
        key = await ticket.call.next_key(WAITING_KEY_S)
        ticket.sound.cut()
        return key

    return await _chosen(house, language, number, say, next_key)


async def _chosen(
    house: House,
    language: str,
    number: str,
    say: Callable[..., Awaitable[None]],
    next_key: Callable[[], Awaitable[str | None]],
) -> str:
    """Confirm a number or have another one keyed, a few times; empty: none was confirmed."""
    for _ in range(TRIES):
        if not number:
            number = await _keyed(house, say, next_key)
            if not number:
                continue
        await say(*_told(number, language), Guidance.CALL_BACK_CONFIRM)
        key = await next_key()
        if key == CONFIRM:
            return number
        if key == ANOTHER:
            number = ""
            number = await _keyed(house, say, next_key)
        elif key is not None:
            await say(SystemMessage.INVALID_CHOICE)
    return ""


def _told(number: str, language: str) -> list[Words]:
    """Say a number, where it is one that has words: names in SIP URIs have not."""
    try:
        return [languages.language(language).phrases.call_back_to(number)]
    except PromptError:
        return []


async def _keyed(
    house: House,
    say: Callable[..., Awaitable[None]],
    next_key: Callable[[], Awaitable[str | None]],
) -> str:
    """Ask for a number; empty where none was keyed that can be dialled."""
    await say(Guidance.ENTER_NUMBER)
    digits = ""
    while len(digits) < _DIGITS_MAX and (key := await next_key()) not in (None, "#"):
        digits += key or ""
    try:
        return house.services.call_backs.dialable(digits)
    except MisuseError:
        await say(Guidance.NUMBER_WRONG)
        return ""
