"""An announcement with ducked music, beside SoX, FFmpeg and pydub doing the same work.

"You are number three in the queue. The wait is about five minutes", of five recorded clips, with
music before, under and after it. Everybody reads the same WAV files at 8 kHz and writes a WAV file:
clips joined with gaps, music that fades in, steps back under the speech, comes back and fades out.
We also trim the silence of each clip, bring the whole to -20 LUFS by BS.1770, keep it in a cache
by content, and notice when a file has changed; the others are spared that. Speech is excluded: the
clips are given.

Ours is measured in a running switch: its clips are known, this announcement is not. The first one
of all, whose files have to be read whole for their digests, has a row of its own. SoX and FFmpeg
are programs that are started for each announcement; a second row leaves out the time that they need
to start and do nothing. Everybody gets two seconds, and the quickest round counts, so that other
work on the machine matters less.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import attrs
import soundfile
from acd_load.rows import Row

from softswitch.prompts import SoundStore
from softswitch.prompts.description import Clip, Ducked, Sequence

RATE_HZ = 8_000
WORDS = (("You are number", "three", "in the queue."), ("The wait is about", "five minutes."))
GAP_S, PAUSE_S = 0.08, 0.4
BEFORE_S, AFTER_S, DUCK_DB = 1.0, 1.7, 14.0
ATTACK_S, RELEASE_S = 0.3, 0.6
FADE_IN_S, FADE_OUT_S = 0.3, 1.0

EACH_S = 2.0
"""So long everything is done again and again."""

TIMES_REAL_TIME, CACHED_MS = 2_000.0, 0.2


def rows() -> list[Row]:
    """Measure; takes about twenty seconds."""
    with tempfile.TemporaryDirectory() as folder:
        return list(_rows(Path(folder)))


def _rows(folder: Path) -> Iterator[Row]:
    make_clips(folder)
    name = "announcement with ducked music"
    uncached_s, length_s, cached_s = _ours(folder)
    times = length_s / uncached_s
    yield Row(
        measured=f"{name}, times real time",
        under="softswitch, not yet made",
        value=times,
        unit="times",
        ratio=times,
        at_least=TIMES_REAL_TIME,
    )
    first = length_s / _first(folder)
    yield Row(measured=name, under="softswitch, files never seen", value=first, unit="times")
    for rival, run, idle in _rivals(folder):
        took_s, start_s = _best(run, idle)
        yield _beside(name, rival, took_s, uncached_s, length_s)
        work_s = took_s - start_s
        if idle is not _nothing and work_s > took_s / 20:  # less can only be other work
            yield _beside(name, f"{rival}, its start left out", work_s, uncached_s, length_s)
    yield Row(
        measured="the same again, from the cache",
        under="softswitch",
        value=cached_s * 1e6,
        unit="µs",
        ratio=cached_s * 1e3,
        at_most=CACHED_MS,
    )


def _beside(name: str, rival: str, took_s: float, ours_s: float, length_s: float) -> Row:
    times = length_s / took_s
    return Row(
        measured=name, under=rival, value=times, unit="times", ratio=took_s / ours_s, at_least=1.0
    )


def _nothing() -> None:
    """What somebody does who need not be started."""


def _best(run: Callable[[], object], idle: Callable[[], object] = _nothing) -> tuple[float, float]:
    """Return how long the quickest run takes on the clock on the wall, and the quickest start."""
    run()
    best_s = idle_s = float("inf")
    end_s = time.perf_counter() + EACH_S
    while (began := time.perf_counter()) < end_s:
        run()
        done = time.perf_counter()
        idle()
        best_s, idle_s = min(best_s, done - began), min(idle_s, time.perf_counter() - done)
    return best_s, idle_s


def make_clips(folder: Path) -> None:
    """Put the recorded words and some music into a folder."""
    store = SoundStore(folder / "made", RATE_HZ)
    for path, words in zip(_clips(folder), [w for part in WORDS for w in part], strict=True):
        shutil.copy(store.say(words, "en"), path)
    shutil.copy(store.default_music()[0], folder / "music.wav")
    then_s = time.time() - 60
    for path in folder.glob("*.wav"):
        os.utime(path, (then_s, then_s))


def _clips(folder: Path) -> list[Path]:
    return [folder / f"{n}.wav" for n in range(sum(map(len, WORDS)))]


def describe(folder: Path) -> Ducked:
    """Return the announcement as softswitch is told of it."""
    clips = [Clip(path, trim=True) for path in _clips(folder)]
    first = Sequence(clips[: len(WORDS[0])], gap_s=GAP_S)
    second = Sequence(clips[len(WORDS[0]) :], gap_s=GAP_S)
    return Ducked(
        speech=Sequence([first, second], gap_s=PAUSE_S),
        music=Clip(folder / "music.wav"),
        before_s=BEFORE_S,
        after_s=AFTER_S,
        duck_db=DUCK_DB,
        attack_s=ATTACK_S,
        release_s=RELEASE_S,
        fade_in_s=FADE_IN_S,
        fade_out_s=FADE_OUT_S,
        loudness_lufs=-20.0,
    )


def _ours(folder: Path) -> tuple[float, float, float]:
    """Return seconds for one not yet made, its length, and seconds from the cache."""
    store, sound = SoundStore(folder / "cache", RATE_HZ), describe(folder)
    length_s = soundfile.info(store.prompt(sound)).duration
    another = count(1)

    def one_more() -> None:
        store.prompt(attrs.evolve(sound, after_s=AFTER_S + next(another) / RATE_HZ))

    uncached_s, _ = _best(one_more)
    cached_s, _ = _best(lambda: store.prompt(sound))
    return uncached_s, length_s, cached_s


def _first(folder: Path) -> float:
    """Return seconds for the first prompt of a new store; setting that up does not count."""
    sound, best_s, end_s = describe(folder), float("inf"), time.perf_counter() + EACH_S
    for n in count():
        store = SoundStore(folder / f"first-{n}", RATE_HZ)
        began = time.perf_counter()
        if began > end_s:
            break
        store.prompt(sound)
        best_s = min(best_s, time.perf_counter() - began)
    return best_s


# --- the others -------------------------------------------------------------------------------

Rival = tuple[str, Callable[[], object], Callable[[], object]]


def _rivals(folder: Path) -> Iterator[Rival]:
    speech_s = sum(soundfile.info(path).duration for path in _clips(folder))
    speech_s += GAP_S * 3 + PAUSE_S
    yield "SoX", lambda: _sox(folder, speech_s), lambda: _run(folder, "sox", "--version")
    idle = ("ffmpeg", "-loglevel", "error", "-version")
    yield "FFmpeg", lambda: _ffmpeg(folder, speech_s), lambda: _run(folder, *idle)
    yield "pydub", lambda: _pydub(folder), _nothing


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def _sox(folder: Path, speech_s: float) -> None:
    """SoX has no envelope: the music is cut in three, and the parts are faded into each other."""
    gaps = [GAP_S, GAP_S, PAUSE_S, GAP_S, 0.0]
    words = [f"|sox {n}.wav -p pad 0 {gap}" for n, gap in enumerate(gaps)]
    _run(folder, "sox", *words, "sox-speech.wav", "pad", str(BEFORE_S), str(AFTER_S))
    end_s = BEFORE_S + speech_s
    quiet = f"vol -{DUCK_DB}dB"
    music = [
        f"|sox music.wav -p trim 0 {BEFORE_S} fade h {FADE_IN_S} {BEFORE_S} {ATTACK_S}",
        f"|sox music.wav -p trim {BEFORE_S} {speech_s} {quiet}",
        f"|sox music.wav -p trim {end_s} {AFTER_S} fade h {RELEASE_S} {AFTER_S} {FADE_OUT_S}",
    ]
    _run(folder, "sox", *music, "sox-music.wav")
    mix = ["-m", "-v", "1", "sox-speech.wav", "-v", "1", "sox-music.wav"]
    _run(folder, "sox", *mix, "sox.wav", "gain", "-n", "-1")


def _ffmpeg(folder: Path, speech_s: float) -> None:
    end_s = BEFORE_S + speech_s
    down = f"(1-cos(PI*(t-{BEFORE_S - ATTACK_S})/{ATTACK_S}))/2"
    up = f"(1+cos(PI*(t-{end_s})/{RELEASE_S}))/2"
    share = f"if(lt(t,{BEFORE_S - ATTACK_S}),0,if(lt(t,{BEFORE_S}),{down}"
    share += f",if(lt(t,{end_s}),1,if(lt(t,{end_s + RELEASE_S}),{up},0))))"
    gaps = [GAP_S, GAP_S, PAUSE_S, GAP_S, 0.0]
    padded = [f"[{n}]apad=pad_dur={gap}[p{n}];" for n, gap in enumerate(gaps)]
    names = "".join(f"[p{n}]" for n in range(len(gaps)))
    graph = (
        "".join(padded) + f"{names}concat=n={len(gaps)}:v=0:a=1,adelay={BEFORE_S * 1000:.0f}[s];"
    )
    graph += f"[{len(gaps)}]atrim=end={end_s + AFTER_S},asetnsamples=80,"
    graph += f"volume='pow(10,-{DUCK_DB}*({share})/20)':eval=frame[m];"
    graph += f"[m][s]amix=normalize=0,afade=t=in:d={FADE_IN_S}:curve=hsin,"
    graph += f"afade=t=out:st={end_s + AFTER_S - FADE_OUT_S}:d={FADE_OUT_S}:curve=hsin,volume=-3dB"
    inputs = [w for path in [*_clips(folder), folder / "music.wav"] for w in ("-i", path.name)]
    options = ["-loglevel", "error", "-y", "-nostdin", *inputs]
    _run(folder, "ffmpeg", *options, "-filter_complex", graph, "ffmpeg.wav")


def _pydub(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of audioop, which it stands on
        from pydub import AudioSegment  # noqa: PLC0415
        from pydub.effects import normalize  # noqa: PLC0415
    clips = [AudioSegment.from_wav(path) for path in _clips(folder)]
    gap = AudioSegment.silent(GAP_S * 1000, RATE_HZ)
    speech = clips[0] + gap + clips[1] + gap + clips[2]
    speech += AudioSegment.silent(PAUSE_S * 1000, RATE_HZ) + clips[3] + gap + clips[4]
    start, end = BEFORE_S * 1000, BEFORE_S * 1000 + len(speech)
    music = AudioSegment.from_wav(folder / "music.wav")[: end + AFTER_S * 1000]
    music = music.fade(to_gain=-DUCK_DB, end=int(start), duration=int(ATTACK_S * 1000))
    music = music.fade(to_gain=DUCK_DB, start=int(end), duration=int(RELEASE_S * 1000))
    mixed = music.overlay(speech, position=int(start))
    mixed = mixed.fade_in(int(FADE_IN_S * 1000)).fade_out(int(FADE_OUT_S * 1000))
    normalize(mixed, headroom=1.0).export(folder / "pydub.wav", format="wav").close()
