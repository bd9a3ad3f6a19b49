"""What callers thought: figures from the answers to surveys.

* Net promoter score: of the answers 0 to 10 to "would you recommend us", the share of 9 and 10 less
  the share of 0 to 6, in points from -100 to 100 (F. Reichheld, "The One Number You Need to Grow",
  Harvard Business Review, December 2003).
* Satisfaction index (CSAT): the share of those who gave one of the two best answers, 4 and 5 of 5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

import attrs

PROMOTERS_FROM: Final = 9
DETRACTORS_TO: Final = 6
TOP_BOXES: Final = 2
"""How many of the best answers count as satisfied."""


@attrs.frozen(kw_only=True)
class NetPromoters:
    """How many would recommend us.

    Attributes:
        promoters: who answered 9 or 10.
        passives: 7 or 8.
        detractors: 0 to 6.
    """

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def answers(self) -> int:
        """All of them."""
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> float | None:
        """The net promoter score, -100 to 100; None without answers."""
        if not self.answers:
            return None
        return 100 * (self.promoters - self.detractors) / self.answers


@attrs.frozen(kw_only=True)
class Satisfaction:
    """How many were satisfied.

    Attributes:
        satisfied: who gave one of the two best answers.
        answers: who answered.
    """

    satisfied: int = 0
    answers: int = 0

    @property
    def index(self) -> float | None:
        """Share of the satisfied in per cent; None without answers."""
        return 100 * self.satisfied / self.answers if self.answers else None


def net_promoters(answers: Iterable[int]) -> NetPromoters:
    """Count promoters and detractors among answers from 0 to 10.

    Raises:
        ValueError: an answer is outside of that.
    """
    counted = list(answers)
    if outside := [answer for answer in counted if not 0 <= answer <= 10]:
        raise ValueError(f"answers are 0 to 10, not {outside[0]}")
    promoters = sum(answer >= PROMOTERS_FROM for answer in counted)
    detractors = sum(answer <= DETRACTORS_TO for answer in counted)
    passives = len(counted) - promoters - detractors
    return NetPromoters(promoters=promoters, passives=passives, detractors=detractors)


def satisfaction(answers: Iterable[int], *, best: int = 5) -> Satisfaction:
    """Count the satisfied among answers of which ``best`` is the best."""
    counted = list(answers)
    satisfied = sum(answer > best - TOP_BOXES for answer in counted)
    return Satisfaction(satisfied=satisfied, answers=len(counted))


class Answered(Protocol):
    """One caller's answers, such as `softswitch.switch.journal.SurveyAnswered`."""

    @property
    def survey(self) -> str:
        """Id of the survey."""

    @property
    def group_id(self) -> str:
        """The group that the caller was served by."""

    @property
    def member_id(self) -> str | None:
        """Who talked to the caller."""

    @property
    def answers(self) -> Mapping[str, int]:
        """By question."""


@attrs.frozen(kw_only=True)
class QuestionResult:
    """What callers answered to one question.

    Attributes:
        answers: how many answered.
        mean: of their answers; None without any.
        counts: how many gave each answer.
    """

    answers: int
    mean: float | None
    counts: Mapping[int, int]


def result(answers: Iterable[int]) -> QuestionResult:
    """Count the answers to one question."""
    counted = sorted(answers)
    counts = {value: counted.count(value) for value in dict.fromkeys(counted)}
    mean = sum(counted) / len(counted) if counted else None
    return QuestionResult(answers=len(counted), mean=mean, counts=counts)


def answers_to(records: Iterable[Answered], survey: str, question: str) -> list[int]:
    """Return all answers to one question of a survey."""
    mine = (record.answers for record in records if record.survey == survey)
    return [answers[question] for answers in mine if question in answers]


def by_group(records: Iterable[Answered]) -> dict[str, list[Answered]]:
    """Sort records by the group that served the caller."""
    return _by(records, lambda record: record.group_id)


def by_member(records: Iterable[Answered]) -> dict[str, list[Answered]]:
    """Sort records by who talked to the caller; those without anybody are left out."""
    return _by((r for r in records if r.member_id), lambda record: record.member_id or "")


def _by(records: Iterable[Answered], key: Callable[[Answered], str]) -> dict[str, list[Answered]]:
    sorted_: defaultdict[str, list[Answered]] = defaultdict(list)
    for record in records:
        sorted_[key(record)].append(record)
    return dict(sorted_)
