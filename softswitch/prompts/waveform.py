"""Pictures of sounds: the waveform, and how loud it is over time. Needs ``softswitch[plot]``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts.shaping import PEAK_MAX_DBFS
from softswitch_codecs.levels import rms_dbfs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS: Final = 1_400
"""So many columns a waveform is drawn in: about one for each dot of the picture."""

FLOOR_DBFS: Final = -60.0

_BLUE, _DARK, _RED, _GREY = "#7fa6d6", "#2b5f9e", "#b3352b", "#6b6b6b"
_LEVEL_S: Final = 0.05
_STYLE: Final[Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.25,
    "font.size": 9,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "softswitch",
}


def outline(samples: NDArray[np.int16], columns: int = COLUMNS) -> NDArray[np.float64]:
    """Return the lowest, the highest and the RMS value of each column, shape ``(3, columns)``.

    Args:
        samples: shape ``(samples,)``, at least one.
        columns: how many; fewer where there are fewer samples.
    """
    columns = min(columns, len(samples))
    edges = np.arange(columns + 1) * len(samples) // columns
    values = samples / 32768
    power = np.add.reduceat(values**2, edges[:-1]) / np.diff(edges)
    low = np.minimum.reduceat(values, edges[:-1])
    return np.stack([low, np.maximum.reduceat(values, edges[:-1]), np.sqrt(power)])


def draw_waveform(path: Path, samples: NDArray[np.int16], rate_hz: int, title: str) -> None:
    """Draw a sound: its waveform above, its level below.

    Args:
        path: the picture; ``.png`` or ``.svg``.
        samples: shape ``(samples,)``, at least one.
        rate_hz: their rate.
        title: what stands above; any text.

    Raises:
        EnvironmentFaultError: matplotlib is not installed.
        OSError: the picture cannot be written.
    """
    try:
        from matplotlib import rc_context  # noqa: PLC0415 - an extra
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        remedy = "Install it: pip install 'softswitch[plot]'"
        raise EnvironmentFaultError("Pictures need matplotlib.", remedy=remedy) from None
    with rc_context(_STYLE):
        figure: Figure = Figure(figsize=(11, 4.8), layout="constrained")
        FigureCanvasAgg(figure)
        figure.suptitle(title, x=0.01, ha="left", weight="bold", parse_math=False)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        _draw_wave(above, samples, rate_hz)
        _draw_level(below, samples, rate_hz)
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure.savefig(path, dpi=130, metadata=metadata)


def _draw_wave(axes: Axes, samples: NDArray[np.int16], rate_hz: int) -> None:
    low, high, rms = outline(samples)
    times = (np.arange(len(low)) + 0.5) * (len(samples) / rate_hz / len(low))
    axes.fill_between(times, low, high, color=_BLUE, linewidth=0, step="mid", label="highest")
    axes.fill_between(times, -rms, rms, color=_DARK, linewidth=0, step="mid", label="RMS")
    axes.set(title="Waveform", ylim=(-1, 1), xlim=(0, len(samples) / rate_hz))
    _legend(axes)


def _draw_level(axes: Axes, samples: NDArray[np.int16], rate_hz: int) -> None:
    frame = round(_LEVEL_S * rate_hz)
    frames = np.pad(samples, (0, -len(samples) % frame)).reshape(-1, frame)
    level = np.maximum(rms_dbfs(frames), FLOOR_DBFS)
    highest = np.abs(frames.astype(np.int32)).max(axis=1) / 32768
    with np.errstate(divide="ignore"):
        peak = np.maximum(20 * np.log10(highest), FLOOR_DBFS)
    times = (np.arange(len(level)) + 0.5) * _LEVEL_S
    axes.plot(times, level, color=_DARK, linewidth=1.4, label=f"RMS in {_LEVEL_S * 1000:g} ms")
    axes.plot(times, peak, color=_BLUE, linewidth=0.9, label="highest")
    axes.axhline(PEAK_MAX_DBFS, color=_RED, linestyle="--", linewidth=0.9)
    axes.set(title="Level", ylabel="dBFS", xlabel="seconds", ylim=(FLOOR_DBFS, 3))
    _legend(axes)


def _legend(axes: Axes) -> None:
    """Beside the title, where no curve runs."""
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2, ncols=2)
