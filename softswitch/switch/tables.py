"""The tables of an office file, field by field, with every limit of an office stated once.

Each class is one table as it is written in TOML; the limits of ``[sip]`` stand in
`softswitch.sip.config`. `softswitch.switch.structure` reads them, `softswitch.switch.rules`
checks the limits, and the functions here turn them into `OfficeConfig` and back.

Metadata of a field: ``range`` (lowest, highest), ``choices``, ``length`` (fewest, most) of a list,
``allowed`` (what may stand there, in words that override the derived ones).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs

from softswitch.acd.model import Group, Member, Target, TargetKind
from softswitch.acd.strategies import DEFAULT_STRATEGIES
from softswitch.sip.config import SipConfig, TlsFiles
from softswitch.switch.config import LANGUAGES, GroupConfig, OfficeConfig

STRATEGIES: Final = tuple(DEFAULT_STRATEGIES)
BARE_TARGETS: Final = ("voicemail", "message", "hang_up")
VALUE_TARGETS: Final = ("voicemail", "number", "group")
ALLOWED_TARGET: Final = (
    '"voicemail", "message", "hang_up", or a table with one of voicemail, number or group'
)

Numbers: TypeAlias = str | tuple[str, ...]
_TARGET: Final = {"allowed": ALLOWED_TARGET}


@attrs.frozen(kw_only=True)
class OfficeTable:
    """``[office]``."""

    name: str = ""
    language: str = attrs.field(default="en", metadata={"choices": LANGUAGES})
    data_dir: Path = Path("var")


@attrs.frozen(kw_only=True)
class MemberTable:
    """``[members.ID]``."""

    address: str
    name: str = ""
    active: bool = True


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
    queue: bool = True
    queue_cap: int = attrs.field(default=10, metadata={"range": (1, 10_000)})
    overflow: Target = attrs.field(default=Target(TargetKind.VOICEMAIL), metadata=_TARGET)
    no_queue: Target = attrs.field(default=Target(TargetKind.MESSAGE), metadata=_TARGET)
    nobody_active: Target | None = attrs.field(default=None, metadata=_TARGET)
    position_every_s: float = attrs.field(default=30.0, metadata={"range": (5, 3600)})
    wrap_up_s: float = attrs.field(default=0.0, metadata={"range": (0, 3600)})
    rejected_back_off_s: float = attrs.field(default=5.0, metadata={"range": (0, 3600)})
    busy_back_off_s: float = attrs.field(default=5.0, metadata={"range": (0, 3600)})
    unreachable_back_off_s: float = attrs.field(default=5.0, metadata={"range": (0, 3600)})
    no_answer_back_off_s: float = attrs.field(default=0.0, metadata={"range": (0, 3600)})
    weight: int = attrs.field(default=0, metadata={"range": (-1000, 1000)})
    record: bool = False
    music: tuple[Path, ...] = attrs.field(default=(), metadata={"length": (0, 10)})
    greeting: Path | None = None


@attrs.frozen(kw_only=True)
class OfficeFile:
    """The whole file."""

    office: OfficeTable = OfficeTable()
    sip: SipConfig = attrs.field(factory=SipConfig)
    members: dict[str, MemberTable] = attrs.field(factory=dict)
    groups: dict[str, GroupTable] = attrs.field(factory=dict)


def to_config(file: OfficeFile, base: Path) -> OfficeConfig:
    """Make the office that a file describes; its paths are relative to folder ``base``."""
    return OfficeConfig(
        name=file.office.name,
        language=file.office.language,
        data_dir=base / file.office.data_dir,
        sip=attrs.evolve(file.sip, tls=_tls_from(file.sip.tls, base)),
        members=tuple(Member(id=key, **attrs.asdict(table)) for key, table in file.members.items()),
        groups=tuple(_group_from(key, table, base) for key, table in file.groups.items()),
    )


def _tls_from(tls: TlsFiles, base: Path) -> TlsFiles:
    def absolute(path: Path | None) -> Path | None:
        return path and base / path

    return attrs.evolve(
        tls,
        certificate=absolute(tls.certificate),
        key=absolute(tls.key),
        authorities=absolute(tls.authorities),
    )


_ENGINE_FIELDS: Final = tuple(set(attrs.fields_dict(Group)) & set(attrs.fields_dict(GroupTable)))
"""Settings that file and queue engine have under one name, in one unit."""


def _group_from(key: str, table: GroupTable, base: Path) -> GroupConfig:
    minutes = table.max_offering_min
    engine: dict[str, Any] = {name: getattr(table, name) for name in _ENGINE_FIELDS}
    return GroupConfig(
        engine=Group(id=key, max_offering_s=minutes and minutes * 60, **engine),
        numbers=(table.number,) if isinstance(table.number, str) else table.number,
        language=table.language or "",
        record=table.record,
        music=tuple(base / path for path in table.music),
        greeting=table.greeting and base / table.greeting,
    )


def group_table(group: GroupConfig, *, office_language: str) -> GroupTable:
    """Write a group as its table in the file; the office's language need not be said again."""
    seconds = group.engine.max_offering_s
    engine: dict[str, Any] = {name: getattr(group.engine, name) for name in _ENGINE_FIELDS}
    return GroupTable(
        number=group.numbers[0] if len(group.numbers) == 1 else group.numbers,
        max_offering_min=None if seconds is None else seconds / 60,
        language=None if group.language == office_language else group.language,
        record=group.record,
        music=group.music,
        greeting=group.greeting,
        **engine,
    )


def office_table(config: OfficeConfig) -> OfficeTable:
    """Write what concerns the whole office as its table in the file."""
    return OfficeTable(name=config.name, language=config.language, data_dir=config.data_dir)
