"""How a switch stands at one instant, for live views."""

from __future__ import annotations

from datetime import datetime

import attrs

from softswitch.acd.records import CallRecord
from softswitch.acd.snapshot import CallSnapshot, EngineSnapshot, MemberSnapshot, OfferSnapshot


@attrs.frozen(kw_only=True)
class SwitchSnapshot:
    """One instant of a switch. Frozen: keep it as long as you like.

    Attributes:
        office: the office's name.
        time: time of day.
        now: loop time in seconds, which every other time here counts in.
        open: new calls are taken.
        calls: how many legs there are, ringing phones included.
        engine: the queue engine's own view, group by group.
        finished: calls that have ended, the oldest first; the latest thousand.
    """

    office: str
    time: datetime
    now: float
    open: bool
    calls: int
    engine: EngineSnapshot
    finished: tuple[CallRecord, ...]

    @property
    def waiting(self) -> tuple[CallSnapshot, ...]:
        """Callers whom nobody has answered yet, group by group in the order of serving."""
        return tuple(call for group in self.engine.groups for call in group.waiting)

    @property
    def ringing(self) -> tuple[OfferSnapshot, ...]:
        """Members' phones that ring, and for which call."""
        return self.engine.offers

    @property
    def talking(self) -> tuple[CallSnapshot, ...]:
        """Callers who talk to a member."""
        return self.engine.talking

    @property
    def members(self) -> tuple[MemberSnapshot, ...]:
        """What every member is doing."""
        return self.engine.members
