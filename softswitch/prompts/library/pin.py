"""The PIN that lets an administrator record by phone: kept as a strong hash, tries limited.

After three wrong ones in a row nothing is accepted for half a minute, and each further wrong one
doubles that, up to an hour: a PIN of six digits then takes decades to find. Whoever hangs up and
calls again does not begin anew, nor does a restart. The file holds no PIN, only what scrypt
(RFC 7914) makes of it with a random salt.
"""

from __future__ import annotations

import enum
import fcntl
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import attrs
import cattrs
from cattrs.preconf.json import make_converter

from softswitch.durable import write_whole
from softswitch.errors import EnvironmentFaultError
from softswitch.prompts.library.faults import LibraryError, LibraryFault

PIN_MIN: Final = 4
PIN_MAX: Final = 12
PIN_LENGTH: Final = 6
"""Digits of a PIN: at least, at most, and of one that is made here."""

FREE_TRIES: Final = 3
FIRST_LOCK_S: Final = 30.0
LONGEST_LOCK_S: Final = 3_600.0

_SCRYPT: Final = {"n": 1 << 14, "r": 8, "p": 1, "dklen": 32}
"""16 MB and some 50 ms for each try."""

_CONVERTER: Final = make_converter(forbid_extra_keys=True)


class PinVerdict(enum.Enum):
    """What came of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    NO_PIN = "no_pin"


@attrs.frozen(kw_only=True)
class _State:
    """What the file holds: salt and hash as hexadecimal digits."""

    salt: str
    hash: str = attrs.field(repr=False)
    wrong: int = 0
    locked_until: datetime | None = None


class PinGuard:
    """One PIN on disk. Safe for threads and processes; each method reads and writes the file."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        """Set up.

        Args:
            path: the file; its folder is made when needed.
            clock: the time, with its offset from UTC.
        """
        self._path = path
        self._clock = clock

    def new(self, pin: str | None = None) -> str:
        """Set a PIN, a random one of six digits when None, and return it: it is kept nowhere.

        Raises:
            LibraryError: it is not 4 to 12 digits.
            EnvironmentFaultError: it cannot be written.
        """
        chosen = f"{secrets.randbelow(10**PIN_LENGTH):0{PIN_LENGTH}}" if pin is None else pin
        if not (chosen.isascii() and chosen.isdigit() and PIN_MIN <= len(chosen) <= PIN_MAX):
            raise LibraryError(
                f"A PIN has {PIN_MIN} to {PIN_MAX} digits and nothing else.",
                reason=LibraryFault.BAD_PIN,
            )
        salt = secrets.token_bytes(16)
        with self._locked():
            self._write(_State(salt=salt.hex(), hash=_hash(chosen, salt).hex()))
        return chosen

    @property
    def is_set(self) -> bool:
        """Whether there is a PIN."""
        return self._path.is_file()

    def try_pin(self, pin: str) -> PinVerdict:
        """Say whether a PIN is right, and count it where it is wrong.

        While locked no PIN is looked at, not even the right one.

        Raises:
            EnvironmentFaultError: the file cannot be read or written.
        """
        with self._locked():
            state = self._read()
            if state is None:
                return PinVerdict.NO_PIN
            now = self._clock()
            if state.locked_until is not None and now < state.locked_until:
                return PinVerdict.LOCKED
            right = hmac.compare_digest(_hash(pin, bytes.fromhex(state.salt)).hex(), state.hash)
            if not right:
                self._write(_after_wrong(state, now))
                return PinVerdict.WRONG
            if state.wrong:
                self._write(attrs.evolve(state, wrong=0, locked_until=None))
            return PinVerdict.RIGHT

    def _read(self) -> _State | None:
        try:
            return _CONVERTER.loads(self._path.read_bytes(), _State)
        except FileNotFoundError:
            return None
        except (ValueError, cattrs.BaseValidationError) as error:
            raise EnvironmentFaultError(
                f"{self._path} does not hold a PIN that this version can read.",
                remedy="Set a new PIN.",
            ) from error

    def _write(self, state: _State) -> None:
        text = json.dumps(_CONVERTER.unstructure(state))
        write_whole(self._path, text.encode(), mode=0o600)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one try follow the other: nobody gains by trying many at once."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise EnvironmentFaultError(
                f"The PIN in {self._path} cannot be used: {error.strerror or error}.",
                remedy="Check that the file and its folder may be read and written.",
            ) from error


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, **_SCRYPT)


def _after_wrong(state: _State, now: datetime) -> _State:
    wrong = state.wrong + 1
    if wrong < FREE_TRIES:
        return attrs.evolve(state, wrong=wrong, locked_until=None)
    doublings = min(wrong - FREE_TRIES, 16)
    lock = timedelta(seconds=min(FIRST_LOCK_S * 2**doublings, LONGEST_LOCK_S))
    return attrs.evolve(state, wrong=wrong, locked_until=now + lock)
