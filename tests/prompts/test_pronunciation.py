"""How number words are pronounced, by espeak-ng's own phonemes."""

# ruff: noqa: RUF001 - the International Phonetic Alphabet

import ctypes
import subprocess
import sys
from functools import cache
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest

from softswitch.prompts import EspeakSpeech, language
from softswitch.prompts.pronunciation import respell

# In a process of its own: espeak-ng keeps state, and would keep it in ours.
PHONEMES = """
import ctypes, os, sys
library = ctypes.CDLL(sys.argv[1])
library.espeak_Initialize(2, 0, os.path.dirname(sys.argv[2]).encode(), 0x8000)
assert library.espeak_SetVoiceByName(sys.argv[3].encode()) == 0
library.espeak_TextToPhonemes.restype = ctypes.c_char_p
for text in sys.argv[4:]:
    place = ctypes.c_char_p(text.encode())
    parts = []
    while place.value:
        parts.append(library.espeak_TextToPhonemes(ctypes.byref(place), 1, 2).decode())
    print(" ".join(parts))
"""


@cache
def phonemes(voice: str, *texts: str) -> list[str]:
    library, data = espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
    command = [sys.executable, "-c", PHONEMES, library, data, voice, *texts]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.splitlines()


def given(code: str, text: str) -> str:
    """What espeak-ng is given for a text."""
    return respell(text, language(code).voice.read_as)


@pytest.mark.parametrize("code", ["da", "nb", "sv"])
def test_number_words_sound_like_their_digits(code: str):
    numbers = range(2, 100)
    words = [given(code, language(code).phrases.cardinal(number)) for number in numbers]
    digits = [str(number) for number in numbers]
    assert phonemes(code, *words) == phonemes(code, *digits)


@pytest.mark.parametrize(
    ("code", "word", "written", "right"),
    [
        # As spelled, espeak-ng says a soft d, a hard g, and Swedish without its r and as "-toon".
        ("da", "halvtreds", "hˈaltʁɛðs", "haltɾˈεs"),
        ("da", "syvogtyve", "sˈywʔʌɡtˌyːw", "sˈʔywʌtˈyːʔu"),
        ("sv", "fjorton", "fjˈuːtuːn", "fjˈuːrtɔn"),
        ("nb", "tjueen", "ʂˈʉːeːən", "ʂˈʉːaˈeːn"),
    ],
)
def test_what_spelling_alone_would_give(code: str, word: str, written: str, right: str):
    assert phonemes(code, word) == [written]
    assert phonemes(code, given(code, word)) == [right]


def test_forms_that_agree_with_a_noun_keep_their_ending():
    assert given("sv", "tjugoen kronor") == "20 en kronor"
    assert given("sv", "tjugoett") == "21"
    assert given("nb", "tjueett minutter") == "20 ett minutter"
    assert given("da", "den treogtyvende maj") == "den 3 og tyvende maj"


def test_only_whole_words_are_replaced():
    assert given("da", "Otte ottende tolvte, to-tre.") == "8 ottende tolvte, 2-3."
    assert given("en", "twenty-one") == "twenty-one"


def test_numbers_in_a_row_do_not_run_together():
    """Swedish and Danish write thousands with a blank: 2 500."""
    for code in ("da", "nb", "sv"):
        texts = ["tre fyra fem", "tjugo, fem, sex sju"] if code == "sv" else ["tre fire fem"]
        for text in texts:
            words = [given(code, word.strip(",")) for word in text.split()]
            apart = "".join(phonemes(code, *words))
            assert plain(phonemes(code, given(code, text))[0]) == plain(apart)


def plain(sounds: str) -> str:
    """Sounds without stress and length, which depend on the neighbours."""
    return "".join(sign for sign in sounds if sign not in " ˈˌː_ʔ")


def test_the_same_words_always_sound_the_same():
    """espeak-ng does not promise that of one process; it holds from process to process."""
    voice = language("da").voice
    first, rate_hz = EspeakSpeech().speak("Du er nummer enogtyve i køen.", voice)
    EspeakSpeech().speak("Noget andet.", voice)
    again, _ = EspeakSpeech().speak("Du er nummer enogtyve i køen.", voice)
    assert rate_hz == 22_050
    np.testing.assert_array_equal(first, again)


def test_espeak_is_there_without_a_system_package():
    library = Path(espeakng_loader.get_library_path())
    assert "site-packages" in str(library)
    assert ctypes.CDLL(str(library))
