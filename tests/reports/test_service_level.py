"""The service level, counted by hand."""

import pytest

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.errors import ConfigurationError
from softswitch.reports.service_level import Goal, count_service


def record(outcome: CallOutcome, wait: float, talk: float | None = None) -> CallRecord:
    """A call that joined at 100 s."""
    left = 100.0 + wait
    return CallRecord(
        at=left,
        call_id="c",
        group_id="main",
        caller="",
        joined_at=100.0,
        answered_at=None if talk is None else left,
        ended_at=left + (talk or 0.0),
        outcome=outcome,
    )


def test_ten_calls_counted_by_hand():
    calls = [
        record(CallOutcome.ANSWERED, 0, 60),
        record(CallOutcome.ANSWERED, 20, 60),  # just in time
        record(CallOutcome.ANSWERED, 21, 60),
        record(CallOutcome.CALLED_BACK, 300, 60),
        record(CallOutcome.ABANDONED, 5),
        record(CallOutcome.ABANDONED, 40),
        record(CallOutcome.FORWARDED, 60),
        record(CallOutcome.FORWARDED, 0),
        record(CallOutcome.REFUSED, 0),
        record(CallOutcome.FORWARDED, 4, 30),  # answered, put back, then sent elsewhere
    ]
    found = count_service(calls, 20)
    assert (found.offered, found.answered, found.abandoned) == (10, 5, 2)
    assert (found.forwarded, found.refused) == (2, 1)
    assert (found.answered_in_time, found.abandoned_in_time) == (3, 1)
    assert (found.wait_of_answered_s, found.wait_s) == (345, 450)
    assert found.level == pytest.approx(3 / 10)
    assert found.level_of_lasting == pytest.approx(3 / 9)


def test_no_calls_have_no_level():
    assert count_service([], 20).level is None
    assert count_service([record(CallOutcome.ABANDONED, 1)], 20).level_of_lasting is None


def test_a_goal_is_read_as_it_is_written():
    assert Goal.parse("80/20") == Goal(0.8, 20.0)
    assert str(Goal.parse(" 92.5/15 ")) == "92.5 % within 15 s"


@pytest.mark.parametrize("text", ["", "80", "80/", "100/20", "0/20", "80/-1", "80/20/3", "a/b"])
def test_what_is_no_goal_is_refused(text: str):
    with pytest.raises(ConfigurationError, match="no service goal"):
        Goal.parse(text)
