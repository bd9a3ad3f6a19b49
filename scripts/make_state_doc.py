"""Writes docs/states.md, the diagrams of the queue engine's states, from its tables.

``--check`` writes nothing and fails when the file is out of date.
"""

from __future__ import annotations

import enum
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from softswitch.acd.records import MemberState
from softswitch.acd.tables import CALL_TABLE, MEMBER_TABLE, OFFER_TABLE
from softswitch.ivr.tables import ACTIONS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "states.md"

Table = Mapping[Any, Any]
"""From (state, what happens) to (action, next state); all of them enum members."""

Names = Mapping[Any, str]
"""Names of states that are not called by their value."""

RESTING = "at rest"
"""The state in which a member's own choices put them."""

AT_REST = (MemberState.PASSIVE, MemberState.PAUSED, MemberState.READY, MemberState.WRAP_UP)

TITLE = """\
<!-- Written by scripts/make_state_doc.py from softswitch/acd/tables.py: edit that. -->
# States of the queue engine

Drawn from the tables that the engine runs on
([softswitch/acd/tables.py](../softswitch/acd/tables.py)). An arrow is labelled with what happens.
What has no row in its table cannot happen: it is refused with `ImpossibleInputError`, and nothing
has changed. Rows that lead back to the same state are left out.
"""

CALLS = """
## A call in a group

`waiting`: no phone rings for it. `offered`: at least one does. `calling`: a caller who asked to be
called back is dialled before a member is rung. `dialling`: the same while a member is on the line.
An answer may lead from `waiting`: that of a phone which was just told to stop.
"""

OFFERS = """
## An offer

One phone that was asked to ring for one call; it reserves its member. `stopped`: the phone was told
to stop and has not confirmed it yet. Should it answer in that moment, the member gets the call if
the caller still waits and the member has nothing else to do; else the member is told that the call
is taken, and let go.
"""

MEMBERS = """
## A member

`at rest` stands for `ready`, `paused`, `passive` and `wrap_up`: the member's own choices, and the
time since the last call, decide which. A choice made while the phone rings or during a call counts
afterwards.
"""

SESSIONS = """
## A caller in a flow

What a session does with what happens to it, from
[softswitch/ivr/tables.py](../softswitch/ivr/tables.py). The state that follows is the one that the
node asks for: play, listen, record, look up, perform, pause, end. Keys are taken by the node or
kept for the next one that listens; none is lost before the end.
"""


def main() -> None:
    """Write the page, or check it."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        sys.exit(f"{PAGE} is out of date: run {Path(__file__).name}")


def page() -> str:
    """The whole page."""
    parts = (CALLS, _diagram(CALL_TABLE), OFFERS, _diagram(OFFER_TABLE), MEMBERS, _members())
    return "".join((TITLE, *parts, SESSIONS, _matrix(ACTIONS)))


def _matrix(actions: Mapping[Any, Mapping[Any, Any]]) -> str:
    """A table with a row for each state and a column for each thing that happens."""
    happens = list(dict.fromkeys(one for row in actions.values() for one in row))
    lines = [
        "",
        f"| | {' | '.join(_words(one) for one in happens)} |",
        "|---" * len(happens) + "|---|",
    ]
    for state, row in actions.items():
        cells = (_words(row[one]) if one in row else "" for one in happens)
        lines.append(f"| **{_words(state)}** | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _words(member: enum.Enum) -> str:
    return str(member.value).replace("_", " ")


def _members() -> str:
    return _diagram(MEMBER_TABLE, dict.fromkeys((*AT_REST, None), RESTING))


def _diagram(table: Table, names: Names = MappingProxyType({})) -> str:
    return "\n".join(["", "```mermaid", "stateDiagram-v2", *_arrows(table, names), "```", ""])


def _arrows(table: Table, names: Names) -> Iterator[str]:
    """One arrow for each pair of states, labelled with all that leads from one to the other."""
    labels: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for (state, happens), (_, following) in table.items():
        source, target = (_name(end, names) for end in (state, following))
        if source != target:
            labels[source, target][happens.value.replace("_", " ")] = None
    for (source, target), inputs in labels.items():
        yield f"    {_id(source)} --> {_id(target)}: {', '.join(inputs)}"
    for name in dict.fromkeys(name for pair in labels for name in pair):
        if _id(name) != name:
            yield f"    {_id(name)}: {name}"


def _name(state: enum.Enum | None, names: Names) -> str:
    if state in names:
        return names[state]
    return str(state.value).replace("_", " ") if state is not None else RESTING


def _id(name: str) -> str:
    return name.replace(" ", "_")


if __name__ == "__main__":
    main()
