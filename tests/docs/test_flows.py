"""Every example of docs/flows.md runs as it stands there, on simulated phones."""

from __future__ import annotations

import asyncio
import random
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from documents import ROOT, blocks, compiled

from softswitch.acd import CallOutcome, Group, Member
from softswitch.errors import CallEndedError
from softswitch.prompts import SoundStore
from softswitch.switch import Call, GroupConfig, OfficeConfig, Switch
from softswitch.testing import SimulatedTelephony, Talked, run_virtual_strictly

PAGE = ROOT / "docs" / "flows.md"
ANNA = "sip:anna@127.0.0.1:5071"
DESK = "sip:desk@127.0.0.1:5080"

Story = Callable[[SimulatedTelephony, Switch], Awaitable[None]]
Run = Callable[[Story], None]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SoundStore:
    return SoundStore(tmp_path_factory.mktemp("sounds"), 8000)


@pytest.fixture
def run(store: SoundStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a story on a switch that has all flows of the page."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(("opening-hours", "menu", "welcome"), start=1):
        write_sound(tmp_path / "sounds" / f"{name}.wav", 1000 * number)
    groups = ("sales", "service")
    config = OfficeConfig(
        members=(Member(id="anna", address=ANNA),),
        groups=tuple(GroupConfig(engine=Group(id=group, members=("anna",))) for group in groups),
    )

    async def play(story: Story) -> None:
        network = SimulatedTelephony()
        switch = Switch(config, network, rng=random.Random(1), sounds=store)  # noqa: S311
        namespace = {"switch": switch}
        for block in blocks(PAGE, "python"):
            exec(compiled(block, PAGE), namespace)  # noqa: S102 - our own page
        async with switch:
            await story(network, switch)

    return lambda story: run_virtual_strictly(play(story))


def write_sound(path: Path, sample: int) -> None:
    """Two seconds of a constant, so that each file has another content."""
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(sample.to_bytes(2, "little") * 16_000)


def test_information_plays_a_file_and_says_goodbye(run: Run, store: SoundStore) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        log = await network.call("2000").until_ended()
        hours = store.prepare_file(Path("sounds/opening-hours.wav"))
        assert log.files() == [hours, store.say("Goodbye.", "en")]

    run(story)


def test_a_prefix_matches_and_the_rest_is_not_found(run: Run, store: SoundStore) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        log = await network.call("2145").until_ended()
        assert log.files() == [store.say("You dialled extension 45.", "en")]
        assert (await network.call("9999").until_ended()).status == 404

    run(story)


def test_nobody_home_is_busy(run: Run) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        log = await network.call("2200").until_ended()
        assert (log.status, log.ringing_heard, log.answered_at) == (486, True, None)

    run(story)


def test_keys_are_collected_to_the_hash(run: Run, store: SoundStore) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        log = await network.call("2300", presses=((0.5, "12"), (7.0, "3#"))).until_ended()
        assert log.files()[-1] == store.say("You keyed 1 2 3.", "en")

    run(story)


def test_a_number_that_has_to_be_right_is_asked_for_again_and_read_back(
    run: Run, store: SoundStore
) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        log = await network.call("2450", presses=((0.5, "12#"), (9.0, "3456781"))).until_ended()
        asked = store.say("Key your account number of six digits.", "en")
        assert log.files().count(asked) == 2  # two digits are too few
        assert log.files()[-1] == store.say("Account 345678.", "en")

    run(story)


@pytest.mark.parametrize(("keys", "group"), [("1", "sales"), ("2", "service"), ("", "service")])
def test_the_menu_leads_to_a_group(run: Run, keys: str, group: str) -> None:
    async def story(network: SimulatedTelephony, switch: Switch) -> None:
        anna = network.phone(ANNA, answers_after_s=1, hangs_up_after_s=5)
        presses = ((0.5, keys),) if keys else ()
        log = await network.call("2400", presses=presses).until_ended()
        [record] = switch.snapshot().finished
        assert (record.group_id, record.member_id) == (group, "anna")
        assert [talk.other for talk in log.talked] == [ANNA]
        assert anna.call.log.answered_at == pytest.approx(1.5 if keys else 3 * (2 + 5) + 1)

    run(story)


def test_who_stays_is_thanked(run: Run, store: SoundStore) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        network.phone(ANNA, answers_after_s=3, hangs_up_after_s=10)
        log = await network.call("2500").until_ended()
        assert log.files()[0] == store.prepare_file(Path("sounds/welcome.wav"))
        assert log.talked == [Talked(other=ANNA, from_s=3.0, to_s=13.0)]
        thanks = "You waited 3 seconds. Thank you for calling."
        assert log.files()[-1] == store.say(thanks, "en")

    run(story)


def test_the_front_desk_answers(run: Run, store: SoundStore) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        network.phone(DESK, answers_after_s=4, hangs_up_after_s=6)
        log = await network.call("2600").until_ended()
        assert log.talked == [Talked(other=DESK, from_s=4.0, to_s=10.0)]
        assert log.files() == [store.say("The front desk has hung up.", "en")]

    run(story)


def test_the_front_desk_does_not_answer(run: Run, store: SoundStore) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        network.phone(DESK)
        log = await network.call("2600").until_ended()
        assert log.answered_at == 15.0
        assert log.files() == [store.say("The front desk does not answer.", "en")]

    run(story)


def test_a_note_is_recorded_until_a_key_is_pressed(run: Run) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        caller = network.call("2700")
        await caller.until_answered()
        await asyncio.sleep(10)
        caller.press("5")
        await caller.until_ended()
        [recording] = network.recordings
        assert recording.to_s == 10.0
        assert recording.path.suffix == ".wav"

    run(story)


def test_words_are_heard_over_music(run: Run, store: SoundStore) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        log = await network.call("2800").until_ended()
        [heard] = log.heard
        words = store.say("Your case is being processed.", "en")
        with wave.open(str(words)) as file:
            words_s = file.getnframes() / file.getframerate()
        assert heard.to_s - heard.from_s == pytest.approx(0.5 + words_s + 1.0, abs=0.01)

    run(story)


def test_records_are_printed(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    async def story(network: SimulatedTelephony, _: Switch) -> None:
        network.phone(ANNA, answers_after_s=1, hangs_up_after_s=5)
        await network.call("2400", caller="+4511112222", presses=((0.1, "1"),)).until_ended()

    run(story)
    assert capsys.readouterr().out == "+4511112222 answered anna\n"


def test_queueing_returns_abandoned_where_everything_else_raises(run: Run) -> None:
    outcomes: list[object] = []

    async def story(network: SimulatedTelephony, switch: Switch) -> None:
        network.phone(ANNA)

        @switch.flow("2900")
        async def abandoned(call: Call) -> None:
            outcomes.append((await call.queue("sales")).outcome)
            with pytest.raises(CallEndedError):
                await call.say("Is anybody there?")
            outcomes.append("refused")

        await network.call("2900", gives_up_after_s=5).until_ended()

    run(story)
    assert outcomes == [CallOutcome.ABANDONED, "refused"]
