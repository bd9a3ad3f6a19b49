"""Spoken choices: whatever makes out one of a few phrases in what a caller says.

`Recogniser` is the protocol; `softswitch.speech.sphinx` makes PocketSphinx fit it, for English
(``pip install softswitch[speech]``). Keys always remain: a recogniser that is sure of nothing says
so, and the caller presses one.
"""

from softswitch.speech.recogniser import Recogniser
from softswitch.speech.utterance import UtteranceReader

__all__ = ["Recogniser", "UtteranceReader"]
