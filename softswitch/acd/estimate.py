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
of either, and lag behind a load that changes: of ranges told with a probability of 0.8 about 0.6
hold where one hour in four has twice the traffic of the others. The first kind sees the rush as it
comes, and is the sharper one where nobody gives up. Where conversations are all of much the same
length the ranges are wider than they need be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist

import attrs

_CUBE_FROM = 4
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


def expect(estimator: str, view: QueueView, probability: float) -> Expectation:
    """The range between two equally unlikely ends.

    Args:
        estimator: a key of `ESTIMATORS`.
        view: the queue as this call sees it.
        probability: that the wait shall fall into the range, between 0 and 1.
    """
    mean, variance = ESTIMATORS[estimator](view)
    shape, tail = mean**2 / variance, (1 - probability) / 2
    low, high = (gamma_quantile(shape, q) * mean / shape for q in (tail, 1 - tail))
    return Expectation(low_s=low, high_s=high, probability=probability, estimator=estimator)


def gamma_quantile(shape: float, q: float) -> float:
    """Quantile of the gamma distribution with scale 1.

    By Wilson and Hilferty's cube (1931), which is within two parts in a thousand for larger
    shapes; for smaller ones that is where Newton's method begins.
    """
    spread = 1 / (9 * shape)
    root = 1 - spread + NormalDist().inv_cdf(q) * math.sqrt(spread)
    guess = shape * max(root, 0.1) ** 3
    return guess if shape > _CUBE_FROM else _sharpen(shape, q, guess)


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
