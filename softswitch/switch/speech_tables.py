"""``[speech]``: with whose voice an office speaks, and whether it makes out what callers say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from softswitch.errors import ConfigurationError, EnvironmentFaultError, Fault
from softswitch.prompts import PromptError, languages
from softswitch.prompts.clips import Clips
from softswitch.prompts.files import decode, open_sound
from softswitch.prompts.wav import read_header
from softswitch.settings.faults import fault, nearest, one_of
from softswitch.speech import Recogniser
from softswitch.switch.recognisers import RECOGNISERS, recogniser

ALLOWED_CLIPS: Final = "a folder with a folder for each language, such as `clips/da`"
ALLOWED_VOICES: Final = 'a voice file by language: `{ da = "voices/da.onnx" }`'
ALLOWED_VOICE: Final = "NAME.onnx with NAME.onnx.json beside it"
ALLOWED_LANGUAGES: Final = "a list of languages that the recogniser knows"
_RATE_HZ: Final = 8000


@attrs.frozen(kw_only=True)
class SpeechTable:
    """``[speech]``: recordings of the office's own, voices, and words that callers say.

    Attributes:
        clips: folder of [recorded words and sentences](phrases.md#the-offices-own-recordings);
            callers hear these wherever they have the words.
        piper: voices of [Piper](phrases.md#voices) for what is not recorded; languages without
            one are spoken by espeak-ng.
        recogniser: what makes out [words that callers say](self-service.md#spoken-choices)
            instead of pressing keys; none: keys alone count.
        listens_in: languages in which it does; none: all that it knows.
    """

    clips: Path | None = attrs.field(default=None, metadata={"allowed": ALLOWED_CLIPS})
    piper: dict[str, Path] = attrs.field(factory=dict, metadata={"allowed": ALLOWED_VOICES})
    recogniser: str | None = attrs.field(default=None, metadata={"choices": tuple(RECOGNISERS)})
    listens_in: tuple[str, ...] = attrs.field(default=(), metadata={"allowed": ALLOWED_LANGUAGES})

    def within(self, base: Path) -> SpeechTable:
        """Return the same with paths that count from a folder."""
        voices = {code: base / file for code, file in self.piper.items()}
        return attrs.evolve(self, clips=self.clips and base / self.clips, piper=voices)

    def ears(self) -> Recogniser | None:
        """Return what makes out words; None: nothing does, or it is not there."""
        try:
            return recogniser(self.recogniser, self.listens_in) if self.recogniser else None
        except (EnvironmentFaultError, KeyError):  # told by `speech_faults` and by the limits
            return None


def speech_faults(table: SpeechTable) -> Iterator[Fault]:
    """Find what is wrong. Reads the recordings that are plain WAV."""
    if table.clips is not None:
        yield from _clip_faults(table.clips)
    yield from _voice_faults(table.piper)
    yield from _recogniser_faults(table)


def _recogniser_faults(table: SpeechTable) -> Iterator[Fault]:
    if table.recogniser is None and table.listens_in:
        message = "Nothing makes out words in these languages: no recogniser is named."
        yield fault(("speech", "recogniser"), message, None, one_of(RECOGNISERS))
    if table.recogniser is None or table.recogniser not in RECOGNISERS:
        return
    try:
        found = recogniser(table.recogniser)
    except EnvironmentFaultError as error:
        yield fault(("speech", "recogniser"), str(error), table.recogniser)
        return
    for i, code in enumerate(table.listens_in):
        if not found.knows(code):
            message = f"The recogniser {table.recogniser} does not know this language."
            known = [one for one in languages() if found.knows(one)]
            yield fault(("speech", "listens_in", i), message, code, one_of(known))


def _clip_faults(folder: Path) -> Iterator[Fault]:
    try:
        clips = Clips(folder)
    except ConfigurationError as error:
        messages = [_at(Path(found.path), folder, found.message) for found in error.faults]
    except (OSError, ValueError):
        messages = ["The folder cannot be read."]
    else:
        messages = [message for file in clips.files if (message := _recording_fault(file))]
    for message in messages:
        yield fault(("speech", "clips"), message, folder, ALLOWED_CLIPS)


def _at(place: Path, folder: Path, message: str) -> str:
    """Say where inside the folder."""
    return message if place == folder else f"{place.relative_to(folder)}: {message}"


def _recording_fault(file: Path) -> str:
    """Return why a recording cannot be played, as far as that is quickly told, or nothing.

    There may be hundreds, and those that are not plain WAV take a process each: these are read
    when they are first played, and what cannot be read then is spoken.
    """
    try:
        with open_sound(file) as sound:
            if read_header(sound) is not None:
                decode(sound, str(file), _RATE_HZ)
    except PromptError as error:
        return str(error)
    except (OSError, ValueError):
        return f"{file} cannot be read."
    return ""


def _voice_faults(voices: Mapping[str, Path]) -> Iterator[Fault]:
    for code, model in voices.items():
        path = ("speech", "piper", code)
        if code not in languages():
            message = f"There is no such language.{nearest(code, languages())}"
            yield fault(path[:2], message, code, one_of(languages()))
        elif not model.is_file():
            yield fault(path, "There is no such file.", model, ALLOWED_VOICE)
        elif not model.with_name(f"{model.name}.json").is_file():
            yield fault(path, f"{model.name}.json is missing beside it.", model, ALLOWED_VOICE)
