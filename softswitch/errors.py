"""What can go wrong, by whose fault it is.

::

    SoftswitchError
    ├── ConfigurationError    the office file or the arguments: every fault with its path
    ├── MisuseError           the program that embeds us called something out of turn
    │   └── CallEndedError    ... on a call that has ended meanwhile
    ├── PeerError             the other end: carries the SIP status to answer with or that it gave
    ├── CapacityError         no room: carries how long to wait before trying again
    └── EnvironmentFaultError the machine: a missing library, tool or port, with what to do about it
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs


class SoftswitchError(Exception):
    """Root of everything that softswitch raises on purpose."""


@attrs.frozen(kw_only=True)
class Fault:
    """One thing wrong in a configuration.

    Attributes:
        path: where, as a dotted path with indices: ``groups.support.ring_time_s``.
        value: what stands there, as ``repr`` text; empty where something is missing.
        allowed: what may stand there, in plain words: ``a whole number from 15 to 40``.
        message: one sentence that says it all to a person.
    """

    path: str
    value: str = ""
    allowed: str = ""
    message: str

    def __str__(self) -> str:
        found = f" (found {self.value})" if self.value else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{self.path}: {self.message}{found}{allowed}"


class ConfigurationError(SoftswitchError):
    """A configuration is refused whole; ``faults`` holds every fault found, not only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class MisuseError(SoftswitchError):
    """The embedding program called something that cannot be done now."""


class CallEndedError(MisuseError):
    """The call ended before or while this was asked of it."""


class PeerError(SoftswitchError):
    """The other end did something wrong or refused.

    Attributes:
        status: SIP status code (RFC 3261 section 21) to answer with, or that was answered.
    """

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class CapacityError(SoftswitchError):
    """Everything is taken.

    Attributes:
        retry_after_s: seconds after which trying again makes sense (RFC 3261 section 20.33).
    """

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class EnvironmentFaultError(SoftswitchError):
    """The machine lacks something; ``remedy`` says what to do about it."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(f"{message}\n  {remedy}")
        self.remedy = remedy
