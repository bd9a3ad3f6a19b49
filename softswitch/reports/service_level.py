"""How well callers were served: the service level, counted from call records."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.errors import ConfigurationError, Fault

_GOAL = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)")


@attrs.frozen
class Goal:
    """A share of the callers is to be answered within a time.

    Attributes:
        share: from 0 to 1, less than 1.
        within_s: seconds.
    """

    share: float
    within_s: float

    @classmethod
    def parse(cls, text: str) -> Goal:
        """Read a goal as people write it: ``80/20`` is 80 % within 20 s.

        Raises:
            ConfigurationError: it is not written so, or asks for all callers.
        """
        found = _GOAL.fullmatch(text.strip())
        if found is None or not 0 < float(found[1]) < 100:
            allowed = "percent/seconds, such as 80/20, with less than 100 %"
            message = "This is no service goal."
            fault = Fault(path="target", value=repr(text), allowed=allowed, message=message)
            raise ConfigurationError([fault])
        return cls(float(found[1]) / 100.0, float(found[2]))

    def __str__(self) -> str:
        return f"{self.share * 100:g} % within {self.within_s:g} s"


@attrs.frozen(kw_only=True)
class ServiceCount:
    """How the calls of a group fared.

    Every call is counted once in `offered` and once in one of the outcomes; a call back that
    was talked to counts as answered.

    Attributes:
        within_s: the time of the goal, in seconds.
        answered_in_time: answered within it.
        abandoned_in_time: hung up within it.
        wait_of_answered_s: seconds waited by those who were answered, all together.
        wait_s: seconds waited by all, together.
    """

    within_s: float
    offered: int
    answered: int
    abandoned: int
    forwarded: int
    refused: int
    answered_in_time: int
    abandoned_in_time: int
    wait_of_answered_s: float
    wait_s: float

    @property
    def level(self) -> float | None:
        """The service level: answered in time of all offered; None without calls."""
        return self.answered_in_time / self.offered if self.offered else None

    @property
    def level_of_lasting(self) -> float | None:
        """The same without calls that hung up within the time: they gave no chance."""
        lasting = self.offered - self.abandoned_in_time
        return self.answered_in_time / lasting if lasting else None


def waited_s(record: CallRecord) -> float:
    """Seconds from joining until the answer, or until the call left unanswered."""
    until = record.ended_at if record.answered_at is None else record.answered_at
    return until - record.joined_at


def count_service(records: Iterable[CallRecord], within_s: float) -> ServiceCount:
    """Count how calls fared.

    Args:
        records: of finished calls.
        within_s: the time of the goal, in seconds.
    """
    calls = [(record.answered_at is not None, waited_s(record), record) for record in records]
    outcomes = [record.outcome for answered, _, record in calls if not answered]
    answered = [wait for was_answered, wait, _ in calls if was_answered]
    return ServiceCount(
        within_s=within_s,
        offered=len(calls),
        answered=len(answered),
        abandoned=outcomes.count(CallOutcome.ABANDONED),
        forwarded=outcomes.count(CallOutcome.FORWARDED),
        refused=outcomes.count(CallOutcome.REFUSED),
        answered_in_time=sum(wait <= within_s for wait in answered),
        abandoned_in_time=sum(
            wait <= within_s and record.outcome is CallOutcome.ABANDONED
            for was_answered, wait, record in calls
            if not was_answered
        ),
        wait_of_answered_s=sum(answered),
        wait_s=sum(wait for _, wait, _ in calls),
    )
