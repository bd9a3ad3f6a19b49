"""The engine against queueing theory: M/M/c against Erlang C."""

from __future__ import annotations

import math
from statistics import fmean

import pytest
from acd_traffic import TALK_S, simulate

from softswitch.acd import (
    CallRecord,
    Group,
)


def erlang_c(servers: int, offered: float) -> float:
    """Probability of having to wait, from Erlang B's recursion."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def records(output: list[object]) -> list[CallRecord]:
    found = [out for out in output if isinstance(out, CallRecord)]
    return sorted(found, key=lambda record: int(record.call_id))


@pytest.mark.parametrize(("servers", "load"), [(3, 0.5), (5, 0.8)])
def test_waiting_follows_erlang_c(servers, load):
    """Means over 20 batches lie within a 99.9 % interval (t with 19 degrees: 3.88) of theory."""
    members = tuple(f"m{n}" for n in range(servers))
    group = Group(id="g", members=members, queue_cap=10**6, strategy="longest_idle")
    done = records(simulate(group, load=lambda _: load, calls=8000, seed=servers))[400:]
    waits = [(record.answered_at or 0.0) - record.joined_at for record in done]
    size = len(waits) // 20
    batches = [waits[n * size : (n + 1) * size] for n in range(20)]
    probability = erlang_c(servers, load * servers)
    mean = probability * TALK_S / (servers * (1 - load))
    assert_near([fmean(batch) for batch in batches], mean)
    assert_near([fmean(wait > 0 for wait in batch) for batch in batches], probability)
    assert [record.queued for record in done] == [wait > 0 for wait in waits]


def assert_near(batches: list[float], theory: float) -> None:
    centre = fmean(batches)
    spread = math.sqrt(fmean((batch - centre) ** 2 for batch in batches) / (len(batches) - 1))
    assert abs(centre - theory) <= 3.88 * spread
