"""What a session does, command by command; times and prompts worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest
from flow_steps import Steps, flow_of

from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.ivr import nodes as n
from softswitch.ivr.expressions import Value
from softswitch.ivr.model import Case, Flow, Node, OwnNode, Source
from softswitch.ivr.rehearsal import PretendGroup, PretendWorld
from softswitch.ivr.tables import ImpossibleInputError, State
from softswitch.ivr.talk import Outcome, SessionFault, Talk
from softswitch.ivr.world import CallFacts

INVALID = "That is not a valid choice. Please try again."


def menu(**settings: object) -> n.Menu:
    basics: dict[str, object] = {
        "prompt": "Press 1 or 2.",
        "choices": {"1": "one", "2": "two"},
        "otherwise": "hang_up",
    }
    return n.Menu(**{**basics, **settings})  # type: ignore[arg-type] # as given


ENDS = {"one": n.Say(text="One."), "two": n.Say(text="Two.")}


def test_a_call_is_answered_when_something_is_to_be_heard():
    steps = Steps(flow_of({"a": n.Say(text="Hello.")}))
    steps.tell(ev.Begun())
    assert steps.news() == [cmd.Answer()]
    steps.tell(ev.Answered())
    assert steps.news() == ["Hello."]
    steps.heard()
    assert steps.news() == [cmd.HangUp(status=480)]
    assert steps.session.outcome is Outcome.COMPLETED


def test_a_call_is_not_answered_for_what_is_not_heard():
    steps = Steps(
        flow_of({"a": n.Set(values={"priority": "3"}, next="b"), "b": n.Queue(group="g")})
    )
    steps.tell(ev.Begun())
    assert steps.news() == [cmd.QueueFor(id=1, group="g", priority=3)]


def test_early_media_is_opened_instead_and_the_call_answered_by_a_node():
    flow = flow_of(
        {"a": n.Say(text="Free.", next="b"), "b": n.Answer(next="c"), "c": n.Say(text="Charged.")},
        early_media=True,
    )
    steps = Steps(flow)
    steps.tell(ev.Begun())
    assert steps.news() == [cmd.OpenEarlyMedia()]
    steps.tell(ev.Answered())
    assert steps.news() == ["Free."]
    steps.heard()
    assert steps.news() == [cmd.Answer()]
    steps.tell(ev.Answered())
    assert steps.news() == ["Charged."]


def test_keys_pressed_before_the_answer_count():
    steps = Steps(flow_of({"m": menu(), **ENDS}))
    steps.press("2").tell(ev.Begun())
    assert steps.news() == [cmd.Answer()]
    steps.tell(ev.Answered())
    assert steps.nodes == ["m", "two"]


def test_a_key_cuts_the_menu_and_chooses():
    steps = Steps(flow_of({"m": menu(), **ENDS})).begin()
    steps.news()
    steps.press("1")
    assert steps.news() == [cmd.StopPlaying(), "One."]


def test_without_barge_in_keys_are_kept_until_the_prompt_is_over():
    steps = Steps(flow_of({"m": menu(barge_in=False), **ENDS})).begin()
    steps.news()
    steps.press("2")
    assert steps.news() == []
    steps.heard()
    assert steps.news() == ["Two."]


def test_first_key_and_further_keys_have_times_of_their_own():
    node = menu(choices={"1": "one", "12": "two"}, timeout_s=7, inter_digit_s=2, attempts=1)
    steps = Steps(flow_of({"m": node, **ENDS})).begin().heard()
    assert steps.session.next_deadline() == 7
    steps.after(6.5).press("1")
    assert steps.session.next_deadline() == 8.5
    steps.after(1.9)
    assert steps.nodes == ["m"]
    steps.after(0.1)
    assert steps.nodes == ["m", "one"]


def test_a_longer_choice_needs_no_time():
    node = menu(choices={"1": "one", "12": "two"})
    steps = Steps(flow_of({"m": node, **ENDS})).begin()
    assert steps.press("12").nodes == ["m", "two"]


def test_retries_escalate_and_wrong_keys_are_told():
    node = menu(
        again=["Press 1!", "Really, 1 or 2!"],
        silence="Are you there?",
        attempts=4,
        otherwise="one",
        no_answer="two",
    )
    steps = Steps(flow_of({"m": node, **ENDS})).begin()
    assert steps.news()[-1] == "Press 1 or 2."
    steps.heard().after(5)
    assert steps.news() == ["Are you there?", "Press 1!"]
    steps.press("9")
    assert steps.news() == [cmd.StopPlaying(), INVALID, "Really, 1 or 2!"]
    steps.heard().after(5)
    assert steps.news() == ["Are you there?", "Really, 1 or 2!"]
    steps.press("9")
    assert steps.nodes == ["m", "one"]


def test_after_silence_at_last_another_way_can_be_taken():
    node = menu(attempts=1, otherwise="one", no_answer="two")
    steps = Steps(flow_of({"m": node, **ENDS})).begin().heard().after(5)
    assert steps.nodes == ["m", "two"]


def test_a_wrong_key_forgets_what_was_keyed_ahead():
    steps = Steps(flow_of({"m": menu(barge_in=False), **ENDS})).begin()
    steps.press("91").heard()
    assert steps.nodes == ["m"]
    assert steps.session.state is State.PLAYING


def test_keys_are_typed_ahead_through_menus():
    flow = flow_of({"m": menu(choices={"1": "k", "2": "two"}), "k": menu(), **ENDS})
    steps = Steps(flow).begin()
    steps.news()
    steps.press("12")
    assert steps.nodes == ["m", "k", "two"]


def test_global_keys_count_where_a_node_has_no_use_for_them():
    flow = flow_of(
        {
            "m": menu(choices={"1": "info", "2": "c"}),
            "info": n.Say(text="Long."),
            "c": n.Collect(prompt="Number?", most=2, otherwise="hang_up", next="info"),
            "desk": n.Say(text="Desk."),
        },
        keys={"0": "desk", "*": "back"},
    )
    assert Steps(flow).begin().press("0").nodes == ["m", "desk"]
    assert Steps(flow).begin().press("1").press("0").nodes == ["m", "info", "desk"]
    # a digit is a digit where digits are collected; the star leads back from there
    assert Steps(flow).begin().press("2").press("00").nodes == ["m", "c", "info"]
    assert Steps(flow).begin().press("2").press("0*").nodes == ["m", "c", "m"]


def test_back_leads_to_what_was_asked_before():
    second = menu(choices={"1": "third", "2": "two"})
    third = menu(choices={"1": "one", "2": "back"})
    flow = flow_of(
        {
            "first": menu(choices={"1": "second", "2": "two"}),
            "second": second,
            "third": third,
            **ENDS,
        },
        keys={"*": "back"},
    )
    steps = Steps(flow).begin().press("11")
    assert steps.press("2").nodes[-1] == "second"
    assert steps.press("*").nodes[-1] == "first"
    assert steps.press("*").nodes[-1] == "first"


COLLECT = n.Collect(
    prompt="Number?",
    into="number",
    least=3,
    most=5,
    valid='digits != "999"',
    next="done",
    otherwise="gave_up",
    confirm="You keyed {digits:digits}.",
    attempts=2,
)
COLLECTED = {"done": n.Say(text="{number}"), "gave_up": n.Say(text="Sorry.")}


def collecting(**settings: object) -> Steps:
    nodes = {"c": attrs.evolve(COLLECT, **settings), **COLLECTED}
    return Steps(flow_of(nodes, variables={"number": ""})).begin()


def test_digits_end_by_the_terminator_the_full_length_or_time():
    for keys in ("123#", "12345"):
        assert collecting().press(keys).log[-1] == f"You keyed {' '.join(keys.strip('#'))}."
    steps = collecting().press("123").after(3)
    assert steps.log[-1] == "You keyed 1 2 3."


def test_digits_are_confirmed_or_keyed_anew():
    steps = collecting().press("123#")
    steps.news()
    steps.press("2")
    assert steps.news() == [cmd.StopPlaying(), "Number?"]
    steps.press("456#1")
    assert steps.log[-1] == "456"
    assert steps.session.variables["number"] == "456"


def test_digits_that_are_wrong_count_as_attempts():
    steps = collecting().press("12#")
    assert steps.log[-2:] == [INVALID, "Number?"]
    steps.press("999#")
    assert steps.nodes == ["c", "gave_up"]


def test_a_number_is_collected_as_a_number():
    nodes = {
        "c": n.Collect(prompt="?", into="number", next="b", otherwise="hang_up"),
        "b": n.Branch(cases=[Case("number > 100", "big")], otherwise="hang_up"),
        "big": n.Say(text="Big."),
    }
    steps = Steps(flow_of(nodes, variables={"number": 0})).begin().press("0101#")
    assert steps.nodes[-1] == "big"
    assert steps.session.variables["number"] == 101


def test_the_language_chosen_is_heard_from_then_on():
    flow = Flow(
        name="x",
        start="l",
        language="da",
        languages=("en",),
        nodes={
            "l": n.Language(prompt="Tryk 1.", languages={"1": "da", "2": "en"}, next="s"),
            "s": n.Say(text={"da": "Hej.", "en": "Hello."}),
        },
    )
    assert Steps(flow).begin().press("2").log[-1] == "Hello."
    assert Steps(flow).begin().press("7").log[-1] == "Hej."
    assert Steps(flow).begin().heard().after(5).log[-1] == "Hej."
    words = Steps(flow).begin().press("2").last
    assert isinstance(words, cmd.Play)
    assert words.pieces[0].language == "en"


CASES = [
    Case('open("main") and time < 12:00', "one"),
    Case('waiting("sales") > 2 or dialled == "2000"', "two"),
]


@pytest.mark.parametrize(
    ("world", "dialled", "expected"),
    [
        (PretendWorld(), "1000", "one"),
        (PretendWorld(open={"main": False}), "1000", "three"),
        (PretendWorld(open={"main": False}), "2000", "two"),
        (PretendWorld(open={"main": False}, groups={"sales": PretendGroup(waiting=3)}), "", "two"),
    ],
)
def test_conditions_decide(world: PretendWorld, dialled: str, expected: str):
    nodes = {"b": n.Branch(cases=CASES, otherwise="three"), **ENDS, "three": n.Say(text="Three.")}
    steps = Steps(flow_of(nodes), world, CallFacts(dialled=dialled)).begin()
    assert steps.nodes == ["b", expected]


def looking_up(fallback: Mapping[str, Value] | None = None) -> Steps:
    node = n.LookUp(
        source="crm",
        arguments={"id": "digits"},
        into={"name": "who.name", "level": "level"},
        music=True,
        next="found",
        not_found="none",
        failed="failed",
    )
    ends = {name: n.Say(text="{name} {level}") for name in ("found", "none", "failed")}
    flow = flow_of(
        {"l": node, **ends},
        variables={"name": "nobody", "level": 0},
        sources={"crm": Source(timeout_s=3, fallback=fallback)},
    )
    return Steps(flow).begin()


def test_what_is_looked_up_goes_to_variables():
    steps = looking_up()
    assert steps.last == cmd.LookUp(
        id=1, source="crm", arguments={"id": ""}, meanwhile=cmd.Meanwhile.MUSIC
    )
    steps.tell(ev.LookedUp(id=1, values={"who": {"name": "Anna"}, "level": 3, "more": None}))
    assert steps.nodes[-1] == "found"
    assert (steps.session.variables["name"], steps.session.variables["level"]) == ("Anna", 3)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (None, "none"),
        ({"who": {}, "level": 3}, "failed"),
        ({"who": {"name": "Anna"}, "level": "high"}, "failed"),
        ({"who": {"name": "Anna"}, "level": True}, "failed"),
        ({"who": "Anna", "level": 1}, "failed"),
        ({"who": {"name": 1234}, "level": 1.5}, "found"),
    ],
)
def test_answers_that_do_not_fit_are_failures(values: Mapping[str, object] | None, expected: str):
    steps = looking_up().tell(ev.LookedUp(id=1, values=values))
    assert steps.nodes == ["l", expected]


def test_a_look_up_that_takes_too_long_is_given_up_and_its_late_answer_ignored():
    steps = looking_up()
    steps.news()
    steps.after(2.9)
    assert steps.news() == []
    steps.after(0.2)
    assert cmd.GiveUp(id=1) in steps.news()
    assert steps.nodes[-1] == "failed"
    before = steps.session.variables
    steps.tell(ev.LookedUp(id=1, values={"who": {"name": "late"}, "level": 1}))
    assert steps.session.variables == before


def test_the_fallback_stands_in():
    steps = looking_up({"who": {"name": "dear caller"}, "level": 1})  # type: ignore[dict-item] # nested
    steps.tell(ev.Failed(id=1, why="503"))
    assert steps.nodes[-1] == "found"
    assert steps.session.variables["name"] == "dear caller"


def test_recording_ends_by_a_key_and_its_file_is_remembered():
    nodes = {
        "r": n.Record(prompt="Speak.", into="file", length_max_s=60, next="s", empty="e"),
        "s": n.SendMessage(to="a@b.example", attach="file"),
        "e": n.Say(text="Nothing."),
    }
    steps = Steps(flow_of(nodes, variables={"file": ""})).begin()
    steps.press("5")
    record = steps.last
    assert record == cmd.Record(id=2, length_max_s=60)
    steps.news()
    steps.press("#")
    assert steps.news() == [cmd.StopRecording()]
    steps.tell(ev.Recorded(id=2, path="x.wav", length_s=4.2))
    assert steps.news() == [cmd.SendMessage(id=3, by="email", to="a@b.example", attach="x.wav")]


def test_a_recording_answers_the_call_also_where_early_media_is_open():
    nodes = {"s": n.Say(text="Free.", next="r"), "r": n.Record(into="file", length_max_s=20)}
    steps = Steps(flow_of(nodes, variables={"file": ""}, early_media=True)).begin()
    steps.news()
    steps.heard()
    assert steps.news() == [cmd.Answer()]
    steps.after(5).tell(ev.Answered())
    assert steps.news() == [cmd.Record(id=2, length_max_s=20)]
    assert steps.session.next_deadline() == 5 + 20 + 10


def test_an_empty_recording_goes_another_way():
    nodes = {
        "r": n.Record(into="file", next="s", empty="e"),
        "s": n.Say(text="Thanks."),
        "e": n.Say(text="Nothing."),
    }
    steps = Steps(flow_of(nodes, variables={"file": ""}))
    steps.tell(ev.Begun()).tell(ev.Answered())
    assert steps.last is not None
    steps.tell(ev.Recorded(id=steps.last.id, path="x.wav", length_s=0))
    assert steps.nodes[-1] == "e"


@pytest.mark.parametrize(
    ("node", "outcome", "expected"),
    [
        (n.Queue(group="g", answered="a", not_answered="b", failed="c"), "answered", "a"),
        (n.Queue(group="g", answered="a", not_answered="b", failed="c"), "forwarded", "b"),
        (n.Dial(number="1", answered="a", busy="b", otherwise="c"), "answered", "a"),
        (n.Dial(number="1", answered="a", busy="b", otherwise="c"), "busy", "b"),
        (n.Dial(number="1", answered="a", busy="b", otherwise="c"), "no_answer", "c"),
        (n.Voicemail(box="g", next="a", failed="b"), "left", "a"),
        (n.Voicemail(box="g", next="a", failed="b"), "empty", "b"),
        (n.CallBack(group="g", next="a", failed="b"), "promised", "a"),
        (n.CallBack(group="g", next="a", failed="b"), "refused", "b"),
        (n.Survey(survey="s", next="a", failed="b"), "finished", "a"),
        (n.SendMessage(to="1", next="a", failed="b"), "sent", "a"),
        (n.Transfer(number="1", failed="c"), "failed", "c"),
    ],
)
def test_ways_after_what_the_runtime_did(node: Node, outcome: str, expected: str):
    ends = {name: n.Say(text=name) for name in "abc"}
    steps = Steps(flow_of({"x": node, **ends}))
    steps.tell(ev.Begun()).tell(ev.Done(id=1, outcome=outcome))
    assert steps.nodes == ["x", expected]


def test_what_fails_takes_the_way_of_failures():
    steps = Steps(flow_of({"x": n.Queue(group="g", failed="c"), "c": n.Say(text="Sorry.")}))
    steps.tell(ev.Begun()).tell(ev.Failed(id=1, why="no such group"))
    assert steps.nodes == ["x", "c"]


def test_a_transfer_ends_the_session():
    steps = Steps(flow_of({"x": n.Transfer(number="{caller}")}), facts=CallFacts(caller="+4511"))
    steps.tell(ev.Begun())
    assert steps.news() == [cmd.TransferTo(id=1, number="+4511")]
    steps.tell(ev.Done(id=1, outcome="transferred"))
    assert steps.session.outcome is Outcome.TRANSFERRED


def test_a_further_plan_returns_and_shares_variables():
    inner = Flow(
        name="inner",
        start="i",
        nodes={"i": n.Set(values={"level": "level + 1"})},
        variables={"level": 0},
    )
    flow = flow_of(
        {
            "s": n.SubFlow(flow="inner", next="t"),
            "t": n.SubFlow(flow="inner", next="e"),
            "e": n.Say(text="{level}"),
        },
        sub_flows={"inner": inner},
        variables={"level": 5},
    )
    assert Steps(flow).begin().log[-1] == "7"


def test_global_keys_and_back_reach_out_of_a_further_plan():
    inner = Flow(name="inner", start="i", nodes={"i": menu(), **ENDS}, keys={"9": "one"})
    flow = flow_of(
        {"m": menu(choices={"1": "s"}), "s": n.SubFlow(flow="inner"), "desk": n.Say(text="Desk.")},
        sub_flows={"inner": inner},
        keys={"0": "desk", "*": "back"},
    )
    assert Steps(flow).begin().press("10").nodes == ["m", "s", "i", "desk"]
    assert Steps(flow).begin().press("1*").nodes == ["m", "s", "i", "m"]
    assert Steps(flow).begin().press("19").nodes == ["m", "s", "i", "one"]
    assert Steps(flow).begin().press("19").heard().session.outcome is Outcome.COMPLETED


def test_plans_within_plans_have_an_end():
    flow = Flow(name="x", start="s", nodes={"s": n.SubFlow(flow="x")}, sub_flows={})
    object.__setattr__(flow, "sub_flows", {"x": flow})
    session = Steps(flow).begin().session
    assert (session.outcome, session.fault) == (Outcome.FAILED, SessionFault.DEPTH_LIMIT)


def test_a_loop_without_the_caller_has_an_end():
    nodes = {"a": n.Set(values={"priority": "priority + 1"}, next="a")}
    steps = Steps(flow_of(nodes)).begin()
    assert steps.session.fault is SessionFault.STEP_LIMIT
    assert steps.log[-1] == cmd.HangUp(status=500)


@attrs.frozen(kw_only=True)
class Broken(Node):
    def enter(self, talk: Talk) -> None:
        raise ZeroDivisionError(talk)


@attrs.frozen(kw_only=True)
class Idle(Node):
    def enter(self, talk: Talk) -> None:
        """Ask for nothing."""


@pytest.mark.parametrize(
    ("node", "fault"),
    [
        (Broken(), SessionFault.NODE_FAILED),
        (Idle(), SessionFault.NODE_IDLE),
        (n.Say(text="x", next="nowhere"), SessionFault.NO_SUCH_NODE),
    ],
)
def test_what_a_node_does_wrong_is_a_named_fault(node: Node, fault: SessionFault):
    steps = Steps(flow_of({"x": node})).tell(ev.Begun()).tell(ev.Answered())
    if steps.last is not None:
        steps.heard()
    assert (steps.session.outcome, steps.session.fault) == (Outcome.FAILED, fault)


def test_a_kind_of_ones_own_is_run_and_its_outcome_leads_on():
    node = OwnNode(outcomes={"won": "one"}, otherwise="two")
    steps = Steps(flow_of({"x": node, **ENDS}, variables={"v": 1}))
    steps.tell(ev.Begun())
    run = steps.last
    assert isinstance(run, cmd.RunOwn)
    assert run.node is node
    assert run.variables == {"digits": "", "priority": 0, "v": 1}
    assert steps.tell(ev.Done(id=run.id, outcome="won")).nodes == ["x", "one"]


def test_the_caller_hangs_up_in_every_state():
    node = n.LookUp(source="s", failed="hang_up")
    at = {
        State.OPENING: Steps(flow_of({"a": n.Say(text="x")})).tell(ev.Begun()),
        State.PLAYING: Steps(flow_of({"a": n.Say(text="x")})).begin(),
        State.LISTENING: Steps(flow_of({"a": menu(), **ENDS})).begin().heard(),
        State.WAITING: Steps(flow_of({"a": node}, sources={"s": Source()})).tell(ev.Begun()),
        State.PAUSING: Steps(flow_of({"a": n.Wait()})).tell(ev.Begun()),
        State.NEW: Steps(flow_of({"a": n.Wait()})),
    }
    for state, steps in at.items():
        assert steps.session.state is state
        steps.news()
        steps.tell(ev.HungUp())
        assert steps.session.outcome is Outcome.CALLER_HUNG_UP
        assert not any(isinstance(one, cmd.HangUp) for one in steps.news())
        assert steps.session.next_deadline() is None


def test_a_conversation_is_not_given_up_when_the_caller_hangs_up():
    steps = Steps(flow_of({"q": n.Queue(group="g")})).tell(ev.Begun())
    steps.news()
    steps.tell(ev.HungUp())
    assert steps.news() == []


def test_what_cannot_happen_is_refused_and_changes_nothing():
    steps = Steps(flow_of({"a": n.Say(text="x")})).begin()
    before = attrs.asdict(steps.session.trail[0])
    with pytest.raises(ImpossibleInputError):
        steps.tell(ev.Begun())
    assert steps.session.state is State.PLAYING
    assert attrs.asdict(steps.session.trail[0]) == before


def test_sound_files_are_played_as_they_are():
    steps = Steps(flow_of({"a": n.Play(file=[Path("a.wav"), Path("b.wav")])})).begin()
    assert steps.log[-2:] == ["[a.wav]", "[b.wav]"]
