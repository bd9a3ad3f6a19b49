"""Texts by SMS: what an office sends, and that it arrives."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from softswitch.errors import MisuseError
from softswitch.post import Envelope, Outbox
from softswitch.sms import Counter, Provider, Text
from softswitch.switch.post_office import TEXTS, PostOffice
from softswitch.switch.sms_tables import absent_secrets

if TYPE_CHECKING:
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

FOLDER: Final = "sms"


class SmsDesk:
    """Sends texts; belongs to a house."""

    def __init__(self, house: House, clock: Callable[[], datetime]) -> None:
        """Set up; nothing is sent before `open`."""
        self._house = house
        self._counter = Counter()
        self._post: PostOffice[Provider] = PostOffice(
            Outbox(house.config.data_dir / FOLDER, ".txt"),
            clock,
            handing_in=self._counter.hand_in,
            ware=TEXTS,
        )
        self.follow()

    @property
    def waiting(self) -> tuple[Envelope, ...]:
        """The texts that the provider has not taken yet."""
        return self._post.waiting

    def follow(self) -> None:
        """Another office is in force."""
        table = self._house.config.sms
        self._post.use(table.provider, table.sender, table.kept_for)
        if table.url and (absent := absent_secrets(table)):
            log.error("texts wait: the environment has no %s, which [sms] names", ", ".join(absent))

    async def open(self) -> None:
        """Begin to send, what waits on the disk first."""
        await self._post.open()

    async def close(self) -> None:
        """Stop; what was not taken is sent after the next start."""
        await self._post.close()
        await self._counter.close()

    async def send(self, to: str, text: str) -> tuple[str, ...]:
        """Send a text; it is on the disk when this returns.

        Args:
            to: a number as people write it, or several with commas between.
            text: what it says.

        Returns:
            The ids of the texts, one for each number.

        Raises:
            MisuseError: there is no [sms], no such number, or the text is empty or too long;
                nothing is sent.
            EnvironmentFaultError: it cannot be written.
        """
        rules = self._house.config.sms.rules
        if fault := rules.why_not or rules.text_fault(text):
            raise MisuseError(fault)
        numbers = dict.fromkeys(rules.number(one.strip()) for one in to.split(","))
        texts = [
            Text(id=f"sms-{self._house.new_id()}", number=number, text=text) for number in numbers
        ]
        for one in texts:
            await self._post.post(one)
        return tuple(one.id for one in texts)
