"""Writes docs/configuration.md from the classes that the office file is read into.

Keys, types, limits and defaults come from the fields and their metadata, meanings from the
docstrings. ``--check`` writes nothing and fails when the file is out of date.
"""

from __future__ import annotations

import enum
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import Any, get_args

import attrs

from softswitch.acd.model import FurtherGroup, Group, Member, Target
from softswitch.settings.faults import allowed_by
from softswitch.sip.config import CODECS, Listener, SipConfig, TlsFiles, Trunk
from softswitch.switch.config import FlowConfig, GroupConfig, OfficeConfig
from softswitch.switch.hours_tables import (
    CalendarTable,
    HoursTable,
    OpenSpans,
    OpenTable,
    SpecialTable,
)
from softswitch.switch.service_tables import (
    MailTable,
    Person,
    QuestionTable,
    SurveyTable,
    VoicemailTable,
)
from softswitch.switch.sms_tables import SmsTable
from softswitch.switch.speech_tables import SpeechTable
from softswitch.switch.tables import (
    FlowTable,
    FurtherTable,
    GroupTable,
    MemberTable,
    OfficeFile,
    OfficeTable,
)
from softswitch.switch.web_tables import WebTable
from softswitch.switch.week_tables import Days, WeekTable

PAGE = Path(__file__).resolve().parent.parent / "docs" / "configuration.md"
TEMPLATE = Path(__file__).with_name("configuration_doc.md")

SOURCES: Mapping[type, tuple[type, ...]] = {
    OfficeTable: (OfficeConfig,),
    SipConfig: (SipConfig,),
    Listener: (Listener,),
    TlsFiles: (TlsFiles,),
    Trunk: (Trunk,),
    MemberTable: (MemberTable, Member, Person),
    GroupTable: (GroupTable, GroupConfig, Group),
    FurtherTable: (FurtherTable, FurtherGroup),
    WeekTable: (WeekTable,),
    HoursTable: (HoursTable,),
    OpenTable: (OpenTable,),
    SpecialTable: (SpecialTable,),
    CalendarTable: (CalendarTable,),
    FlowTable: (FlowTable, FlowConfig),
    MailTable: (MailTable,),
    SmsTable: (SmsTable,),
    VoicemailTable: (VoicemailTable,),
    SurveyTable: (SurveyTable,),
    QuestionTable: (QuestionTable,),
    SpeechTable: (SpeechTable,),
    WebTable: (WebTable,),
}
"""For each table of the file, the classes whose docstrings tell what its keys mean."""

MEANINGS: Mapping[tuple[type, str], str] = {
    (OfficeTable, "language"): "language of the messages, for groups that name none.",
    (OfficeTable, "data_dir"): "folder for recordings, voicemail, the journal and rendered "
    "sounds, relative to the file; made when missing.",
    (SipConfig, "codecs"): f"what we speak, best first, of {', '.join(CODECS)}.",
    (SipConfig, "rtp_port_first"): "first UDP port for sound.",
    (SipConfig, "rtp_port_last"): "last UDP port for sound; above the first.",
    (MemberTable, "skills"): "what the member can do and which languages, by names of your own "
    "such as `sales` or `da`; a call may ask for some of them.",
    (GroupTable, "number"): "dialled number or numbers that reach the group; an empty list: it is "
    "reached as a target only. `12*` is every number that begins with 12.",
    (GroupTable, "language"): "language of its messages; left out: the office's.",
    (GroupTable, "strategy"): "whom to ring: see below.",
    (GroupTable, "max_offering_min"): "minutes of offering before `no_answer`; left out: no limit.",
    (GroupTable, "further"): "groups whose members join the search for a waiting call: see below.",
    (GroupTable, "hours"): "opening hours, by their `ID`; left out: always open.",
    (GroupTable, "closed"): "where calls go while it is closed, after the greeting of that hour.",
    (GroupTable, "week"): "where unanswered calls go at which times of the week: see below.",
    (FlowTable, "file"): "the [flow file](flow-files.md).",
    (FlowTable, "number"): "dialled number or numbers that lead to it; left out: none.",
    (OfficeTable, "timezone"): "zone whose time of day is told and standard weeks follow; left "
    "out: the machine's.",
    (GroupTable, "leave_keys"): "keys by which a waiting caller leaves the queue: see below.",
    (GroupTable, "call_back_key"): "key by which a waiting caller asks to be called back: see "
    "below; left out: none.",
    (GroupTable, "expected_wait"): "callers are told, besides their position, a wait estimated "
    "like this: see below; left out: they are told no wait.",
}
"""What only the file has, or says in another unit."""

_ENTRY = re.compile(r"^ {4}(\w+(?:, \w+)*): (.*(?:\n {8}.*)*)", re.MULTILINE)


def main() -> None:
    """Write the page, or check it."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        sys.exit(f"{PAGE} is out of date: run {Path(__file__).name}")


def page() -> str:
    """The whole page: the template with every ``{{Class}}`` replaced by that class's table."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for cls in tables(OfficeFile):
        place = f"{{{{{cls.__name__}}}}}"
        if place not in text:
            raise LookupError(f"{TEMPLATE.name} has no place for {cls.__name__}: {place}")
        text = text.replace(place, table(cls))
    return text


def tables(cls: type, seen: frozenset[type] = frozenset()) -> Iterator[type]:
    """Every class that a table of the file is read into."""
    for field in attrs.fields(attrs.resolve_types(cls)):
        for kind in _inner_types(field.type):
            if attrs.has(kind) and kind is not Target and kind not in seen:
                seen |= {kind}
                yield kind
                yield from tables(kind, seen)


def _inner_types(kind: Any) -> Iterator[type]:  # noqa: ANN401 - a type form
    if get_args(kind):
        for inner in get_args(kind):
            yield from _inner_types(inner)
    elif isinstance(kind, type):
        yield kind


def table(cls: type) -> str:
    """The keys of one table of the file, as a table in Markdown."""
    meanings = dict(reversed(list(_meanings(cls))))
    rows = ["| Key | Value | Default | Meaning |", "|---|---|---|---|"]
    for field in attrs.fields(attrs.resolve_types(cls)):
        meaning = MEANINGS.get((cls, field.name)) or meanings[field.name]
        cells = (f"`{field.name}`", _value(field), _default(field), _sentence(meaning))
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _meanings(cls: type) -> Iterator[tuple[str, str]]:
    """What the docstrings say of each attribute, the most important source first."""
    for source in SOURCES[cls]:
        text = f"\n{source.__doc__ or ''}".partition("\n    Attributes:\n")[2]
        for names, meaning in _ENTRY.findall(inspect.cleandoc(f"x\n    Attributes:\n{text}")):
            for name in names.split(", "):
                yield name, " ".join(meaning.split())


def _sentence(text: str) -> str:
    """As Markdown: references to Python names become the keys of the file."""
    text = text.replace("``", "`").replace("`SipConfig.srtp`", "`srtp` of `[sip]`")
    text = re.sub(r"\bNone: ", "left out: ", re.sub(r", or None\b", "", text))
    return text[0].upper() + text[1:]


def _value(field: attrs.Attribute[Any]) -> str:
    kinds = [kind for kind in get_args(field.type) if kind is not type(None)]
    optional = type(None) in get_args(field.type)
    kind = kinds[0] if optional and len(kinds) == 1 else field.type
    if "choices" in field.metadata:
        return _one_of(field.metadata["choices"])
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _one_of(kind)
    if kind in (Target, bool):
        return "a target, see below" if kind is Target else _one_of((True, False))
    return allowed_by(field.metadata, kind)


def _one_of(values: Iterable[object]) -> str:
    return ", ".join(map(_written, values))


def _default(field: attrs.Attribute[Any]) -> str:
    fewest, _ = field.metadata.get("length", (0, None))
    if field.default is attrs.NOTHING or (fewest and not field.default):
        return "**required**"
    default = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type] # mypy takes it for a function
        default = default.factory()
    return _written(default)


def _written(value: object) -> str:  # noqa: C901, PLR0911 - a table of types
    """A default as the file would say it."""
    match value:
        case OpenSpans() if not value:
            return "closed"
        case time():
            return f'`"{value:%H:%M}"`'
        case None | "" | ():
            return "none"
        case dict() if not value:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case Target():
            return f'`"{value.kind.value}"`'
        case enum.Enum():
            return f'`"{value.value}"`'
        case str() | Path() | Days():
            return f'`"{value}"`'
        case tuple():
            return ", ".join(map(_written, value))
        case float():
            return f"`{value:g}`"
        case _ if attrs.has(type(value)):
            return "as below"
        case _:
            return f"`{value}`"


if __name__ == "__main__":
    main()
