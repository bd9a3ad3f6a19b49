"""The sounds that a store gives out."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from prompt_sounds import RATE_HZ, CountingSpeech, read

from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.prompts import (
    EspeakSpeech,
    PromptError,
    PromptFault,
    SoundStore,
    SystemMessage,
    languages,
)
from softswitch.prompts import speech as speech_module
from softswitch_codecs.detect import find_tone
from softswitch_codecs.levels import active_dbfs, peak_dbfs, rms_dbfs

CODES = ("da", "en", "nb", "sv")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("message", SystemMessage)
def test_every_message_is_spoken_in_every_language(
    store: SoundStore, message: SystemMessage, code: str
):
    samples = read(store.system(message, code))
    letters = len(languages()[code].messages[message])
    # People read aloud at 10 to 20 letters a second.
    assert letters / 22 < len(samples) / RATE_HZ < letters / 9
    assert active_dbfs(samples, RATE_HZ) == pytest.approx(-20, abs=0.5)
    assert peak_dbfs(samples) <= -0.99


@pytest.mark.parametrize("code", CODES)
def test_speech_begins_and_ends_at_once_and_softly(store: SoundStore, code: str):
    samples = read(store.system(SystemMessage.STANDARD, code))
    tenth = RATE_HZ // 10
    assert rms_dbfs(samples[:tenth]) > -50
    assert rms_dbfs(samples[-tenth:]) > -50
    assert np.abs(samples[[0, 1, -2, -1]]).max() < 100


def test_languages_do_not_sound_alike(store: SoundStore):
    spoken = {code: read(store.say("3 4 5", code)) for code in CODES}
    lengths = {len(samples) for samples in spoken.values()}
    assert len(lengths) == len(CODES)


def test_positions_differ(store: SoundStore):
    first, second = (read(store.position(n, "da")) for n in (1, 2))
    assert first.tobytes() != second.tobytes()


def test_the_same_words_are_spoken_once(tmp_path: Path, speech: CountingSpeech):
    store = SoundStore(tmp_path, RATE_HZ, speech=speech)
    path = store.position(3, "da")
    assert store.position(3, "da") == path
    assert store.say("  Du er nummer tre\n i køen. ", "da") == path
    assert SoundStore(tmp_path, RATE_HZ, speech=speech).position(3, "da") == path
    assert speech.spoken == [("Du er nummer tre i køen.", "da")]
    store.say("Du er nummer tre i køen.", "nb")
    assert len(speech.spoken) == 2


def test_a_removed_file_is_made_again(tmp_path: Path, speech: CountingSpeech):
    store = SoundStore(tmp_path, RATE_HZ, speech=speech)
    samples = read(store.say("once", "en"))
    shutil.rmtree(tmp_path)
    np.testing.assert_array_equal(read(store.say("once", "en")), samples)


def test_another_synthesiser_is_not_mistaken_for_the_first(tmp_path: Path):
    paths = {
        SoundStore(tmp_path, RATE_HZ, speech=CountingSpeech(id=name)).say("once", "en")
        for name in ("first", "second")
    }
    assert len(paths) == 2


def test_rates_do_not_share_files(tmp_path: Path, speech: CountingSpeech):
    slow, fast = (
        SoundStore(tmp_path, rate, speech=speech).say("a", "en") for rate in (8000, 16000)
    )
    assert slow != fast


def test_silence_around_speech_is_cut_and_its_level_set(tmp_path: Path, speech: CountingSpeech):
    samples = read(SoundStore(tmp_path, RATE_HZ, speech=speech).say("two words", "en"))
    assert len(samples) / RATE_HZ == pytest.approx(2.06, abs=0.02)
    assert active_dbfs(samples, RATE_HZ) == pytest.approx(-20, abs=0.1)
    span = find_tone(samples, RATE_HZ, 500)
    assert span is not None
    assert span.length_s == pytest.approx(2.0, abs=0.01)


def test_the_beep(store: SoundStore):
    samples = read(store.beep())
    span = find_tone(samples, RATE_HZ, 1000)
    assert span is not None
    assert span.length_s == pytest.approx(0.4, abs=0.02)
    assert rms_dbfs(samples[400:-400]) == pytest.approx(-20, abs=0.1)


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("hej", "fr", PromptFault.UNKNOWN_LANGUAGE),
        ("hej", "../da", PromptFault.UNKNOWN_LANGUAGE),
        (" \n\t\0 ", "da", PromptFault.NOTHING_TO_SAY),
        ("x" * 2001, "da", PromptFault.TEXT_TOO_LONG),
    ],
)
def test_what_cannot_be_said_is_refused(
    tmp_path: Path, speech: CountingSpeech, text: str, code: str, reason: PromptFault
):
    with pytest.raises(PromptError) as caught:
        SoundStore(tmp_path, RATE_HZ, speech=speech).say(text, code)
    assert caught.value.reason is reason
    assert not speech.spoken


def test_an_unknown_language_names_those_that_there_are(store: SoundStore):
    with pytest.raises(PromptError, match=r"no language 'fr'; choose one of da, en, nb, sv\."):
        store.position(1, "fr")


def test_text_without_sound_is_refused_and_not_kept(tmp_path: Path):
    store = SoundStore(tmp_path, RATE_HZ)
    with pytest.raises(PromptError) as caught:
        store.say("\u200b . \u2003 ,", "en")
    assert caught.value.reason is PromptFault.NOTHING_TO_SAY
    assert not list(tmp_path.iterdir())


def test_odd_text_is_spoken(store: SoundStore):
    for text in ("<speak>&amp; [[a]] \x1b%s", "\U0001f600 ok", "日本 ok", "2023/114"):
        assert len(read(store.say(text, "en"))) > RATE_HZ / 10


def test_an_unknown_voice_is_refused():
    voice = languages()["da"].voice
    unknown = type(voice)(name="xx-klingon")
    with pytest.raises(PromptError, match="no voice 'xx-klingon'") as caught:
        EspeakSpeech().speak("hej", unknown)
    assert caught.value.reason is PromptFault.SPEECH_FAILED


def test_speech_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(speech_module, "TIMEOUT_S", 0.001)
    with pytest.raises(PromptError, match="not spoken within") as caught:
        EspeakSpeech().speak("hej", languages()["da"].voice)
    assert caught.value.reason is PromptFault.SPEECH_FAILED


def test_a_machine_without_python_is_told_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(speech_module.sys, "executable", "/nowhere/python")
    with pytest.raises(EnvironmentFaultError, match="No process can be started"):
        EspeakSpeech().speak("hej", languages()["da"].voice)


def test_an_odd_rate_is_refused(tmp_path: Path):
    with pytest.raises(MisuseError, match="not 11025"):
        SoundStore(tmp_path, 11025)
