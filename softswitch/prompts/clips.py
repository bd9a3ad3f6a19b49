"""The office's own recordings of words and sentences, and phrases put together from them.

A folder holds one folder for each language, and that holds sound files of any kind that the switch
reads. A recording is named by the words that are heard in it::

    clips/da/du-er-nummer.wav           "Du er nummer"
    clips/da/i-køen.wav                 "i køen"
    clips/da/tre.wav                    "tre"
    clips/da/21.wav                     "enogtyve": a number may be named by its digits
    clips/da/et-hundrede-og.wav         "et hundrede og": any run of words
    clips/da/messages/please_hold.wav   a message of the system, by its name

Case and punctuation do not matter, and words are parted by hyphens, underscores or blanks. A
phrase is covered by as much recording as there is, in as few pieces as possible; what is not
recorded is spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from softswitch.errors import ConfigurationError, Fault
from softswitch.prompts import description
from softswitch.prompts.guidance import Guidance
from softswitch.prompts.messages import Language, SystemMessage, language, languages
from softswitch.prompts.wording import Key, Word, composed, key_of, words_of

MESSAGES: Final = "messages"
"""The folder inside a language's folder whose files are named by messages."""

CLIP_DBFS: Final = -20.0
"""Level that recordings are brought to: that of speech."""

FADE_S: Final = 0.005


@attrs.frozen(kw_only=True)
class Piece:
    """A part of a phrase that is one sound.

    Attributes:
        text: the words, with their punctuation.
        clip: the recording of them; None where they have to be spoken.
        pause_s: silence after it, unless it is the last.
    """

    text: str
    clip: Path | None
    pause_s: float


class Clips:
    """Recordings of an office, by language and words. Read once; safe for threads."""

    def __init__(self, folder: Path | None) -> None:
        """Read which recordings there are.

        Args:
            folder: with a folder for each language that something is recorded in; None for an
                office without recordings.

        Raises:
            ConfigurationError: a folder or file whose name cannot be meant, or two recordings of
                the same words; every fault with its path.
        """
        faults: list[Fault] = []
        self._clips = dict(_languages(folder, faults)) if folder is not None else {}
        if faults:
            raise ConfigurationError(faults)
        self._longest = {
            code: max(map(len, clips), default=0) for code, clips in self._clips.items()
        }

    @property
    def files(self) -> tuple[Path, ...]:
        """Every recording, once."""
        found = (file for clips in self._clips.values() for file in clips.values())
        return tuple(dict.fromkeys(found))

    def pieces(self, text: str, code: str) -> tuple[Piece, ...]:
        """Return a text as recordings and words to speak, in order.

        The fewest words are left to speak, and then the fewest pieces made. Text without any
        word is one piece to speak.

        Args:
            text: what is said.
            code: of its language.
        """
        text = composed(text)
        words = words_of(text)
        clips = self._clips.get(code, {})
        if not words or not clips:
            return (Piece(text=text, clip=None, pause_s=0.0),)
        ends = _best_ends(tuple(word.key for word in words), clips, self._longest[code])
        return tuple(_cut(text, words, clips, ends))

    def sound(self, text: str, code: str) -> description.Sound:
        """Return a text as the description of a prompt: recordings and spoken words.

        Recordings lose the silence at their ends and are brought to the level of speech.
        """
        pieces = self.pieces(text, code)
        parts: list[description.Sound] = []
        for number, piece in enumerate(pieces, start=1):
            parts.append(_sound(piece, code))
            if number < len(pieces):
                parts.append(description.Silence(piece.pause_s))
        return _sequence(parts)

    def missing(self, texts: Sequence[str], code: str) -> tuple[str, ...]:
        """Return what would have to be spoken of some texts: the list for the recording studio."""
        spoken = (piece.text for text in texts for piece in self.pieces(text, code))
        absent = dict.fromkeys(text for text in spoken if not self._is_recorded(text, code))
        return tuple(absent)

    def _is_recorded(self, text: str, code: str) -> bool:
        return all(piece.clip for piece in self.pieces(text, code))


def _languages(folder: Path, faults: list[Fault]) -> Iterator[tuple[str, Mapping[Key, Path]]]:
    if not folder.is_dir():
        faults.append(Fault(path=str(folder), message="There is no such folder."))
        return
    for place in sorted(folder.iterdir()):
        if place.name.startswith("."):
            continue
        if not place.is_dir() or place.name not in languages():
            message = f"Recordings lie in folders named {', '.join(languages())}."
            faults.append(Fault(path=str(place), message=message))
        else:
            yield place.name, _recordings(place, language(place.name), faults)


def _recordings(folder: Path, spoken: Language, faults: list[Fault]) -> Mapping[Key, Path]:
    found: dict[Key, Path] = {}
    for file in _files(folder):
        _add(found, key_of(file.stem.replace("_", " ")), file, faults)
    for file in _files(folder / MESSAGES):
        _add(found, _message_key(file, spoken), file, faults)
    by_digits = {key: file for key, file in found.items() if _is_number(key)}
    for key, file in by_digits.items():
        found.setdefault(key_of(spoken.phrases.cardinal(int(key[0]))), file)
    return found


def _files(folder: Path) -> list[Path]:
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    return [file for file in there if file.is_file() and not file.name.startswith(".")]


def _add(found: dict[Key, Path], key: Key, file: Path, faults: list[Fault]) -> None:
    if not key:
        faults.append(Fault(path=str(file), message="The name says no words that are heard in it."))
    elif key in found:
        message = f"{found[key].name} holds the same words already."
        faults.append(Fault(path=str(file), message=message))
    else:
        found[key] = file


def _message_key(file: Path, spoken: Language) -> Key:
    for kind in (SystemMessage, Guidance):
        if file.stem in {message.value for message in kind}:
            return key_of(spoken.messages[kind(file.stem)])
    return ()


def _is_number(key: Key) -> bool:
    """Tell whether a recording is named by digits, as they are written without a leading zero."""
    return len(key) == 1 and len(key[0]) <= 9 and bool(re.fullmatch("0|[1-9][0-9]*", key[0]))


def _best_ends(keys: Key, clips: Mapping[Key, Path], longest: int) -> list[int]:
    """Return for each word where the piece that begins there ends, in the best division."""
    # Of the words from here on: how many are spoken, how many pieces they make, and where the
    # first of these ends. A spoken word counts as a piece each; neighbours are joined later.
    best = [(0, 0, 0)] * (len(keys) + 1)
    for start in range(len(keys) - 1, -1, -1):
        spoken, pieces, _ = best[start + 1]
        recorded = (
            (best[end][0], best[end][1] + 1, end)
            for end in range(start + 1, min(start + longest, len(keys)) + 1)
            if keys[start:end] in clips
        )
        best[start] = min([(spoken + 1, pieces + 1, start + 1), *recorded])
    return [end for _, _, end in best]


def _cut(
    text: str, words: Sequence[Word], clips: Mapping[Key, Path], ends: Sequence[int]
) -> Iterator[Piece]:
    """Yield the pieces of a division; words to speak that stand together make one."""
    keys = tuple(word.key for word in words)
    start = 0
    while start < len(words):
        end = ends[start]
        clip = clips.get(keys[start:end])
        while clip is None and end < len(words) and keys[end : ends[end]] not in clips:
            end = ends[end]
        first = words[start].start if start else 0
        yield Piece(
            text=text[first : words[end - 1].end].strip(),
            clip=clip,
            pause_s=words[end - 1].pause_s,
        )
        start = end


def _sound(piece: Piece, code: str) -> description.Sound:
    if piece.clip is None:
        return description.Say(piece.text, code)
    return description.Clip(
        piece.clip, trim=True, level_dbfs=CLIP_DBFS, fade_in_s=FADE_S, fade_out_s=FADE_S
    )


def _sequence(parts: Sequence[description.Sound]) -> description.Sound:
    """Put sounds in a row, nested where there are more than one row may have."""
    if len(parts) == 1:
        return parts[0]
    size = description.PARTS_MAX
    rows = [parts[start : start + size] for start in range(0, len(parts), size)]
    if len(rows) == 1:
        return description.Sequence(tuple(parts))
    return description.Sequence(tuple(description.Sequence(tuple(row)) for row in rows))
