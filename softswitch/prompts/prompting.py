"""Prompts from their descriptions, made once and kept by content.

The name of a prompt is a digest of its description with each file replaced by a digest of what
the file holds: moved or renamed files make the same prompt, changed ones another.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch.prompts.cache import SoundCache
from softswitch.prompts.description import Clip, Say, Sound, check_size, inner
from softswitch.prompts.digests import Digests, Signature, signature
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.files import being_written, open_sound
from softswitch.prompts.limits import FileLimits
from softswitch.prompts.mixing import render
from softswitch.prompts.shaping import Samples, from_int16
from softswitch.prompts.wav import read_header

MIXING: Final = 1
"""Raised whenever the same description would sound different."""

KNOWN_MAX: Final = 2_000
TRIES: Final = 3


class _ChangedError(Exception):
    """A file was changed while it was read."""


@attrs.frozen
class _Known:
    """A prompt that was made, and the files it was made of as they were then."""

    name: str
    files: tuple[tuple[Path, Signature], ...]

    def holds(self) -> bool:
        return all(signature(path) == found for path, found in self.files)


@attrs.frozen(kw_only=True)
class Making:
    """What prompts are made with.

    Attributes:
        prepare: returns a file from outside as a plain WAV file of the cache's rate.
        speak: returns a text spoken in a language, likewise.
        voice: returns all that spoken words depend on besides text and language.
        limits: how much of a file is taken.
        digests: of what files hold.
    """

    prepare: Callable[[Path], Path]
    speak: Callable[[str, str], Path]
    voice: Callable[[Say], object]
    limits: FileLimits
    digests: Digests


class Prompts:
    """Finished prompts. Safe for threads."""

    def __init__(self, cache: SoundCache, rate_hz: int, making: Making) -> None:
        self._cache = cache
        self._rate_hz = rate_hz
        self._making = making
        self._lock = threading.Lock()
        self._known: OrderedDict[Sound, _Known] = OrderedDict()

    def get(self, sound: Sound, *, pinned: bool = False) -> Path:
        """Return the file of a prompt, rendered if need be; see `SoundStore.prompt`."""
        with self._lock:
            known = self._known.get(sound)
        if known is not None and known.holds():
            path = self._cache.use(known.name, pinned=pinned)
            if path is not None:
                return path
        check_size(sound)
        for _ in range(TRIES):
            try:
                return self._make(sound, pinned=pinned)
            except _ChangedError:
                continue
        raise being_written("A file of the prompt")

    def _make(self, sound: Sound, *, pinned: bool) -> Path:
        found = {path: self._making.digests.of(path) for path in dict.fromkeys(clips(sound))}
        files = tuple((path, seen) for path, (_, seen, _) in found.items())
        digests = {path: digest for path, (digest, _, _) in found.items()}

        def rendered() -> NDArray[np.int16]:
            samples = render(sound, self._rate_hz, _Files(self._making))
            if any(signature(path) != seen for path, seen in files):
                raise _ChangedError
            return samples

        description = {
            "kind": "prompt",
            "mixing": MIXING,
            "sound": content(sound, digests, self._making.voice),
        }
        path = self._cache.get(description, rendered, pinned=pinned)
        if all(settled for _, _, settled in found.values()):
            self._remember(sound, _Known(path.name, files))
        return path

    def _remember(self, sound: Sound, known: _Known) -> None:
        with self._lock:
            self._known[sound] = known
            self._known.move_to_end(sound)
            while len(self._known) > KNOWN_MAX:
                self._known.popitem(last=False)


def clips(sound: Sound) -> Iterator[Path]:
    """Yield the files that a prompt is made of, in its order, some perhaps twice."""
    if isinstance(sound, Clip):
        yield sound.file
    for part in inner(sound):
        yield from clips(part)


def content(
    sound: Sound, digests: Mapping[Path, str], voice: Callable[[Say], object]
) -> list[object]:
    """Return all that a prompt depends on, as JSON can hold it.

    Args:
        sound: its description.
        digests: of what each of its files holds.
        voice: returns what spoken words depend on besides text and language.
    """

    def plain(value: Any) -> object:  # noqa: ANN401 - any field of a sound
        if isinstance(value, Sound):
            return content(value, digests, voice)
        if isinstance(value, Path):
            return digests[value]
        return [plain(part) for part in value] if isinstance(value, tuple) else value

    fields = {name: plain(getattr(sound, name)) for name in _FIELDS[type(sound)]}
    words = [voice(sound)] if isinstance(sound, Say) else []
    return [type(sound).__name__, fields, *words]


_FIELDS: Final = {
    cls: tuple(field.name for field in attrs.fields(cls)) for cls in Sound.__subclasses__()
}


@attrs.frozen
class _Files:
    """Reads the plain files of a rate, and has all others made into such."""

    making: Making

    def clip(self, file: Path, rate_hz: int, count: int | None) -> Samples:
        """See `softswitch.prompts.mixing.Sources`."""
        samples = _read_plain(file, rate_hz, count, self.making.limits)
        if samples is None:
            prepared = self.making.prepare(file)
            samples = _read_plain(prepared, rate_hz, count, self.making.limits)
        if samples is None or not len(samples):
            raise PromptError(f"{file} holds no sound.", reason=PromptFault.EMPTY)
        return samples

    def spoken(self, text: str, language: str, rate_hz: int) -> Samples:
        """See `softswitch.prompts.mixing.Sources`."""
        samples = _read_plain(self.making.speak(text, language), rate_hz, None, self.making.limits)
        if samples is None:
            raise PromptError(f"{text!r} has no sound.", reason=PromptFault.SPEECH_FAILED)
        return samples


def _read_plain(path: Path, rate_hz: int, count: int | None, limits: FileLimits) -> Samples | None:
    """Return the first samples of a plain WAV file of one channel and this rate, else None."""
    with open_sound(path, limits) as file:
        plain = read_header(file)
        if plain is None or (plain.channels, plain.rate_hz) != (1, rate_hz):
            return None
        if plain.frames > limits.length_s * rate_hz:
            return None  # is refused with its reason when it is prepared
        return from_int16(plain.read(file, count)[:, 0])
