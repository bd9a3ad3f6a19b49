"""Calls through flows of files: the session, the runtime and simulated phones together."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import attrs
import httpx
import pytest
from office_builder import MakeWav, Office, address

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.errors import CallEndedError, ConfigurationError, MisuseError
from softswitch.ivr import fields as f
from softswitch.ivr import nodes as n
from softswitch.ivr.expressions import Value
from softswitch.ivr.model import KINDS, Case, Flow, OwnNode, Source, node_kind
from softswitch.ivr.prompts import prompt_of
from softswitch.ivr.talk import Outcome
from softswitch.switch import Call, Switch
from softswitch.switch.config import FlowConfig
from softswitch.switch.flow_records import FlowChanged, FlowRecord
from softswitch.testing.sounding import duration_s

pytestmark = pytest.mark.virtual_time

MAIN = """\
[flow]
name = "Main"
start = "menu"

[keys]
0 = "desk"

[nodes.menu]
kind = "menu"
prompt = { play = "menu.wav" }
choices = { 1 = "sales", 2 = "info", 3 = "number" }
timeout_s = 4
attempts = 2
otherwise = "desk"

[nodes.info]
kind = "say"
text = "We are in the main street."
next = "menu"

[nodes.sales]
kind = "queue"
group = "sales"
answered = "thanks"
not_answered = "desk"

[nodes.thanks]
kind = "say"
text = "Thank you."

[nodes.number]
kind = "collect"
prompt = "Number?"
least = 3
next = "told"
otherwise = "hang_up"

[nodes.told]
kind = "say"
text = "You keyed {digits:digits}."

[nodes.desk]
kind = "dial"
number = "sip:desk@phones.example"
busy = "sorry"
otherwise = "sorry"

[nodes.sorry]
kind = "voicemail"
box = "sales"
"""


@pytest.fixture
def main(office: Office, wav: MakeWav, tmp_path: Path) -> Path:
    """An office whose number 2000 leads to a flow, and 1000 to its one group."""
    wav("menu", 3)
    file = tmp_path / "main.toml"
    file.write_text(MAIN)
    office.group("sales", "1000", ("anna",), ring_time_s=20)
    office.flows.append(FlowConfig(id="main", file=file, numbers=("2000",)))
    return file


def write(file: Path, text: str) -> None:
    file.write_text(text)


def read(file: Path) -> str:
    return file.read_text()


def flow_records(switch: Switch) -> list[FlowRecord]:
    found: list[FlowRecord] = []
    switch.on_record(lambda r: found.append(r) if isinstance(r, FlowRecord) else None)
    return found


@pytest.mark.usefixtures("main")
async def test_a_key_cuts_the_menu_and_leads_to_a_member(office: Office):
    network, switch = office.open()
    records = flow_records(switch)
    office.phone(network, "anna", answers_after_s=2, hangs_up_after_s=10)
    async with switch:
        call = network.call("2000", presses=[(1.5, "1")])
        log = await call.until_ended()
    menu, thanks = log.heard[0], log.heard[-1]
    assert log.answered_at == 0
    assert (menu.from_s, menu.to_s) == (0, 1.5)
    assert [talk.other for talk in log.talked] == [address("anna")]
    assert thanks.file == office.store.say("Thank you.", "en")
    assert [(r.flow, r.outcome, r.nodes) for r in records] == [
        ("Main", "completed", ("menu", "sales", "thanks"))
    ]


@pytest.mark.usefixtures("main")
async def test_silence_leads_on_at_the_times_written(office: Office):
    network, switch = office.open()
    desk = network.phone("sip:desk@phones.example", answers_after_s=1)
    async with switch:
        call = network.call("2000", gives_up_after_s=60)
        await desk.until_called()
        # twice the prompt of 3 s and 4 s of waiting
        assert asyncio.get_running_loop().time() == pytest.approx(14)
        call.hang_up()
        await call.until_ended()


@pytest.mark.usefixtures("main")
async def test_keys_typed_ahead_and_digits_spoken(office: Office):
    network, switch = office.open()
    async with switch:
        call = network.call("2000", presses=[(1, "3"), (1.2, "123#")])
        log = await call.until_ended()
    assert log.heard[-1].file == office.store.say("You keyed one two three.", "en")
    assert log.ended_at == pytest.approx(1.2 + duration_s(log.heard[-1].file))


@pytest.mark.usefixtures("main")
async def test_a_caller_whom_nobody_answers_comes_back_to_the_flow(office: Office):
    office.groups[0] = attrs.evolve(
        office.groups[0], engine=attrs.evolve(office.groups[0].engine, max_offers=1)
    )
    network, switch = office.open()
    office.phone(network, "anna")
    network.phone("sip:desk@phones.example", refuses_with=486)
    calls: list[CallRecord] = []
    switch.on_record(lambda r: calls.append(r) if isinstance(r, CallRecord) else None)
    records = flow_records(switch)
    async with switch:
        call = network.call("2000", presses=[(1, "1")])
        await call.until_answered()
        await asyncio.sleep(40)
        call.hang_up()
        await call.until_ended()
    assert [record.outcome for record in calls] == [CallOutcome.FORWARDED]
    assert [r.nodes for r in records] == [("menu", "sales", "desk", "sorry")]
    assert [r.outcome for r in records] == ["caller_hung_up"]
    # The caller says nothing, and is asked again: for the message for sales.
    assert {recorded.path.parent.name for recorded in network.recordings} == {"sales"}


@pytest.mark.usefixtures("main")
async def test_a_global_key_counts_in_the_middle_of_an_announcement(office: Office):
    network, switch = office.open()
    desk = network.phone("sip:desk@phones.example", answers_after_s=1, hangs_up_after_s=5)
    async with switch:
        log = await network.call("2000", presses=[(1, "2"), (1.4, "0")]).until_ended()
    assert [talk.from_s for talk in log.talked] == [2.4]
    assert len(desk.rang) == 1


@pytest.mark.usefixtures("main")
async def test_the_caller_hangs_up_anywhere(office: Office):
    network, switch = office.open()
    records = flow_records(switch)
    office.phone(network, "anna", answers_after_s=3)
    async with switch:
        for keys, after_s in (("", 1), ("", 5), ("2", 2), ("1", 3), ("1", 12), ("3", 4)):
            call = network.call("2000", presses=[(1, keys)], hangs_up_after_s=after_s)
            await call.until_ended()
            await asyncio.sleep(5)
    assert [r.outcome for r in records] == ["caller_hung_up"] * 6


ANSWER = {"who": {"name": "Anna"}, "level": 3}
LOOKING = n.LookUp(
    source="crm", arguments={"id": "caller"}, into={"name": "who.name"}, music=True,
    prompt=prompt_of("One moment."), next="hello", not_found="nobody", failed="failed",
)  # fmt: skip


def looking(source: Source) -> Flow:
    return Flow(
        name="Looking",
        start="greeting",
        nodes={
            "greeting": n.Say(text=prompt_of("Hello."), next="look"),
            "look": LOOKING,
            "hello": n.Say(text=prompt_of("Hello {name}.")),
            "nobody": n.Say(text=prompt_of("Nobody.")),
            "failed": n.Say(text=prompt_of("Failed.")),
        },
        variables={"name": ""},
        sources={"crm": source},
    )


async def test_a_slow_look_up_holds_up_its_own_call_only(office: Office):
    network, switch = office.open()
    asked: list[str] = []

    @switch.look_up("crm")
    async def find(id: str) -> Mapping[str, object]:  # noqa: A002 - as the flow calls it
        asked.append(id)
        await asyncio.sleep(20 if id == "+4511" else 0.1)
        return {"who": {"name": f"number {id[-2:]}"}}

    switch.use("2000", looking(Source(timeout_s=30, cache_s=100)))
    async with switch:
        slow = network.call("2000", caller="+4511")
        quick = network.call("2000", caller="+4522")
        first = await quick.until_ended()
        assert not slow.leg.phone.log.ended_at
        second = await slow.until_ended()
        again = await network.call("2000", caller="+4511").until_ended()
    assert first.heard[-1].file == office.store.say("Hello number 22.", "en")
    assert second.heard[-1].file == office.store.say("Hello number 11.", "en")
    moment = office.store.say("One moment.", "en")
    assert moment in second.files()
    music = [one for one in second.heard if one.file in office.store.default_music()]
    assert sum(one.length_s for one in music) > 15
    assert again.ended_at - slow.log.ended_at < 10  # kept: nobody was asked again
    assert asked == ["+4511", "+4522"]


async def test_a_look_up_in_time_or_not(office: Office):
    network, switch = office.open()

    @switch.look_up("crm")
    async def find(id: str) -> None:  # noqa: A002 - as the flow calls it
        if id == "+4511":
            await asyncio.sleep(60)
        elif id == "+4522":
            raise ZeroDivisionError

    switch.use("2000", looking(Source(timeout_s=3)))
    async with switch:
        logs = [await network.call("2000", caller=c).until_ended() for c in ("+4511", "+4522", "")]
    words = [office.store.say(text, "en") for text in ("Failed.", "Failed.", "Nobody.")]
    assert [log.heard[-1].file for log in logs] == words


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, json.dumps(ANSWER), "Hello Anna."),
        (404, "", "Nobody."),
        (500, "", "Failed."),
        (200, "<html>", "Failed."),
        (200, "[]", "Failed."),
        (200, json.dumps({"who": 1}), "Failed."),
    ],
)
async def test_web_services(
    office: Office, monkeypatch: pytest.MonkeyPatch, status: int, body: str, said: str
):
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, text=body)

    monkeypatch.setenv("CRM_KEY", "secret")
    network, switch = office.open()
    switch._look_ups._transport = httpx.MockTransport(answer)  # noqa: SLF001 - no network here
    headers = {"Authorization": "Bearer ${CRM_KEY}"}
    source = Source(url="https://crm.example/by/{id}?x=1", headers=headers)
    switch.use("2000", looking(source))
    async with switch:
        log = await network.call("2000", caller="+45 1/2").until_ended()
    assert log.heard[-1].file == office.store.say(said, "en")
    assert [str(one.url) for one in asked] == ["https://crm.example/by/%2B45%201%2F2?x=1"]
    assert asked[0].headers["Authorization"] == "Bearer secret"


async def test_conditions_know_the_office(office: Office):
    office.group("sales", "1000", ("anna", "bo"))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1)
    office.phone(network, "bo", answers_after_s=1)
    said = '{agents("sales")} {agents_free("sales")} {waiting("sales")} {dialled} {time:time}'
    flow = Flow(name="x", start="a", nodes={"a": n.Say(text=prompt_of(said))})
    switch.use("2000", flow)
    async with switch:
        talking = network.call("1000")
        await talking.until_answered()
        await asyncio.sleep(5)
        log = await network.call("2000").until_ended()
        talking.hang_up()
    words = office.store.say("2 1 0 2000 eight o'clock in the morning", "en")
    assert log.heard[-1].file == words


async def test_a_caller_who_would_wait_too_long_is_sent_elsewhere(office: Office):
    """Anna's conversations take 100 s: whoever comes during one would wait for more than 60 s."""
    office.group("sales", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=0, hangs_up_after_s=100)
    desk = network.phone("sip:desk@phones.example", answers_after_s=1, hangs_up_after_s=5)
    flow = Flow(name="x", start="a", nodes={
        "a": n.Branch(cases=(Case(when='expected_wait("sales") > 60', to="b"),), otherwise="c"),
        "b": n.Dial(number="sip:desk@phones.example"),
        "c": n.Queue(group="sales"),
    })  # fmt: skip
    switch.use("2000", flow)
    records = flow_records(switch)
    async with switch:
        for _ in range(3):
            await network.call("1000").until_ended()
        first = network.call("2000")
        await first.until_answered()
        second = network.call("2000")
        await second.until_ended()
        await first.until_ended()
    assert [record.nodes for record in records] == [("a", "b"), ("a", "c")]
    assert len(desk.calls) == 1


async def test_early_media_is_heard_before_the_answer(office: Office):
    network, switch = office.open()
    network.phone("sip:desk@phones.example", answers_after_s=2, hangs_up_after_s=3)
    flow = Flow(
        name="x", start="a", early_media=True,
        nodes={
            "a": n.Say(text=prompt_of("This call is free."), next="b"),
            "b": n.Dial(number="sip:desk@phones.example"),
        },
    )  # fmt: skip
    switch.use("2000", flow)
    async with switch:
        log = await network.call("2000").until_ended()
    free = office.store.say("This call is free.", "en")
    assert [one.file for one in log.heard][:1] == [free]
    assert log.heard[0].from_s == 0
    assert log.answered_at == pytest.approx(duration_s(free) + 2)


async def test_recording_a_caller(office: Office, wav: MakeWav):
    network, switch = office.open()
    flow = Flow(
        name="x", start="r", variables={"file": ""},
        nodes={"r": n.Record(into="file", length_max_s=30, next="s", empty="e"),
               "s": n.Say(text=prompt_of("Thank you.")), "e": n.Say(text=prompt_of("Nothing."))},
    )  # fmt: skip
    flow = attrs.evolve(flow, nodes={"h": n.Say(text=prompt_of("Hi."), next="r"), **flow.nodes},
                        start="h")  # fmt: skip
    switch.use("2000", flow)
    hi, thanks = office.store.say("Hi.", "en"), office.store.say("Thank you.", "en")
    begins = duration_s(hi) + duration_s(office.store.beep())
    key, words = (begins + 7, "#"), wav("words", 5)
    async with switch:
        logs = []
        for presses, says in (([key], words), ([], words), ([key], None)):
            call = network.call("2000", presses=presses)
            call.says = says
            logs.append(await call.until_ended())
    log, longest, silent = logs
    assert log.heard[-1].file == thanks
    assert silent.heard[-1].file == office.store.say("Nothing.", "en")
    assert [round(one.to_s - one.from_s, 3) for one in network.recordings] == [7, 30, 7]
    assert longest.heard[-1].file == thanks


async def test_a_call_back_is_promised_and_kept(office: Office):
    office.group("sales", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=5)
    caller = network.phone("sip:+4511@caller.example", answers_after_s=2)
    flow = Flow(
        name="x", start="c",
        nodes={"c": n.CallBack(group="sales", next="s", failed="f"),
               "s": n.Say(text=prompt_of("We will call.")), "f": n.Say(text=prompt_of("No."))},
    )  # fmt: skip
    switch.use("2000", flow)
    calls: list[CallRecord] = []
    switch.on_record(lambda r: calls.append(r) if isinstance(r, CallRecord) else None)
    async with switch:
        log = await network.call("2000", caller="+4511").until_ended()
        await caller.until_called()
        await asyncio.sleep(30)
    assert log.heard[-1].file == office.store.say("We will call.", "en")
    assert [talk.other for talk in caller.call.log.talked] == [address("anna")]
    assert [(one.outcome, one.member_id) for one in calls] == [(CallOutcome.CALLED_BACK, "anna")]


async def test_a_voicemail_that_is_not_there_and_one_with_a_greeting_of_the_flow(office: Office):
    office.group("sales", "1000", ("anna",))
    network, switch = office.open()
    flow = Flow(
        name="x", start="v",
        nodes={"v": n.Voicemail(box="box {caller}", failed="e"),
               "e": n.Voicemail(box="sales", greeting=prompt_of("Speak."), failed="f"),
               "f": n.Say(text=prompt_of("Nothing."))},
    )  # fmt: skip
    switch.use("2000", flow)
    records = flow_records(switch)
    async with switch:
        log = await network.call("2000", gives_up_after_s=20).until_ended()
    assert log.heard[0].file == office.store.say("Speak.", "en")
    assert [(r.nodes, r.outcome) for r in records] == [(("v", "e"), "caller_hung_up")]
    assert {recorded.path.parent.name for recorded in network.recordings} == {"sales"}


async def test_keys_lead_a_waiting_caller_back_into_the_flow(office: Office):
    office.group("sales", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1)
    flow = Flow(
        name="x", start="q",
        nodes={"q": n.Queue(group="sales", keys={"5": "s"}, reasons={"queue_full": "f"}),
               "s": n.Say(text=prompt_of("Five.")), "f": n.Say(text=prompt_of("Full."))},
    )  # fmt: skip
    switch.use("2000", flow)
    async with switch:
        first = network.call("1000")
        await asyncio.sleep(5)
        log = await network.call("2000", presses=[(8, "5")]).until_ended()
        first.hang_up()
    assert log.heard[-1].file == office.store.say("Five.", "en")
    assert log.heard[-1].from_s == pytest.approx(13)


@pytest.fixture
def own_kind():
    """A kind of node of the program's own, known for the length of a test."""

    @node_kind("lottery")
    @attrs.frozen(kw_only=True)
    class Lottery(OwnNode):
        chance: float = f.number(0.5, 0, 1)

        async def run(self, call: Call, variables: Mapping[str, Value]) -> str:
            await call.answer()
            await call.say("Drum roll.")
            return "won" if self.chance > 0.5 and variables["digits"] == "" else "lost"

    yield Lottery
    del KINDS["lottery"]


async def test_a_kind_of_node_of_ones_own_in_a_file(office: Office, tmp_path: Path, own_kind: type):
    file = tmp_path / "own.toml"
    file.write_text(
        '[flow]\nname = "Own"\nstart = "l"\n[nodes.l]\nkind = "lottery"\nchance = 0.7\n'
        'outcomes = { won = "w" }\notherwise = "hang_up"\n'
        '[nodes.w]\nkind = "say"\ntext = "You won."\n'
    )
    office.flows.append(FlowConfig(id="own", file=file, numbers=("2000",)))
    network, switch = office.open()
    async with switch:
        log = await network.call("2000").until_ended()
    assert own_kind.kind == "lottery"
    words = [office.store.say(text, "en") for text in ("Drum roll.", "You won.")]
    assert [one.file for one in log.heard] == words


async def test_three_faces_of_one_machine(office: Office):
    """An async function uses the same nodes, and goes through whole flows."""
    office.group("sales", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=2)
    ways: list[object] = []

    @switch.flow("2000")
    async def flow(call: Call) -> None:
        menu = n.Menu(prompt=prompt_of("1 or 2?"), choices={"1": "yes", "2": "no"}, otherwise="x")
        chosen = await call.do(menu)
        ways.append((chosen.way, chosen.variables["digits"]))
        got = await call.do(n.Collect(prompt=prompt_of("Case?"), into="case", most=4))
        ways.append(got.variables["case"])
        inner = Flow(
            name="inner",
            start="s",
            nodes={"s": n.Say(text=prompt_of("{case}!"))},
            variables={"case": ""},
        )
        result = await call.follow(inner, variables=got.variables, keep=True)
        ways.append(result.outcome)
        queued = await call.queue("sales", stay=True)
        ways.append(queued.outcome)

    async with switch:
        log = await network.call("2000", presses=[(0.5, "2"), (1, "2023")]).until_ended()
    assert ways == [("no", "2"), "2023", Outcome.COMPLETED, CallOutcome.ANSWERED]
    assert office.store.say("2023!", "en") in log.files()


async def test_a_function_looks_up_and_hears_what_is_wrong_with_a_node(office: Office):
    network, switch = office.open()
    found: list[object] = []

    @switch.look_up("crm")
    async def crm(id: str) -> Mapping[str, object]:  # noqa: A002 - as the node calls it
        return {"name": f"number {id}", "level": 3}

    @switch.flow("2000")
    async def flow(call: Call) -> None:
        node = n.LookUp(source="crm", arguments={"id": "caller"}, next="there", failed="none",
                        into={"name": "name", "level": "level"})  # fmt: skip
        result = await call.do(node, variables={"level": 0})
        found.append((result.way, result.variables["name"], result.variables["level"]))
        with pytest.raises(MisuseError, match="node_failed"):
            await call.do(n.Say(text=prompt_of("{nothing}")))

    async with switch:
        await network.call("2000", caller="+4511").until_ended()
    assert found == [("there", "number +4511", 3)]


async def test_a_function_hears_of_a_caller_who_hangs_up(office: Office):
    network, switch = office.open()
    ended = asyncio.Event()

    @switch.flow("2000")
    async def flow(call: Call) -> None:
        try:
            await call.do(n.Wait(seconds=60))
        except CallEndedError:
            ended.set()
            raise

    async with switch:
        await network.call("2000", gives_up_after_s=3).until_ended()
        await asyncio.wait_for(ended.wait(), 5)


async def test_a_flow_changes_while_calls_run(office: Office, main: Path):
    network, switch = office.open()
    records = flow_records(switch)
    changed: list[FlowChanged] = []
    switch.on_record(lambda r: changed.append(r) if isinstance(r, FlowChanged) else None)
    async with switch:
        before = switch.flows.current("main").flow.version
        old = network.call("2000", presses=[(10, "2")], hangs_up_after_s=30)
        await asyncio.sleep(1)
        write(main, MAIN.replace("main street", "back street"))
        changes = await switch.flows.change("main")
        assert changes == ("Node info changes: text.",)
        new = network.call("2000", presses=[(1, "2")], hangs_up_after_s=20)
        logs = [await old.until_ended(), await new.until_ended()]
        after = switch.flows.current("main").flow.version

        write(main, MAIN.replace("choices", "coices"))
        with pytest.raises(ConfigurationError, match="coices"):
            await switch.flows.change("main")
        assert switch.flows.current("main").flow.version == after

        write(main, MAIN.replace("main street", "back street"))
        assert await switch.flows.change("main") == ()
        assert await switch.flows.roll_back("main") == ("Node info changes: text.",)
        assert read(main) == MAIN
        assert switch.flows.current("main").flow.version == before
        with pytest.raises(MisuseError, match="no such earlier version"):
            await switch.flows.roll_back("main", "abc")
    heard = [log.files() for log in logs]
    assert office.store.say("We are in the main street.", "en") in heard[0]
    assert office.store.say("We are in the back street.", "en") in heard[1]
    assert [r.version for r in records] == [after, before]
    assert [(c.by, c.version, c.before) for c in changed] == [
        ("start", before, ""), ("command", after, before), ("roll_back", before, after),
    ]  # fmt: skip
    kept = [version.version for version in switch.flows.versions("main")]
    assert kept == [before, after, before]


async def test_a_faulty_flow_lets_no_switch_open(office: Office, main: Path):
    write(main, MAIN.replace('group = "sales"', 'group = "sale"'))
    _, switch = office.open()
    with pytest.raises(ConfigurationError, match="Did you mean `sales`"):
        await switch.__aenter__()


async def test_a_look_up_that_nothing_answers_lets_no_switch_open(office: Office, main: Path):
    more = "[look_ups.crm]\ntimeout_s = 3\n"
    write(main, MAIN + more)
    _, switch = office.open()
    with pytest.raises(ConfigurationError, match="Nothing answers the look-up 'crm'"):
        await switch.__aenter__()
    _, answered = office.open()
    answered.look_up("crm")(answer_nothing)
    async with answered:
        assert answered.flows.current("main").flow.sources["crm"].timeout_s == 3


async def answer_nothing() -> None: ...


async def test_a_flow_of_a_program_is_held_against_the_office(office: Office):
    _, switch = office.open()
    flow = Flow(name="x", start="q", nodes={"q": n.Queue(group="nobody")})
    with pytest.raises(ConfigurationError, match="no group of this name"):
        switch.use("2000", flow)


async def test_another_office_brings_its_flows(office: Office, main: Path):
    network, switch = office.open()
    async with switch:
        write(main, MAIN.replace("main street", "back street"))
        office.flows.append(FlowConfig(id="second", file=main, numbers=("3000",)))
        plan = await switch.plan(office.config())
        assert plan.effects == ("Number 3000 leads to flow second.",)
        await switch.apply(plan)
        log = await network.call("3000", presses=[(1, "2")], hangs_up_after_s=20).until_ended()
    assert office.store.say("We are in the back street.", "en") in log.files()


async def test_a_key_pressed_in_a_node_of_ones_own_counts_in_the_next(
    office: Office, tmp_path: Path, own_kind: type
):
    file = tmp_path / "own.toml"
    file.write_text(
        '[flow]\nname = "Own"\nstart = "l"\n[nodes.l]\nkind = "lottery"\nchance = 0.7\n'
        'outcomes = { won = "m" }\notherwise = "hang_up"\n'
        '[nodes.m]\nkind = "menu"\nprompt = "Press 1."\nchoices = { 1 = "w" }\n'
        'otherwise = "hang_up"\n'
        '[nodes.w]\nkind = "say"\ntext = "One it is."\n'
    )
    office.flows.append(FlowConfig(id="own", file=file, numbers=("2000",)))
    network, switch = office.open()
    async with switch:
        caller = network.call("2000")
        await caller.until_hears(office.store.say("Drum roll.", "en"))
        caller.press("1")
        log = await caller.until_ended()
    assert own_kind.kind == "lottery"
    assert log.heard[-1].file == office.store.say("One it is.", "en")
