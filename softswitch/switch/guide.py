"""What a service says to one caller and asks of them, in one language."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from softswitch.prompts import SystemMessage
from softswitch.prompts import messages as languages
from softswitch.prompts.guidance import Guidance
from softswitch.prompts.library import PinVerdict
from softswitch.prompts.phrases import Phrases
from softswitch.switch.numbers import masked

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

T = TypeVar("T")
Words: TypeAlias = Guidance | SystemMessage | str
"""A sentence that every language knows, or a text in the caller's."""

KEY_WAIT_S: Final = 8.0
TRIES: Final = 3
"""How long a key is waited for, and how often anything is asked."""


class Guide:
    """Speaks to one caller. Its methods raise `CallEndedError` when the caller hangs up."""

    def __init__(self, house: House, call: Call, language: str = "") -> None:
        """Set up; empty for the office's language."""
        self._house = house
        self._call = call
        self.language = language or house.config.language

    @property
    def phrases(self) -> Phrases:
        """Sentences with values in them."""
        return languages.language(self.language).phrases

    async def say(self, *words: Words, barge_in: bool = True) -> None:
        """Say sentences, one after the other.

        Args:
            words: the sentences.
            barge_in: a key pressed meanwhile ends all of it, and is kept.
        """
        files = [await self._house.sounds.spoken(self._text(w), self.language) for w in words]
        await self._call.play_ready(files, barge_in=barge_in)

    def _text(self, words: Words) -> str:
        if isinstance(words, str):
            return words
        return languages.language(self.language).messages[words]

    async def ask(self, choices: Mapping[str, T], *question: Words, tries: int = TRIES) -> T | None:
        """Ask until a key is pressed that stands for something.

        Returns:
            What it stands for; None when that never comes.
        """
        for _ in range(tries):
            await self._unless_known(*question)
            key = await self._call.next_key(KEY_WAIT_S)
            if key is not None and key in choices:
                return choices[key]
            if key is not None:
                await self.say(SystemMessage.INVALID_CHOICE)
        return None

    async def number(self, *question: Words, count: int | None = None) -> str:
        """Ask for digits that end with the hash key; empty for none. Personal data."""
        await self._unless_known(*question)
        return await self._call.collect(count=count, timeout_s=KEY_WAIT_S)

    async def let_in(self, check: Callable[[str], Awaitable[PinVerdict]]) -> bool:
        """Ask for a PIN until it is right; wrong ones count for all calls together."""
        for _ in range(TRIES):
            pin = await self.number(Guidance.PIN_ENTER)
            verdict = await check(pin) if pin else PinVerdict.WRONG
            if verdict is PinVerdict.RIGHT:
                return True
            log.warning("%s keyed a PIN: %s", masked(self._call.caller.number), verdict.value)
            if verdict is PinVerdict.LOCKED:
                break
            await self.say(Guidance.PIN_WRONG, barge_in=False)
        await self.say(Guidance.PIN_LOCKED, barge_in=False)
        return False

    async def _unless_known(self, *question: Words) -> None:
        """Say what is wanted, unless the caller knows and has pressed a key already."""
        if question and not self._call.key_waits:
            await self.say(*question)
