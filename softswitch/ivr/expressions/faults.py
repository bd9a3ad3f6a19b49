"""What is wrong with an expression, and where in its text."""

from __future__ import annotations

import attrs

from softswitch.errors import SoftswitchError


@attrs.frozen(kw_only=True)
class ExpressionFault:
    """One thing wrong.

    Attributes:
        column: place in the text, 1 for the first character.
        message: one sentence for a person.
        allowed: what may stand there, in words; may be empty.
    """

    column: int
    message: str
    allowed: str = ""

    def __str__(self) -> str:
        allowed = f" Allowed: {self.allowed}." if self.allowed else ""
        return f"At column {self.column}: {self.message}{allowed}"


class ExpressionError(SoftswitchError):
    """A text is no expression, or one that does not fit; ``faults`` holds all that was found."""

    def __init__(self, *faults: ExpressionFault) -> None:
        self.faults = faults
        super().__init__(" ".join(str(fault) for fault in faults))
