"""Files that are written once, whatever happens meanwhile."""

import os
import subprocess
import sys
import threading
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts.cache import TEMPORARY_PREFIX, SoundCache

SECOND = 8000
FILE_BYTES = 44 + 2 * SECOND


def sound(value: int = 1) -> NDArray[np.int16]:
    return np.full(SECOND, value, np.int16)


def never() -> NDArray[np.int16]:
    raise AssertionError("rendered again")


def read(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def cache(folder: Path, *, max_bytes: int = 10**9) -> SoundCache:
    return SoundCache(folder, 8000, max_bytes=max_bytes)


def test_the_key_is_the_content_of_the_description(tmp_path: Path):
    kept = cache(tmp_path)
    path = kept.get({"a": 1, "b": "æ"}, sound)
    assert kept.get({"b": "æ", "a": 1}, never) == path
    assert kept.get({"a": 2, "b": "æ"}, lambda: sound(2)) != path
    np.testing.assert_array_equal(read(path), sound())


def test_many_threads_render_once(tmp_path: Path):
    kept, rendered, paths = cache(tmp_path), [], []
    barrier = threading.Barrier(8)

    def render() -> NDArray[np.int16]:
        rendered.append(threading.get_ident())
        return sound()

    def ask() -> None:
        barrier.wait(10)
        paths.append(kept.get({"same": True}, render))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(rendered) == 1
    assert len(paths) == 8
    assert len(set(paths)) == 1


def test_different_sounds_do_not_wait_for_each_other(tmp_path: Path):
    kept, other_done = cache(tmp_path), threading.Event()

    def slow() -> NDArray[np.int16]:
        assert other_done.wait(10)
        return sound()

    thread = threading.Thread(target=kept.get, args=({"slow": True}, slow))
    thread.start()
    kept.get({"slow": False}, sound)
    other_done.set()
    thread.join(10)
    assert len(list(tmp_path.glob("*.wav"))) == 2


def test_a_failed_render_leaves_nothing(tmp_path: Path):
    kept = cache(tmp_path)
    with pytest.raises(ZeroDivisionError):
        kept.get({}, lambda: sound(1 // 0))
    assert not list(tmp_path.iterdir())
    assert read(kept.get({}, sound)).any()


DIES = """
import os, sys
from pathlib import Path
import numpy as np
from softswitch.prompts.cache import SoundCache
Path.replace = lambda *paths: os._exit(9)
SoundCache(Path(sys.argv[1]), 8000, max_bytes=10**9).get({}, lambda: np.ones(8000, np.int16))
"""


def run(script: str, folder: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", script, str(folder)], env=environment)


def test_a_process_that_dies_while_writing_does_no_harm(tmp_path: Path):
    assert run(DIES, tmp_path).wait(30) == 9
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(TEMPORARY_PREFIX)

    kept = cache(tmp_path)
    path = kept.get({}, sound)
    np.testing.assert_array_equal(read(path), sound())
    assert left.exists()  # it might belong to a process that is still writing

    two_hours_ago_s = path.stat().st_mtime - 7200
    os.utime(left, (two_hours_ago_s, two_hours_ago_s))
    cache(tmp_path).get({"next": 1}, sound)  # as the next start does
    assert not left.exists()


LIVES = DIES.replace("Path.replace = lambda *paths: os._exit(9)", "")


def test_processes_may_want_the_same_at_once(tmp_path: Path):
    processes = [run(LIVES, tmp_path) for _ in range(4)]
    assert [process.wait(30) for process in processes] == [0, 0, 0, 0]
    (path,) = tmp_path.iterdir()
    np.testing.assert_array_equal(read(path), sound())


def let_go(path: Path) -> Path:
    """The same file, which is no longer in use."""
    return Path(str(path))


def age(path: Path, seconds: float) -> None:
    then_s = path.stat().st_mtime - seconds
    os.utime(path, (then_s, then_s))


def test_the_least_recently_used_go_first(tmp_path: Path):
    kept = cache(tmp_path, max_bytes=round(3.4 * FILE_BYTES))
    a, b, c = (let_go(kept.get({"n": n}, sound)) for n in range(3))
    for path, seconds in ((a, 300), (b, 200), (c, 100)):
        age(path, seconds)
    kept.get({"n": 0}, never)  # a is now the most recent
    kept.get({"n": 3}, sound)
    assert (a.exists(), b.exists(), c.exists()) == (True, False, True)


def test_pinned_files_and_the_newest_stay(tmp_path: Path):
    kept = cache(tmp_path, max_bytes=FILE_BYTES // 2)
    pinned = let_go(kept.get({"n": 0}, sound, pinned=True))
    first = let_go(kept.get({"n": 1}, sound))
    age(pinned, 300)
    assert first.exists()
    second = let_go(kept.get({"n": 2}, sound))
    assert (pinned.exists(), first.exists(), second.exists()) == (True, False, True)


def test_a_file_stays_while_its_path_is_held(tmp_path: Path):
    kept = cache(tmp_path, max_bytes=3 * FILE_BYTES)
    held = kept.get({"n": 0}, sound)
    again, name = kept.use(held.name), held.name
    assert again is held
    for n in range(1, 30):
        kept.get({"n": n}, sound)
        age(tmp_path / name, 1_000)  # never the most recently used
    assert held.exists()
    del held
    kept.get({"n": 30}, sound)
    assert (tmp_path / name).exists()  # the other who asked for it may still play it
    del again
    for n in range(31, 34):
        kept.get({"n": n}, sound)
    assert not (tmp_path / name).exists()
    assert kept.use(name) is None
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 3 * FILE_BYTES


def test_what_is_asked_for_is_never_removed_by_another_thread(tmp_path: Path):
    """Room for one file and six threads that want six each: every path leads to a whole file."""
    kept, faults = cache(tmp_path, max_bytes=FILE_BYTES), []

    def play(first: int) -> None:
        for turn in range(60):
            path = kept.get({"n": (first + turn) % 6}, sound)
            if len(read(path)) != SECOND:
                faults.append(path)

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(play, first) for first in range(6)]:
            done.result(30)
    assert not faults


def test_a_folder_that_cannot_be_is_told_with_a_remedy(tmp_path: Path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(EnvironmentFaultError, match="Check that the folder may be written"):
        cache(tmp_path / "taken" / "sounds").get({}, sound)


def test_a_folder_of_many_files_is_not_looked_through_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    kept, looked = cache(tmp_path, max_bytes=250 * FILE_BYTES), []
    iterdir = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda path: looked.append(path) or iterdir(path))
    for n in range(260):
        kept.get({"n": n}, sound)
    # At first, after each hundred, and when the size was passed: then a tenth of it is made free.
    assert len(looked) == 4
    assert len(list(iterdir(tmp_path))) == 225 + 9
