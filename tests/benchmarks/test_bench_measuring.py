"""What the benchmark measures with, held against what is known."""

from __future__ import annotations

import asyncio
import os
import time

import numpy as np
import pytest
from sip_load.delay import find_mark
from sip_load.figures import Figure
from sip_load.machine import cpu_s, rss_mb
from sip_load.wire import Dialog, Endpoint

from softswitch.testing.peers import g711
from softswitch.testing.peers.sipp import Sipp


@pytest.mark.parametrize("place", [0, 1, 4003, 15_200])
def test_a_mark_is_found_to_the_sample_in_noise_and_a_law(place: int):
    chance = np.random.default_rng(1)
    mark = chance.normal(0, 3000, 800).astype(np.int16)
    heard = chance.normal(0, 300, 16_000)
    heard[place : place + 800] += mark
    coded = g711.decode(8, g711.encode(8, heard.astype(np.int16)))
    assert find_mark(coded, mark) == place


def test_a_mark_that_is_not_there_is_not_found():
    chance = np.random.default_rng(2)
    mark = chance.normal(0, 3000, 800).astype(np.int16)
    assert find_mark(chance.normal(0, 3000, 16_000).astype(np.int16), mark) is None
    assert find_mark(np.zeros(16_000, np.int16), mark) is None
    assert find_mark(mark[:700], mark) is None


@pytest.mark.parametrize(
    ("value", "at_least", "reached"),
    [(9.0, False, True), (10.0, False, True), (10.1, False, False), (9.9, True, False)],
)
def test_a_goal_is_a_greatest_or_a_least_value(value: float, *, at_least: bool, reached: bool):
    figure = Figure(name="x", load="", value=value, unit="ms", goal=10.0, at_least=at_least)
    assert figure.reached is reached


def test_a_figure_that_could_not_be_had_has_not_reached_its_goal():
    assert Figure(name="x", load="", value=None, unit="", goal=1.0).reached is False
    assert Figure(name="x", load="", value=None, unit="").reached is None


def test_processor_time_of_a_process_is_what_the_process_itself_counts():
    begun_s = cpu_s(os.getpid())
    own_s = time.process_time()
    while time.process_time() - own_s < 0.3:
        np.random.default_rng(3).normal(size=100_000)
    assert cpu_s(os.getpid()) - begun_s == pytest.approx(0.3, abs=0.1)
    assert 10 < rss_mb(os.getpid()) < 2000


async def _until(event: asyncio.Event) -> None:
    async with asyncio.timeout(5):
        await event.wait()


@pytest.mark.asyncio
async def test_the_endpoint_calls_another_implementation():
    answered = asyncio.Event()
    async with Sipp("uas_answer", ring_ms=50) as phone, Endpoint() as endpoint:
        endpoint.on_answered = lambda _dialog: answered.set()
        dialog = endpoint.call((phone.host, phone.port), "1000", "4711")
        await _until(answered)
        assert 0.05 <= (dialog.answered_ns - dialog.invite_ns) / 1e9 < 2
        endpoint.hang_up(dialog)
        result = await phone.finished()
    assert result.successful == 1
    assert result.retransmissions == 0
    assert "sip:4711@" in (result.received("INVITE")[0].header("From") or "")


@pytest.mark.asyncio
async def test_the_endpoint_is_called_by_another_implementation():
    over = asyncio.Event()
    rang: list[Dialog] = []
    async with Endpoint() as endpoint:

        def ring(dialog: Dialog) -> None:
            rang.append(dialog)
            endpoint.answer(dialog)

        endpoint.on_invite = ring
        endpoint.on_over = lambda _dialog: over.set()
        host, port = endpoint.address
        async with Sipp(
            "uac_call", target=f"{host}:{port}", service="anna", caller="4711", talk_ms=200
        ) as caller:
            result = await caller.finished()
        await _until(over)
    assert result.successful == 1
    assert [(one.name, one.own_name) for one in rang] == [("4711", "anna")]
    sent_ns = result.sent("INVITE")[0].at_ns
    assert abs(rang[0].invite_ns - sent_ns) < 50_000_000
    talked_s = (rang[0].bye_ns - rang[0].answered_ns) / 1e9
    assert 0.19 <= talked_s < 2  # SIPp counts in ticks of 4 ms


@pytest.mark.asyncio
async def test_the_endpoint_gives_way_to_a_cancel():
    over = asyncio.Event()
    rang: list[Dialog] = []
    async with Endpoint() as endpoint:
        endpoint.on_invite = rang.append
        endpoint.on_over = lambda _dialog: over.set()
        host, port = endpoint.address
        async with Sipp("uac_cancel", target=f"{host}:{port}") as caller:
            result = await caller.finished()
        await _until(over)
    assert result.successful == 1
    assert rang[0].refused == 487
