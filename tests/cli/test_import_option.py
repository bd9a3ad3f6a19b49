"""``--import MODULE``: kinds of nodes and look-ups of a program's own, in every command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.cli.modules import extend, imported
from softswitch.errors import MisuseError
from softswitch.ivr.model import KINDS
from softswitch.switch import OfficeConfig, Switch

MODULE = """\
import attrs

from softswitch.ivr.model import OwnNode, node_kind


@node_kind("{kind}")
@attrs.frozen(kw_only=True)
class Own(OwnNode):
    async def run(self, call, variables):
        return "done"


def extend(switch):
    @switch.look_up("people")
    async def people(number):
        return None
"""

FLOW = """\
[flow]
name = "Own"
start = "own"
[nodes.own]
kind = "{kind}"
otherwise = "end"
[nodes.end]
kind = "hang_up"
"""

TESTS = """\
[[conversation]]
name = "own"
steps = [{ then = "done" }, { ends = "completed" }]
"""

OFFICE = """\
[members.anna]
address = "sip:anna@127.0.0.1:5999"
[groups.main]
number = "1000"
members = ["anna"]
[flows.own]
file = "own.toml"
number = "2000"
"""


@pytest.fixture
def kind(tmp_path: Path) -> Iterator[str]:
    """An office, a flow and a module in one folder, under names that no other test has."""
    name = f"kind_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(MODULE.replace("{kind}", name))
    (tmp_path / "own.toml").write_text(FLOW.replace("{kind}", name))
    (tmp_path / "own.test.toml").write_text(TESTS)
    (tmp_path / "office.toml").write_text(OFFICE)
    path = [*sys.path]
    yield name
    sys.path[:] = path
    sys.modules.pop(name, None)
    KINDS.pop(name, None)


COMMANDS = {
    "check": (["check", "office.toml"], 0),
    "messages": (["messages", "office.toml"], 0),
    "pin": (["pin", "office.toml", "anna"], 0),
    "sounds list": (["sounds", "list", "office.toml"], 0),
    "sounds pin": (["sounds", "pin", "office.toml"], 0),
    "sounds playlist": (["sounds", "playlist", "office.toml", "jazz"], 0),
    "sounds deactivate": (["sounds", "deactivate", "office.toml"], 0),
    "simulate": (["simulate", "office.toml", "--replications=1"], 0),
    "staff": (
        ["staff", "--calls-per-hour=9", "--office", "office.toml", "--replications=1"],
        0,
    ),
    "flow check": (["flow", "check", "own.toml"], 0),
    "flow graph": (["flow", "graph", "own.toml"], 0),
    "flow show": (["flow", "show", "own.toml"], 0),
    "flow try": (["flow", "try", "own.toml"], 0),
    "flow test": (["flow", "test", "own.toml"], 0),
    "flow check --office": (["flow", "check", "own.toml", "--office", "office.toml"], 0),
}


def at(folder: Path, arguments: list[str]) -> list[str]:
    return [str(folder / one) if one.endswith(".toml") else one for one in arguments]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_module_beside_the_file_makes_its_kinds_known(command: str, kind: str, tmp_path: Path):
    arguments, status = COMMANDS[command]
    runner = CliRunner(env={"COLUMNS": "400"})
    without = runner.invoke(app, at(tmp_path, arguments), input="q\n")
    assert without.exit_code != 0
    assert "There is no such kind of node." in without.output
    result = runner.invoke(app, [*at(tmp_path, arguments), "--import", kind], input="q\n")
    assert (result.exit_code, result.output) == (status, result.output)


@pytest.mark.parametrize("command", [*COMMANDS, "run"])
def test_a_module_that_is_not_there_is_told(command: str, kind: str, tmp_path: Path):
    arguments, _ = COMMANDS.get(command, (["run", "office.toml"], 0))
    missing = f"no_{kind}"
    result = CliRunner().invoke(app, [*at(tmp_path, arguments), "--import", missing])
    assert result.exit_code == 1
    assert f"error: there is no module '{missing}': looked for in " in result.stderr
    assert str(tmp_path) in result.stderr


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("import not_there_either", "needs 'not_there_either', which is not there"),
        ("1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
        ("def", "cannot be imported: SyntaxError"),
        (
            "from softswitch.ivr.model import *\n@node_kind('say')\nclass Say2(Node): pass",
            "there is a kind of node called 'say' already",
        ),
    ],
)
def test_a_module_that_cannot_be_imported_is_told(text: str, about: str, kind: str, tmp_path: Path):
    (tmp_path / f"{kind}.py").write_text(text)
    result = CliRunner().invoke(
        app, ["flow", "check", str(tmp_path / "own.toml"), "--import", kind]
    )
    assert result.exit_code == 1
    assert about in result.stderr
    assert result.stderr.startswith("error: the module")


def test_a_flow_in_a_module_that_is_not_there_is_told():
    result = CliRunner().invoke(app, ["flow", "check", "no_such_module_at_all:flow"])
    assert result.exit_code == 1
    assert "error: there is no module 'no_such_module_at_all'" in result.stderr


def test_a_module_adds_to_the_switch(kind: str, tmp_path: Path):
    switch = Switch(OfficeConfig(data_dir=tmp_path / "var"))
    modules = imported([kind], tmp_path / "office.toml")
    extend(switch, modules)
    assert switch._look_ups.knows("people")  # noqa: SLF001 - nobody calls here
    vars(modules[0])["extend"] = lambda _: 1 / 0
    with pytest.raises(MisuseError, match=f"extend of the module '{kind}' failed: ZeroDivision"):
        extend(switch, modules)


def test_a_running_office_has_what_its_module_adds(kind: str, tmp_path: Path):
    """A look-up that nothing answers lets no switch open: see `Nothing answers the look-up`."""
    flow = tmp_path / "own.toml"
    flow.write_text(
        flow.read_text() + '[look_ups.people]\n[keys]\n1 = "who"\n[nodes.who]\nkind = "look_up"\n'
        'source = "people"\narguments = { number = "caller" }\nfailed = "end"\nnext = "end"\n'
    )
    run = [sys.executable, "-m", "softswitch", "run", str(tmp_path / "office.toml"), "--drain", "0"]
    office = tmp_path / "office.toml"
    listen = '[sip]\nlisten = [{ transport = "udp", address = "127.0.0.1", port = 0 }]\n'
    office.write_text(listen + office.read_text())
    (tmp_path / f"{kind}.py").write_text(
        MODULE.replace("{kind}", kind)
        + "    import os, signal\n"
        + "    os.kill(os.getpid(), signal.SIGTERM)  # heeded once the office is open\n"
    )
    done = subprocess.run(
        [*run, "--import", kind], capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "the office is open" in done.stderr
    assert "Stopped." in done.stdout
