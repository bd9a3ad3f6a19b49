"""How long things take: talks, patience, picking up. Times in seconds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch.errors import ConfigurationError, Fault

Floats = NDArray[np.float64]

_BLOCK = 1024


class Distribution(Protocol):
    """Something that lengths of time are drawn from."""

    @property
    def mean_s(self) -> float:
        """The mean, in seconds."""

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw so many lengths, in seconds."""


@attrs.frozen
class Constant:
    """Always the same; `math.inf` is for ever."""

    mean_s: float = attrs.field(validator=attrs.validators.ge(0))

    def draw(self, _rng: np.random.Generator, count: int) -> Floats:
        """Draw so many lengths, in seconds."""
        return np.full(count, self.mean_s)


@attrs.frozen
class Exponential:
    """Without memory: what is still to come does not depend on what has passed."""

    mean_s: float = attrs.field(validator=attrs.validators.gt(0))

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw so many lengths, in seconds."""
        return rng.exponential(self.mean_s, count)


@attrs.frozen
class Lognormal:
    """What talks usually look like: few very short ones, some very long ones.

    Attributes:
        variation: the standard deviation as a multiple of the mean.
    """

    mean_s: float = attrs.field(validator=attrs.validators.gt(0))
    variation: float = attrs.field(default=1.0, validator=attrs.validators.gt(0))

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw so many lengths, in seconds."""
        variance = math.log1p(self.variation**2)
        middle = math.log(self.mean_s) - variance / 2.0
        return rng.lognormal(middle, math.sqrt(variance), count)


@attrs.frozen
class Observed:
    """Drawn, with repetition, from lengths that were seen."""

    lengths_s: tuple[float, ...] = attrs.field(validator=attrs.validators.min_len(1))

    @property
    def mean_s(self) -> float:
        """The mean, in seconds."""
        return sum(self.lengths_s) / len(self.lengths_s)

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Draw so many lengths, in seconds."""
        return rng.choice(np.array(self.lengths_s), count)


FOR_EVER: Final = Constant(math.inf)
AT_ONCE: Final = Constant(0.0)


def one_by_one(distribution: Distribution, rng: np.random.Generator) -> Iterator[float]:
    """Draw for ever, one length at a time; drawn in blocks, for speed."""
    while True:
        yield from distribution.draw(rng, _BLOCK).tolist()


_KINDS: Final[Mapping[str, tuple[Callable[..., Distribution], int]]] = {
    "constant": (Constant, 1),
    "exponential": (Exponential, 1),
    "lognormal": (Lognormal, 2),
}
"""How each kind is made, and of how many numbers at most."""

_ALLOWED: Final = "seconds, or exponential:MEAN, lognormal:MEAN:VARIATION, constant:SECONDS"


def parse(text: str, *, plain: str = "exponential", path: str = "distribution") -> Distribution:
    """Read a distribution as people write it: ``180``, ``lognormal:180:1.2``, ``constant:5``.

    Args:
        text: what is written.
        plain: which kind a number alone means.
        path: what to call it in a fault.

    Raises:
        ConfigurationError: it is not written so, or a number in it is out of range.
    """
    kind, colon, rest = text.strip().partition(":")
    make, most = _KINDS.get(kind if colon else plain, (None, 0))
    try:
        numbers = [float(number) for number in (rest if colon else kind).split(":")]
        if make and len(numbers) <= most and all(map(math.isfinite, numbers)):
            return make(*numbers)
    except ValueError:
        pass
    message = "This is no length of time."
    fault = Fault(path=path, value=repr(text), allowed=_ALLOWED, message=message)
    raise ConfigurationError([fault])
