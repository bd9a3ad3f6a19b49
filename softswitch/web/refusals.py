"""Why a call back cannot be ordered by web."""

from __future__ import annotations

import enum
from datetime import datetime

import attrs

from softswitch.errors import MisuseError


class Why(enum.StrEnum):
    """Reasons, one list for page, JSON and log."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    GROUP = "group"
    NUMBER = "number"
    NUMBER_NOT_SERVED = "number_not_served"
    NAME = "name"
    TIME = "time"
    PAST = "past"
    TOO_FAR = "too_far"
    CLOSED = "closed"
    FULL = "full"
    OFTEN = "often"
    NUMBER_OFTEN = "number_often"
    STOPPING = "stopping"
    CALLING = "calling"


@attrs.frozen(kw_only=True)
class FieldFault:
    """What is wrong with one field.

    Attributes:
        field: its name.
        why: the reason.
        value: what stood there. May be personal data.
        allowed: what may stand there, in English.
        opens: where it is closed then: when it opens next, if it ever does.
    """

    field: str
    why: Why
    value: str = attrs.field(default="", repr=False)
    allowed: str = ""
    opens: datetime | None = None


class WishRefusedError(MisuseError):
    """The fields do not fit; every fault is there."""

    def __init__(self, *faults: FieldFault) -> None:
        self.faults = faults
        super().__init__(", ".join(f"{fault.field}: {fault.why.value}" for fault in faults))


class TryLaterError(MisuseError):
    """Nothing is wrong with the wish, but it cannot be met now.

    Attributes:
        why: the reason.
        retry_after_s: when trying again makes sense.
    """

    def __init__(self, why: Why, retry_after_s: float) -> None:
        self.why = why
        self.retry_after_s = max(1, round(retry_after_s))
        super().__init__(why.value)
