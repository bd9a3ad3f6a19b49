"""The order of music."""

import random
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.errors import MisuseError
from softswitch.prompts import Playlist


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the order of music is no secret


def files(count: int) -> list[Path]:
    return [Path(f"{number}.wav") for number in range(count)]


@given(count=st.integers(2, 10), seed=st.integers(), rounds=st.integers(1, 6))
def test_every_round_has_each_file_and_none_comes_twice_in_a_row(
    count: int, seed: int, rounds: int
):
    played = list(islice(Playlist(files(count), seeded(seed)), count * rounds))
    for start in range(0, len(played), count):
        assert sorted(played[start : start + count]) == files(count)
    assert all(one != other for one, other in pairwise(played))


def test_a_single_file_is_played_again():
    assert list(islice(Playlist(files(1), seeded(1)), 3)) == files(1) * 3


def test_a_file_listed_twice_counts_once():
    played = list(islice(Playlist(files(2) + files(2), seeded(1)), 6))
    assert played in ([*files(2)] * 3, [*files(2)[::-1]] * 3)


def test_no_files_are_refused():
    with pytest.raises(MisuseError, match="at least one file"):
        Playlist([], seeded(1))


def test_the_same_generator_gives_the_same_order():
    one, same, other = (Playlist(files(10), seeded(seed)) for seed in (7, 7, 8))
    first = list(islice(one, 50))
    assert first == list(islice(same, 50))
    assert first != list(islice(other, 50))


def test_all_allowed_orders_are_as_likely():
    playlist, rounds = Playlist(files(3), seeded(42)), 12_000
    played = list(islice(playlist, 3 * (rounds + 1)))
    orders: Counter[tuple[Path, ...]] = Counter()
    for start in range(3, len(played), 3):
        last, order = played[start - 1], played[start : start + 3]
        # Named by what they are to the file heard last, 4 of the 6 orders are allowed.
        others = [file for file in files(3) if file != last]
        names = {last: Path("last"), others[0]: Path("low"), others[1]: Path("high")}
        orders[tuple(names[file] for file in order)] += 1
    assert len(orders) == 4
    # Four standard deviations of a binomial count around its mean.
    deviation = (rounds * 0.25 * 0.75) ** 0.5
    assert all(abs(count - rounds / 4) < 4 * deviation for count in orders.values())
