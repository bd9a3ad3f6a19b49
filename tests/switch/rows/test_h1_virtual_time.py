"""H1: the whole switch under virtual time: a day of calls in seconds, the same every time."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from office_builder import Office

from softswitch.prompts import SoundStore
from softswitch.testing import run_virtual_strictly

DAY_S = 86_400.0


def one_day(store: SoundStore, folder: Path, *, calls: int, seed: int) -> tuple[bytes, float]:
    """A day in an office of three; returns its journal, and how long it took by its own clock."""
    draw = random.Random(seed)  # noqa: S311 - traffic, not secrets
    office = Office(store, folder)
    office.group("main", "1000", ("anna", "bo", "carl"), strategy="longest_idle", wrap_up_s=10)

    async def live() -> float:
        network, switch = office.open()
        for name in ("anna", "bo", "carl"):
            office.phone(network, name, answers_after_s=draw.uniform(1, 12), hangs_up_after_s=240)
        async with switch:
            for at in sorted(draw.uniform(0, DAY_S) for _ in range(calls)):
                await asyncio.sleep(at - asyncio.get_running_loop().time())
                network.call("1000", gives_up_after_s=draw.uniform(60, 600))
            await asyncio.sleep(DAY_S - asyncio.get_running_loop().time())
            await switch.drain(3600)
        return asyncio.get_running_loop().time()

    lasted_s = run_virtual_strictly(live())
    return (folder / "var" / "journal.jsonl").read_bytes(), lasted_s


@pytest.fixture(scope="module")
def first(store: SoundStore, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, float]:
    return one_day(store, tmp_path_factory.mktemp("first"), calls=250, seed=1)


def test_h1_a_day_passes_within_a_test(first: tuple[bytes, float]):
    journal, lasted_s = first
    assert lasted_s >= DAY_S
    assert journal.count(b'"CallRecord"') == 250


def test_h1_the_same_day_again_is_the_same_to_the_byte(
    first: tuple[bytes, float], store: SoundStore, tmp_path: Path
):
    assert one_day(store, tmp_path, calls=250, seed=1) == first


def test_h1_another_seed_is_another_day(
    first: tuple[bytes, float], store: SoundStore, tmp_path: Path
):
    assert one_day(store, tmp_path, calls=250, seed=2)[0] != first[0]
