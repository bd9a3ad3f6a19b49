"""A call back that is ordered, where it stands, and the file that orders are kept in."""

from __future__ import annotations

import enum
import json
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

import attrs
import cattrs
from cattrs.preconf.json import make_converter

from softswitch.acd.estimate import Expectation
from softswitch.durable import write_whole
from softswitch.switch.numbers import masked

KEY_BYTES: Final = 24
"""Of chance in an order's secret."""

_CONVERTER: Final = make_converter(forbid_extra_keys=True)


class Origin(enum.StrEnum):
    """How a call back was ordered."""

    PHONE = "phone"
    WEB = "web"
    API = "api"
    PROGRAM = "program"


def _new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


@attrs.frozen(kw_only=True)
class CallBackOrder:
    """Somebody is to be called.

    Attributes:
        id: unique for ever.
        group_id: whose members call.
        number: a number or SIP URI. Personal data.
        name: shown to members. Personal data.
        ordered_at: when it was ordered; times have their offset from UTC.
        at: not before this.
        until: not after this; None: whenever it is the caller's turn.
        call_id: the call in the records, once it stands in the queue.
        priority: the higher is served first.
        origin: how it was ordered.
        key: a secret by which the order is found; who knows it may withdraw it.
    """

    id: str
    group_id: str
    number: str = attrs.field(repr=masked)
    name: str = attrs.field(default="", repr=False)
    ordered_at: datetime
    at: datetime
    until: datetime | None = None
    call_id: str = ""
    priority: int = 0
    origin: Origin = Origin.PROGRAM
    key: str = attrs.field(factory=_new_key, repr=False)


class Standing(enum.Enum):
    """How far a call back has come."""

    LATER = "later"
    WAITING = "waiting"
    CALLING = "calling"


@attrs.frozen(kw_only=True)
class CallBackStanding:
    """Where an order stands.

    Attributes:
        order: the order.
        standing: its time has not come, it waits in the queue, or it is being called.
        position: in the queue, 1 for the first; None outside of it.
        expected: the wait still to come, where the group tells one.
    """

    order: CallBackOrder
    standing: Standing
    position: int | None = None
    expected: Expectation | None = None

    @classmethod
    def begun(cls, order: CallBackOrder) -> CallBackStanding:
        """Return where an order stands that was over before anybody could look."""
        return cls(order=order, standing=Standing.CALLING)


def read_orders(path: Path) -> list[CallBackOrder]:
    """Read what is on the disk; no file holds none.

    Raises:
        OSError: the file cannot be read.
        ValueError: it does not hold orders.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    try:
        return _CONVERTER.loads(text, list[CallBackOrder])
    except (TypeError, cattrs.BaseValidationError) as error:
        raise ValueError(str(error)) from error


def write_orders(path: Path, orders: list[CallBackOrder]) -> None:
    """Put orders on the disk, for nobody else to read: who knows a key may withdraw."""
    text = json.dumps(_CONVERTER.unstructure(orders), ensure_ascii=False, indent=1)
    write_whole(path, text.encode(), mode=0o600)
