"""What an office has to make out words with, as its file says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from softswitch.ivr.check_sayings import Dictionary
from softswitch.speech import Recogniser
from softswitch.speech.sphinx import PocketSphinx

RECOGNISERS: Final[Mapping[str, Callable[[], Recogniser]]] = {"pocketsphinx": PocketSphinx}
"""Those that an office file can name; a program gives any other (`Switch.recogniser`)."""


def recogniser(name: str, languages: Collection[str] = ()) -> Recogniser:
    """Return what makes out words.

    Args:
        name: one of `RECOGNISERS`.
        languages: in which it does; none: all that it knows.

    Raises:
        EnvironmentFaultError: it is not installed.
    """
    found = RECOGNISERS[name]()
    return InLanguages(found, languages) if languages else found


class InLanguages:
    """A recogniser that is used for some of its languages (`softswitch.speech.Recogniser`)."""

    def __init__(self, recogniser: Recogniser, languages: Collection[str]) -> None:
        self._recogniser = recogniser
        self._languages = frozenset(languages)

    def knows(self, language: str) -> bool:
        """Whether it makes out a language, and is to."""
        return language in self._languages and self._recogniser.knows(language)

    def unknown(self, words: Collection[str], language: str) -> Collection[str]:
        """Return the words that it can never make out."""
        inner = self._recogniser
        return inner.unknown(words, language) if isinstance(inner, Dictionary) else ()

    def choose(
        self, samples: NDArray[np.int16], rate_hz: int, phrases: Mapping[str, str], language: str
    ) -> str | None:
        """Return the key of the phrase that was said; see `Recogniser.choose`."""
        if not self.knows(language):
            return None
        return self._recogniser.choose(samples, rate_hz, phrases, language)
