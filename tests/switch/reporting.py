"""Reports C1 to C6 worked out from the lines of a journal and from nothing else.

Times are seconds from the opening of the office, by the time of day in the lines.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

HALF_HOUR_S = 1800.0

Line = dict[str, Any]
Period = tuple[float, float]


class Journal:
    """The lines of a journal."""

    def __init__(self, path: Path, opened: datetime) -> None:
        self._opened = opened
        self.lines: list[Line] = [json.loads(line) for line in path.read_text().splitlines()]

    def of(self, kind: str, **wanted: object) -> list[Line]:
        """The records of a kind whose fields have these values."""
        return [
            line
            for line in self.lines
            if line["record"] == kind and all(line[key] == wanted[key] for key in wanted)
        ]

    def at(self, line: Line, field: str = "at") -> float:
        """When something was that a line tells in the engine's seconds."""
        wall = (datetime.fromisoformat(line["time"]) - self._opened).total_seconds()
        return round(wall - (line["at"] - line[field]), 3)

    def length(self, line: Line) -> float:
        """How long a conversation was."""
        return round(line["at"] - line["started_at"], 3)

    def calls(self, group_id: str) -> list[tuple[float, str, list[str], float]]:
        """C1: when, who called, who answered, for how long they talked."""
        rows = []
        for call in self.of("CallRecord", group_id=group_id):
            talks = self.of("ConversationRecord", call_id=call["call_id"], group_id=group_id)
            talks.sort(key=lambda talk: talk["started_at"])
            members = [talk["member_id"] for talk in talks]
            length = round(sum(map(self.length, talks)), 3)
            rows.append((self.at(call, "joined_at"), call["caller"], members, length))
        return sorted(rows)

    def incoming(self, group_id: str) -> dict[str, float]:
        """C2, of the one day that there is."""
        calls = self.of("CallRecord", group_id=group_id)
        lengths = [length for _, _, members, length in self.calls(group_id) if members]
        outcomes = Counter(call["outcome"] for call in calls)
        return {
            "calls": len(calls),
            "mean length": sum(lengths) / len(lengths),
            "queued": sum(call["queued"] for call in calls),
            "lost": outcomes["abandoned"],
            "forwarded": outcomes["forwarded"],
        }

    def staffing(self, group_id: str, slots: int) -> list[tuple[float, int, int]]:
        """C3, per half hour: active members on average, calls offered, calls answered."""
        (staff,) = self.of("GroupStaffRecord", group_id=group_id)
        calls = self.of("CallRecord", group_id=group_id)
        offered = slots_of(self.at(call, "joined_at") for call in calls)
        answered = slots_of(self.at(call, "answered_at") for call in calls if call["answered_at"])
        rows = []
        for slot in range(slots):
            hour = (slot * HALF_HOUR_S, (slot + 1) * HALF_HOUR_S)
            active_s = sum(
                overlap(period, hour)
                for member_id in staff["members"]
                for period in self.active(member_id)
            )
            rows.append((round(active_s / HALF_HOUR_S, 4), offered[slot], answered[slot]))
        return rows

    def answered_by(self, member_id: str) -> list[tuple[float, str, float]]:
        """C4: when, who called, for how long they talked."""
        talks = self.of("ConversationRecord", member_id=member_id)
        return sorted((self.at(t, "started_at"), t["caller"], self.length(t)) for t in talks)

    def outgoing(self, member_id: str) -> list[tuple[float, str, float | None]]:
        """C5: when, whom, for how long they talked."""
        return [
            (
                self.at(call, "started_at"),
                call["target"],
                None if call["answered_at"] is None else call["at"] - call["answered_at"],
            )
            for call in self.of("DialledCall", member_id=member_id)
        ]

    def active(self, member_id: str) -> list[Period]:
        """C6: the active periods; the last one is open."""
        periods: list[Period] = []
        since = None
        for line in self.of("MemberActiveRecord", member_id=member_id):
            if line["active"] and since is None:
                since = self.at(line)
            elif not line["active"] and since is not None:
                periods.append((since, self.at(line)))
                since = None
        return periods if since is None else [*periods, (since, float("inf"))]

    def offers(self, member_id: str, slots: int) -> list[tuple[int, int]]:
        """C6, per half hour: offered, answered."""
        offers = self.of("OfferRecord", member_id=member_id)
        offered = slots_of(self.at(offer, "started_at") for offer in offers)
        answered = slots_of(self.at(one) for one in offers if one["outcome"] == "answered")
        return [(offered[slot], answered[slot]) for slot in range(slots)]


def slots_of(times: Iterable[float]) -> Counter[int]:
    return Counter(int(at // HALF_HOUR_S) for at in times)


def overlap(one: Period, other: Period) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))
