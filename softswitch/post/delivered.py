"""What came of handing something in."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Delivered:
    """What came of a try.

    Attributes:
        still: addresses that have not taken it.
        why: what the server or the network said, for the log; empty: all have taken it.
        for_good: the server says that trying again will not help, unless somebody changes
            something.
        hopeless: nobody can change anything: it is refused for what it is.
        wait_s: the server asks not to be tried again before.
    """

    still: tuple[str, ...] = ()
    why: str = ""
    for_good: bool = False
    hopeless: bool = False
    wait_s: float = 0.0
