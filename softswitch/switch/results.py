"""How a visit to a queue ended, as a flow is told."""

from __future__ import annotations

from pathlib import Path

import attrs

from softswitch.acd.commands import ForwardReason
from softswitch.acd.model import Target
from softswitch.acd.records import CallOutcome


@attrs.frozen(kw_only=True)
class QueueResult:
    """How a call fared in a group.

    Attributes:
        outcome: answered, abandoned by the caller, or forwarded.
        group_id: the group.
        member: id of the member who answered, or None.
        waited_s: from joining to the answer, or to the end of waiting.
        talked_s: length of the conversation; 0 without one.
        recording: the recording of it, or None.
        target: where the call was sent, or None.
        reason: why it was sent there, or None.
        then: how it fared in the group that it was sent to, or None.
    """

    outcome: CallOutcome
    group_id: str
    member: str | None = None
    waited_s: float = 0.0
    talked_s: float = 0.0
    recording: Path | None = None
    target: Target | None = None
    reason: ForwardReason | None = None
    then: QueueResult | None = None
