"""Words that callers say instead of pressing keys: the machine, the checks, files, rehearsals."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path

import attrs
import pytest
from flow_steps import Steps, flow_of
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.errors import ConfigurationError, MisuseError
from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.ivr import nodes as n
from softswitch.ivr.checks import ANYWHERE, Surroundings, check
from softswitch.ivr.conversations import load_conversations, run
from softswitch.ivr.diagram import mermaid
from softswitch.ivr.loading import parse_flow
from softswitch.ivr.model import Flow
from softswitch.ivr.reading import FlowReader
from softswitch.ivr.rehearsal import Heard, PretendWorld, Rehearsal
from softswitch.ivr.sayings import sayings_of
from softswitch.ivr.talk import WORDS_MAX_S, Outcome
from softswitch.ivr.writing import flow_text
from softswitch.prompts.messages import SystemMessage, language

SPOKEN = {"1": ["sales", "buy something"], "2": "support"}
CHOICES = {"1": "sales", "2": "support"}
INVALID = language("en").messages[SystemMessage.INVALID_CHOICE]


def menu(**settings: object) -> Flow:
    """A menu of two choices that can be said."""
    given_settings = {
        "prompt": "Sales or support?",
        "again": ["Say sales or support.", "Press 1 or 2."],
        "choices": CHOICES,
        "spoken": SPOKEN,
        "otherwise": "desk",
        "into": "key",
        **settings,
    }
    ends = {name: n.HangUp() for name in ("sales", "support", "desk")}
    nodes = {"menu": n.Menu(**given_settings), **ends}  # type: ignore[arg-type] # as given
    return flow_of(nodes, variables={"key": ""})


@pytest.mark.parametrize(
    ("words", "node", "key"),
    [("sales", "sales", "1"), ("buy something", "sales", "1"), ("support", "support", "2")],
)
@pytest.mark.parametrize("when", ["while it plays", "after the prompt"])
def test_words_choose_like_their_key(words: str, node: str, key: str, when: str):
    steps = Steps(menu()).begin()
    if when == "after the prompt":
        steps.heard()
    steps.say(words)
    assert steps.nodes == ["menu", node]
    assert steps.session.variables["digits"] == steps.session.variables["key"] == key


def test_the_words_of_the_callers_language_are_listened_for_while_the_menu_is_open():
    steps = Steps(menu()).begin()
    words = ("sales", "buy something", "support")
    assert steps.hearing == cmd.ListenFor(id=1, words=words, language="en")
    said = steps.say("support").news()
    assert said[-3:] == [cmd.StopPlaying(), cmd.StopListening(), cmd.HangUp(status=480)]
    assert steps.hearing is None


def test_a_menu_without_words_listens_for_none():
    steps = Steps(menu(spoken={})).begin()
    assert not any(isinstance(one, cmd.ListenFor) for one in steps.news())


def test_what_is_not_understood_is_an_invalid_choice_with_its_prompts():
    steps = Steps(menu()).begin().heard()
    steps.news()
    assert steps.say("").news() == [INVALID, "Say sales or support."]
    assert steps.heard().say("").news() == [INVALID, "Press 1 or 2."]
    steps.heard().say("")
    assert steps.nodes == ["menu", "desk"]


def test_what_is_not_understood_while_a_prompt_plays_does_not_cut_it():
    steps = Steps(menu()).begin()
    steps.news()
    assert steps.say("").news() == []
    steps.heard().say("sales")
    assert steps.nodes == ["menu", "sales"]


def test_words_wait_for_a_prompt_that_cannot_be_cut():
    steps = Steps(menu(barge_in=False)).begin().say("support")
    assert steps.nodes == ["menu"]
    assert steps.heard().nodes == ["menu", "support"]


def test_the_time_does_not_run_out_while_somebody_speaks():
    steps = Steps(menu(timeout_s=2.0, attempts=1)).begin().heard().after(1.9)
    assert steps.hearing is not None
    steps.tell(ev.SpeechBegan(id=steps.hearing.id)).after(2.0)
    assert steps.nodes == ["menu"]
    steps.tell(ev.Spoken(id=steps.hearing.id, words="sales"))
    assert steps.nodes == ["menu", "sales"]


def test_who_spoke_before_the_end_of_the_prompt_is_waited_for():
    steps = Steps(menu(timeout_s=2.0)).begin()
    assert steps.hearing is not None
    steps.tell(ev.SpeechBegan(id=steps.hearing.id)).heard()
    assert steps.session.next_deadline() == WORDS_MAX_S


def test_speech_without_words_does_not_hold_up_the_call():
    steps = Steps(menu(timeout_s=2.0, attempts=1)).begin().heard()
    assert steps.hearing is not None
    steps.tell(ev.SpeechBegan(id=steps.hearing.id)).after(WORDS_MAX_S)
    assert steps.nodes == ["menu", "desk"]


def test_keys_remain_where_words_cannot_be_made_out():
    steps = Steps(menu()).begin()
    steps.tell(ev.Failed(id=1, why="no recogniser")).heard().press("2")
    assert steps.nodes == ["menu", "support"]


def test_late_words_mean_nothing():
    steps = Steps(menu()).begin().press("9").heard()
    assert steps.hearing is not None
    late = ev.Spoken(id=steps.hearing.id + 7, words="sales")
    assert steps.tell(late).nodes == ["menu"]
    again = ev.Spoken(id=steps.hearing.id, words="sales")
    steps.tell(again).tell(again)
    assert steps.nodes == ["menu", "sales"]


def test_before_the_call_is_answered_nothing_is_listened_for():
    steps = Steps(attrs.evolve(menu(), early_media=True)).begin()
    assert steps.hearing is None
    steps = Steps(menu()).tell(ev.Begun())
    assert steps.hearing is None
    assert steps.tell(ev.Answered()).hearing is not None


def test_words_are_listened_for_once_a_member_has_answered_an_early_call():
    """Whoever the caller waited for answered the call: it is not early any more."""
    nodes = {
        "wait": n.Queue(group="sales", answered="menu", not_answered="menu"),
        **menu().nodes,
    }
    flow = attrs.evolve(menu(), start="hello", early_media=True)
    flow = attrs.evolve(flow, nodes={"hello": n.Say(text="Hello.", next="wait"), **nodes})
    steps = Steps(flow).begin().heard()
    assert isinstance(steps.last, cmd.QueueFor)
    early = ev.Done(id=steps.last.id, outcome="forwarded")
    assert Steps(flow).begin().heard().tell(early).hearing is None
    steps.tell(ev.Answered()).tell(ev.Done(id=steps.last.id, outcome="answered"))
    assert steps.nodes[-1] == "menu"
    assert steps.hearing is not None


def test_the_words_are_those_of_the_language_chosen():
    flow = flow_of(
        {
            "language": n.Language(prompt="?", languages={"1": "da"}, next="menu"),
            "menu": menu(spoken={"da": {"1": "salg"}, "en": {"1": "sales"}}).nodes["menu"],
        },
        languages=("da",),
    )
    steps = Steps(flow).begin().press("1")
    assert steps.hearing is not None
    assert (steps.hearing.words, steps.hearing.language) == (("salg",), "da")


ACTS = st.sampled_from(["1", "2", "7", "*", "sales", "support", "", "time", "over", "began"])


HOW = st.fixed_dictionaries({"barge_in": st.booleans(), "attempts": st.integers(1, 4)})


@given(st.lists(ACTS, max_size=25), HOW)
def test_any_words_keys_and_silences_end_in_a_named_outcome(
    acts: list[str], how: dict[str, object]
):
    steps = Steps(menu(timeout_s=3.0, **how)).begin()
    for what in acts:
        if steps.session.outcome is not None:
            break
        act(steps, what)
    # Whoever then stays silent is led on: at most one prompt and one wait for each attempt.
    for _ in range(2 * 4):
        if steps.session.outcome is None:
            act(steps, "over")
            act(steps, "time")
    assert steps.session.outcome is Outcome.COMPLETED
    assert steps.nodes[-1] in {"sales", "support", "desk"}
    assert steps.hearing is None


def act(steps: Steps, what: str) -> None:
    """Do one thing, where it is possible."""
    deadline = steps.session.next_deadline()
    if what == "time":
        steps.after(0 if deadline is None else deadline - steps.now)
    elif what == "over" and steps.last is not None:
        steps.heard()
    elif what in "127*" and what:
        steps.press(what)
    elif steps.hearing is not None and what == "began":
        steps.tell(ev.SpeechBegan(id=steps.hearing.id))
    elif steps.hearing is not None and what != "over":
        steps.say(what)


# Files, checks, pictures.

TEXT = """\
[flow]
name = "Front"
start = "menu"

[nodes.menu]
kind = "menu"
prompt = "For sales, press 1, or say sales."
choices = { 1 = "sales", 2 = "hang_up" }
spoken = { 1 = ["sales", "buy something"], 2 = "goodbye" }
otherwise = "hang_up"

[nodes.sales]
kind = "say"
text = "This is sales."
"""
WORDS = '{ 1 = ["sales", "buy something"], 2 = "goodbye" }'


@attrs.frozen
class Ears:
    """Makes out a few words of English."""

    known: Collection[str] = ("sales", "goodbye", "buy")

    def knows(self, language: str) -> bool:
        return language == "en"

    def unknown(self, words: Collection[str], _language: str) -> Collection[str]:
        return set(words) - set(self.known)


def faults(spoken: str, around: Surroundings = ANYWHERE, **head: str) -> list[str]:
    text = TEXT.replace(WORDS, spoken)
    for name, value in head.items():
        text = text.replace('start = "menu"', f'start = "menu"\n{name} = {value}')
    try:
        parse_flow(text, base=Path(), around=around)
    except ConfigurationError as error:
        return [str(one) for one in error.faults]
    return []


@pytest.mark.parametrize(
    ("spoken", "about"),
    [
        ('{ 1 = "sales", 2 = ["buy", "Sales!"] }', "spoken.2: This stands for key 1 already."),
        ('{ 7 = "sales" }', "spoken.7: No choice has this key"),
        ("{ 1 = 4 }", "spoken.1: This cannot be said."),
        ('{ 1 = "?!" }', "spoken.1: This cannot be said."),
        ('"sales"', "spoken: This must be a table."),
        ('{ da = { 1 = "salg" } }', "spoken.da: The flow does not speak this language"),
        ('{ en = { 1 = "sales" }, xx = { 1 = "x" } }', "spoken.xx: This is no language."),
    ],
)
def test_what_is_wrong_with_words_is_told_with_its_line(spoken: str, about: str):
    [found] = faults(spoken)
    assert found.startswith(f"line 9: nodes.menu.{about}")


def test_words_of_a_flow_of_several_languages_stand_by_language():
    found = faults(WORDS, languages='["da"]')
    assert any("nodes.menu.spoken: The flow speaks en, da, and these words" in one for one in found)


def test_words_that_nobody_could_make_out_are_told():
    around = Surroundings(ears=Ears())
    [told] = faults(WORDS, around)
    assert "spoken.1: The dictionary has no word 'something'" in told
    assert faults('{ 1 = "Sales" }', around) == []
    found = faults('{ 1 = "Sales" }', around, language='"da"')
    assert ["spoken.1: " in one and "knows no words in 'da'" in one for one in found] == [True]
    assert faults(WORDS, ANYWHERE, language='"da"') == []


def test_the_flow_is_shown_with_its_words():
    assert '"1 “sales / buy something”"' in mermaid(parse_flow(TEXT, base=Path()))


@pytest.mark.parametrize(
    "given_words", [SPOKEN, {"en": SPOKEN, "da": {"1": ["salg", "køb"]}}, {}], ids=str
)
def test_objects_are_written_and_read_back(given_words: dict[str, object]):
    flow = attrs.evolve(menu(spoken=given_words), languages=("da",) if "da" in given_words else ())
    written = parse_flow_unchecked(flow_text(flow))
    assert written == flow.nodes["menu"]
    assert ("spoken" in flow_text(flow)) is bool(given_words)


def parse_flow_unchecked(text: str) -> object:
    reader = FlowReader(Path())
    flow = reader.read(tomllib.loads(text))
    assert reader.faults == []
    return flow.nodes["menu"]


def test_objects_are_checked_like_files():
    [found] = [one for one in check(menu(spoken={"1": "a", "2": "A"})) if "spoken" in one.path]
    assert found.path == "nodes.menu.spoken.2"
    with pytest.raises(MisuseError, match="cannot be said"):
        sayings_of({"1": 3})


# Rehearsals.


def test_a_rehearsal_makes_out_words_as_they_sound():
    rehearsal = Rehearsal(menu(), PretendWorld())
    rehearsal.begin()
    rehearsal.say("the weather")
    assert rehearsal.seen[-2:] == [Heard(INVALID, "en"), Heard("Say sales or support.", "en")]
    rehearsal.say("Buy something!")
    assert rehearsal.at == "sales"
    with pytest.raises(MisuseError, match="listens for no words"):
        Rehearsal(menu(spoken={}), PretendWorld()).say("sales")


def test_conversations_say_words(tmp_path: Path):
    script = tmp_path / "x.test.toml"
    script.write_text(
        '[[conversation]]\nsteps = [{ hears = "press 1", say = "the weather" },\n'
        '{ hears = "press 1", say = "Sales" }, { hears = "This is sales", ends = "completed" }]\n'
    )
    [conversation] = load_conversations(script)
    verdict = run(parse_flow(TEXT, base=tmp_path), conversation)
    assert verdict.wrong == ""
    assert "> say Sales" in verdict.seen


def test_words_are_said_at_the_keyboard(tmp_path: Path):
    file = tmp_path / "front.toml"
    file.write_text(TEXT)
    shown = CliRunner().invoke(app, ["flow", "try", str(file)], input="say buy something\n")
    assert "This is sales." in shown.output
    assert "ends completed" in shown.output
