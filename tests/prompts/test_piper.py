"""Piper: a real voice where its package is installed, and programs that speak its protocol."""

import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest
from prompt_sounds import JOE, CountingSpeech

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts import PromptError, PromptFault, SoundStore, Voice, language
from softswitch.prompts import piper as piper_module
from softswitch.prompts.piper import PiperSpeech
from softswitch_codecs.levels import active_dbfs

ENGLISH = language("en").voice


def test_a_real_voice_speaks(joe: PiperSpeech):
    samples, rate_hz = joe.speak("You are number three in the queue.", ENGLISH)
    assert rate_hz == 22_050
    assert samples.dtype == np.float32
    assert 1.0 < len(samples) / rate_hz < 4.0
    assert active_dbfs(samples, rate_hz) > -35


def test_a_text_of_several_lines_is_one_sound(joe: PiperSpeech):
    line, rate_hz = joe.speak("Please hold.", ENGLISH)
    lines, _ = joe.speak("Please\nhold.\n\nPlease hold.", ENGLISH)
    assert len(lines) > 1.5 * len(line)
    # Nothing is left over that the next answer could be mistaken for.
    again, _ = joe.speak("Please hold.", ENGLISH)
    assert abs(len(again) - len(line)) < 0.5 * rate_hz


def test_a_store_speaks_with_it(joe: PiperSpeech, tmp_path: Path):
    store = SoundStore(tmp_path, 8_000, speech=joe)
    path = store.position(3, "en")
    assert path.stat().st_size > 8_000
    assert store.position(3, "en") == path


def test_other_languages_are_spoken_otherwise():
    espeak = CountingSpeech()
    speech = PiperSpeech({"en": JOE}, otherwise=espeak)
    speech.speak("Vent venligst.", language("da").voice)
    assert espeak.spoken == [("Vent venligst.", "da")]
    assert speech.id.endswith("; counting")


def model(folder: Path, content: str = "") -> Path:
    path = folder / "voice.onnx"
    path.write_text(content)
    path.with_name("voice.onnx.json").write_text("{}")
    return path


def program(folder: Path, code: str) -> tuple[str, str]:
    """A program that stands for Piper: it has ``folder`` and may call ``write(name, text)``."""
    path = folder / "stand_in.py"
    head = """
        import sys, wave
        folder = sys.argv[sys.argv.index("--output_dir") + 1]
        def write(name, text):
            with wave.open(f"{folder}/{name}", "wb") as file:
                file.setparams((1, 2, 16000, 0, "NONE", "not compressed"))
                file.writeframes(bytes(2 * len(text)))
            return f"{folder}/{name}"
    """
    path.write_text(textwrap.dedent(head) + textwrap.dedent(code))
    return sys.executable, str(path)


BINARY = """
for count, line in enumerate(sys.stdin):
    print(write(f"{count}.wav", line.strip()), flush=True)
"""


def test_the_binarys_protocol(tmp_path: Path):
    """It prints the name of each file on its standard output."""
    speech = PiperSpeech({"en": model(tmp_path)}, command=program(tmp_path, BINARY))
    for text in ("Hello", "Ærø på tværs"):
        samples, rate_hz = speech.speak(text, ENGLISH)
        assert (len(samples), rate_hz) == (len(text), 16_000)
    speech.close()


def test_two_threads_get_their_own_words(tmp_path: Path):
    speech = PiperSpeech({"en": model(tmp_path)}, command=program(tmp_path, BINARY))
    found: dict[int, int] = {}

    def ask(length: int) -> None:
        found[length] = len(speech.speak("x" * length, ENGLISH)[0])

    threads = [threading.Thread(target=ask, args=(length,)) for length in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    speech.close()
    assert found == {length: length for length in range(1, 9)}


def test_one_that_ends_is_reported_and_started_again(tmp_path: Path):
    code = """
    for line in sys.stdin:
        if "crash" in line:
            sys.exit("the model is broken")
        print(write("a.wav", line.strip()), flush=True)
    """
    speech = PiperSpeech({"en": model(tmp_path)}, command=program(tmp_path, code))
    with pytest.raises(PromptError, match="the model is broken") as caught:
        speech.speak("crash", ENGLISH)
    assert caught.value.reason is PromptFault.SPEECH_FAILED
    assert len(speech.speak("again", ENGLISH)[0]) == 5
    speech.close()


def test_one_that_says_nothing_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(piper_module, "TIMEOUT_S", 0.2)
    code = "sys.stdin.read()"
    speech = PiperSpeech({"en": model(tmp_path)}, command=program(tmp_path, code))
    with pytest.raises(PromptError, match=r"longer than 0\.2 s"):
        speech.speak("hello", ENGLISH)


def test_a_file_elsewhere_is_never_read(tmp_path: Path):
    code = 'sys.stdin.readline(); print("/etc/secret.wav", flush=True)'
    speech = PiperSpeech({"en": model(tmp_path)}, command=program(tmp_path, code))
    with pytest.raises(PromptError, match=r"/etc/secret\.wav"):
        speech.speak("hello", ENGLISH)


def test_a_command_that_is_not_there(tmp_path: Path):
    speech = PiperSpeech({"en": model(tmp_path)}, command=["/nowhere/piper"])
    with pytest.raises(EnvironmentFaultError, match="cannot be started with /nowhere/piper"):
        speech.speak("hello", ENGLISH)


def test_piper_that_is_not_installed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(piper_module.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EnvironmentFaultError, match="pip install piper-tts"):
        PiperSpeech({"en": JOE})


def test_a_model_without_its_description(tmp_path: Path):
    path = tmp_path / "voice.onnx"
    path.touch()
    with pytest.raises(EnvironmentFaultError, match=r"voice\.onnx\.json is not there"):
        PiperSpeech({"en": path}, command=["piper"])


def test_a_new_model_is_a_new_voice(tmp_path: Path):
    first = PiperSpeech({"en": model(tmp_path, "old")}, command=["piper"]).id
    second = PiperSpeech({"en": model(tmp_path, "newer")}, command=["piper"]).id
    assert first != second


def test_pipers_voices_are_chosen_by_name(tmp_path: Path):
    espeak = CountingSpeech()
    speech = PiperSpeech({"en": model(tmp_path)}, otherwise=espeak, command=["/nowhere/piper"])
    speech.speak("hej", Voice(name="sv"))
    assert espeak.spoken == [("hej", "sv")]
