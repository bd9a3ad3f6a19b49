"""What members decide while a switch runs, and what is decided for those who do not answer.

A decision is stored first and counts then, so that it holds through restarts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import attrs

from softswitch.acd import Engine
from softswitch.acd import events as ev
from softswitch.acd.model import Member
from softswitch.errors import MisuseError
from softswitch.switch.choices import Choice, MemberChoices
from softswitch.switch.house import House
from softswitch.switch.restoring import steps


class MemberDecisions:
    """Takes decisions in the order in which they are made."""

    def __init__(self, house: House, engine: Engine, choices: MemberChoices) -> None:
        self._house = house
        self._engine = engine
        self._choices = choices
        self._turn = asyncio.Lock()

    def decide(
        self,
        member_id: str,
        change: Callable[[Choice], Choice],
        *,
        then: ev.EngineEvent | None = None,
    ) -> Awaitable[None]:
        """Store a choice, then let it count.

        Args:
            member_id: whose.
            change: makes the new choice of what holds when its turn has come.
            then: what the engine is told besides.

        Returns:
            What may be awaited until it counts; it raises `EnvironmentFaultError` where it cannot
            be stored, and then nothing has changed.

        Raises:
            MisuseError: there is no such member.
        """
        if not self._knows(member_id):
            raise MisuseError(f"the office has no member {member_id!r}")

        async def store() -> None:
            choice = change(self._in_force(member_id))
            await self._choices.store(member_id, choice)
            member = self._engine.snapshot(self._house.now).member(member_id)
            for event in (*steps(member, choice), *([then] if then is not None else [])):
                self._house.queueing.driver.tell(event)

        async def in_turn() -> None:
            async with self._turn:
                await store()

        return self._house.tasks.spawn(in_turn(), name=f"choice of {member_id}")

    def keep(self, member_id: str) -> None:
        """Store what the engine has decided for a member, if that is news."""
        news = self._knows(member_id) and self._in_force(member_id) != self._choices.get(member_id)
        if news:
            self._house.tasks.spawn(self._store(member_id), name=f"choice for {member_id}")

    def applied_to(self, member: Member) -> Member:
        """Return a member of another office, active or not as chosen."""
        choice = self._choices.get(member.id)
        return member if choice is None else attrs.evolve(member, active=choice.active)

    async def _store(self, member_id: str) -> None:
        async with self._turn:
            await self._choices.store(member_id, self._in_force(member_id))

    def _in_force(self, member_id: str) -> Choice:
        member = self._engine.snapshot(self._house.now).member(member_id)
        stored = self._choices.get(member_id)
        return Choice(
            active=member.active,
            paused=member.paused,
            reason=member.reason,
            address="" if stored is None else stored.address,
        )

    def _knows(self, member_id: str) -> bool:
        return any(member.id == member_id for member in self._house.config.members)
