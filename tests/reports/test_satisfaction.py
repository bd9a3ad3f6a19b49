"""Net promoter score and satisfaction index, against worked examples and their definitions."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.reports.satisfaction import (
    NetPromoters,
    Satisfaction,
    answers_to,
    by_group,
    by_member,
    net_promoters,
    result,
    satisfaction,
)


def test_a_worked_example_of_net_promoters():
    """Ten callers: 4 of 9 or 10, 3 of 7 or 8, 3 of 0 to 6: 40 % less 30 % is 10 points."""
    found = net_promoters([10, 9, 9, 10, 7, 8, 7, 0, 6, 5])
    assert found == NetPromoters(promoters=4, passives=3, detractors=3)
    assert found.score == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("answer", "score"), [(10, 100), (9, 100), (8, 0), (7, 0), (6, -100), (0, -100)]
)
def test_where_the_classes_of_net_promoters_end(answer: int, score: float):
    assert net_promoters([answer]).score == score


@given(st.lists(st.integers(0, 10), min_size=1))
def test_net_promoters_by_the_definition_in_words(answers: list[int]):
    promoting = len([a for a in answers if a in (9, 10)]) / len(answers)
    detracting = len([a for a in answers if a in range(7)]) / len(answers)
    assert net_promoters(answers).score == pytest.approx(100 * promoting - 100 * detracting)


@pytest.mark.parametrize("answer", [-1, 11])
def test_answers_outside_the_scale_are_refused(answer: int):
    with pytest.raises(ValueError, match=str(answer)):
        net_promoters([answer])


def test_a_worked_example_of_satisfaction():
    """Of 5, 4, 3, 4, 1 three are 4 or 5: 60 %."""
    found = satisfaction([5, 4, 3, 4, 1])
    assert found == Satisfaction(satisfied=3, answers=5)
    assert found.index == pytest.approx(60.0)
    assert satisfaction([7, 6, 5], best=7).index == pytest.approx(200 / 3)


def test_without_answers_there_is_no_figure():
    assert net_promoters([]).score is None
    assert satisfaction([]).index is None
    assert result([]).mean is None


def test_counts_and_mean():
    found = result([3, 1, 3, 5])
    assert (found.answers, found.mean, found.counts) == (4, 3.0, {1: 1, 3: 2, 5: 1})


@attrs.frozen
class Answers:
    survey: str
    group_id: str
    member_id: str | None
    answers: dict[str, int]


def test_answers_are_found_by_question_group_and_member():
    records = [
        Answers("after", "main", "anna", {"nps": 9, "csat": 4}),
        Answers("after", "main", "bo", {"nps": 2}),
        Answers("after", "night", None, {"csat": 5}),
        Answers("other", "main", "anna", {"nps": 10}),
    ]
    assert answers_to(records, "after", "nps") == [9, 2]
    assert answers_to(by_member(records)["anna"], "after", "nps") == [9]
    assert {group: len(found) for group, found in by_group(records).items()} == {
        "main": 3,
        "night": 1,
    }
    assert set(by_member(records)) == {"anna", "bo"}
