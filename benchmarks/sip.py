"""How many calls a switch carries, how fast, and what each costs: `make bench`.

    .venv/bin/python benchmarks/sip.py [--json FILE] [--quick] [--only NAME]

Raises the load until something gives or the stated load is reached. See docs/benchmarks.md.
"""

from __future__ import annotations

import sys
from types import MappingProxyType

from sip_load import bridging, calls, queueing, waiting
from sip_load.front import Measures, run

_LIMIT_S = 420.0
"""No measure takes longer."""

MEASURES: Measures = MappingProxyType(
    {
        "calls": calls.plain_calls,
        "flow": calls.flow_calls,
        "memory": calls.memory,
        "music": waiting.music,
        "wait": waiting.office_music,
        "bridge": bridging.bridged,
        "ring": queueing.first_ring,
        "next": queueing.next_ring,
    }
)


if __name__ == "__main__":
    sys.exit(run(MEASURES, __doc__, limit_s=_LIMIT_S))
