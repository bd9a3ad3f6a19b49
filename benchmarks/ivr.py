"""Call flows under load: sessions per second, and menus on real calls.

    .venv/bin/python benchmarks/ivr.py [--json FILE] [--quick] [--only NAME]

See docs/benchmarks.md.
"""

from __future__ import annotations

import sys
from types import MappingProxyType

from ivr_load import pressing, sessions
from sip_load.front import Measures, run

_LIMIT_S = 300.0
"""No measure takes longer."""

MEASURES: Measures = MappingProxyType({"sessions": sessions.sessions, "keys": pressing.keys})


if __name__ == "__main__":
    sys.exit(run(MEASURES, __doc__, limit_s=_LIMIT_S, title="call flows under load"))
