"""An office and its faults as tables for people and as JSON for machines.

Passwords and other secrets appear in neither.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from softswitch.acd.model import Member, Target
from softswitch.cli.office_words import (
    busy_words,
    count,
    extras,
    further_words,
    heard_words,
    language_name,
    listener_words,
    member_words,
    no_answer_words,
    nobody_words,
    ring_words,
    sip_words,
    target_words,
)
from softswitch.cli.service_words import number_words, sender_words
from softswitch.cli.web_words import web_words
from softswitch.errors import EnvironmentFaultError, Fault
from softswitch.settings.faults import LocatedFault
from softswitch.sip.info import LibraryInfo, read_info
from softswitch.switch.config import GroupConfig, OfficeConfig
from softswitch.switch.week_tables import WeekTable, as_tables


def capacity() -> LibraryInfo | None:
    """Ask the installed PJSIP what it can carry; None where there is none."""
    try:
        return read_info()
    except EnvironmentFaultError:
        return None


# --- for people -----------------------------------------------------------------------------


def show(config: OfficeConfig, file: Path, facts: LibraryInfo | None, console: Console) -> None:
    """Print what would run."""
    speaks = language_name(config.language)
    title = Text(f"{config.name or file.name}: {file} can run; it speaks {speaks}.")
    console.print(title, soft_wrap=True)
    if config.groups:
        console.print(_group_table(config))
        console.print(_queue_table(config.groups))
    elif not config.flows:
        console.print("No groups: only flows given in Python answer calls.")
    if any(number_words(config)):
        console.print(_number_table(config))
    console.print(_sip_table(config, facts))
    if config.web.on:
        console.print(_web_table(config))


def show_faults(faults: Iterable[Fault], file: Path, console: Console) -> None:
    """Print every fault as a table."""
    faults = tuple(faults)
    table = Table(show_lines=True)
    for column in ("File", "Setting", "What is wrong"):
        table.add_column(column, overflow="fold")
    for fault in faults:
        table.add_row(Text(_place(fault, file)), Text(_setting(fault)), _what_is_wrong(fault))
    title = Text(f"{file} is refused: {count(len(faults), 'fault')}.", style="bold red")
    console.print(title, soft_wrap=True)
    console.print(table)


def _what_is_wrong(fault: Fault) -> Text:
    text = Text(fault.message)
    for title, value in (("Found", fault.value), ("Allowed", fault.allowed)):
        if value:
            text.append(f"\n{title}: ", style="dim").append(value)
    return text


def fault_lines(faults: Iterable[Fault], file: Path) -> list[str]:
    """Write every fault as one line, for logs."""
    return [
        f"{_place(fault, file)}: {Fault.__str__(fault).removeprefix(f'{file}: ')}"
        for fault in faults
    ]


def _place(fault: Fault, file: Path) -> str:
    line = _line(fault)
    name = _file(fault, file).name
    return f"{name}:{line}" if line else name


def _file(fault: Fault, file: Path) -> Path:
    """Return the file that a fault stands in: a flow's own, or the office's."""
    return Path(fault.file) if isinstance(fault, LocatedFault) and fault.file else file


def _line(fault: Fault) -> int | None:
    return fault.line if isinstance(fault, LocatedFault) else None


def _setting(fault: Fault) -> str:
    """Return the path in the file, empty where the whole file is at fault."""
    return "" if isinstance(fault, LocatedFault) and fault.path == fault.file else fault.path


def _group_table(config: OfficeConfig) -> Table:
    members = {member.id: member for member in config.members}
    table = Table(title="Who answers", title_justify="left", show_lines=True)
    for column in ("Number", "Group", "Language", "Rings", "Members, first to last"):
        table.add_column(column, overflow="fold")
    for group in config.groups:
        lines = [
            f"{place}. {member_words(members[name])}"
            for place, name in enumerate(group.engine.members, start=1)
        ]
        row = (
            "\n".join(group.numbers) or "none",
            group.id,
            language_name(group.language),
            ring_words(group.engine),
            "\n".join(lines),
        )
        table.add_row(*map(Text, row))
    return table


def _queue_table(groups: Iterable[GroupConfig]) -> Table:
    table = Table(title="What else can happen", title_justify="left", show_lines=True)
    for column in ("Group", "All busy", "No answer", "Nobody active", "Also"):
        table.add_column(column, overflow="fold")
    for group in groups:
        row = (
            group.id,
            busy_words(group.engine),
            no_answer_words(group.engine),
            nobody_words(group.engine),
            "\n".join(extras(group)),
        )
        table.add_row(*map(Text, row))
    return table


def _sip_table(config: OfficeConfig, facts: LibraryInfo | None) -> Table:
    table = Table(title="SIP", title_justify="left", show_header=False)
    for name, value in sip_words(config.sip, facts).items():
        table.add_row(name, Text(value))
    table.add_row("Time zone", Text(config.timezone or "the machine's"))
    table.add_row("Data", Text(str(config.data_dir)))
    for name, value in sender_words(config).items():
        table.add_row(name, Text(value))
    if heard := heard_words(config):
        table.add_row("Spoken choices", Text(heard))
    return table


def _number_table(config: OfficeConfig) -> Table:
    table = Table("Number", "Leads to", title="Other numbers", title_justify="left")
    for number, what in number_words(config):
        table.add_row(Text(number), Text(what, overflow="fold"))
    return table


def _web_table(config: OfficeConfig) -> Table:
    table = Table(title="Call backs ordered by web", title_justify="left", show_header=False)
    for name, value in web_words(config).items():
        table.add_row(name, Text(value))
    return table


# --- for machines ---------------------------------------------------------------------------


def describe_faults(faults: Iterable[Fault], file: Path) -> dict[str, Any]:
    """Return every fault, ready for JSON."""
    return {
        "ok": False,
        "file": str(file),
        "faults": [
            {
                "file": _file(fault, file).name,
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
        "timezone": config.timezone,
        "recording_number": config.recording_number or None,
        "hotprompt_number": config.hotprompt_number or None,
        "login_number": config.login_number or None,
        "voicemail_number": config.voicemail.number or None,
        "flows": [
            {"id": flow.id, "file": str(flow.file), "numbers": list(flow.numbers)}
            for flow in config.flows
        ],
        "recogniser": config.speech.recogniser,
        "groups": [_describe_group(group) for group in config.groups],
        "members": [_describe_member(member) for member in config.members],
        "listen": [listener_words(listener) for listener in config.sip.listen],
        "trunks": [
            {"id": t.id, "server": t.server, "transport": t.transport.value, "register": t.register}
            for t in config.sip.trunks
        ],
        "codecs": list(config.sip.codecs),
        "web": _describe_web(config) if config.web.on else None,
        "pjsip": facts and _describe_library(facts),
    }


def _describe_web(config: OfficeConfig) -> dict[str, Any]:
    web = config.web
    return {
        "address": web.address,
        "port": web.port,
        "https": web.certificate is not None,
        "groups": dict(web.groups),
        "form": web.form,
        "programs": bool(web.secret()),
        "words": dict(web_words(config)),
    }


def _describe_library(facts: LibraryInfo) -> dict[str, Any]:
    return {
        "version": facts.version,
        "max_calls": facts.max_calls,
        "usable_calls": facts.usable_calls,
    }


def _describe_member(member: Member) -> dict[str, Any]:
    return {**attrs.asdict(member), "skills": sorted(member.skills)}


def _describe_group(group: GroupConfig) -> dict[str, Any]:
    further = [
        {**attrs.asdict(further), "words": further_words(further)}
        for further in group.engine.further
    ]
    return {
        **attrs.asdict(group.engine, value_serializer=_serialised),
        "further": further,
        "numbers": list(group.numbers),
        "language": group.language,
        "record": group.record,
        "music": [str(path) for path in group.music],
        "greeting": group.greeting and str(group.greeting),
        "leave_keys": {key: _describe_target(t) for key, t in group.leave_keys.items()},
        "call_back_key": group.call_back_key,
        "call_back_confirm": group.call_back_confirm,
        "hours": group.hours or None,
        "closed": _describe_target(group.closed),
        "survey": group.survey or None,
        "week": [_describe_slots(table) for table in as_tables(group.week)],
        "words": {
            "rings": ring_words(group.engine),
            "busy": busy_words(group.engine),
            "no_answer": no_answer_words(group.engine),
            "nobody_active": nobody_words(group.engine),
            "also": extras(group),
        },
    }


def _describe_slots(table: WeekTable) -> dict[str, Any]:
    return {
        "days": list(table.days.names),
        "begin": f"{table.begin:%H:%M}",
        "end": f"{table.end:%H:%M}",
        "target": _describe_target(table.target),
    }


def _describe_target(target: Target) -> dict[str, Any]:
    return {"kind": target.kind.value, "value": target.value, "words": target_words(target)}


def _serialised(_instance: object, _field: object, value: object) -> object:
    """Write a target as its kind and value, a choice as in the file, and leave the rest."""
    if isinstance(value, Target):
        return _describe_target(value)
    return value.value if isinstance(value, enum.Enum) else value
