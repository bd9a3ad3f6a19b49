"""How long something takes: the quickest of some rounds, so that other work matters less."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

FFMPEG = ("ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-threads", "1", "-y")


def best_s(run: Callable[[], object], rounds: int = 5) -> float:
    """Return the least time of some rounds, after one that does not count."""
    run()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times)


def ffmpeg_s(*arguments: str, rounds: int = 3) -> float:
    """Return how long FFmpeg works, the time that it needs to start and do nothing left out.

    Where a busy machine let a start take longer than the work, there is nothing to leave out: then
    it is the whole time.
    """

    def run(*what: str) -> None:
        subprocess.run([*FFMPEG, *what], check=True, timeout=120, stdout=subprocess.DEVNULL)

    start_s = best_s(lambda: run("-version"), rounds)
    took_s = best_s(lambda: run(*arguments), rounds)
    return took_s - start_s if took_s > start_s else took_s
