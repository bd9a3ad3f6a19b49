"""What a switch still knows after it was stopped, or killed at any moment."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import attrs
import pytest
from office_builder import Office, address

from softswitch.acd.model import NoAnswerAction
from softswitch.acd.records import CallOutcome, CallRecord, MemberState, Record
from softswitch.errors import EnvironmentFaultError
from softswitch.prompts import SoundStore
from softswitch.switch import Switch
from softswitch.switch.engine_log import EngineLog, read_log
from softswitch.switch.restoring import play_back
from softswitch.testing import SimulatedTelephony, Talked

pytestmark = pytest.mark.virtual_time

DOWN_S = 45.0


def killed(office: Office, folder: Path) -> Office:
    """An office with what is on the disk now: as if the machine had lost its power."""
    shutil.copytree(office.folder / "var", folder / "var")
    after = Office(office.store, folder)
    after.groups, after.members = list(office.groups), dict(office.members)
    return after


def three_groups_members(office: Office) -> Office:
    return office.group(
        "main", "1000", ("anna", "bo", "carl"), redial_within_s=60.0, position_every_s=0
    )


async def test_members_are_as_they_chose(office: Office):
    three_groups_members(office)
    _, switch = office.open()
    async with switch:
        await switch.set_member("anna", active=False)
        await switch.pause_member("bo", "lunch")
        await switch.set_member("carl", active=False)
        await switch.set_member("carl", active=True)
    _, again = office.open(seed=8)
    async with again:
        members = {member.id: member for member in again.snapshot().members}
    assert members["anna"].state is MemberState.PASSIVE
    assert (members["bo"].state, members["bo"].reason) == (MemberState.PAUSED, "lunch")
    assert members["carl"].state is MemberState.READY


async def test_a_choice_is_on_the_disk_before_it_counts(office: Office):
    three_groups_members(office)
    _, switch = office.open()
    async with switch:
        stored = switch.set_member("anna", active=False)
        assert switch.snapshot().engine.member("anna").active
        await stored
        assert not switch.snapshot().engine.member("anna").active
        on_disk = json.loads((office.folder / "var" / "members.json").read_text())
    assert on_disk["anna"].items() >= {"active": False, "paused": False, "reason": ""}.items()


async def test_a_choice_that_cannot_be_stored_does_not_count(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    three_groups_members(office)
    _, switch = office.open()
    async with switch:
        monkeypatch.setattr("softswitch.switch.choices.write_whole", full)
        with pytest.raises(EnvironmentFaultError, match="No space"):
            await switch.set_member("anna", active=False)
        assert switch.snapshot().engine.member("anna").active


async def test_choices_that_cannot_be_read_are_kept_beside_those_made_since(office: Office):
    three_groups_members(office)
    stored = office.folder / "var" / "members.json"
    stored.parent.mkdir(exist_ok=True)
    stored.write_text('{"anna": 7}')
    _, switch = office.open()
    async with switch:
        await switch.set_member("bo", active=False)
    assert stored.with_name("members.json.unreadable").read_text() == '{"anna": 7}'
    assert set(json.loads(stored.read_text())) == {"bo"}


async def test_the_file_counts_only_for_who_has_never_chosen(office: Office):
    three_groups_members(office)
    _, switch = office.open()
    async with switch:
        await switch.set_member("anna", active=False)
    office.group("other", "2000", ("dora",))
    _, again = office.open(seed=8)
    async with again:
        active = {member.id: member.active for member in again.snapshot().members}
    assert active == {"anna": False, "bo": True, "carl": True, "dora": True}


async def test_who_was_paused_for_not_answering_still_is(office: Office):
    office.group("main", "1000", ("anna",), no_answer_action=NoAnswerAction.PAUSE, ring_time_s=15)
    network, switch = office.open()
    office.phone(network, "anna")
    async with switch:
        await network.call("1000", gives_up_after_s=20).until_ended()
        member = switch.snapshot().engine.member("anna")
        assert (member.state, member.reason) == (MemberState.PAUSED, "no_answer")
    (office.folder / "var" / "engine.jsonl").unlink()
    _, again = office.open(seed=8)
    async with again:
        member = again.snapshot().engine.member("anna")
    assert (member.state, member.reason) == (MemberState.PAUSED, "no_answer")


async def wait_in_turn(network: SimulatedTelephony, names: tuple[str, ...]) -> None:
    for name in names:
        network.call("1000", caller=name)
        await asyncio.sleep(5)


def waiting(switch: Switch) -> list[str]:
    return [call.caller for call in switch.snapshot().waiting]


async def test_the_switch_restarts_while_three_wait(office: Office):
    three_groups_members(office)
    network, switch = office.open()
    async with switch:
        for name in ("anna", "bo", "carl"):
            await switch.pause_member(name)
        await wait_in_turn(network, ("first", "second", "third"))
        assert waiting(switch) == ["first", "second", "third"]
    await asyncio.sleep(DOWN_S)
    network, again = office.open(seed=8)
    anna = office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=20)
    async with again:
        assert waiting(again) == []
        await wait_in_turn(network, ("stranger", "third", "first"))
        assert waiting(again) == ["first", "third", "stranger"]
        await again.ready_member("anna")
        await asyncio.sleep(2)
    assert [call.log.talked[0].other for call in anna.calls] == ["first"]


async def test_a_place_is_kept_for_as_long_as_the_office_says(office: Office):
    three_groups_members(office)
    network, switch = office.open()
    async with switch:
        for name in ("anna", "bo", "carl"):
            await switch.pause_member(name)
        await wait_in_turn(network, ("first",))
    network, again = office.open(seed=8)
    async with again:
        await wait_in_turn(network, ("stranger",))
        await asyncio.sleep(60)
        await wait_in_turn(network, ("first",))
        assert waiting(again) == ["stranger", "first"]


async def test_killed_while_one_talks_and_two_wait(office: Office, tmp_path: Path):
    three_groups_members(office)
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1)
    async with switch:
        await switch.pause_member("bo", "lunch")
        await switch.set_member("carl", active=False)
        await wait_in_turn(network, ("talks", "first", "second"))
        after = killed(office, tmp_path / "after")
    await asyncio.sleep(DOWN_S)
    records: list[Record] = []
    network, again = after.open(seed=8)
    again.on_record(records.append)
    async with again:
        states = {member.id: member.state for member in again.snapshot().members}
        assert states == {
            "anna": MemberState.READY,
            "bo": MemberState.PAUSED,
            "carl": MemberState.PASSIVE,
        }
        calls = [record for record in records if isinstance(record, CallRecord)]
        await again.set_member("anna", active=False)
        await wait_in_turn(network, ("stranger", "second", "first"))
        assert waiting(again) == ["first", "second", "stranger"]
    assert {call.caller: call.outcome for call in calls} == {
        "talks": CallOutcome.ANSWERED,
        "first": CallOutcome.ABANDONED,
        "second": CallOutcome.ABANDONED,
    }
    # The time for which the switch was down counts for nobody: 14 s from the answer to the end.
    (talked,) = [call for call in calls if call.caller == "talks"]
    assert talked.ended_at - talked.answered_at <= 14.0


@pytest.mark.parametrize(
    "torn", [b'{"now": 99', b'{"now": 99, "event": "NoSuchThing"}\n', b"\xff\n"]
)
async def test_a_torn_last_line_is_cut_off(office: Office, tmp_path: Path, torn: bytes):
    three_groups_members(office)
    network, switch = office.open()
    async with switch:
        for name in ("anna", "bo", "carl"):
            await switch.pause_member(name)
        await wait_in_turn(network, ("first", "second"))
        after = killed(office, tmp_path / "after")
    log = after.folder / "var" / "engine.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole + torn)
    network, again = after.open(seed=8)
    async with again:
        await wait_in_turn(network, ("stranger", "first"))
        assert waiting(again) == ["first", "stranger"]
    lines = log.read_bytes()
    assert lines.startswith(whole)
    assert torn not in lines
    for line in lines.splitlines():
        json.loads(line)


@pytest.mark.parametrize("rubbish", [b"", b"rubbish\n", b'{"engine_log": 99}\n'])
async def test_a_log_that_cannot_be_read_does_not_hinder_the_start(office: Office, rubbish: bytes):
    three_groups_members(office)
    _, switch = office.open()
    async with switch:
        await switch.set_member("anna", active=False)
    (office.folder / "var" / "engine.jsonl").write_bytes(rubbish)
    network, again = office.open(seed=8)
    bo = office.phone(network, "bo", answers_after_s=1)
    async with again:
        log = await network.call("1000", hangs_up_after_s=10).until_ended()
        assert not again.snapshot().engine.member("anna").active
    assert log.talked == [Talked(other=address("bo"), from_s=bo.call.log.answered_at, to_s=10.0)]


async def test_every_prefix_of_the_log_is_a_start(store: SoundStore, tmp_path: Path):
    """Killed between any two lines, the switch starts, takes calls and knows its members."""
    office = Office(store, tmp_path / "before")
    three_groups_members(office)
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=7)
    office.phone(network, "bo", refuses_with=486)
    async with switch:
        await wait_in_turn(network, ("a", "b", "c"))
        await switch.pause_member("anna", "coffee")
        await asyncio.sleep(20)
    lines = (office.folder / "var" / "engine.jsonl").read_bytes().splitlines(keepends=True)
    assert len(lines) > 20
    for kept in range(1, len(lines) + 1):
        after = Office(store, tmp_path / str(kept))
        after.groups, after.members = list(office.groups), dict(office.members)
        (after.folder / "var").mkdir(parents=True)
        (after.folder / "var" / "engine.jsonl").write_bytes(b"".join(lines[:kept]))
        network, again = after.open(seed=kept)
        phone = after.phone(network, "anna", answers_after_s=1, hangs_up_after_s=2)
        async with again:
            assert waiting(again) == []
            assert again.snapshot().talking == ()
            await again.ready_member("anna")
            await network.call("1000", caller="z").until_ended()
        assert [call.log.talked[0].other for call in phone.calls] == ["z"]


async def test_an_office_that_is_never_quiet_keeps_a_short_log(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Somebody always waits or talks; killed at any time, everything is as it was."""
    monkeypatch.setattr("softswitch.switch.engine_log.LINES_MAX", 30)
    members = ("anna", "bo", "carl")
    rules = {"redial_within_s": 60.0, "position_every_s": 0, "queue_cap": 40}
    office.group("main", "1000", members, **rules)
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=7)
    log = office.folder / "var" / "engine.jsonl"
    lengths, begun = [], set()
    async with switch:
        await switch.pause_member("bo", "lunch")
        await switch.set_member("carl", active=False)
        for number in range(60):
            network.call("1000", caller=f"c{number}", gives_up_after_s=90)
            await asyncio.sleep(6)
            assert switch.snapshot().talking or switch.snapshot().ringing
            lines = log.read_bytes().splitlines()
            lengths.append(len(lines))
            begun.add(lines[0])
            for line in lines:
                json.loads(line)
        after, stood = killed(office, tmp_path / "after"), waiting(switch)
        assert len(stood) > 3
    assert len(begun) > 5
    assert max(lengths) < 30 + 30
    assert log.with_name("engine.old.jsonl").exists()
    network, again = after.open(seed=8)
    async with again:
        states = {member.id: member.state for member in again.snapshot().members}
        await again.pause_member("anna")
        await wait_in_turn(network, ("stranger", *reversed(stood[:3])))
        assert waiting(again) == [*stood[:3], "stranger"]
    assert states == {
        "anna": MemberState.READY,
        "bo": MemberState.PAUSED,
        "carl": MemberState.PASSIVE,
    }


@pytest.mark.parametrize("step", ["os.link", "pathlib.Path.replace", "os.fsync"])
async def test_power_lost_while_the_log_is_replaced(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
):
    """Whichever step is the first that never happened, there is a whole log."""
    three_groups_members(office)
    network, switch = office.open()
    async with switch:
        for name in ("anna", "bo", "carl"):
            await switch.pause_member(name)
        await wait_in_turn(network, ("first", "second"))
        after = killed(office, tmp_path / "after")

    class PowerLostError(BaseException):
        pass

    def never(*_: object, **__: object) -> None:
        raise PowerLostError

    log = after.folder / "var" / "engine.jsonl"
    past = read_log(log)
    assert past is not None
    state = play_back(past).freeze()
    beginning = attrs.evolve(past.beginning, state=state)
    with monkeypatch.context() as patch:
        patch.setattr(step, never)
        with pytest.raises(PowerLostError):
            EngineLog(log).begin(beginning)
    network, again = after.open(seed=8)
    async with again:
        await wait_in_turn(network, ("stranger", "second", "first"))
        assert waiting(again) == ["first", "second", "stranger"]


async def test_where_the_log_cannot_be_replaced_it_goes_on(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("softswitch.switch.engine_log.LINES_MAX", 10)
    three_groups_members(office)
    network, switch = office.open()
    async with switch:
        monkeypatch.setattr("softswitch.switch.engine_log.replace_log", full)
        for name in ("anna", "bo", "carl"):
            await switch.pause_member(name)
        await wait_in_turn(network, ("first", "second", "third"))
        after = killed(office, tmp_path / "after")
    assert "No space left" in caplog.text
    monkeypatch.undo()
    network, again = after.open(seed=8)
    async with again:
        await wait_in_turn(network, ("stranger", "third", "first"))
        assert waiting(again) == ["first", "third", "stranger"]


async def test_a_log_of_the_earlier_format_is_read(office: Office):
    """It knew no state; everything else is as it was."""
    three_groups_members(office)
    _, switch = office.open()
    async with switch:
        await switch.pause_member("bo", "lunch")
    log = office.folder / "var" / "engine.jsonl"
    first, *others = log.read_text().splitlines(keepends=True)
    table = json.loads(first)
    assert table.pop("engine_log") == 2
    assert table.pop("state") is None
    log.write_text("".join([json.dumps({"engine_log": 1, **table}) + "\n", *others]))
    (office.folder / "var" / "members.json").unlink()
    _, again = office.open(seed=8)
    async with again:
        assert again.snapshot().engine.member("bo").reason == "lunch"


async def test_a_data_folder_that_cannot_be_used_is_named(office: Office):
    three_groups_members(office)
    (office.folder / "var" / "engine.jsonl").mkdir(parents=True)
    _, switch = office.open()
    with pytest.raises(EnvironmentFaultError, match=r"engine\.jsonl"):
        async with switch:
            pass


@pytest.mark.parametrize("customer_first", [False, True])
async def test_a_promise_survives_a_kill_at_any_moment(
    store: SoundStore, tmp_path: Path, *, customer_first: bool
):
    """From the promise on the customer is called, wherever the log ends, until they have talked."""
    office = Office(store, tmp_path / "before").group(
        "main",
        "1000",
        ("anna",),
        call_back_key="5",
        call_back_retry_s=30.0,
        customer_first=customer_first,
        position_every_s=0,
    )
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=20)
    network.phone("sip:me@caller.example", answers_after_s=3, hangs_up_after_s=10)
    async with switch:
        network.call("1000", caller="before")
        await asyncio.sleep(2)
        await network.call("1000", caller="me", presses=((1, "5"),)).until_ended()
        await asyncio.sleep(60)
        assert [r.outcome.value for r in switch.snapshot().finished] == ["answered", "called_back"]
    lines = (office.folder / "var" / "engine.jsonl").read_bytes().splitlines(keepends=True)
    asked = next(n for n, line in enumerate(lines) if b"CallBackAsked" in line)
    talks = next(n for n, line in enumerate(lines) if b'"CallBackAnswered"' in line)
    if customer_first:
        talks = max(n for n, line in enumerate(lines) if b'"OfferAnswered"' in line)
    for kept in range(asked + 1, len(lines) + 1):
        after = Office(store, tmp_path / str(kept))
        after.groups, after.members = list(office.groups), dict(office.members)
        (after.folder / "var").mkdir(parents=True)
        (after.folder / "var" / "engine.jsonl").write_bytes(b"".join(lines[:kept]))
        network, again = after.open(seed=kept)
        after.phone(network, "anna", answers_after_s=1, hangs_up_after_s=20)
        customer = network.phone("sip:me@caller.example", answers_after_s=3, hangs_up_after_s=10)
        async with again:
            await asyncio.sleep(200)
            assert again.snapshot().waiting == ()
            assert again.snapshot().engine.member("anna").state is MemberState.READY
        talked = [call.log.talked[0].other for call in customer.calls if call.log.talked]
        reached = customer_first and any(b'"CallBackAnswered"' in line for line in lines[:kept])
        expected = [] if kept > talks or reached else [address("anna")]
        assert talked == expected, lines[kept - 1]
