"""A test of an office: two hours on the telephone in a moment, and the same every time.

    pytest examples/08_virtual_time_test.py

The switch is the real one. Only the clock and the phones are simulated: when everybody waits,
the clock jumps to whatever comes next.
"""

import asyncio
from pathlib import Path

import attrs
import pytest

from softswitch.acd.records import CallOutcome
from softswitch.switch import OfficeConfig, Switch, load_office
from softswitch.testing import SimulatedTelephony


@pytest.fixture
def office(tmp_path: Path) -> OfficeConfig:
    """The example office, with a folder of its own for each test."""
    file = Path(__file__).with_name("office.toml")
    return attrs.evolve(load_office(file), data_dir=tmp_path)


@pytest.mark.virtual_time
async def test_a_caller_waits_until_somebody_is_free(office: OfficeConfig) -> None:
    """Four members are active. The fifth caller of two hours' talk is the one who waits."""
    network = SimulatedTelephony()
    for port, name in enumerate(("anna", "bo", "clara", "david"), start=5071):
        network.phone(f"sip:{name}@127.0.0.1:{port}", answers_after_s=3)

    async with Switch(office, network) as switch:
        for caller in range(4):
            network.call("1000", caller=f"+451000000{caller}", hangs_up_after_s=7200)
            await asyncio.sleep(10)
        fifth = network.call("1000", caller="+4520000000", gives_up_after_s=7500)
        log = await fifth.until_ended()
        finished = switch.snapshot().finished

    assert log.answered_at == 40  # by the switch, at once; but nobody is free
    # The first caller has talked until 7200 s; the phone rings for 3 s, and then:
    assert [talk.from_s for talk in log.talked] == [7203]
    assert [call.outcome for call in finished[-1:]] == [CallOutcome.ANSWERED]
    assert len(log.heard) > 400  # music, and every half minute the place in the queue


@pytest.mark.virtual_time
async def test_who_answers_first_has_the_call_and_no_other_phone_misses_one(
    office: OfficeConfig,
) -> None:
    """Simultaneous ringing: the others are told that the call was completed elsewhere."""
    network = SimulatedTelephony()
    anna = network.phone("sip:anna@127.0.0.1:5071", answers_after_s=5)
    bo = network.phone("sip:bo@127.0.0.1:5072", answers_after_s=2)

    async with Switch(office, network):
        await network.call("1000", hangs_up_after_s=30).until_ended()

    assert bo.call.log.answered_at == 2
    assert anna.rang[0].to_s == 2
    assert "completed elsewhere" in str(anna.rang[0].reason)
