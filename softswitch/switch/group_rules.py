"""Rules of members and groups: who is listed, what is dialled, and where calls go instead."""

from __future__ import annotations

import graphlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from softswitch.acd.model import Group, Target, TargetKind
from softswitch.errors import Fault
from softswitch.switch.addresses import (
    ALLOWED_ADDRESS,
    ALLOWED_NUMBER,
    address_fault,
    is_group_number,
)
from softswitch.switch.config import GroupConfig, OfficeConfig
from softswitch.switch.faults import ConfigPath, fault, nearest, one_of

ALLOWED_ID: Final = "1 to 64 letters, digits, - or _"
TARGET_FIELDS: Final = ("no_answer", "overflow", "no_queue", "nobody_active")


def group_faults(config: OfficeConfig) -> Iterator[Fault]:
    """Find what is wrong with members, groups and their targets."""
    yield from _id_faults("members", [member.id for member in config.members])
    yield from _id_faults("groups", [group.id for group in config.groups])
    yield from _number_faults(config.groups)
    yield from _address_faults(config)
    for group in config.groups:
        yield from _membership_faults(group.engine, [member.id for member in config.members])
        yield from _reference_faults(group.engine, [g.id for g in config.groups])
    yield from _loop_faults({group.id: group.engine for group in config.groups})


def targets(group: Group) -> Iterator[tuple[ConfigPath, Target]]:
    """Give every target of a group with its path."""
    for name in TARGET_FIELDS:
        target: Target | None = getattr(group, name)
        if target:
            yield ("groups", group.id, name), target


def dialled_addresses(config: OfficeConfig) -> Iterator[tuple[ConfigPath, str]]:
    """Give every address that the switch may dial with its path."""
    for member in config.members:
        yield ("members", member.id, "address"), member.address
    for group in config.groups:
        for path, target in targets(group.engine):
            if target.kind is TargetKind.NUMBER:
                yield (*path, "number"), target.value


def _id_faults(table: str, ids: Iterable[str]) -> Iterator[Fault]:
    """Refuse ids that cannot name a file, and ids used twice (possible only in Python)."""
    seen: set[str] = set()
    for name in ids:
        if not _is_id(name):
            yield fault((table, name), "This name cannot be used.", name, ALLOWED_ID)
        if name in seen:
            yield fault((table, name), "This name is used twice.", name)
        seen.add(name)


def _is_id(name: str) -> bool:
    return 1 <= len(name) <= 64 and all(c.isalnum() or c in "-_" for c in name)


def _number_faults(groups: Iterable[GroupConfig]) -> Iterator[Fault]:
    """Refuse numbers that nobody can dial, or that lead to two places."""
    owners: dict[str, str] = {}
    for group in groups:
        for i, number in enumerate(group.numbers):
            index = (i,) if len(group.numbers) > 1 else ()
            path: ConfigPath = ("groups", group.id, "number", *index)
            if not is_group_number(number):
                yield fault(path, "Nobody can dial this.", number, ALLOWED_NUMBER)
            elif number in owners:
                message = f"This number leads to group `{owners[number]}` already."
                yield fault(path, message, number, "a number of its own")
            owners.setdefault(number, group.id)


def _address_faults(config: OfficeConfig) -> Iterator[Fault]:
    for path, address in dialled_addresses(config):
        if message := address_fault(address):
            yield fault(path, message, address, ALLOWED_ADDRESS)


def _membership_faults(group: Group, known: list[str]) -> Iterator[Fault]:
    for i, member in enumerate(group.members):
        path: ConfigPath = ("groups", group.id, "members", i)
        if member not in known:
            message = f"This member is not defined.{nearest(member, known)}"
            yield fault(path, message, member, "a member that has a table [members.ID]")
        if member in group.members[:i]:
            yield fault(path, "This member is listed twice.", member, "each member once")


def _reference_faults(group: Group, known: list[str]) -> Iterator[Fault]:
    """Refuse targets that name a group which does not exist."""
    for path, target in targets(group):
        refers = target.kind is TargetKind.GROUP or (
            target.kind is TargetKind.VOICEMAIL and bool(target.value)
        )
        if refers and target.value not in known:
            message = f"This group is not defined.{nearest(target.value, known)}"
            allowed = one_of(known) if known else ""
            yield fault((*path, target.kind.value), message, target.value, allowed)


def _loop_faults(groups: Mapping[str, Group]) -> Iterator[Fault]:
    """Refuse targets that send a call from group to group in a circle, for ever.

    Each circle is told once, at one of the targets that close it.
    """
    ways = {(name, to): path for name, group in groups.items() for path, to in _ways_on(group)}
    while circle := _circle(ways):
        path = next(ways[step] for step in itertools.pairwise(circle) if step in ways)
        route = " to ".join(f"`{name}`" for name in circle)
        message = f"A call could go round for ever: {route}."
        yield fault((*path, "group"), message, circle[1], "a target that ends the circle")
        del ways[circle[0], circle[1]]


def _ways_on(group: Group) -> Iterator[tuple[ConfigPath, str]]:
    """Give the groups that a call can be sent on to, by the targets that are in use."""
    used = {
        "overflow": group.queue,
        "no_queue": not group.queue,
        "nobody_active": True,
        "no_answer": group.max_offers is not None or group.max_offering_s is not None,
    }
    for path, target in targets(group):
        if target.kind is TargetKind.GROUP and used[str(path[-1])]:
            yield path, target.value


def _circle(ways: Iterable[tuple[str, str]]) -> list[str]:
    """Return the groups of one circle in the order a call meets them, first and last the same."""
    before: dict[str, set[str]] = {}
    for source, to in ways:
        before.setdefault(to, set()).add(source)
    try:
        graphlib.TopologicalSorter(before).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []
