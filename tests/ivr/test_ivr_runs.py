"""Random flows on the real runtime with simulated phones: every call comes to its end."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from random_flows import flows

from softswitch.acd.model import Group, Member
from softswitch.ivr.model import Flow
from softswitch.ivr.talk import Outcome
from softswitch.prompts import SoundStore
from softswitch.switch import Call, FlowRecord, GroupConfig, OfficeConfig, Switch
from softswitch.testing import SimulatedTelephony, run_virtual_strictly
from softswitch.testing.logbook import Logbook

PRESSES = st.lists(
    st.tuples(st.floats(0.1, 30), st.text("0123456789*#", min_size=1, max_size=3)), max_size=6
)
ANSWERS = {"level": 2}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SoundStore:
    return SoundStore(tmp_path_factory.mktemp("sounds"), 8000)


async def hold(
    store: SoundStore, folder: Path, flow: Flow, presses: list[tuple[float, str]], seed: int
) -> tuple[list[FlowRecord], Logbook]:
    """Call once and press keys; members, data and the other phone do what chance wants."""
    rng = random.Random(seed)  # noqa: S311 - a run that repeats
    config = OfficeConfig(
        data_dir=folder,
        members=(Member(id="anna", address="sip:anna@x.example"),),
        groups=(GroupConfig(engine=Group(id="g", members=("anna",), max_offers=1)),),
    )
    network = SimulatedTelephony()
    network.phone(
        "sip:anna@x.example",
        answers_after_s=rng.choice([None, 2.0]),
        hangs_up_after_s=5.0,
    )
    records: list[FlowRecord] = []
    switch = Switch(config, network, rng=rng, sounds=store)
    switch.on_record(lambda r: records.append(r) if isinstance(r, FlowRecord) else None)

    @switch.look_up("crm")
    async def crm() -> dict[str, object] | None:
        answer = rng.choice([ANSWERS, None, {}, ZeroDivisionError()])
        if isinstance(answer, Exception):
            raise answer
        return answer

    @switch.flow("2000")
    async def run(call: Call) -> None:
        await call.follow(flow)

    async with switch:
        call = network.call("2000", presses=tuple(presses), gives_up_after_s=900)
        log = await call.until_ended()
    return records, log


@settings(
    max_examples=80,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(flows(), PRESSES, st.integers(0, 100))
def test_every_call_ends_in_a_named_outcome(
    store: SoundStore,
    caplog: pytest.LogCaptureFixture,
    flow: Flow,
    presses: list[tuple[float, str]],
    seed: int,
):
    caplog.clear()
    with tempfile.TemporaryDirectory() as folder:
        run = hold(store, Path(folder), flow, presses, seed)
        records, log = run_virtual_strictly(run)
    [record] = records
    assert record.outcome in {outcome.value for outcome in Outcome}
    assert (record.fault is not None) is (record.outcome == "failed")
    assert log.ended_at is not None
    assert log.ended_at <= 900
    wrong = [one for one in caplog.records if one.levelname in {"ERROR", "CRITICAL"}]
    assert [one.getMessage() for one in wrong] == []
    event(record.outcome)
