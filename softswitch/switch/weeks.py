"""Standard weeks: tells the queue engine where unanswered calls go at this time of the week."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from softswitch.acd import events as ev
from softswitch.acd.model import Target
from softswitch.switch.config import GroupConfig

if TYPE_CHECKING:
    from softswitch.switch.house import House

LOOK_AGAIN_S = 3600.0
"""The longest that a timer runs, so that a clock put forward or back is noticed."""


class Weeks:
    """Looks into every group's week whenever it changes."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._told: dict[str, Target | None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def follow(self, groups: Iterable[GroupConfig]) -> None:
        """Tell what holds now, and from now on what changes."""
        self.close()
        groups = tuple(groups)
        here = {group.id for group in groups}
        self._told = {name: target for name, target in self._told.items() if name in here}
        local = self._house.clock.at(self._house.now)
        for group in groups:
            self._tell(group, group.week.target_at(local) if group.week else None)
        weeks = [group.week for group in groups if group.week]
        changes = [week.next_change(local) for week in weeks]
        waits_s = [(change - local).total_seconds() for change in changes if change]
        if weeks:
            delay_s = min([*waits_s, LOOK_AGAIN_S])
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay_s, self.follow, groups)

    def close(self) -> None:
        """Follow no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tell(self, group: GroupConfig, target: Target | None) -> None:
        """Tell a change; at first also that nothing holds, which a run before may have left."""
        if group.id not in self._told or self._told[group.id] != target:
            self._told[group.id] = target
            told = ev.TargetsChanged(group_id=group.id, no_answer=target)
            self._house.queueing.driver.tell(told)
