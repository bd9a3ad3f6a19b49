"""An office under traffic that is drawn or recorded: the real engine, without phones or clock.

A day of calls takes a fraction of a second. `Experiment` says what is asked, `replicate` runs it
on as many cores as wanted, `Outcome.figures` tells what came of it and how far that can be
trusted. `staffing_curve` and `find_staff` try other numbers of agents.
"""

from softswitch.simulation.distributions import (
    AT_ONCE,
    FOR_EVER,
    Constant,
    Distribution,
    Exponential,
    Lognormal,
    Observed,
)
from softswitch.simulation.journal import read_journal
from softswitch.simulation.office import Answering, Experiment, Office
from softswitch.simulation.replay import RecordedCall, RecordedTraffic
from softswitch.simulation.replications import Figures, Outcome, replicate
from softswitch.simulation.staffing import StaffingPoint, find_staff, staffing_curve
from softswitch.simulation.tally import GroupRun, simulate_once
from softswitch.simulation.traffic import Caller, DrawnTraffic, Traffic

__all__ = [
    "AT_ONCE",
    "FOR_EVER",
    "Answering",
    "Caller",
    "Constant",
    "Distribution",
    "DrawnTraffic",
    "Experiment",
    "Exponential",
    "Figures",
    "GroupRun",
    "Lognormal",
    "Observed",
    "Office",
    "Outcome",
    "RecordedCall",
    "RecordedTraffic",
    "StaffingPoint",
    "Traffic",
    "find_staff",
    "read_journal",
    "replicate",
    "simulate_once",
    "staffing_curve",
]
