"""``softswitch simulate`` and ``softswitch staff``: what people and machines get to see."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from softswitch.acd import CallOutcome, CallRecord
from softswitch.cli import app
from softswitch.switch.journal import as_json

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "office.toml")
BUSY = ("--calls-per-hour", "60", "--patience", "120")
QUICK = ("--hours", "2", "--replications", "3", "--workers", "1")


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "100"})


def simulated(*arguments: str) -> dict[str, object]:
    result = call("simulate", EXAMPLE, *QUICK, "--json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_person_reads_what_came_of_it():
    result = call("simulate", EXAMPLE, *BUSY, *QUICK)
    assert result.exit_code == 0, result.output
    for words in (
        "Fjordby Bolig A/S, 3 days simulated",
        "answered within 20 s",
        "hung up before",
        "members busy",
        "Waits in main",
        "at once",
        "95 % confidence",
    ):
        assert words in result.stdout


def test_a_machine_reads_the_same_for_the_same_seed():
    first, again = simulated(*BUSY, "--seed", "4"), simulated(*BUSY, "--seed", "4")
    assert first == again
    assert first != simulated(*BUSY, "--seed", "5")
    main = first["groups"]["main"]
    assert set(main["service_level"]) == {"mean", "low", "high"}
    assert main["answered"]["mean"] + main["abandoned"]["mean"] == pytest.approx(1, abs=1e-5)
    shares = [share["answered"] + share["not_answered"] for share in main["waits"]]
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert first["calls"] == pytest.approx(360, abs=60)


def test_overflow_shows_the_other_group():
    found = simulated("--calls-per-hour", "200")  # of 10 erlangs four people answer 4
    main, repairs = found["groups"]["main"], found["groups"]["repairs"]
    assert main["forwarded"]["mean"] > 0.3
    assert repairs["offered"]["mean"] == pytest.approx(
        main["forwarded"]["mean"] * main["offered"]["mean"], rel=1e-4
    )
    assert repairs["refused"]["mean"] > 0


def test_a_profile_another_strategy_and_slow_phones():
    usual = simulated("--profile", "30,90", "--group", "repairs")
    changed = ("--answer", "lognormal:8:0.5", "--missed", "0.2", "--strategy", "priority")
    slow = simulated("--profile", "30,90", "--group", "repairs", *changed)
    assert list(usual["groups"]) == ["repairs"]
    assert usual["groups"]["repairs"]["offered"]["mean"] == pytest.approx(60, abs=15)
    waits = [found["groups"]["repairs"]["wait_of_answered_s"]["mean"] for found in (usual, slow)]
    assert waits[1] > waits[0] + 5


def test_recorded_traffic_is_met_again(tmp_path: Path):
    calls = [
        CallRecord(
            at=100.0 * i + 60,
            call_id=f"c{i}",
            group_id="main",
            caller="",
            joined_at=100.0 * i,
            answered_at=100.0 * i,
            ended_at=100.0 * i + 60,
            outcome=CallOutcome.ANSWERED,
        )
        for i in range(7)
    ]
    path = tmp_path / "journal.jsonl"
    zero = datetime(2024, 3, 4, tzinfo=UTC).timestamp()
    walls = [datetime.fromtimestamp(zero + record.at, tz=UTC) for record in calls]
    path.write_text("\n".join(map(as_json, calls, walls)))
    main = simulated("--replay", str(path))["groups"]["main"]
    assert main["offered"] == {"mean": 7, "low": 7, "high": 7}
    # Five of seven minutes' talk... all seven: 420 s, of four members and 660 s.
    assert main["occupancy"]["mean"] == pytest.approx(420 / (4 * 660), abs=1e-6)


@pytest.mark.parametrize("name", ["day.png", "day.svg"])
def test_a_picture_of_the_day(tmp_path: Path, name: str):
    simulated(*BUSY, "--plot", str(tmp_path / name))
    assert_picture(tmp_path / name, rows=2)


@pytest.mark.parametrize("name", ["staff.png", "staff.svg"])
@pytest.mark.parametrize("office", [(), ("--office", EXAMPLE, *QUICK)])
def test_a_picture_of_the_staffing(tmp_path: Path, name: str, office: tuple[str, ...]):
    result = call("staff", *BUSY, *office, "--plot", str(tmp_path / name))
    assert result.exit_code == 0, result.output
    assert_picture(tmp_path / name, rows=1)


PANELS = (
    "How long callers waited",
    "The day by half hours",
    "Service level with more and fewer agents",
    "Share of time agents are busy",
)


def assert_picture(path: Path, rows: int) -> None:
    """A PNG that is not blank, or an SVG with the panels that there should be."""
    if path.suffix == ".svg":
        texts = [element.text or "" for element in ET.parse(path).iter()]  # noqa: S314 - our own
        shown = {name for name in PANELS for text in texts if text.startswith(name)}
        assert shown == set(PANELS[-2 * rows :])
    else:
        image = matplotlib.image.imread(path)
        assert image.shape[1] == 1430
        assert np.unique(image.reshape(-1, image.shape[2]), axis=0).shape[0] > 20


def test_the_same_seed_draws_the_same_svg(tmp_path: Path):
    for name in ("a.svg", "b.svg"):
        simulated(*BUSY, "--plot", str(tmp_path / name))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_how_many_agents_theory_asks_for():
    # 12 erlangs, 80 % within 20 s: 16 by any Erlang C table or calculator.
    result = call("staff", "--calls-per-hour", "240", "--talk", "180", "--target", "80/20")
    assert result.exit_code == 0, result.output
    assert "12.00 erlangs" in result.stdout
    assert "Callers hang up after 2:00 on average." in result.stdout
    assert "Erlang C: 16 agents." in result.stdout
    assert "Erlang A: 14 agents." in result.stdout


def test_erlang_a_has_nothing_to_say_of_callers_who_never_hang_up():
    result = call("staff", "--calls-per-hour", "240", "--talk", "180", "--patience", "forever")
    assert "Nobody hangs up." in result.stdout
    assert "Erlang C: 16 agents." in result.stdout
    assert "Erlang A" not in result.stdout


def test_how_many_agents_the_rules_ask_for():
    result = call("staff", *BUSY, "--office", EXAMPLE, *QUICK, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["erlangs"], found["goal"]) == (3.0, {"share": 0.8, "within_s": 20.0})
    needed = found["needed"]
    assert needed["Erlang A"] <= needed["Erlang C"] == 5
    levels = {p["agents"]: p["service_level"]["mean"] for p in found["simulated"]}
    assert levels[needed["simulated"]] >= 0.8 > levels[needed["simulated"] - 1]
    assert set(levels) <= {p["agents"] for p in found["forecasts"]["Erlang A"]}


def test_a_person_reads_the_staffing():
    result = call("staff", *BUSY, "--office", EXAMPLE, *QUICK)
    assert result.exit_code == 0, result.output
    for words in ("Erlang C", "Erlang A", "simulated", "By the rules of group main:", "3:00"):
        assert words in result.stdout


def test_wrap_up_is_work():
    result = call("staff", *BUSY, "--office", EXAMPLE, "--group", "repairs", *QUICK, "--json")
    assert json.loads(result.stdout)["erlangs"] == pytest.approx(60 * (180 + 15) / 3600)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--talk", "long"), 1, "--talk: This is no length of time"),
        (("--patience", "0"), 1, "--patience: This is no length of time"),
        (("--profile", "3,x"), 1, "--profile: This is no profile"),
        (("--target", "80"), 1, "target: This is no service goal"),
        (("--group", "sales"), 1, "There is no group sales; there are: main, repairs"),
        (("--strategy", "dice"), 1, "There is no strategy dice"),
        (("--plot", "day.pdf"), 1, "ends in .png or .svg"),
        (("--plot", "nowhere/day.png"), 1, "There is no folder nowhere"),
        (("--replay", "nothing.jsonl"), 1, "cannot be read"),
        (("--calls-per-hour", "0"), 2, "calls-per-hour"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], status: int, words: str):
    result = call("simulate", EXAMPLE, *QUICK, *arguments)
    assert result.exit_code == status
    assert words in " ".join(result.output.split())


def test_a_faulty_office_is_refused(tmp_path: Path):
    path = tmp_path / "office.toml"
    path.write_text("[groups.main]\nring_time_s = 99\n")
    result = call("simulate", str(path))
    assert result.exit_code == 2
    assert "groups.main.ring_time_s" in result.output


def test_without_matplotlib_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    result = call("simulate", EXAMPLE, *QUICK, "--plot", "day.png")
    assert result.exit_code == 1
    assert "pip install 'softswitch[plot]'" in result.output
