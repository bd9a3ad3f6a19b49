"""An office's own recordings, and phrases put together from them."""

import unicodedata
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_sounds import RATE_HZ, CountingSpeech, read

from softswitch.errors import ConfigurationError
from softswitch.prompts import SoundStore, language
from softswitch.prompts.clips import Clips
from softswitch.prompts.description import Clip, Say
from softswitch_codecs.detect import find_tone


def clip(path: Path, hertz: float = 1_000.0, seconds: float = 0.5) -> Path:
    """A recording: a tone between two silences."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(round(16_000 * seconds)) / 16_000
    tone = 0.1 * np.sin(2 * np.pi * hertz * time_s)
    soundfile.write(path, np.pad(tone, 8_000), 16_000)
    return path


def office(folder: Path, *names: str) -> Clips:
    for name in names:
        clip(folder / name)
    return Clips(folder)


def told(clips: Clips, text: str, code: str = "da") -> list[str]:
    """Pieces in order: a recording by its file name, words to speak in brackets."""
    pieces = clips.pieces(text, code)
    return [piece.clip.name if piece.clip else f"({piece.text})" for piece in pieces]


def test_a_sentence_is_put_together_from_its_recordings(tmp_path: Path):
    clips = office(tmp_path, "da/du-er-nummer.wav", "da/tre.wav", "da/i-køen.wav")
    assert told(clips, language("da").position(3)) == ["du-er-nummer.wav", "tre.wav", "i-køen.wav"]


def test_what_is_not_recorded_is_spoken(tmp_path: Path):
    clips = office(tmp_path, "da/du-er-nummer.wav", "da/i-køen.wav")
    assert told(clips, "Du er nummer enogtyve i køen.") == [
        "du-er-nummer.wav",
        "(enogtyve)",
        "i-køen.wav",
    ]
    assert told(clips, "Vent venligst.") == ["(Vent venligst.)"]
    assert told(clips, "Du er nummer tre i køen.", "nb") == ["(Du er nummer tre i køen.)"]


def test_an_office_without_recordings_speaks():
    assert told(Clips(None), "Vent venligst.") == ["(Vent venligst.)"]
    assert told(Clips(None), "...") == ["(...)"]


def test_words_to_speak_stay_as_they_were_written(tmp_path: Path):
    clips = office(tmp_path, "en/number.wav")
    text = 'So "you" are number twenty-one, aren\'t you?'
    assert told(clips, text, "en") == ['(So "you" are)', "number.wav", "(twenty-one, aren't you?)"]


@pytest.mark.parametrize(
    "name",
    [
        "en/eight o'clock in the morning.wav",
        "en/Eight-OClock-in-the-Morning.flac",
        "en/eight_o’clock_in_the_morning.wav",  # noqa: RUF001 - as phones write it
    ],
)
def test_names_are_read_kindly(tmp_path: Path, name: str):
    clips = office(tmp_path, name)
    assert told(clips, "Eight o'clock in the morning!", "en") == [Path(name).name]


def test_letters_may_be_composed_or_not(tmp_path: Path):
    name = unicodedata.normalize("NFD", "da/på-lørdag.wav")
    assert told(office(tmp_path, name), "på lørdag") == [Path(name).name]


def test_numbers_may_be_named_by_digits(tmp_path: Path):
    clips = office(tmp_path, "da/21.wav", "da/1.wav", "en/114.wav", "da/007.wav")
    assert told(clips, "enogtyve") == ["21.wav"]
    assert told(clips, "nummer ét") == ["(nummer)", "1.wav"]
    assert told(clips, "Tryk 1 for ja") == ["(Tryk)", "1.wav", "(for ja)"]
    assert told(clips, "én krone") == ["(én krone)"]  # another form, which sounds otherwise
    assert told(clips, "one hundred and fourteen", "en") == ["114.wav"]
    assert told(clips, "syv") == ["(syv)"]


def test_words_come_before_digits(tmp_path: Path):
    clips = office(tmp_path, "da/3.wav", "da/tre.wav")
    assert told(clips, "tre") == ["tre.wav"]


def test_messages_may_be_recorded_by_name(tmp_path: Path):
    clips = office(tmp_path, "sv/messages/please_hold.wav", "sv/messages/pin_enter.wav")
    assert told(clips, "Var god dröj.", "sv") == ["please_hold.wav"]
    assert told(clips, "Slå din pinkod och avsluta med fyrkant.", "sv") == ["pin_enter.wav"]


def test_long_recordings_are_taken_before_short_ones(tmp_path: Path):
    clips = office(tmp_path, "en/a.wav", "en/b.wav", "en/c.wav", "en/b-c.wav", "en/a-b.wav")
    assert told(clips, "a b c", "en") in (["a.wav", "b-c.wav"], ["a-b.wav", "c.wav"])
    assert told(clips, "a b c d", "en")[-1] == "(d)"


WORDS = ("a", "b", "c")
RUNS = [run for length in (1, 2, 3) for run in product(WORDS, repeat=length)]


@settings(max_examples=150)
@given(
    recorded=st.sets(st.sampled_from(RUNS), max_size=8),
    text=st.lists(st.sampled_from(WORDS), min_size=1, max_size=7),
)
def test_no_other_division_is_better(
    tmp_path_factory: pytest.TempPathFactory, recorded: set[tuple[str, ...]], text: list[str]
):
    folder = tmp_path_factory.mktemp("clips")
    (folder / "en").mkdir()
    for run in recorded:
        (folder / "en" / ("-".join(run) + ".wav")).touch()
    pieces = Clips(folder).pieces(" ".join(text), "en")
    assert " ".join(piece.text for piece in pieces) == " ".join(text)
    spoken = sum(len(piece.text.split()) for piece in pieces if not piece.clip)
    assert spoken == min(missing for missing in divisions(text, recorded))


def divisions(text: list[str], recorded: set[tuple[str, ...]]) -> list[int]:
    """Words left to speak, for every way to divide a text: slow and obvious."""
    if not text:
        return [0]
    found = [1 + rest for rest in divisions(text[1:], recorded)]
    for end in range(1, len(text) + 1):
        if tuple(text[:end]) in recorded:
            found += divisions(text[end:], recorded)
    return found


def test_punctuation_sets_the_pauses(tmp_path: Path):
    clips = office(tmp_path, *(f"en/{word}.wav" for word in ("one", "two", "three", "four")))
    pauses = [piece.pause_s for piece in clips.pieces("One two, three. Four", "en")]
    assert pauses == [0.04, 0.2, 0.35, 0.04]


def test_the_description_of_a_phrase(tmp_path: Path):
    clips = office(tmp_path, "da/tre.wav")
    sound = clips.sound("nummer tre", "da")
    words, _, recorded = sound.sequence
    assert words == Say("nummer", "da")
    assert isinstance(recorded, Clip)
    assert (recorded.file, recorded.trim) == (tmp_path / "da/tre.wav", True)
    assert clips.sound("nummer", "da") == Say("nummer", "da")


def test_a_phrase_is_heard_in_order(tmp_path: Path, speech: CountingSpeech):
    """The spoken word is a tone of 500 Hz and 1 s, the recordings are others of half a second."""
    clip(tmp_path / "en/before.wav", 1_000)
    clip(tmp_path / "en/after.wav", 1_500)
    store = SoundStore(tmp_path / "cache", RATE_HZ, speech=speech)
    clips = Clips(copied(tmp_path))
    samples = read(store.prompt(clips.sound("Before it, after.", "en")))
    spans = [find_tone(samples, RATE_HZ, hertz) for hertz in (1_000, 500, 1_500)]
    starts = [span.start_s for span in spans if span]
    lengths = [span.length_s for span in spans if span]
    # Silence is trimmed but for 30 ms at each end, so that pauses are 60 ms longer.
    assert starts == pytest.approx([0.03, 0.03 + 0.5 + 0.1, 0.63 + 1.0 + 0.26], abs=0.03)
    assert lengths == pytest.approx([0.5, 1.0, 0.5], abs=0.03)
    assert speech.spoken == [("it,", "en")]


def copied(folder: Path) -> Path:
    """The recordings alone in a folder."""
    place = folder / "clips"
    place.mkdir()
    (folder / "en").rename(place / "en")
    return place


def test_a_very_long_phrase_is_nested(tmp_path: Path, speech: CountingSpeech):
    clips = office(tmp_path / "clips", "en/a.wav")
    store = SoundStore(tmp_path / "cache", RATE_HZ, speech=speech)
    samples = read(store.prompt(clips.sound("a " * 150, "en")))
    assert len(samples) / RATE_HZ == pytest.approx(150 * 0.56 + 149 * 0.04, rel=0.01)


def test_what_a_studio_has_to_record(tmp_path: Path):
    clips = office(tmp_path, "da/du-er-nummer.wav", "da/i-køen.wav", "da/to.wav")
    texts = [language("da").position(place) for place in range(1, 5)]
    assert clips.missing(texts, "da") == ("ét", "tre", "fire")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["da/tre.wav", "da/Tre.flac"], "holds the same words already"),
        (["da/---.wav"], "says no words"),
        (["da/messages/hello_there.wav"], "says no words"),
        (["fr/un.wav"], "folders named da, en, nb, sv"),
        (["un.wav"], "folders named da, en, nb, sv"),
    ],
)
def test_names_that_cannot_be_meant(tmp_path: Path, names: list[str], message: str):
    with pytest.raises(ConfigurationError, match=message) as caught:
        office(tmp_path, *names)
    assert str(tmp_path) in caught.value.faults[0].path


def test_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="no such folder"):
        Clips(tmp_path / "nowhere")
