"""What is recorded of flows: every session, and every change of a flow."""

from __future__ import annotations

from softswitch.acd.records import Record


class FlowRecord(Record, frozen=True, kw_only=True):
    """A caller's way through a flow, over.

    Attributes:
        call_id: the call.
        flow: name of the flow.
        version: which version of it.
        outcome: how it ended: a value of `softswitch.ivr.talk.Outcome`.
        fault: why it failed, or None: a value of `softswitch.ivr.talk.SessionFault`.
        nodes: every node that the caller came to, in order; those of further plans with the
            plan's name before a slash.
        started_at: when it began, in the engine's seconds.
    """

    call_id: str
    flow: str
    version: str
    outcome: str
    fault: str | None
    nodes: tuple[str, ...]
    started_at: float


class FlowChanged(Record, frozen=True, kw_only=True):
    """Another version of a flow came into force; calls in progress finish on theirs.

    Attributes:
        flow_id: the flow's id in the office.
        version: the version in force now.
        before: the version before; empty: there was none.
        by: ``start``, ``office``, ``save``, ``command`` or ``roll_back``.
        changes: what is different, in words.
    """

    flow_id: str
    version: str
    before: str
    by: str
    changes: tuple[str, ...]
