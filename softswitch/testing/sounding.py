"""Sound on a simulated leg: nothing is played, but time is kept of what would be heard."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import attrs

from softswitch.errors import MisuseError
from softswitch.testing.logbook import Heard, Recorded


def duration_s(file: Path) -> float:
    """Return the length of a WAV file in seconds.

    Raises:
        MisuseError: there is no such file, or it holds no sound that can be read.
    """
    return _duration_s(str(file))


@lru_cache(maxsize=4096)
def _duration_s(file: str) -> float:
    """Look into a file, by its name alone: a `Path` here would keep its file in use."""
    try:
        with Path(file).open("rb") as raw, wave.open(raw) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (OSError, EOFError, wave.Error) as error:
        raise MisuseError(f"cannot play {file}: {error}") from error


@attrs.frozen(kw_only=True)
class Piece:
    """One thing to be heard: a file, or a tone with its silence.

    Attributes:
        file: the file, or None for a tone.
        tone_hz: frequencies of the tone.
        length_s: how long it lasts; infinite for a tone without end.
    """

    file: Path | None = None
    tone_hz: tuple[float, ...] = ()
    length_s: float


class SimulatedPlayback:
    """Pieces heard one after the other, as `softswitch.telephony.Playback` asks."""

    def __init__(
        self,
        playback_id: str,
        pieces: Sequence[Piece],
        *,
        loop: bool,
        begin: Callable[[Path | None], None],
        hear: Callable[[Heard], None],
        ended: Callable[[str], None],
    ) -> None:
        self._id = playback_id
        self._pieces = tuple(pieces)
        self._loop = loop
        self._begin = begin
        self._hear = hear
        self._ended = ended
        self._index = 0
        self._offset_s = 0.0
        self._since_s: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._over = not self._pieces
        self.resume()

    @property
    def id(self) -> str:
        """Unique for the life of the network."""
        return self._id

    @property
    def playing(self) -> bool:
        """Whether something is being heard now."""
        return self._since_s is not None

    @property
    def file(self) -> Path | None:
        """The file whose turn it is; None for a tone, and when there is none."""
        return self._piece.file if self._pieces else None

    @property
    def position_s(self) -> float:
        """Place in the file that is playing now."""
        heard = 0.0 if self._since_s is None else _now() - self._since_s
        return self._offset_s + heard

    @property
    def _piece(self) -> Piece:
        return self._pieces[self._index]

    def pause(self) -> None:
        """Fall silent; the place is kept."""
        if self._since_s is None:
            return
        self._close_stretch(_now())
        if self._timer is not None:
            self._timer.cancel()

    def resume(self) -> None:
        """Go on where it stopped."""
        if self._over or self._since_s is not None:
            return
        self._start_stretch(_now())

    def stop(self) -> None:
        """End for good; posts nothing."""
        self.pause()
        self._over = True

    def seek(self, position_s: float) -> None:
        """Go to a place in the file that is playing now."""
        was_playing = self.playing
        self.pause()
        self._offset_s = min(max(position_s, 0.0), self._piece.length_s)
        if was_playing:
            self.resume()

    def level(self, gain_db: float) -> None:
        """Accept any loudness of the contract; nothing of it can be heard here."""
        if not -60 <= gain_db <= 12:
            raise MisuseError(f"a level of {gain_db} dB is outside -60 to +12 dB")

    def _start_stretch(self, at_s: float) -> None:
        self._since_s = at_s
        self._begin(self._piece.file)
        left_s = self._piece.length_s - self._offset_s
        if left_s != float("inf"):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(at_s + left_s, self._piece_over, at_s + left_s)

    def _close_stretch(self, at_s: float) -> None:
        since_s = self._since_s
        if since_s is None:
            return
        self._since_s = None
        if at_s > since_s:
            self._hear(
                Heard(
                    file=_plain(self._piece.file),
                    tone_hz=self._piece.tone_hz,
                    from_s=since_s,
                    to_s=at_s,
                    offset_s=self._offset_s,
                )
            )
        self._offset_s += at_s - since_s

    def _piece_over(self, at_s: float) -> None:
        self._timer = None  # which knows this playback, and would keep its files in use
        self._close_stretch(at_s)
        self._offset_s = 0.0
        self._index += 1
        if self._index == len(self._pieces) and self._loop:
            self._index = 0
        if self._index < len(self._pieces):
            self._start_stretch(at_s)
            return
        self._index -= 1
        self._over = True
        self._ended(self._id)


class SimulatedRecording:
    """A recording that remembers who was recorded, and when; its WAV file holds what was said.

    Nothing is said by phones that were given nothing to say (`PhoneCall.says`), and then the file
    has no samples.
    """

    def __init__(
        self, path: Path, parties: tuple[str, ...], log: list[Recorded], *, says: Path | None = None
    ) -> None:
        self._path = path
        self._parties = parties
        self._log = log
        self._says = says
        self._since_s: float | None = _now()
        _write_header(path)

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def catch_up(self) -> None:
        """Write what was said until now."""
        if self._since_s is not None and self._says is not None:
            _copy_sound(self._says, self._path, _now() - self._since_s)

    def stop(self) -> None:
        """Finish the file."""
        if self._since_s is None:
            return
        entry = Recorded(path=self._path, parties=self._parties, from_s=self._since_s, to_s=_now())
        self._since_s = None
        self._log.append(entry)
        if self._says is not None:
            _copy_sound(self._says, self._path, entry.to_s - entry.from_s)


def _write_header(path: Path) -> None:
    with path.open("wb") as file, wave.open(file) as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)


def _copy_sound(source: Path, target: Path, length_s: float) -> None:
    """Write so many seconds of one WAV file to another; beyond its end there is silence."""
    with source.open("rb") as said, wave.open(said) as reader:
        shape = reader.getparams()
        count = round(length_s * shape.framerate)
        frames = reader.readframes(count).ljust(count * shape.sampwidth * shape.nchannels, b"\0")
    with target.open("wb") as file, wave.open(file) as writer:
        writer.setparams(shape)
        writer.writeframes(frames)


def _plain(file: Path | None) -> Path | None:
    """Return a path that keeps no file in use: what was heard is over."""
    return None if file is None else Path(str(file))


def _now() -> float:
    return asyncio.get_running_loop().time()
