"""What the queue engine refuses, each with a type of its own.

::

    MisuseError
    └── EngineMisuseError
        ├── UnknownGroupError, UnknownMemberError, UnknownCallError, UnknownOfferError
        ├── DuplicateCallError     a call joins that is already here
        ├── ImpossibleInputError   a state table has no row for this
        ├── UnknownEventError      an event of a type that the engine does not know
        ├── StalePlanError         a plan was made for another configuration than the present one
        └── BadTimeError           ``now`` is not a finite number

Whoever catches one of them finds the engine as it was before the call.
"""

from __future__ import annotations

import enum

from softswitch.errors import MisuseError


class EngineMisuseError(MisuseError):
    """Something was asked of the queue engine that cannot be done."""


class UnknownIdError(EngineMisuseError):
    """An id that the engine has never met, or has long forgotten; ``id`` holds it."""

    kind = "thing"

    def __init__(self, unknown_id: str) -> None:
        self.id = unknown_id
        super().__init__(f"no {self.kind} has the id {unknown_id!r}")


class UnknownGroupError(UnknownIdError):
    """No such group."""

    kind = "group"


class UnknownMemberError(UnknownIdError):
    """No such member."""

    kind = "member"


class UnknownCallError(UnknownIdError):
    """No such call, neither present nor among those that ended lately."""

    kind = "call"


class UnknownOfferError(UnknownIdError):
    """No such offer, neither present nor among those that ended lately."""

    kind = "offer"


class DuplicateCallError(EngineMisuseError):
    """A call joins under an id that is in use; ``id`` holds it."""

    def __init__(self, call_id: str) -> None:
        self.id = call_id
        super().__init__(f"the call {call_id!r} is already here")


class ImpossibleInputError(EngineMisuseError):
    """A state table has no row for this input; ``state`` and ``input`` hold the pair."""

    def __init__(self, state: enum.Enum, input_: enum.Enum) -> None:
        self.state = state
        self.input = input_
        super().__init__(f"{input_} cannot happen in {state}")


class UnknownEventError(EngineMisuseError):
    """An event of a type that the engine does not know."""


class StalePlanError(EngineMisuseError):
    """The configuration has changed since the plan was made."""


class BadTimeError(EngineMisuseError):
    """``now`` is not a finite number of seconds."""
