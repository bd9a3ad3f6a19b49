"""The tables of an office file, field by field, with every limit of an office stated once.

Each class is one table as it is written in TOML; the limits of ``[sip]`` stand in
`softswitch.sip.config`. `softswitch.switch.structure` reads them, `softswitch.switch.rules`
checks the limits, and the functions here turn them into `OfficeConfig` and back.

Metadata of a field: ``range`` (lowest, highest), ``or`` (one more number besides the range),
``choices``, ``length`` (fewest, most) of a list, ``allowed`` (what may stand there, in words that
override the derived ones).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs

from softswitch.acd.estimate import ESTIMATORS
from softswitch.acd.model import (
    FurtherGroup,
    Group,
    Member,
    NoAnswerAction,
    Target,
    TargetKind,
)
from softswitch.acd.strategies import DEFAULT_STRATEGIES
from softswitch.hours import StandardWeek
from softswitch.sip.config import SipConfig, TlsFiles
from softswitch.switch.config import LANGUAGES, FlowConfig, GroupConfig, OfficeConfig
from softswitch.switch.hours_tables import HoursTable
from softswitch.switch.service_tables import (
    ALLOWED_CODE,
    ALLOWED_MAIL,
    MailTable,
    Person,
    SurveyTable,
    VoicemailTable,
)
from softswitch.switch.sms_tables import SmsTable
from softswitch.switch.speech_tables import SpeechTable
from softswitch.switch.targets import ALLOWED_TARGET
from softswitch.switch.web_tables import WebTable
from softswitch.switch.week_tables import WeekTable, as_tables, standard_week

STRATEGIES: Final = tuple(DEFAULT_STRATEGIES)
KEYS: Final = tuple("0123456789*#")
ALLOWED_ZONE: Final = 'a time zone of the IANA list, such as "Europe/Copenhagen"'
ALLOWED_KEYS: Final = f"a table: for each key of {' '.join(KEYS)} a target"

Numbers: TypeAlias = str | tuple[str, ...]
_TARGET: Final = {"allowed": ALLOWED_TARGET}
_MAIL: Final = {"length": (0, 20), "allowed": ALLOWED_MAIL}


@attrs.frozen(kw_only=True)
class OfficeTable:
    """``[office]``."""

    name: str = ""
    language: str = attrs.field(default="en", metadata={"choices": LANGUAGES})
    data_dir: Path = Path("var")
    timezone: str = attrs.field(default="", metadata={"allowed": ALLOWED_ZONE})
    recording_number: str = ""
    hotprompt_number: str = ""
    login_number: str = ""
    pause_reasons: tuple[str, ...] = attrs.field(default=(), metadata={"length": (0, 9)})


@attrs.frozen(kw_only=True)
class MemberTable:
    """``[members.ID]``."""

    address: str
    name: str = ""
    active: bool = True
    skills: tuple[str, ...] = attrs.field(default=(), metadata={"length": (0, 50)})
    code: str = attrs.field(default="", metadata={"allowed": ALLOWED_CODE})
    voicemail_to: tuple[str, ...] = attrs.field(default=(), metadata=_MAIL)
    voicemail_greeting: Path | None = None


@attrs.frozen(kw_only=True)
class FurtherTable:
    """``[[groups.ID.further]]``.

    Attributes:
        group: the group whose members answer too.
    """

    group: str
    after_s: float = attrs.field(default=0.0, metadata={"range": (0, 86_400)})
    waiting_at_least: int = attrs.field(default=0, metadata={"range": (0, 10_000)})
    active_at_most: int | None = attrs.field(default=None, metadata={"range": (0, 25)})


@attrs.frozen(kw_only=True)
class GroupTable:
    """``[groups.ID]``. The numbers are the limits of a hunt group as operators sell it."""

    number: Numbers = attrs.field(metadata={"allowed": "a number, or a list of numbers"})
    language: str | None = attrs.field(default=None, metadata={"choices": LANGUAGES})
    strategy: str = attrs.field(default="priority", metadata={"choices": STRATEGIES})
    members: tuple[str, ...] = attrs.field(default=(), metadata={"length": (1, 25)})
    ring_time_s: float = attrs.field(default=20.0, metadata={"range": (15, 40)})
    simultaneous_limit: int = attrs.field(default=10, metadata={"range": (1, 10)})
    max_offers: int | None = attrs.field(default=None, metadata={"range": (1, 1000)})
    max_offering_min: float | None = attrs.field(default=None, metadata={"range": (1, 1440)})
    no_answer: Target = attrs.field(default=Target(TargetKind.VOICEMAIL), metadata=_TARGET)
    no_answer_action: NoAnswerAction = NoAnswerAction.NOTHING
    queue: bool = True
    queue_cap: int = attrs.field(default=10, metadata={"range": (1, 10_000)})
    overflow: Target = attrs.field(default=Target(TargetKind.VOICEMAIL), metadata=_TARGET)
    no_queue: Target = attrs.field(default=Target(TargetKind.MESSAGE), metadata=_TARGET)
    nobody_active: Target | None = attrs.field(default=None, metadata=_TARGET)
    max_wait_s: float | None = attrs.field(default=None, metadata={"range": (1, 86_400)})
    too_long: Target = attrs.field(default=Target(TargetKind.VOICEMAIL), metadata=_TARGET)
    further: tuple[FurtherTable, ...] = ()
    week: tuple[WeekTable, ...] = ()
    hours: str = ""
    closed: Target = attrs.field(default=Target(TargetKind.MESSAGE), metadata=_TARGET)
    position_every_s: float = attrs.field(default=30.0, metadata={"range": (5, 3600), "or": 0})
    expected_wait: str | None = attrs.field(default=None, metadata={"choices": tuple(ESTIMATORS)})
    expected_wait_probability: float = attrs.field(default=0.8, metadata={"range": (0.5, 0.99)})
    wrap_up_s: float = attrs.field(default=0.0, metadata={"range": (0, 3600)})
    auto_ready: bool = True
    service_within_s: float = attrs.field(default=20.0, metadata={"range": (1, 3600)})
    rejected_back_off_s: float = attrs.field(default=5.0, metadata={"range": (0, 3600)})
    busy_back_off_s: float = attrs.field(default=5.0, metadata={"range": (0, 3600)})
    unreachable_back_off_s: float = attrs.field(default=5.0, metadata={"range": (0, 3600)})
    no_answer_back_off_s: float = attrs.field(default=0.0, metadata={"range": (0, 3600)})
    weight: int = attrs.field(default=0, metadata={"range": (-1000, 1000)})
    priority_worth_s: float | None = attrs.field(default=None, metadata={"range": (1, 86_400)})
    last_agent_within_s: float = attrs.field(default=0.0, metadata={"range": (0, 2_592_000)})
    last_agent_wait_s: float = attrs.field(default=60.0, metadata={"range": (0, 3600)})
    redial_within_s: float = attrs.field(default=0.0, metadata={"range": (0, 3600)})
    leave_keys: dict[str, Target] = attrs.field(factory=dict, metadata={"allowed": ALLOWED_KEYS})
    call_back_key: str | None = attrs.field(default=None, metadata={"choices": KEYS})
    call_back_confirm: bool = False
    customer_first: bool = False
    call_back_attempts: int = attrs.field(default=3, metadata={"range": (1, 10)})
    call_back_retry_s: float = attrs.field(default=300.0, metadata={"range": (10, 86_400)})
    record: bool = False
    music: tuple[Path, ...] = attrs.field(default=(), metadata={"length": (0, 10)})
    greeting: Path | None = None
    voicemail_to: tuple[str, ...] = attrs.field(default=(), metadata=_MAIL)
    voicemail_greeting: Path | None = None
    survey: str = ""


@attrs.frozen(kw_only=True)
class FlowTable:
    """``[flows.ID]``."""

    file: Path
    number: Numbers = attrs.field(
        default=(), metadata={"allowed": "a number, or a list of numbers"}
    )


@attrs.frozen(kw_only=True)
class OfficeFile:
    """The whole file."""

    office: OfficeTable = OfficeTable()
    sip: SipConfig = attrs.field(factory=SipConfig)
    members: dict[str, MemberTable] = attrs.field(factory=dict)
    groups: dict[str, GroupTable] = attrs.field(factory=dict)
    hours: dict[str, HoursTable] = attrs.field(factory=dict)
    flows: dict[str, FlowTable] = attrs.field(factory=dict)
    mail: MailTable = attrs.field(factory=MailTable)
    sms: SmsTable = attrs.field(factory=SmsTable)
    voicemail: VoicemailTable = attrs.field(factory=VoicemailTable)
    surveys: dict[str, SurveyTable] = attrs.field(factory=dict)
    speech: SpeechTable = attrs.field(factory=SpeechTable)
    web: WebTable = attrs.field(factory=WebTable)


ReadWeek: TypeAlias = Callable[[tuple[WeekTable, ...]], StandardWeek | None]


def to_config(file: OfficeFile, base: Path, *, read_week: ReadWeek = standard_week) -> OfficeConfig:
    """Make the office that a file describes; its paths are relative to folder ``base``."""
    groups = (
        attrs.evolve(_group_from(key, table, base), week=read_week(table.week))
        for key, table in file.groups.items()
    )
    return OfficeConfig(
        name=file.office.name,
        language=file.office.language,
        data_dir=base / file.office.data_dir,
        timezone=file.office.timezone,
        recording_number=file.office.recording_number,
        hotprompt_number=file.office.hotprompt_number,
        login_number=file.office.login_number,
        pause_reasons=file.office.pause_reasons,
        sip=attrs.evolve(file.sip, tls=_tls_from(file.sip.tls, base)),
        members=tuple(_member_from(key, table) for key, table in file.members.items()),
        groups=tuple(groups),
        hours={key: _hours_from(table, base) for key, table in file.hours.items()},
        flows=tuple(_flow_from(key, table, base) for key, table in file.flows.items()),
        mail=file.mail,
        sms=file.sms,
        voicemail=file.voicemail,
        surveys={key: _survey_from(table, base) for key, table in file.surveys.items()},
        people=_people(file.members, base),
        speech=file.speech.within(base),
        web=file.web.within(base),
    )


def _survey_from(table: SurveyTable, base: Path) -> SurveyTable:
    questions = (attrs.evolve(q, sound=q.sound and base / q.sound) for q in table.questions)
    return attrs.evolve(table, questions=tuple(questions))


def _people(members: Mapping[str, MemberTable], base: Path) -> dict[str, Person]:
    """Return what is known of members, but for those of whom nothing is."""
    known = {key: _person_from(table, base) for key, table in members.items()}
    return {key: person for key, person in known.items() if person != Person()}


def _person_from(table: MemberTable, base: Path) -> Person:
    return Person(
        code=table.code,
        voicemail_to=table.voicemail_to,
        voicemail_greeting=table.voicemail_greeting and base / table.voicemail_greeting,
    )


def _flow_from(key: str, table: FlowTable, base: Path) -> FlowConfig:
    numbers = (table.number,) if isinstance(table.number, str) else table.number
    return FlowConfig(id=key, file=base / table.file, numbers=numbers)


def _hours_from(table: HoursTable, base: Path) -> HoursTable:
    calendars = (
        attrs.evolve(calendar, file=calendar.file and base / calendar.file)
        for calendar in table.calendars
    )
    return attrs.evolve(table, calendars=tuple(calendars))


def _tls_from(tls: TlsFiles, base: Path) -> TlsFiles:
    def absolute(path: Path | None) -> Path | None:
        return path and base / path

    return attrs.evolve(
        tls,
        certificate=absolute(tls.certificate),
        key=absolute(tls.key),
        authorities=absolute(tls.authorities),
    )


def _member_from(key: str, table: MemberTable) -> Member:
    return Member(
        id=key,
        address=table.address,
        name=table.name,
        active=table.active,
        skills=frozenset(table.skills),
    )


def member_table(member: Member) -> MemberTable:
    """Write a member as its table in the file."""
    return MemberTable(
        address=member.address,
        name=member.name,
        active=member.active,
        skills=tuple(sorted(member.skills)),
    )


_ENGINE_FIELDS: Final = tuple(
    (set(attrs.fields_dict(Group)) & set(attrs.fields_dict(GroupTable))) - {"further"}
)
"""Settings that file and queue engine have under one name, in one unit."""


def _group_from(key: str, table: GroupTable, base: Path) -> GroupConfig:
    minutes = table.max_offering_min
    engine: dict[str, Any] = {name: getattr(table, name) for name in _ENGINE_FIELDS}
    return GroupConfig(
        engine=Group(
            id=key,
            max_offering_s=minutes and minutes * 60,
            further=tuple(map(_further_from, table.further)),
            **engine,
        ),
        numbers=(table.number,) if isinstance(table.number, str) else table.number,
        language=table.language or "",
        record=table.record,
        music=tuple(base / path for path in table.music),
        greeting=table.greeting and base / table.greeting,
        leave_keys=table.leave_keys,
        call_back_key=table.call_back_key or "",
        hours=table.hours,
        closed=table.closed,
        voicemail_to=table.voicemail_to,
        voicemail_greeting=table.voicemail_greeting and base / table.voicemail_greeting,
        survey=table.survey,
        call_back_confirm=table.call_back_confirm,
    )


def _further_from(table: FurtherTable) -> FurtherGroup:
    return FurtherGroup(
        group_id=table.group,
        after_s=table.after_s,
        waiting_at_least=table.waiting_at_least,
        active_at_most=table.active_at_most,
    )


def further_table(further: FurtherGroup) -> FurtherTable:
    """Write a further group as its table in the file."""
    return FurtherTable(
        group=further.group_id,
        after_s=further.after_s,
        waiting_at_least=further.waiting_at_least,
        active_at_most=further.active_at_most,
    )


def group_table(group: GroupConfig, *, office_language: str) -> GroupTable:
    """Write a group as its table in the file; the office's language need not be said again."""
    seconds = group.engine.max_offering_s
    engine: dict[str, Any] = {name: getattr(group.engine, name) for name in _ENGINE_FIELDS}
    return GroupTable(
        number=group.numbers[0] if len(group.numbers) == 1 else group.numbers,
        max_offering_min=None if seconds is None else seconds / 60,
        further=tuple(map(further_table, group.engine.further)),
        language=None if group.language == office_language else group.language,
        record=group.record,
        music=group.music,
        greeting=group.greeting,
        leave_keys=dict(group.leave_keys),
        call_back_key=group.call_back_key or None,
        week=as_tables(group.week),
        hours=group.hours,
        closed=group.closed,
        voicemail_to=group.voicemail_to,
        voicemail_greeting=group.voicemail_greeting,
        survey=group.survey,
        call_back_confirm=group.call_back_confirm,
        **engine,
    )


def office_table(config: OfficeConfig) -> OfficeTable:
    """Write what concerns the whole office as its table in the file."""
    return OfficeTable(
        name=config.name,
        language=config.language,
        data_dir=config.data_dir,
        timezone=config.timezone,
        recording_number=config.recording_number,
        hotprompt_number=config.hotprompt_number,
        login_number=config.login_number,
        pause_reasons=config.pause_reasons,
    )
