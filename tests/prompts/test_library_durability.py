"""Whatever happens to a process, the library on the disk is whole."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from library_helpers import NOON, Clock, contents, tone_file

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts.library import SoundKind, SoundLibrary

GREETING = SoundKind.GREETING

ENDLESS = """
import sys
from pathlib import Path
from library_helpers import Clock
from softswitch.prompts.library import Slot, SoundKind, SoundLibrary

library, files = SoundLibrary(Path(sys.argv[1]), Clock()), [Path(a) for a in sys.argv[2:]]
print("begun", flush=True)
number = 0
while True:
    name = f"sound {number % 5}"
    library.add(name, files[number % len(files)], SoundKind.GREETING)
    library.activate(name, Slot.OPEN)
    library.roll_back(name, 1)
    if number % 5 == 4:
        library.deactivate(Slot.OPEN)
        library.remove("sound 2")
    number += 1
    print(number, flush=True)
"""


def whole(library: SoundLibrary) -> int:
    """Assert that the index and every file that it names are there; how many versions."""
    catalogue = library.read()
    versions = [
        (sound, version) for sound in catalogue.sounds.values() for version in sound.versions
    ]
    for sound, version in versions:
        assert library.file(sound, version.number).stat().st_size > 0
        sound.version()
    for shelf in catalogue.shelves.values():
        assert set(shelf.greetings.values()) <= set(catalogue.sounds)
    return len(versions)


@pytest.mark.parametrize("rounds", range(4))
def test_killed_at_any_moment_the_library_is_whole_and_goes_on(tmp_path: Path, rounds: int):
    """SIGKILL in the midst of endless changes, each time a little further on."""
    sounds = [tone_file(tmp_path / f"{hz}.wav", hz) for hz in (300, 400, 500)]
    command = [sys.executable, "-c", ENDLESS, str(tmp_path / "library"), *map(str, sounds)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as worker:
        assert worker.stdout is not None
        for _ in range(1 + rounds):
            assert worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    library = SoundLibrary(tmp_path / "library", Clock())
    before = whole(library)
    library.add("after", sounds[0], GREETING)
    assert whole(library) == before + 1
    named = {v.file for s in library.read().sounds.values() for v in s.versions}
    assert set(contents(library)) == named | {"index.json"}


def add_many(folder: Path, file: Path, prefix: str) -> None:
    library = SoundLibrary(folder, Clock())
    for number in range(4):
        library.add(f"{prefix} {number}", file, GREETING)


def test_changes_of_two_processes_are_all_kept(tmp_path: Path):
    folder = tmp_path / "library"
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(
            target=add_many, args=(folder, tone_file(tmp_path / f"{name}.wav", hz), name)
        )
        for name, hz in (("one", 300), ("two", 400))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    library = SoundLibrary(folder, Clock())
    assert len(library.read().sounds) == 8
    assert library.read().change == 8
    assert whole(library) == 8


def test_a_full_disk_leaves_the_library_as_it_was(tmp_path: Path, monkeypatch):
    library = SoundLibrary(tmp_path / "library", Clock())
    library.add("Welcome", tone_file(tmp_path / "a.wav", 300), GREETING)
    before = library.read()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFaultError, match="No space left"):
        library.add("Welcome", tone_file(tmp_path / "b.wav", 400), GREETING)
    assert library.read() == before
    assert whole(library) == 1
    assert not [name for name in contents(library) if name.startswith(".")]
    assert before.sound("Welcome").version().added_at == NOON
