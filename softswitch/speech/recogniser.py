"""What makes out what callers say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Recogniser(Protocol):
    """Chooses between phrases."""

    def knows(self, language: str) -> bool:
        """Whether it makes out a language (ISO 639-1)."""

    def choose(
        self, samples: NDArray[np.int16], rate_hz: int, phrases: Mapping[str, str], language: str
    ) -> str | None:
        """Return the key of the phrase that was said.

        Blocks for a few tenths of a second, and may be called by several threads at once.

        Args:
            samples: one utterance, shape ``(samples,)``, with a little silence around it.
            rate_hz: its sample rate.
            phrases: what may be said, by key.
            language: that it is said in.

        Returns:
            A key of ``phrases``; None where none of them was made out.

        Raises:
            EnvironmentFaultError: nothing can be made out on this machine.
        """
