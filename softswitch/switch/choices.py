"""What members have chosen, kept through restarts: active or passive, paused and why.

One small file, ``members.json``, is replaced whole with every change, and is on the disk before
the change counts.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from softswitch.acd.model import Group
from softswitch.durable import put_aside, write_whole
from softswitch.errors import EnvironmentFaultError

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Choice:
    """What one member has chosen.

    Attributes:
        active: there for calls at all.
        paused: not now.
        reason: of the pause.
        address: where the member is rung until logging out; empty: at the own phone.
        without: ids of groups whose calls the member does not want.
    """

    active: bool
    paused: bool = False
    reason: str = ""
    address: str = ""
    without: tuple[str, ...] = ()


class MemberChoices:
    """The choices of every member who ever made one, in memory and on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._choices: dict[str, Choice] = {}
        self._writing = asyncio.Lock()

    def load(self) -> None:
        """Read what is stored; a file that cannot be read is told of and put aside."""
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            self._choices = {name: _choice(table) for name, table in stored.items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
            log.error("what members chose cannot be read from %s: %s", self._path, error)  # noqa: TRY400 - a fault of the file, not of the program
            put_aside(self._path)

    def get(self, member_id: str) -> Choice | None:
        """Return what a member has chosen; None: nothing that was stored."""
        return self._choices.get(member_id)

    def staffed(self, groups: Iterable[Group]) -> tuple[Group, ...]:
        """Return groups without the members who do not want their calls."""
        return tuple(map(self._staffed, groups))

    def _staffed(self, group: Group) -> Group:
        chosen = {name: self._choices.get(name) for name in group.members}
        left = {name for name, choice in chosen.items() if choice and group.id in choice.without}
        if not left:
            return group
        return attrs.evolve(group, members=tuple(m for m in group.members if m not in left))

    async def store(self, member_id: str, choice: Choice) -> None:
        """Keep a choice; it is on the disk when this returns.

        Raises:
            EnvironmentFaultError: it cannot be written; what was stored before still is.
        """
        async with self._writing:
            if self._choices.get(member_id) == choice:
                return
            changed = {**self._choices, member_id: choice}
            try:
                await asyncio.to_thread(write_whole, self._path, _as_json(changed))
            except OSError as error:
                raise EnvironmentFaultError(
                    f"What members choose cannot be written to {self._path}: {error}.",
                    remedy="See that the folder can be written and the disk has room.",
                ) from error
            self._choices = changed


def _choice(table: Mapping[str, Any]) -> Choice:
    return Choice(
        active=bool(table["active"]),
        paused=bool(table["paused"]),
        reason=str(table["reason"]),
        address=str(table.get("address", "")),
        without=tuple(map(str, table.get("without", ()))),
    )


def _as_json(choices: Mapping[str, Choice]) -> bytes:
    tables = {name: attrs.asdict(choice) for name, choice in choices.items()}
    return json.dumps(tables, indent=1).encode()
