"""How a simulated phone behaves when nobody tells it what to do."""

from __future__ import annotations

from typing import TypedDict

import attrs


@attrs.frozen(kw_only=True)
class Behaviour:
    """Habits of a phone. All times are in seconds; None means never.

    Attributes:
        answers_after_s: how long it rings before it is answered.
        refuses_with: SIP status it refuses with, such as 486 or 603.
        refuses_after_s: how long it rings before it refuses.
        rings: it says that it rings (180).
        hangs_up_after_s: how long after the answer it hangs up; for a caller that is not yet
            answered `gives_up_after_s` counts.
        gives_up_after_s: how long after the start of a call a caller hangs up, answered or not.
        presses: seconds after the answer, and the keys pressed then.
        lines: how many calls it takes at once; the next gets 486.
        present: it is there at all; an absent phone does not even say no.
    """

    answers_after_s: float | None = None
    refuses_with: int | None = None
    refuses_after_s: float = 0.0
    rings: bool = True
    hangs_up_after_s: float | None = None
    gives_up_after_s: float | None = None
    presses: tuple[tuple[float, str], ...] = ()
    lines: int = 1
    present: bool = True


class Habits(TypedDict, total=False):
    """The fields of `Behaviour` as keyword arguments."""

    answers_after_s: float | None
    refuses_with: int | None
    refuses_after_s: float
    rings: bool
    hangs_up_after_s: float | None
    gives_up_after_s: float | None
    presses: tuple[tuple[float, str], ...]
    lines: int
    present: bool
