"""The PIN for recording by phone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from library_helpers import Clock

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts.library import LibraryError, PinGuard, PinVerdict

RIGHT, WRONG, LOCKED = PinVerdict.RIGHT, PinVerdict.WRONG, PinVerdict.LOCKED


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(tmp_path: Path, clock: Clock) -> PinGuard:
    return PinGuard(tmp_path / "pin.json", clock)


def test_a_pin_that_is_made_has_six_digits_and_differs(guard: PinGuard):
    pins = {guard.new() for _ in range(5)}
    assert all(len(pin) == 6 and pin.isdigit() for pin in pins)
    assert len(pins) > 1


def test_only_a_hash_is_kept(guard: PinGuard, tmp_path: Path):
    pin = guard.new("271828")
    text = (tmp_path / "pin.json").read_text()
    kept = json.loads(text)
    expected = hashlib.scrypt(
        pin.encode(), salt=bytes.fromhex(kept["salt"]), n=16384, r=8, p=1, dklen=32
    )
    assert kept["hash"] == expected.hex()
    assert pin not in text
    guard.new("271828")
    assert json.loads((tmp_path / "pin.json").read_text())["hash"] != kept["hash"]
    assert (tmp_path / "pin.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "12 4", "", "١٢٣٤"])
def test_what_is_no_pin(guard: PinGuard, pin: str):
    with pytest.raises(LibraryError, match="4 to 12 digits"):
        guard.new(pin)
    assert not guard.is_set


def test_locks_grow_and_hold_over_a_restart(guard: PinGuard, clock: Clock, tmp_path: Path):
    guard.new("2718")
    assert [guard.try_pin("0") for _ in range(4)] == [WRONG, WRONG, WRONG, LOCKED]
    locks = []
    for _ in range(9):
        again = PinGuard(tmp_path / "pin.json", clock)  # as after a restart
        waited = 0
        while again.try_pin("2718x") is LOCKED:
            clock.later(10)
            waited += 10
        locks.append(waited)
    assert locks == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_the_right_pin_is_not_looked_at_while_locked_and_clears_the_count(
    guard: PinGuard, clock: Clock
):
    guard.new("2718")
    for _ in range(3):
        guard.try_pin("0")
    assert guard.try_pin("2718") is LOCKED
    clock.later(30)
    assert guard.try_pin("2718") is RIGHT
    assert [guard.try_pin("0") for _ in range(4)] == [WRONG, WRONG, WRONG, LOCKED]
    clock.later(30)
    assert guard.try_pin("2718") is RIGHT


def test_a_new_pin_replaces_the_old_one_and_its_lock(guard: PinGuard):
    guard.new("2718")
    for _ in range(3):
        guard.try_pin("0")
    guard.new("1618")
    assert guard.try_pin("2718") is WRONG
    assert guard.try_pin("1618") is RIGHT


def test_without_a_pin(guard: PinGuard):
    assert guard.try_pin("1234") is PinVerdict.NO_PIN


def test_a_damaged_file_lets_nobody_in(guard: PinGuard, tmp_path: Path):
    (tmp_path / "pin.json").write_text("{}")
    with pytest.raises(EnvironmentFaultError, match="Set a new PIN"):
        guard.try_pin("1234")
