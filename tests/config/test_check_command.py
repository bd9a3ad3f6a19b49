"""``softswitch check``: what a person and a machine get to see."""

import json
from pathlib import Path

import attrs
import pytest
import typer
from offices import GOOD, MEMBERS, TRUNK
from typer.testing import CliRunner, Result

from softswitch.acd.model import Group
from softswitch.cli import office
from softswitch.sip import SipConfig, SipTelephony
from softswitch.sip.info import read_info

EXAMPLE = Path(__file__).parents[2] / "examples" / "office.toml"


def _check(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(office.check)
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "office.toml"


def test_a_person_reads_what_would_run():
    result = _check(str(EXAMPLE))
    assert result.exit_code == 0
    order = ["1. Anna Holm", "2. Bo Lund", "3. Clara Friis", "4. David Skov", "5. Eva Bech"]
    places = [result.stdout.index(name) for name in order]
    assert places == sorted(places)
    for words in (
        "1000",
        "2001",
        "simultaneous",
        "longest idle",
        "Danish",
        "(passive)",
        "up to 10 wait, told their place every 30 s",
        "then group repairs",
        "after 3 offers: voicemail of the group",
        "standard message, then hang up",
        "every answered call is recorded",
        "udp 127.0.0.1:5060",
        "PCMA, PCMU",
    ):
        assert words in result.stdout


EVERYTHING = """
[members.cleo]
address = "sip:cleo@192.0.2.3"
skills = ["sv", "sales"]
[groups.main]
number = "1000"
members = ["anna", "cleo"]
max_offering_min = 2.5
no_answer = "hang_up"
no_answer_action = "log_out_unless_last"
position_every_s = 0
expected_wait = "last_to_enter"
expected_wait_probability = 0.9
max_wait_s = 600
too_long = "message"
weight = 2
auto_ready = false
service_within_s = 30
customer_first = true
rejected_back_off_s = 0
busy_back_off_s = 0
unreachable_back_off_s = 60
no_answer_back_off_s = 240
priority_worth_s = 60
last_agent_within_s = 604800
last_agent_wait_s = 45
redial_within_s = 300
leave_keys = { 1 = { voicemail = "night" }, 0 = { number = "sip:front@192.0.2.9" } }
call_back_key = "9"
call_back_attempts = 2
call_back_retry_s = 600
further = [
  { group = "night", after_s = 90, waiting_at_least = 3 },
  { group = "night", active_at_most = 0 },
]
[groups.night]
number = []
members = ["bo"]
"""


def test_every_rule_is_said_in_words(file: Path):
    file.write_text(MEMBERS + EVERYTHING)
    main = json.loads(_check(str(file), "--json").stdout)["groups"][0]
    assert main["words"] == {
        "rings": "priority\none at a time, 20 s each",
        "busy": "up to 10 wait, not told their place;\nthen voicemail of the group",
        "no_answer": "after 2.5 min of offers: hang up;\n"
        "who did not answer becomes passive, unless nobody else is active",
        "nobody_active": "as when all are busy",
        "also": [
            "music: the default list",
            "key 0: call sip:front@192.0.2.9",
            "key 1: voicemail of group night",
            "key 9: called back, 2 attempts, 10 min apart, the caller dialled first",
            "members of night too, after 90 s and with 3 or more unanswered",
            "members of night too, with at most 0 active",
            "after 10 min of waiting: standard message, then hang up",
            "callers are told the wait, 90 % sure, by last to enter",
            "service goal: answered within 30 s",
            "wrap-up: until the member is ready",
            "weight 2 against other groups",
            "left alone after: unreachable 60 s, no answer 4 min",
            "a step of priority counts as 60 s of waiting",
            "who returns within 7 days is kept for the member met last up to 45 s",
            "who is cut off and calling again within 5 min keeps the place",
        ],
    }
    told = _check(str(file)).stdout
    words = [main["words"]["rings"], main["words"]["no_answer"], *main["words"]["also"]]
    for line in [line for sentence in words for line in sentence.splitlines()]:
        assert line in told
    assert "cleo <sip:cleo@192.0.2.3> [sales, sv]" in told


def test_a_machine_reads_every_rule(file: Path):
    file.write_text(MEMBERS + EVERYTHING)
    said = json.loads(_check(str(file), "--json").stdout)
    main = said["groups"][0]
    assert main["no_answer_action"] == "log_out_unless_last"
    assert main["further"][0] == {
        "group_id": "night",
        "after_s": 90,
        "waiting_at_least": 3,
        "active_at_most": None,
        "words": "members of night too, after 90 s and with 3 or more unanswered",
    }
    assert main["leave_keys"]["1"]["value"] == "night"
    assert said["members"][2]["skills"] == ["sales", "sv"]
    in_engine = set(attrs.fields_dict(Group))
    assert in_engine <= set(main)


AROUND = """
[office]
login_number = "1097"
[groups.night]
number = "1001"
members = ["bo"]
hours = "day"
closed = "hang_up"
survey = "after"
[hours.day]
week = [{ days = "mon-fri", open = "08:00-16:00" }]
[surveys.after]
questions = [{ id = "well", text = { en = "Well?" } }]
[flows.front]
file = "front.toml"
number = ["2000", "2001"]
[flows.inner]
file = "front.toml"
[voicemail]
number = "1098"
[mail]
host = "mail.example.org"
sender = "switch@example.org"
[sms]
url = "https://sms.example.net/hunter2/send"
headers = { Authorization = "Bearer ${A_TOKEN_THAT_NOBODY_SET}" }
form = { to = "{to}", text = "{text}" }
country = "DK"
"""


def test_what_is_around_the_groups_is_said(file: Path):
    (file.parent / "front.toml").write_text(
        '[flow]\nname = "Front"\nstart = "hello"\n[nodes.hello]\nkind = "say"\ntext = "Hello."\n'
    )
    file.write_text(GOOD + AROUND)
    told = _check(str(file)).stdout
    for words in (
        "2000",
        "2001",
        "flow front: ",
        "flow inner: ",
        "1098",
        "owners hear their messages",
        "1097",
        "members log in",
        "open by hours day; closed: hang up",
        "survey after after the call",
        "mail.example.org:587, encrypted (starttls)",
        "sent by sms.example.net; numbers without country code are those of DK",
        "the environment does not hold A_TOKEN_THAT_NOBODY_SET",
    ):
        assert words in told
    assert "hunter2" not in told
    said = json.loads(_check(str(file), "--json").stdout)
    assert [flow["numbers"] for flow in said["flows"]] == [["2000", "2001"], []]
    assert (said["voicemail_number"], said["login_number"]) == ("1098", "1097")
    night = said["groups"][1]
    assert (night["hours"], night["closed"]["kind"], night["survey"]) == ("day", "hang_up", "after")


@pytest.mark.parametrize(
    ("sip", "words"),
    [
        ("", "2,000 call legs at once by PJSIP 2.17"),
        ("max_calls = 100", "100 call legs at once by PJSIP 2.17"),
        (
            "max_calls = 2048",
            "2,000 call legs at once by PJSIP 2.17; the 2,048 asked for cannot be had",
        ),
        ("codecs = ['opus', 'L16']", "opus, L16 (the installed PJSIP lacks L16)"),
    ],
)
def test_what_pjsip_can_carry(sip: str, words: str, file: Path, monkeypatch: pytest.MonkeyPatch):
    """Of 2,048 legs 48 are kept free, to refuse with."""
    facts = attrs.evolve(read_info(), version="2.17", max_calls=2048, codecs=("opus/48000/2",))
    monkeypatch.setattr(office, "capacity", lambda: facts)
    file.write_text(f"[sip]\n{sip}\n" + GOOD)
    assert words in _check(str(file)).stdout
    said = json.loads(_check(str(file), "--json").stdout)
    assert (said["pjsip"]["max_calls"], said["pjsip"]["usable_calls"]) == (2048, 2000)


def test_what_is_shown_is_what_a_network_takes():
    assert read_info().usable_calls == SipTelephony(SipConfig()).capacity


def test_a_machine_reads_what_would_run():
    result = _check(str(EXAMPLE), "--json")
    said = json.loads(result.stdout)
    assert (result.exit_code, said["ok"], said["name"]) == (0, True, "Fjordby Bolig A/S")
    main, repairs = said["groups"]
    assert main["numbers"] == ["1000"]
    assert main["members"] == ["anna", "bo", "clara", "david", "eva"]
    assert main["overflow"] == {"kind": "group", "value": "repairs", "words": "group repairs"}
    assert (repairs["strategy"], repairs["max_offers"]) == ("longest_idle", 3)
    assert said["listen"] == ["udp 127.0.0.1:5060", "tcp 127.0.0.1:5060"]


def test_a_person_reads_every_fault(file: Path):
    file.write_text(GOOD + "ring_time_s = 41\nstrategy = 'x'\n")
    result = _check(str(file))
    assert result.exit_code == 2
    assert "2 faults" in result.stdout
    for words in ("office.toml:10", "groups.main.ring_time_s", "41", "a number from 15 to 40"):
        assert words in result.stdout
    assert "groups.main.strategy" in result.stdout


def test_a_machine_reads_every_fault(file: Path):
    file.write_text(GOOD + "ring_time_s = 41\n")
    result = _check("--json", str(file))
    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "ok": False,
        "file": str(file),
        "faults": [
            {
                "file": "office.toml",
                "path": "groups.main.ring_time_s",
                "line": 10,
                "value": "41",
                "allowed": "a number from 15 to 40",
                "message": "This is out of range.",
            }
        ],
    }


def test_a_file_that_is_not_there(file: Path):
    result = _check("--json", str(file))
    [fault] = json.loads(result.stdout)["faults"]
    assert (result.exit_code, fault["path"]) == (2, "")
    assert fault["message"] == "There is no such file."


def test_text_of_the_file_is_not_taken_for_markup(file: Path):
    file.write_text("[office]\nname = '[red]Office[/blue]'\n" + GOOD)
    assert "[red]Office[/blue]" in _check(str(file)).stdout
    file.write_text("[office]\nlanguage = '[/red]'\n" + GOOD)
    assert "'[/red]'" in _check(str(file)).stdout


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_passwords_are_not_shown(file: Path, options: tuple[str, ...]):
    file.write_text(GOOD + TRUNK + "password = 'hunter2'\n")
    result = _check(str(file), *options)
    assert result.exit_code == 0
    assert "provider" in result.stdout
    assert "hunter2" not in result.output
