"""How many examples each of the engine's rule machines tries: few here, a thousand in CI."""

from __future__ import annotations

import os

EXAMPLES = int(os.environ.get("SOFTSWITCH_EXAMPLES", "1000" if os.environ.get("CI") else "80"))
TIMEOUT_S = 60 + EXAMPLES
