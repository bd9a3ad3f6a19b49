"""An office and its faults as tables for people and as JSON for machines.

Passwords and other secrets appear in neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from softswitch.acd.model import Group, Member, Target, TargetKind
from softswitch.errors import EnvironmentFaultError, Fault
from softswitch.sip.config import Listener, SipConfig
from softswitch.sip.info import LibraryInfo, read_info
from softswitch.switch.config import GroupConfig, OfficeConfig
from softswitch.switch.faults import LocatedFault

_LANGUAGE_NAMES = {"da": "Danish", "nb": "Norwegian", "sv": "Swedish", "en": "English"}


def capacity() -> LibraryInfo | None:
    """Ask the installed PJSIP what it can carry; None where there is none."""
    try:
        return read_info()
    except EnvironmentFaultError:
        return None


# --- for people -----------------------------------------------------------------------------


def show(config: OfficeConfig, file: Path, facts: LibraryInfo | None, console: Console) -> None:
    """Print what would run."""
    language = _LANGUAGE_NAMES.get(config.language, config.language)
    title = Text(f"{config.name or file.name}: {file} can run; it speaks {language}.")
    console.print(title, soft_wrap=True)
    if config.groups:
        console.print(_group_table(config))
        console.print(_queue_table(config.groups))
    else:
        console.print("No groups: only flows given in Python answer calls.")
    console.print(_sip_table(config, facts))


def show_faults(faults: Iterable[Fault], file: Path, console: Console) -> None:
    """Print every fault as a table."""
    faults = tuple(faults)
    table = Table(show_lines=True)
    for column in ("File", "Setting", "Found", "Allowed", "What is wrong"):
        table.add_column(column, overflow="fold")
    for fault in faults:
        row = (_place(fault, file), _setting(fault), fault.value, fault.allowed, fault.message)
        table.add_row(*map(Text, row))
    title = Text(f"{file} is refused: {_count(len(faults), 'fault')}.", style="bold red")
    console.print(title, soft_wrap=True)
    console.print(table)


def fault_lines(faults: Iterable[Fault], file: Path) -> list[str]:
    """Write every fault as one line, for logs."""
    return [
        f"{_place(fault, file)}: {Fault.__str__(fault).removeprefix(f'{file}: ')}"
        for fault in faults
    ]


def _place(fault: Fault, file: Path) -> str:
    line = _line(fault)
    return f"{file.name}:{line}" if line else file.name


def _line(fault: Fault) -> int | None:
    return fault.line if isinstance(fault, LocatedFault) else None


def _setting(fault: Fault) -> str:
    """Return the path in the file, empty where the whole file is at fault."""
    return "" if isinstance(fault, LocatedFault) and fault.path == fault.file else fault.path


def _group_table(config: OfficeConfig) -> Table:
    members = {member.id: member for member in config.members}
    table = Table(title="Who answers", title_justify="left", show_lines=True)
    for column in ("Number", "Group", "Language", "Rings", "Members, first to last"):
        table.add_column(column)
    for group in config.groups:
        lines = [
            f"{place}. {_member_words(members[name])}"
            for place, name in enumerate(group.engine.members, start=1)
        ]
        row = (
            "\n".join(group.numbers) or "none",
            group.id,
            _LANGUAGE_NAMES.get(group.language, group.language),
            _ring_words(group.engine),
            "\n".join(lines),
        )
        table.add_row(*map(Text, row))
    return table


def _member_words(member: Member) -> str:
    passive = "" if member.active else " (passive)"
    return f"{member.name or member.id} <{member.address}>{passive}"


def _ring_words(group: Group) -> str:
    limit = f"up to {group.simultaneous_limit} at once"
    order = limit if group.strategy == "simultaneous" else "one at a time"
    return f"{group.strategy.replace('_', ' ')}\n{order}, {group.ring_time_s:g} s each"


def _queue_table(groups: Iterable[GroupConfig]) -> Table:
    table = Table(title="What else can happen", title_justify="left", show_lines=True)
    for column in ("Group", "All busy", "No answer", "Nobody active", "Also"):
        table.add_column(column)
    for group in groups:
        engine = group.engine
        nobody = engine.nobody_active
        row = (
            group.id,
            _busy_words(engine),
            _no_answer_words(engine),
            target_words(nobody) if nobody else "as when all are busy",
            "\n".join(_extras(group)),
        )
        table.add_row(*map(Text, row))
    return table


def _busy_words(group: Group) -> str:
    if not group.queue:
        return f"no queue: {target_words(group.no_queue)}"
    return (
        f"up to {group.queue_cap} wait, told their place every {group.position_every_s:g} s;\n"
        f"then {target_words(group.overflow)}"
    )


def _no_answer_words(group: Group) -> str:
    limits = []
    if group.max_offers is not None:
        limits.append(f"after {_count(group.max_offers, 'offer')}")
    if group.max_offering_s is not None:
        limits.append(f"after {group.max_offering_s / 60:g} min of offers")
    if not limits:
        return "offered again without end"
    return f"{' or '.join(limits)}: {target_words(group.no_answer)}"


def _extras(group: GroupConfig) -> list[str]:
    music = _count(len(group.music), "file") if group.music else "the default list"
    extras = [f"music: {music}"]
    if group.engine.wrap_up_s:
        extras.append(f"wrap-up: {group.engine.wrap_up_s:g} s")
    if group.greeting:
        extras.append(f"greeting: {group.greeting.name}")
    if group.record:
        extras.append("every answered call is recorded")
    return extras


def target_words(target: Target) -> str:
    """Say in words where a call goes."""
    match target.kind:
        case TargetKind.NUMBER:
            return f"call {target.value}"
        case TargetKind.GROUP:
            return f"group {target.value}"
        case TargetKind.VOICEMAIL if target.value:
            return f"voicemail of group {target.value}"
        case TargetKind.VOICEMAIL:
            return "voicemail of the group"
        case TargetKind.MESSAGE:
            return "standard message, then hang up"
        case TargetKind.HANG_UP:
            return "hang up"


def _sip_table(config: OfficeConfig, facts: LibraryInfo | None) -> Table:
    table = Table(title="SIP", title_justify="left", show_header=False)
    for name, value in _sip_words(config.sip).items():
        table.add_row(name, Text(value))
    table.add_row("Capacity", Text(_capacity_words(config.sip, facts)))
    table.add_row("Data", Text(str(config.data_dir)))
    return table


def _sip_words(sip: SipConfig) -> Mapping[str, str]:
    trunks = [
        f"{trunk.id}: {trunk.server} over {trunk.transport.value}"
        + (f", registers as {trunk.user}" if trunk.register else "")
        for trunk in sip.trunks
    ]
    return {
        "Listens on": "\n".join(map(_listener_words, sip.listen)),
        "Trunks": "\n".join(trunks) or "none: members and targets are reached by SIP URI",
        "Codecs": ", ".join(sip.codecs),
        "Encrypted sound": sip.srtp.value,
        "Ports for sound": f"{sip.rtp_port_first} to {sip.rtp_port_last}",
    }


def _listener_words(listener: Listener) -> str:
    host = f"[{listener.address}]" if ":" in listener.address else listener.address
    port = listener.port or "any free port"
    return f"{listener.transport.value} {host}:{port}"


def _capacity_words(sip: SipConfig, facts: LibraryInfo | None) -> str:
    if facts is None:
        return "PJSIP is not installed: `softswitch pjsip build` makes and installs it"
    wanted = sip.max_calls or facts.max_calls
    legs = min(wanted, facts.max_calls)
    short = f"; the {wanted} asked for cannot be had" if wanted > legs else ""
    return f"{legs} call legs at once by PJSIP {facts.version}{short}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


# --- for machines ---------------------------------------------------------------------------


def describe_faults(faults: Iterable[Fault], file: Path) -> dict[str, Any]:
    """Return every fault, ready for JSON."""
    return {
        "ok": False,
        "file": str(file),
        "faults": [
            {
                "path": _setting(fault),
                "line": _line(fault),
                "value": fault.value,
                "allowed": fault.allowed,
                "message": fault.message,
            }
            for fault in faults
        ],
    }


def describe(config: OfficeConfig, file: Path, facts: LibraryInfo | None) -> dict[str, Any]:
    """Return what would run, ready for JSON."""
    return {
        "ok": True,
        "file": str(file),
        "name": config.name,
        "language": config.language,
        "data_dir": str(config.data_dir),
        "groups": [_describe_group(group) for group in config.groups],
        "members": [
            {"id": m.id, "name": m.name, "address": m.address, "active": m.active}
            for m in config.members
        ],
        "listen": [_listener_words(listener) for listener in config.sip.listen],
        "trunks": [
            {"id": t.id, "server": t.server, "transport": t.transport.value, "register": t.register}
            for t in config.sip.trunks
        ],
        "codecs": list(config.sip.codecs),
        "pjsip": facts and {"version": facts.version, "max_calls": facts.max_calls},
    }


def _describe_group(group: GroupConfig) -> dict[str, Any]:
    engine = attrs.asdict(group.engine, value_serializer=_serialised)
    return {
        **engine,
        "numbers": list(group.numbers),
        "language": group.language,
        "record": group.record,
        "music": [str(path) for path in group.music],
        "greeting": group.greeting and str(group.greeting),
    }


def _serialised(_instance: object, _field: object, value: object) -> object:
    """Write a target as its kind and value, and leave the rest."""
    if isinstance(value, Target):
        return {"kind": value.kind.value, "value": value.value, "words": target_words(value)}
    return value
