"""Sentences of services by telephone that have a value in them."""

from __future__ import annotations

import attrs

from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.numbers import Noun, Numbers


@attrs.frozen(kw_only=True)
class Sentences:
    """The attributes are those of the table ``[sentences]``.

    Attributes:
        new_messages: how many messages are new, with ``{messages}``.
        no_messages: there are none.
        message: how new messages are counted.
        received: when and from whom, with ``{day}``, ``{at}``, ``{number}``.
        received_unknown: the same from a caller without a number.
        call_back_to: which number is going to be called, with ``{number}``.
        entered: what a caller has keyed, with ``{digits}``.
        case: a case that is being worked on, with ``{case}``.
    """

    new_messages: str
    no_messages: str
    message: Noun
    received: str
    received_unknown: str
    call_back_to: str
    entered: str
    case: str

    def messages(self, count: int, numbers: Numbers) -> str:
        """Return how many new messages there are.

        Raises:
            PromptError: a negative number of them.
        """
        if count < 0:
            raise PromptError(f"There cannot be {count} messages.", reason=PromptFault.UNSPEAKABLE)
        counted = numbers.counted(count, self.message)
        return self.new_messages.format(messages=counted) if count else self.no_messages
