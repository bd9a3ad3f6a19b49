"""Prompts are made once, kept by what they are made of, and survive whatever happens meanwhile."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import numpy as np
import pytest
import soundfile
from prompt_sounds import RATE_HZ, CountingSpeech, read

from softswitch.prompts import PromptError, PromptFault, SoundStore, prompting
from softswitch.prompts.description import Clip, Ducked, Mix, Say, Sequence, Silence, Sound, Tone
from softswitch.prompts.wav import TEMPORARY_PREFIX


@attrs.define
class Counter:
    """Counts renderings, each in truth."""

    renders: int = 0

    def __call__(self, *arguments: object) -> object:
        self.renders += 1
        return self.render(*arguments)

    render = staticmethod(prompting.render)


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    counter = Counter()
    monkeypatch.setattr(prompting, "render", counter)
    return counter


def write(path: Path, value: float, *, old: bool = True) -> Path:
    """A clip of a tenth of a second; an ``old`` one was last changed a minute ago."""
    soundfile.write(path, np.full(800, value), RATE_HZ, subtype="PCM_16")
    if old:
        then_ns = path.stat().st_mtime_ns - 60 * 10**9
        os.utime(path, ns=(then_ns, then_ns))
    return path


def test_the_same_description_is_rendered_once(tmp_path: Path, counter: Counter):
    sound = Sequence([Clip(write(tmp_path / "a.wav", 0.25)), Silence(0.1)])
    store = SoundStore(tmp_path / "cache", RATE_HZ)
    path = store.prompt(sound)
    assert store.prompt(attrs.evolve(sound)) == path
    assert SoundStore(tmp_path / "cache", RATE_HZ).prompt(sound) == path
    assert counter.renders == 1
    np.testing.assert_array_equal(read(path), [8192] * 800 + [0] * 800)


def test_what_files_hold_counts_and_not_their_names(tmp_path: Path, counter: Counter):
    store = SoundStore(tmp_path / "cache", RATE_HZ)
    one, same = write(tmp_path / "one.wav", 0.25), write(tmp_path / "same.wav", 0.25)
    path = store.prompt(Clip(one))
    assert store.prompt(Clip(same)) == path
    one.rename(tmp_path / "moved.wav")
    assert store.prompt(Clip(tmp_path / "moved.wav")) == path
    assert counter.renders == 1


@pytest.mark.parametrize("old", [True, False])
def test_a_changed_file_makes_another_prompt(tmp_path: Path, *, old: bool):
    """Also when it was changed at once, with the same length: by the same tick of the clock."""
    store, clip = SoundStore(tmp_path / "cache", RATE_HZ), tmp_path / "a.wav"
    for step in range(1, 20):
        write(clip, step / 64, old=old)
        assert read(store.prompt(Clip(clip)))[0] == step * 512


def test_a_file_put_back_with_its_old_time_is_noticed(tmp_path: Path):
    """Whoever sets the time of a file changes the time of its inode by that."""
    store, clip = SoundStore(tmp_path / "cache", RATE_HZ), write(tmp_path / "a.wav", 0.25)
    state = clip.stat()
    store.prompt(Clip(clip))
    write(clip, 0.125)
    os.utime(clip, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert read(store.prompt(Clip(clip)))[0] == 4096


def test_every_setting_makes_another_prompt(tmp_path: Path, counter: Counter):
    a, b = Clip(write(tmp_path / "a.wav", 0.25)), Clip(write(tmp_path / "b.wav", 0.125))
    sounds: list[Sound] = [
        a,
        b,
        Clip(a.file, fade_in_s=0.01),
        Clip(a.file, fade_out_s=0.01),
        Clip(a.file, trim=True),
        Clip(a.file, loop_s=0.3),
        Sequence([a, b]),
        Sequence([b, a]),
        Sequence([a, b], gap_s=0.01),
        Sequence([a, b], crossfade_s=0.01),
        Mix([a, b]),
        Ducked(speech=a, music=b),
        Ducked(speech=b, music=a),
        Ducked(speech=a, music=b, duck_db=3),
        Tone(440),
        Tone(441),
        Silence(0.1),
    ]
    store = SoundStore(tmp_path / "cache", RATE_HZ)
    assert len({store.prompt(sound) for sound in sounds}) == len(sounds) == counter.renders


def test_words_are_spoken_once_and_by_name_of_the_voice(tmp_path: Path, speech: CountingSpeech):
    store = SoundStore(tmp_path, RATE_HZ, speech=speech)
    twice = Sequence([Say("two words", language="en"), Say("two words", language="en")])
    samples = read(store.prompt(twice))
    assert len(samples) / RATE_HZ == pytest.approx(2 * 2.06, abs=0.03)
    assert speech.spoken == [("two words", "en")]
    other = SoundStore(tmp_path, RATE_HZ, speech=CountingSpeech(id="other"))
    assert other.prompt(twice) != store.prompt(twice)


def test_files_of_any_kind_are_made_ready_first(tmp_path: Path):
    values = 0.25 * np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100)
    soundfile.write(tmp_path / "a.flac", np.stack([values, values], axis=1), 44100)
    store = SoundStore(tmp_path / "cache", RATE_HZ)
    samples = read(store.prompt(Sequence([Clip(tmp_path / "a.flac")] * 2)))
    assert len(samples) == pytest.approx(2 * RATE_HZ, abs=2)
    assert np.sqrt(np.mean((samples / 32768.0) ** 2)) == pytest.approx(0.25 / 2**0.5, rel=0.01)


def test_a_loud_file_of_any_kind_is_not_made_quieter_before_its_time(tmp_path: Path):
    """Of a clip at full scale, half is half, whether it is plain or packed."""
    values = np.full(800, 0.9999)
    soundfile.write(tmp_path / "a.flac", values, RATE_HZ, subtype="PCM_16")
    soundfile.write(tmp_path / "a.wav", values, RATE_HZ, subtype="PCM_16")
    store = SoundStore(tmp_path / "cache", RATE_HZ)
    for name in ("a.flac", "a.wav"):
        samples = read(store.prompt(Clip(tmp_path / name, gain_db=-6.0206)))
        assert samples[400] == pytest.approx(0.9999 * 16384, abs=1), name


def test_threads_that_want_the_same_at_once_render_it_once(tmp_path: Path, counter: Counter):
    store = SoundStore(tmp_path / "cache", RATE_HZ)
    sound, barrier = Clip(write(tmp_path / "a.wav", 0.25), loop_s=10), threading.Barrier(8)

    def ask(_: int) -> Path:
        barrier.wait(10)
        return store.prompt(sound)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert counter.renders == 1


def test_a_removed_or_cut_file_is_made_again(tmp_path: Path, counter: Counter):
    sound = Clip(write(tmp_path / "a.wav", 0.25))
    store = SoundStore(tmp_path / "cache", RATE_HZ)
    path = store.prompt(sound)
    path.unlink()
    assert store.prompt(sound) == path
    os.truncate(path, 100)  # the machine fell over before all of it was on the disk
    assert SoundStore(tmp_path / "cache", RATE_HZ).prompt(sound) == path
    np.testing.assert_array_equal(read(path), [8192] * 800)
    os.truncate(path, 0)
    assert SoundStore(tmp_path / "cache", RATE_HZ).prompt(sound) == path
    np.testing.assert_array_equal(read(path), [8192] * 800)
    assert counter.renders == 4


def test_the_folder_is_kept_under_its_size(tmp_path: Path):
    store = SoundStore(tmp_path / "cache", RATE_HZ, max_bytes=10 * 16_044)
    for n in range(30):
        newest = store.prompt(Silence(1.0, length_s=1.0 - n / RATE_HZ))
    kept = sum(path.stat().st_size for path in (tmp_path / "cache").iterdir())
    assert kept <= 10 * 16_044
    assert newest.exists()


def test_pinned_prompts_stay(tmp_path: Path):
    store = SoundStore(tmp_path / "cache", RATE_HZ, max_bytes=20_000)
    pinned = Path(str(store.prompt(Silence(1.0), pinned=True)))  # pinned, but held by nobody
    for n in range(5):
        store.prompt(Silence(0.5, length_s=0.5 - n / RATE_HZ))
    assert pinned.exists()


def test_a_missing_or_broken_file_is_told_by_its_name(tmp_path: Path):
    store = SoundStore(tmp_path / "cache", RATE_HZ)
    with pytest.raises(PromptError, match=r"nowhere\.wav is not a file") as caught:
        store.prompt(Mix([Silence(1), Clip(tmp_path / "nowhere.wav")]))
    assert caught.value.reason is PromptFault.NOT_A_FILE
    (tmp_path / "text.wav").write_text("This is no sound. " * 100)
    with pytest.raises(PromptError, match=r"text\.wav is broken"):
        store.prompt(Clip(tmp_path / "text.wav"))
    assert not list((tmp_path).glob("cache/*"))


def test_a_file_that_is_being_written_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clip = write(tmp_path / "a.wav", 0.25)
    store, true_render = SoundStore(tmp_path / "cache", RATE_HZ), prompting.render

    def changes_meanwhile(*arguments: object) -> object:
        samples = true_render(*arguments)
        write(clip, 0.125, old=False)
        return samples

    monkeypatch.setattr(prompting, "render", changes_meanwhile)
    with pytest.raises(PromptError, match="is being written"):
        store.prompt(Clip(clip))
    assert not list((tmp_path).glob("cache/*"))
    monkeypatch.undo()
    assert read(store.prompt(Clip(clip)))[0] == 4096


# --- processes --------------------------------------------------------------------------------

RENDERS = """
import sys
from pathlib import Path
from softswitch.prompts import SoundStore
from softswitch.prompts.description import Tone
store = SoundStore(Path(sys.argv[1]), 8000)
print("ready", flush=True)
sys.stdin.read(1)
for hz in range(440, 440 + int(sys.argv[2])):
    store.prompt(Tone(float(hz), lasts_s=30.0))
    print(hz, flush=True)
"""


def start(folder: Path, count: int) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", RENDERS, str(folder), str(count)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe)


def go(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


def line(process: "subprocess.Popen[bytes]") -> bytes:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_processes_that_want_the_same_at_once(tmp_path: Path):
    processes = [start(tmp_path, 5) for _ in range(3)]
    for process in processes:
        assert line(process) == b"ready"
    for process in processes:
        go(process)
    for process in processes:
        process.communicate(timeout=30)
        assert process.returncode == 0
    files = sorted(tmp_path.iterdir())
    assert len(files) == 5
    for path in files:
        assert len(read(path)) == 30 * RATE_HZ


@pytest.mark.parametrize("after", [1, 4])
def test_killed_in_the_middle_of_writing(tmp_path: Path, after: int):
    """Killed without warning, again and again, while it writes one file after another."""
    for _ in range(3):
        process = start(tmp_path, 1000)
        assert line(process) == b"ready"
        go(process)
        for _ in range(after):
            line(process)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL
    for path in tmp_path.glob("*.wav"):
        assert len(read(path)) == 30 * RATE_HZ
    others = [path for path in tmp_path.iterdir() if path.suffix != ".wav"]
    assert all(path.name.startswith(TEMPORARY_PREFIX) for path in others)
    assert len(others) <= 3
    store = SoundStore(tmp_path, RATE_HZ)
    assert len(read(store.prompt(Tone(440.0, lasts_s=30.0)))) == 30 * RATE_HZ


def test_killed_exactly_between_two_halves_of_a_file(tmp_path: Path):
    """It kills itself when half is written: a better moment than any from outside."""
    script = """
import os, signal, sys
from pathlib import Path
from softswitch.prompts import SoundStore, wav
from softswitch.prompts.description import Tone
def half(samples, rate_hz):
    whole = true(samples, rate_hz)
    [path] = Path(sys.argv[1]).glob(".writing-*")
    path.write_bytes(whole[: len(whole) // 2])
    os.kill(os.getpid(), signal.SIGKILL)
true, wav.wav_bytes = wav.wav_bytes, half
SoundStore(Path(sys.argv[1]), 8000).prompt(Tone(440.0, lasts_s=30.0))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, env=environment, timeout=30, check=False)
    assert done.returncode == -signal.SIGKILL
    [left] = tmp_path.iterdir()
    assert left.stat().st_size == 44 // 2 + 30 * RATE_HZ
    path = SoundStore(tmp_path, RATE_HZ).prompt(Tone(440.0, lasts_s=30.0))
    assert len(read(path)) == 30 * RATE_HZ
