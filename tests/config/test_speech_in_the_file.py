"""``[speech]`` of an office file: recordings and voices."""

import wave
from pathlib import Path

import pytest
from offices import GOOD, faults_of

from softswitch.settings.faults import LocatedFault
from softswitch.switch.loading import parse_office
from softswitch.switch.speech_tables import SpeechTable


def recording(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        file.writeframes(bytes(1600))


def voice(path: Path) -> None:
    path.touch()
    path.with_name(f"{path.name}.json").write_text("{}")


def found(text: str, folder: Path) -> list[tuple[str, str]]:
    faults = faults_of(f"{GOOD}\n[speech]\n{text}", folder)
    return [(fault.path, fault.message) for fault in faults]


def test_paths_are_those_of_the_file(tmp_path: Path):
    recording(tmp_path / "clips" / "da" / "tre.wav")
    voice(tmp_path / "da.onnx")
    text = f'{GOOD}\n[speech]\nclips = "clips"\npiper = {{ da = "da.onnx" }}'
    office = parse_office(text, base=tmp_path)
    expected = SpeechTable(clips=tmp_path / "clips", piper={"da": tmp_path / "da.onnx"})
    assert office.speech == expected


def test_an_office_without_it_has_neither(tmp_path: Path):
    assert parse_office(GOOD, base=tmp_path).speech == SpeechTable(clips=None, piper={})


@pytest.mark.parametrize("text", ['clips = "nowhere"', 'clips = "file"'])
def test_clips_are_in_a_folder(tmp_path: Path, text: str):
    (tmp_path / "file").touch()
    assert found(text, tmp_path) == [("speech.clips", "There is no such folder.")]


def test_every_recording_that_cannot_be_meant_is_told(tmp_path: Path):
    for name in ("da/tre.wav", "da/Tre!.wav", "fr/trois.wav", "da/---.wav"):
        recording(tmp_path / "clips" / name)
    messages = sorted(message for _, message in found('clips = "clips"', tmp_path))
    assert messages == [
        "da/---.wav: The name says no words that are heard in it.",
        "da/tre.wav: Tre!.wav holds the same words already.",
        "fr: Recordings lie in folders named da, en, nb, sv.",
    ]


def test_recordings_without_sound_are_told(tmp_path: Path):
    folder = tmp_path / "clips" / "en"
    recording(folder / "two.wav")
    (folder / "one.wav").touch()
    with wave.open(str(folder / "three.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
    assert sorted(found('clips = "clips"', tmp_path)) == [
        ("speech.clips", f"{folder}/one.wav is empty."),
        ("speech.clips", f"{folder}/three.wav holds no sound."),
    ]


def test_voices_are_two_files_of_a_language_that_there_is(tmp_path: Path):
    (tmp_path / "half.onnx").touch()
    voice(tmp_path / "whole.onnx")
    text = 'piper = { da = "none.onnx", sv = "half.onnx", dan = "whole.onnx", en = "whole.onnx" }'
    assert found(text, tmp_path) == [
        ("speech.piper.da", "There is no such file."),
        ("speech.piper.sv", "half.onnx.json is missing beside it."),
        ("speech.piper", "There is no such language. Did you mean `da`?"),
    ]


def test_what_is_of_the_wrong_kind_is_told(tmp_path: Path):
    assert [path for path, _ in found("clips = 3\nvoice = 1", tmp_path)] == [
        "speech.clips",
        "speech.voice",
    ]


# Words that callers say.


def test_a_recogniser_listens_in_the_languages_it_is_given(tmp_path: Path):
    text = f'{GOOD}\n[speech]\nrecogniser = "pocketsphinx"\nlistens_in = ["en"]'
    ears = parse_office(text, base=tmp_path).speech.ears()
    assert ears is not None
    assert [code for code in ("da", "en", "nb", "sv") if ears.knows(code)] == ["en"]
    assert parse_office(GOOD, base=tmp_path).speech.ears() is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('recogniser = "pocketsfinx"', ("speech.recogniser", "This is not known.")),
        ('listens_in = ["en"]', ("speech.recogniser", "Nothing makes out words")),
        (
            'recogniser = "pocketsphinx"\nlistens_in = ["en", "da"]',
            ("speech.listens_in[1]", "The recogniser pocketsphinx does not know this language."),
        ),
    ],
)
def test_ears_that_cannot_be_are_refused(tmp_path: Path, text: str, expected: tuple[str, str]):
    [(path, message)] = found(text, tmp_path)
    assert path == expected[0]
    assert message.startswith(expected[1])


def test_a_recogniser_that_is_not_installed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    [(path, message)] = found('recogniser = "pocketsphinx"', tmp_path)
    assert path == "speech.recogniser"
    assert message.startswith("PocketSphinx is not installed.")


def test_flows_are_held_against_the_dictionary(tmp_path: Path):
    (tmp_path / "front.toml").write_text(
        '[flow]\nname = "Front"\nstart = "menu"\n[nodes.menu]\nkind = "menu"\n'
        'prompt = "Sales?"\nchoices = { 1 = "hang_up" }\notherwise = "hang_up"\n'
        'spoken = { 1 = ["sales", "zxqwv"] }\n'
    )
    text = f'{GOOD}\n[flows.front]\nfile = "front.toml"\nnumber = "5"\n'
    assert parse_office(text, base=tmp_path).flows[0].id == "front"
    [fault] = faults_of(f'{text}[speech]\nrecogniser = "pocketsphinx"', tmp_path)
    assert fault.path == "flows.front.file: nodes.menu.spoken.1"
    assert isinstance(fault, LocatedFault)
    assert (Path(fault.file).name, fault.line) == ("front.toml", 9)
    assert "The dictionary has no word 'zxqwv'" in fault.message
