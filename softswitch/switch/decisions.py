"""What members decide while a switch runs, and what is decided for those who do not answer.

A decision is stored first and counts then, so that it holds through restarts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

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
            before = self._in_force(member_id)
            choice = change(before)
            await self._choices.store(member_id, choice)
            if choice.without != before.without:
                self._house.queueing.driver.tell(self._reconfigured())
            member = self._engine.snapshot(self._house.now).member(member_id)
            for event in (*steps(member, choice), *([then] if then is not None else [])):
                self._house.queueing.driver.tell(event)

        async def in_turn() -> None:
            async with self._turn:
                await store()

        return self._house.tasks.spawn(in_turn(), name=f"choice of {member_id}")

    def groups_of(self, member_id: str) -> tuple[str, ...]:
        """Return the groups that the office file gives to a member."""
        groups = self._house.config.groups
        return tuple(group.id for group in groups if member_id in group.engine.members)

    def choose_groups(self, member_id: str, group_ids: Iterable[str]) -> Awaitable[None]:
        """Let a member take calls of these groups only; see `decide`.

        Raises:
            MisuseError: there is no such member, or the member is in no such group.
        """
        mine, wanted = self.groups_of(member_id), set(group_ids)
        if unknown := sorted(wanted - set(mine)):
            raise MisuseError(f"{member_id!r} is in no group {unknown[0]!r}")
        without = tuple(group_id for group_id in mine if group_id not in wanted)
        return self.decide(member_id, lambda now: attrs.evolve(now, without=without))

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
            without=() if stored is None else stored.without,
        )

    def _reconfigured(self) -> ev.Reconfigured:
        """Say who serves which groups from now on."""
        config = self._house.config
        return ev.Reconfigured(
            groups=self._choices.staffed(group.engine for group in config.groups),
            members=tuple(map(self.applied_to, config.members)),
        )

    def _knows(self, member_id: str) -> bool:
        return any(member.id == member_id for member in self._house.config.members)
