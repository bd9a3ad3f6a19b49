"""Rules of members and groups: who is listed, what is dialled, and where calls go instead."""

from __future__ import annotations

import graphlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from softswitch.acd.model import Group, Member, Target, TargetKind
from softswitch.errors import Fault
from softswitch.settings.faults import ConfigPath, fault, nearest, one_of
from softswitch.switch.addresses import (
    ALLOWED_ADDRESS,
    ALLOWED_NUMBER,
    address_fault,
    is_group_number,
)
from softswitch.switch.config import GroupConfig, OfficeConfig
from softswitch.switch.tables import KEYS

ALLOWED_ID: Final = "1 to 64 letters, digits, - or _"
TARGET_FIELDS: Final = ("no_answer", "overflow", "no_queue", "nobody_active", "too_long")


def group_faults(config: OfficeConfig, *, flows: bool) -> Iterator[Fault]:
    """Find what is wrong with members, groups and their targets.

    Args:
        config: the office.
        flows: whether numbers may lead to flows of a program besides the groups of the office.
    """
    yield from _id_faults("members", [member.id for member in config.members])
    yield from _id_faults("groups", [group.id for group in config.groups])
    yield from _number_faults(config.groups)
    yield from _recording_faults(config)
    yield from _address_faults(config, flows=flows)
    for member in config.members:
        yield from _skill_faults(member)
    for group in config.groups:
        yield from _membership_faults(group.engine, [member.id for member in config.members])
        yield from _reference_faults(group, [g.id for g in config.groups])
        yield from _key_faults(group)
        yield from _further_faults(group.engine, [g.id for g in config.groups])
        yield from _hours_faults(group, list(config.hours))
    yield from _loop_faults(config.groups)


def targets(group: GroupConfig) -> Iterator[tuple[ConfigPath, Target]]:
    """Give every target of a group with its path: one of the week at its first slot."""
    for name in TARGET_FIELDS:
        target: Target | None = getattr(group.engine, name)
        if target:
            yield ("groups", group.id, name), target
    if group.hours:
        yield ("groups", group.id, "closed"), group.closed
    for key, target in group.leave_keys.items():
        yield ("groups", group.id, "leave_keys", key), target
    slots = group.week.slots if group.week else ()
    first = {slot.target: n for n, slot in reversed([*enumerate(slots)])}
    for target, n in sorted(first.items(), key=lambda pair: pair[1]):
        yield ("groups", group.id, "week", n, "target"), target


def dialled_addresses(config: OfficeConfig, *, flows: bool) -> Iterator[tuple[ConfigPath, str]]:
    """Give every address that the switch dials with its path, but for numbers of its own.

    Args:
        config: the office.
        flows: whether every number as a target may be one of its own.
    """
    for member in config.members:
        yield ("members", member.id, "address"), member.address
    owned = _owners(config.groups)
    for group in config.groups:
        for path, target in targets(group):
            own = target.value in owned or (flows and is_group_number(target.value))
            if target.kind is TargetKind.NUMBER and not own:
                yield (*path, "number"), target.value


def _owners(groups: Iterable[GroupConfig]) -> dict[str, str]:
    """Map each number to the id of the group that it reaches."""
    return {number: group.id for group in groups for number in group.numbers}


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
            elif "*" in number.removesuffix("*"):
                message = "A * stands at the end only: for every number that begins so."
                yield fault(path, message, number, ALLOWED_NUMBER)
            elif number in owners:
                message = f"This number leads to group `{owners[number]}` already."
                yield fault(path, message, number, "a number of its own")
            owners.setdefault(number, group.id)


def _recording_faults(config: OfficeConfig) -> Iterator[Fault]:
    """Refuse a recording number that nobody can dial, or that leads to a group."""
    number, path = config.recording_number, ("office", "recording_number")
    if number and (not is_group_number(number) or "*" in number):
        yield fault(path, "Nobody can dial this.", number, ALLOWED_NUMBER)
    elif number and (owner := _owners(config.groups).get(number)):
        message = f"This number leads to group `{owner}` already."
        yield fault(path, message, number, "a number of its own")


def _address_faults(config: OfficeConfig, *, flows: bool) -> Iterator[Fault]:
    for path, address in dialled_addresses(config, flows=flows):
        if message := address_fault(address):
            yield fault(path, message, address, ALLOWED_ADDRESS)


def _skill_faults(member: Member) -> Iterator[Fault]:
    for skill in sorted(member.skills):
        if not _is_id(skill):
            path = ("members", member.id, "skills")
            yield fault(path, "This name cannot be used.", skill, ALLOWED_ID)


def _membership_faults(group: Group, known: list[str]) -> Iterator[Fault]:
    for i, member in enumerate(group.members):
        path: ConfigPath = ("groups", group.id, "members", i)
        if member not in known:
            message = f"This member is not defined.{nearest(member, known)}"
            yield fault(path, message, member, "a member that has a table [members.ID]")
        if member in group.members[:i]:
            yield fault(path, "This member is listed twice.", member, "each member once")


def _key_faults(group: GroupConfig) -> Iterator[Fault]:
    """Refuse keys that no telephone has, and one key for two things."""
    for key in group.leave_keys:
        path: ConfigPath = ("groups", group.id, "leave_keys", key)
        if key not in KEYS:
            yield fault(path, "No telephone has this key.", key, one_of(KEYS))
        elif key == group.call_back_key:
            yield fault(path, "This key is `call_back_key` already.", key, "a key of its own")


def _reference_faults(group: GroupConfig, known: list[str]) -> Iterator[Fault]:
    """Refuse targets that name a group which does not exist."""
    for path, target in targets(group):
        refers = target.kind is TargetKind.GROUP or (
            target.kind is TargetKind.VOICEMAIL and bool(target.value)
        )
        if refers and target.value not in known:
            message = f"This group is not defined.{nearest(target.value, known)}"
            allowed = one_of(known) if known else ""
            yield fault((*path, target.kind.value), message, target.value, allowed)


def _further_faults(group: Group, known: list[str]) -> Iterator[Fault]:
    """Refuse further groups that do not exist.

    They lend members and pass no call on, so groups may well help each other in a circle.
    """
    others = [name for name in known if name != group.id]
    for i, further in enumerate(group.further):
        path: ConfigPath = ("groups", group.id, "further", i, "group")
        if further.group_id == group.id:
            message = "The members of this group are searched already."
            yield fault(path, message, further.group_id, one_of(others) if others else "")
        elif further.group_id not in known:
            message = f"This group is not defined.{nearest(further.group_id, others)}"
            yield fault(path, message, further.group_id, one_of(others) if others else "")


def _hours_faults(group: GroupConfig, known: list[str]) -> Iterator[Fault]:
    """Refuse opening hours that do not exist."""
    if group.hours and group.hours not in known:
        message = f"These opening hours are not defined.{nearest(group.hours, known)}"
        allowed = one_of(known) if known else "hours that have a table [hours.ID]"
        yield fault(("groups", group.id, "hours"), message, group.hours, allowed)


def _loop_faults(groups: Iterable[GroupConfig]) -> Iterator[Fault]:
    """Refuse targets that send a call from group to group in a circle, for ever.

    Each circle is told once, at one of the targets that close it.
    """
    owners = _owners(groups)
    ways = {(g.id, to): path for g in groups for path, to in _ways_on(g, owners)}
    while circle := _circle(ways):
        path = next(ways[step] for step in itertools.pairwise(circle) if step in ways)
        route = " to ".join(f"`{name}`" for name in circle)
        message = f"A call could go round for ever: {route}."
        yield fault(path, message, circle[1], "a target that ends the circle")
        del ways[circle[0], circle[1]]


def _ways_on(group: GroupConfig, owners: Mapping[str, str]) -> Iterator[tuple[ConfigPath, str]]:
    """Give the groups that a call is sent on to by itself, by the targets that are in use."""
    engine = group.engine
    offers_end = engine.max_offers is not None or engine.max_offering_s is not None
    used = {
        "overflow": engine.queue,
        "no_queue": not engine.queue,
        "nobody_active": True,
        "no_answer": offers_end,
        "target": offers_end,
        "too_long": engine.max_wait_s is not None,
        "closed": bool(group.hours),
    }
    for path, target in targets(group):
        if not used.get(str(path[-1])):
            continue
        if target.kind is TargetKind.GROUP:
            yield (*path, "group"), target.value
        elif target.kind is TargetKind.NUMBER and target.value in owners:
            yield (*path, "number"), owners[target.value]


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
