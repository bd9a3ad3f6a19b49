"""What a flow asks of a queue, and how the visit ended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from softswitch.acd.commands import ForwardReason
from softswitch.acd.model import Target
from softswitch.acd.records import CallOutcome
from softswitch.errors import MisuseError


class GroupFullError(MisuseError):
    """A group takes no more callers at the moment."""


@attrs.frozen(kw_only=True)
class QueueWishes:
    """What a flow asks of a queue; see `Call.queue`.

    Attributes:
        priority: the higher is served first.
        skills: what a member must be able to do.
        first: what the caller hears first, one after the other, ready to be played.
        stay: the caller is not hung up after the conversation.
        keys: keys that take a waiting caller elsewhere; None: those of the group.
        call_back_key: by which a caller asks to be called back; None: that of the group.
        returns: a caller whom nobody answers is not sent anywhere, and comes back.
    """

    priority: int = 0
    skills: frozenset[str] = frozenset()
    first: tuple[Path, ...] = ()
    stay: bool = False
    keys: Mapping[str, Target] | None = None
    call_back_key: str | None = None
    returns: bool = False


@attrs.frozen(kw_only=True)
class QueueResult:
    """How a call fared in a group.

    Attributes:
        outcome: answered, abandoned by the caller, forwarded, or called back: then the caller
            has been promised a call, and the records tell what came of it.
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
