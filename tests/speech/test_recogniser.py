"""PocketSphinx on English phrases that espeak-ng speaks, as a telephone carries them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from softswitch.ivr.checks import Surroundings
from softswitch.ivr.loading import load_flow
from softswitch.ivr.nodes import Menu
from softswitch.prompts import SoundStore
from softswitch.speech import UtteranceReader
from softswitch.speech.sphinx import PocketSphinx
from softswitch_codecs.g711 import decode_alaw, encode_alaw

RATE_HZ = 8000
PHRASES = {
    "1": "technical support",
    "2": "opening hours",
    "3": "invoices",
    "0": "switchboard",
}

Spoken = Callable[[str], NDArray[np.int16]]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Spoken:
    store = SoundStore(tmp_path_factory.mktemp("sounds"), RATE_HZ)

    def speak(text: str) -> NDArray[np.int16]:
        samples, _ = soundfile.read(store.say(text, "en"), dtype="int16")
        padded = np.pad(samples, RATE_HZ // 5)
        return np.asarray(decode_alaw(encode_alaw(padded)), np.int16)

    return speak


@pytest.mark.parametrize("key", list(PHRASES))
def test_phrases_are_made_out(spoken: Spoken, key: str):
    assert PocketSphinx().choose(spoken(PHRASES[key]), RATE_HZ, PHRASES, "en") == key


def test_a_polite_word_does_no_harm(spoken: Spoken):
    said = spoken("I want technical support please")
    assert PocketSphinx().choose(said, RATE_HZ, PHRASES, "en") == "1"


@pytest.mark.parametrize("text", ["hello there", "good morning", "the weather is nice"])
def test_other_words_are_none_of_them(spoken: Spoken, text: str):
    assert PocketSphinx().choose(spoken(text), RATE_HZ, PHRASES, "en") is None


def test_noise_is_none_of_them():
    noise = np.random.default_rng(3).normal(0, 2000, 2 * RATE_HZ).astype(np.int16)
    assert PocketSphinx().choose(noise, RATE_HZ, PHRASES, "en") is None


def test_other_languages_are_left_to_keys(spoken: Spoken):
    recogniser = PocketSphinx()
    assert not recogniser.knows("da")
    assert recogniser.choose(spoken("switchboard"), RATE_HZ, PHRASES, "da") is None


def test_a_word_that_no_dictionary_has_hinders_no_other(spoken: Spoken):
    phrases = {"1": "zxqwv", "0": "switchboard"}
    assert PocketSphinx().choose(spoken("switchboard"), RATE_HZ, phrases, "en") == "0"


def test_it_tells_which_words_its_dictionary_lacks():
    # The CMU Pronouncing Dictionary has these, and no such letters in a row.
    words = {"switchboard", "opening", "hours", "don't", "zxqwv"}
    assert set(PocketSphinx().unknown(words, "en")) == {"zxqwv"}
    assert set(PocketSphinx().unknown({"hours"}, "da")) == {"hours"}


HELP_DESK = Path(__file__).parents[2] / "examples" / "helpdesk" / "desk.toml"


@pytest.mark.parametrize(
    ("word", "key"),
    [("my computer", "1"), ("my telephone", "1"), ("the network", "2"), ("networks", "2")],
)
def test_the_help_desk_s_words_are_made_out(spoken: Spoken, word: str, key: str):
    recogniser = PocketSphinx()
    menu = load_flow(HELP_DESK, Surroundings(ears=recogniser)).nodes["what"]
    assert isinstance(menu, Menu)
    words = {one: one for one in menu.spoken.words("en")}
    heard = recogniser.choose(spoken(word), RATE_HZ, words, "en")
    assert heard is not None
    assert menu.spoken.key(heard, "en") == key


# Utterances.


def growing(path: Path) -> Callable[[NDArray[np.int16]], None]:
    """Begin a WAV file whose header tells no length, and return what adds to it."""
    header = b"RIFF" + struct.pack("<I", 0) + b"WAVE"
    header += b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)
    path.write_bytes(header + b"data" + struct.pack("<I", 0))

    def add(samples: NDArray[np.int16]) -> None:
        with path.open("ab") as file:
            file.write(samples.astype("<i2").tobytes())

    return add


def tone(seconds: float, level: float = 8000) -> NDArray[np.int16]:
    time_s = np.arange(round(RATE_HZ * seconds)) / RATE_HZ
    return np.round(level * np.sin(2 * np.pi * 400 * time_s)).astype(np.int16)


def silence(seconds: float) -> NDArray[np.int16]:
    return np.zeros(round(RATE_HZ * seconds), np.int16)


def test_an_utterance_is_what_lies_between_two_silences(tmp_path: Path):
    path = tmp_path / "said.wav"
    add, reader = growing(path), UtteranceReader(path)
    found = []
    for piece in (silence(3.0), tone(0.7), silence(0.3), tone(0.4), silence(0.4), silence(0.4)):
        add(piece)
        found.append(reader.look())
    # The pause of 0.3 s is shorter than the 0.5 s that end an utterance.
    assert found[:5] == [None] * 5
    assert found[5] is not None
    assert len(found[5].samples) / RATE_HZ == pytest.approx(0.2 + 0.7 + 0.3 + 0.4 + 0.2, abs=0.03)
    assert reader.look() is None
    add(np.concatenate([tone(0.5), silence(0.6)]))
    assert reader.look() is not None


def test_a_click_is_no_utterance(tmp_path: Path):
    path = tmp_path / "said.wav"
    add, reader = growing(path), UtteranceReader(path)
    add(np.concatenate([silence(1.0), tone(0.04), silence(1.0)]))
    assert reader.look() is None
    assert not reader.is_speaking


def test_who_speaks_without_end_is_cut(tmp_path: Path):
    path = tmp_path / "said.wav"
    add, reader = growing(path), UtteranceReader(path)
    add(tone(5.0))
    assert reader.look() is None
    assert reader.is_speaking
    add(tone(1.5))
    said = reader.look()
    assert said is not None
    assert len(said.samples) / RATE_HZ == pytest.approx(6.5, abs=0.03)


def test_a_file_that_is_not_there_yet_is_silent(tmp_path: Path):
    assert UtteranceReader(tmp_path / "later.wav").look() is None
