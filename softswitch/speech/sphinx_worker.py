"""A process that makes out one utterance and ends: JSON and sound in on stdin, a phrase on stdout.

The first line is a JSON object with ``phrases``, lower-case words; what follows is 16-bit mono
sound at 16 kHz. Printed is the phrase that was said, or nothing. Words that the dictionary does
not know cannot be said; a phrase with such a word is left out.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

NICENESS = 5
"""How far it steps back for the process that carries the calls."""


def main() -> int:
    """Answer the request on stdin."""
    os.nice(NICENESS)
    from pocketsphinx import Decoder, get_model_path  # noqa: PLC0415 - an extra

    head, _, sound = sys.stdin.buffer.read().partition(b"\n")
    model = get_model_path("en-us")
    decoder = Decoder(
        hmm=f"{model}/en-us", dict=f"{model}/cmudict-en-us.dict", lm=None, loglevel="FATAL"
    )
    phrases = [
        phrase
        for phrase in json.loads(head)["phrases"]
        if all(decoder.lookup_word(word) for word in phrase.split())
    ]
    if phrases:
        sys.stdout.write(said(decoder, phrases, sound))
    return 0


def said(
    decoder: Any,  # noqa: ANN401 - pocketsphinx has no types
    phrases: list[str],
    sound: bytes,
) -> str:
    """Return the phrase that was said, or nothing."""
    choices = " | ".join(f"({phrase})" for phrase in phrases)
    grammar = f"#JSGF V1.0; grammar menu; public <said> = [i want | please] ({choices}) [please];"
    decoder.add_jsgf_string("menu", grammar)
    decoder.activate_search("menu")
    decoder.start_utt()
    decoder.process_raw(sound, no_search=False, full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    words = found.hypstr.split() if found else []
    text = " ".join(words).removeprefix("i want ").removeprefix("please ").removesuffix(" please")
    return text if text in phrases else ""


if __name__ == "__main__":
    sys.exit(main())
