"""Deadlines: in order, one for each key, cancelled cheaply."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from softswitch.acd.deadlines import Deadlines, Due


def drain(deadlines: Deadlines) -> list[tuple[float, str]]:
    found = []
    while (at := deadlines.next()) is not None:
        found.append((at, deadlines.pop()[1]))
    return found


def test_equal_times_come_in_the_order_of_setting():
    deadlines = Deadlines()
    for owner, at in (("b", 2.0), ("a", 2.0), ("c", 1.0)):
        deadlines.arm((Due.WRAP_UP, owner), at)
    assert drain(deadlines) == [(1.0, "c"), (2.0, "b"), (2.0, "a")]


def test_arming_again_moves_a_deadline():
    deadlines = Deadlines()
    deadlines.arm((Due.WRAP_UP, "a"), 1.0)
    deadlines.arm((Due.WRAP_UP, "a"), 3.0)
    assert deadlines.get((Due.WRAP_UP, "a")) == 3.0
    assert drain(deadlines) == [(3.0, "a")]


actions = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.one_of(st.none(), st.integers(0, 20).map(float))),
    max_size=400,
)


@given(actions)
def test_what_is_left_is_what_a_dict_would_hold(steps):
    deadlines, twin = Deadlines(), {}
    for number, (owner, at) in enumerate(steps):
        if at is None:
            deadlines.cancel((Due.POSITION, owner))
            twin.pop(owner, None)
        else:
            deadlines.arm((Due.POSITION, owner), at)
            twin[owner] = (at, number)
    expected = [(at, owner) for owner, (at, _) in sorted(twin.items(), key=lambda kv: kv[1])]
    assert len(deadlines) == len(twin)
    assert drain(deadlines) == expected


def test_cancelled_deadlines_do_not_pile_up():
    deadlines = Deadlines()
    for number in range(10_000):
        deadlines.arm((Due.POSITION, str(number)), float(number))
        deadlines.cancel((Due.POSITION, str(number)))
    assert len(deadlines._heap) < 200  # noqa: SLF001 -- its size is what is tested
