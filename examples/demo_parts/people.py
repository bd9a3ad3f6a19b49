"""The people of the demo, each with a real SIP phone that really speaks."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import attrs

from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.baresip_control import ControlError
from softswitch.testing.peers.process import PeerProcessError

ALL_DAY_S = 3600.0


@attrs.frozen(kw_only=True)
class Role:
    """Somebody in the story.

    Attributes:
        id: a member's id in the office file, or a caller's number.
        name: for people to read.
        says: what is spoken into the phone, in Danish.
        dials: the number that a caller dials.
        answers_after_s: how long an agent lets the phone ring, in seconds of the full story.
    """

    id: str
    name: str
    says: str
    dials: str = ""
    answers_after_s: float = 0.0


class Person:
    """Somebody with a phone."""

    def __init__(self, role: Role, phone: Baresip, voice: Path) -> None:
        self.role = role
        self.phone = phone
        self.voice = voice


class Agent(Person):
    """Answers whatever rings after a moment, and refuses where the story wants it."""

    def __init__(self, role: Role, phone: Baresip, voice: Path, pace: float) -> None:
        super().__init__(role, phone, voice)
        self.refuses_next = False
        self._answers_after_s = role.answers_after_s * pace

    async def work(self) -> None:
        """Take calls until cancelled."""
        while True:
            await self.phone.incoming(timeout_s=ALL_DAY_S)
            if not await self._stops_ringing():
                await self._decide()
                await self.phone.closed(timeout_s=ALL_DAY_S)

    async def _stops_ringing(self) -> bool:
        """Whether somebody else was faster."""
        try:
            await self.phone.closed(timeout_s=self._answers_after_s)
        except PeerProcessError:
            return False
        return True

    async def _decide(self) -> None:
        refuses, self.refuses_next = self.refuses_next, False
        with contextlib.suppress(ControlError):  # it stopped ringing in this very moment
            await (self.phone.hang_up() if refuses else self.phone.answer())


class Caller(Person):
    """Calls, and stays on the line until the story wants the call to end.

    Attributes:
        talks: set once an agent has answered.
        has_had_enough: set when the caller is to hang up.
    """

    def __init__(self, role: Role, phone: Baresip, voice: Path) -> None:
        super().__init__(role, phone, voice)
        self.talks = asyncio.Event()
        self.has_had_enough = asyncio.Event()

    async def call(self, switch: str) -> None:
        """Make the call, to ``host:port``, from beginning to end."""
        await self.phone.dial(f"sip:{self.role.dials}@{switch}")
        await self.has_had_enough.wait()
        await self.phone.hang_up()
        await self.phone.closed()
