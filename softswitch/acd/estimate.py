"""How long a caller still has to wait: estimators from queueing theory, as ranges.

* ``queue_length``: with `n` calls to be served up to this one, `s` members at work and exponential
  holding times of mean `m`, the wait is Erlang distributed with shape `n` and mean `n m / s`. The
  mean `m` is itself learned; what is uncertain about it widens the range.
* ``last_to_enter`` and ``head_of_line``: the wait will be like that of the call which was last
  answered, or like what the first in line has waited so far. During a wait of `w` about
  `k = w s / m` calls have come; that they are then served takes a mean of `w`, and the variance of
  their number and that of their holding times make `2 w m / s` together.
  (Ibrahim and Whitt, Real-Time Delay Estimation Based on Delay History, M&SOM 11(3), 2009.)

Waits of the second kind follow staff that comes and goes and callers who give up, without knowing
of either, and lag behind a load that changes. The first kind sees the rush as it comes, and is the
sharper one where nobody gives up.

No formula knows everything of an office, so the ends of the ranges are moved by what came of the
promises before: see `Leeway`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist

import attrs

_STEP = 0.03
"""How much is learned from one wait, in standard deviations."""

_CUBE_FROM = 4
_FARTHEST = 4.0
"""Standard deviations beyond which Newton's method has nothing to hold on to."""
_NEWTON_STEPS = 5
_SMALL = 1e-10


@attrs.frozen(kw_only=True)
class Expectation:
    """A range into which the remaining wait falls with a stated probability.

    Attributes:
        low_s, high_s: seconds from now.
        probability: that the wait ends within the range.
        estimator: which one says so.
    """

    low_s: float
    high_s: float
    probability: float
    estimator: str


@attrs.frozen(kw_only=True)
class Leeway:
    """How far the ends of the ranges are moved outwards, so that ranges hold as often as they say.

    A wait that ends beyond an end moves that end outwards by a step times the share of waits that
    should have been within it; every other wait moves it inwards by a step times the share that
    should be beyond. The two are in balance where as many waits end beyond as should: whatever
    the traffic, after n waits the share differs from the stated one by no more than
    (the farthest that the end has been moved) / (step n).
    (Gibbs and Candès, Adaptive Conformal Inference Under Distribution Shift, NeurIPS 2021;
    Angelopoulos, Candès and Tibshirani, Conformal PID Control for Time Series Prediction, NeurIPS
    2023, section 2.1.)

    Attributes:
        estimator, probability: whose ranges they are.
        low, high: of the lower and the upper end, in standard deviations of the normal law that
            stands behind the gamma law; negative where the range is narrower than the formula's.
    """

    estimator: str
    probability: float
    low: float = 0.0
    high: float = 0.0

    def is_of(self, told: Expectation) -> bool:
        """Whether it can learn from what was told."""
        return (told.estimator, told.probability) == (self.estimator, self.probability)

    def after(self, told: Expectation, waited_s: float) -> Leeway:
        """What is to be learned from one more wait.

        Args:
            told: what the caller was told to expect.
            waited_s: seconds from then to the answer.
        """
        beyond = (1 - self.probability) / 2
        return attrs.evolve(
            self,
            low=self.low + _STEP * ((waited_s < told.low_s) - beyond),
            high=self.high + _STEP * ((waited_s > told.high_s) - beyond),
        )


@attrs.frozen(kw_only=True)
class QueueView:
    """What an estimator sees.

    Attributes:
        position: the call's place in line, from 1.
        servers: members at work: neither passive nor paused; at least 1.
        holding_s: mean seconds for which a call occupies a member, wrap-up included.
        holding_doubt: variance of that mean, as it was learned, over its square.
        last_wait_s: how long the call waited that was answered last; None: none was yet.
        head_wait_s: how long the first in line has waited.
        waited_s: how long this call has waited itself.
    """

    position: int
    servers: int
    holding_s: float
    holding_doubt: float
    last_wait_s: float | None
    head_wait_s: float
    waited_s: float


Moments = tuple[float, float]
"""Mean and variance of the remaining wait, in seconds."""


def queue_length(view: QueueView) -> Moments:
    """By the calls to be served first."""
    pace_s = view.holding_s / view.servers
    mean_s = view.position * pace_s
    return mean_s, mean_s * pace_s + view.holding_doubt * mean_s**2


def last_to_enter(view: QueueView) -> Moments:
    """By the wait of the call answered last; the queue's length until there is one."""
    if view.last_wait_s is None:
        return queue_length(view)
    return _by_history(view, view.last_wait_s)


def head_of_line(view: QueueView) -> Moments:
    """By what the first in line has waited; the queue's length for that one itself."""
    if view.position == 1:
        return queue_length(view)
    return _by_history(view, view.head_wait_s)


def _by_history(view: QueueView, wait_s: float) -> Moments:
    """Like that wait, less what this call has waited already, but one service at least."""
    pace_s = view.holding_s / view.servers
    left_s = max(wait_s - view.waited_s, 0.0) + pace_s
    return left_s, 2 * left_s * pace_s


ESTIMATORS: Mapping[str, Callable[[QueueView], Moments]] = {
    "queue_length": queue_length,
    "last_to_enter": last_to_enter,
    "head_of_line": head_of_line,
}


def expect(view: QueueView, leeway: Leeway) -> Expectation:
    """The range between two equally unlikely ends.

    Args:
        view: the queue as this call sees it.
        leeway: of which estimator, with which probability, and what was learned of it.
    """
    mean, variance = ESTIMATORS[leeway.estimator](view)
    if variance == 0:  # conversations were over at once
        sure, by = leeway.probability, leeway.estimator
        return Expectation(low_s=mean, high_s=mean, probability=sure, estimator=by)
    shape, normal = mean**2 / variance, NormalDist().inv_cdf((1 + leeway.probability) / 2)
    scale = mean / shape
    high_s = _quantile(shape, normal + leeway.high) * scale
    low_s = _quantile(shape, -normal - leeway.low) * scale
    return Expectation(
        low_s=min(low_s, high_s),
        high_s=high_s,
        probability=leeway.probability,
        estimator=leeway.estimator,
    )


def gamma_quantile(shape: float, q: float) -> float:
    """Quantile of the gamma distribution with scale 1."""
    return _quantile(shape, NormalDist().inv_cdf(q))


def _quantile(shape: float, normal: float) -> float:
    """The same where the normal distribution has the quantile `normal`.

    By Wilson and Hilferty's cube (1931), which is within two parts in a thousand for larger
    shapes; for smaller ones that is where Newton's method begins.
    """
    if shape > _CUBE_FROM:
        return _cube(shape, normal)
    normal = max(-_FARTHEST, min(normal, _FARTHEST))
    return _sharpen(shape, NormalDist().cdf(normal), _cube(shape, normal))


def _cube(shape: float, normal: float) -> float:
    spread = 1 / (9 * shape)
    root = 1 - spread + normal * math.sqrt(spread)
    return float(shape * max(root, 0.1) ** 3)


def _sharpen(shape: float, q: float, x: float) -> float:
    """Newton's method in the logarithm of x, which cannot leave the positive numbers."""
    for _ in range(_NEWTON_STEPS):
        log_density_x = shape * math.log(x) - x - math.lgamma(shape)
        miss = _gamma_cdf(shape, x) - q
        x *= math.exp(max(min(-miss / math.exp(log_density_x), 1.0), -1.0))
    return x


def _gamma_cdf(shape: float, x: float) -> float:
    """Abramowitz and Stegun, 6.5.29: a series all of whose terms are positive."""
    term = total = 1.0
    n = shape
    while term > total * _SMALL:
        n += 1
        term *= x / n
        total += term
    return total * math.exp(shape * math.log(x) - x - math.lgamma(shape + 1))
