"""What the records say, and what queueing theory says beforehand.

`erlang` forecasts waits and staff, `service_level` counts how well callers were served,
`intervals` says how far a mean of several runs can be trusted.
"""

from softswitch.reports.erlang import (
    Demand,
    ErlangA,
    ErlangC,
    agents_needed,
    erlang_b,
    lines_needed,
)
from softswitch.reports.intervals import Interval, interval, ratio_interval
from softswitch.reports.service_level import Goal, ServiceCount, count_service

__all__ = [
    "Demand",
    "ErlangA",
    "ErlangC",
    "Goal",
    "Interval",
    "ServiceCount",
    "agents_needed",
    "count_service",
    "erlang_b",
    "interval",
    "lines_needed",
    "ratio_interval",
]
