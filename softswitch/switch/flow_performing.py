"""What the runtime does with a caller as a whole when a flow says so.

Each kind of command has one function, which returns the outcome that the node knows. Programs add
functions for commands of their own, or replace these (`Switch.performs`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from softswitch.acd.model import Target, TargetKind
from softswitch.acd.records import CallOutcome
from softswitch.errors import MisuseError, PeerError
from softswitch.ivr import commands as cmd
from softswitch.ivr.model import OwnNode, OwnResult
from softswitch.switch import service_performing, voicemail
from softswitch.switch.results import QueueResult, QueueWishes

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House

_BUSY: Final = (486, 600)
_NO_ANSWER: Final = (408, 480, 487, 603)


@attrs.frozen
class Performance:
    """What a function needs to perform a command.

    Attributes:
        call: the caller.
        files: makes files of what is to be heard.
    """

    house: House
    call: Call
    files: Callable[[tuple[cmd.Audible, ...]], Awaitable[list[Path]]]


Performer: TypeAlias = Callable[[Performance, Any], Awaitable[str | OwnResult]]
"""Does what a command says; returns the outcome, with values where something came of it."""


async def queue_for(at: Performance, command: cmd.QueueFor) -> str:
    """Take the caller through a group."""
    first = await at.files(command.greeting) if command.greeting else []
    wishes = QueueWishes(
        priority=command.priority,
        skills=frozenset(command.skills),
        first=tuple(first),
        stay=command.stay,
        returns=command.returns,
        keys={key: Target(TargetKind.HANG_UP, key) for key in command.keys} or None,
    )
    result = await at.house.queueing.serve(at.call, command.group, wishes)
    return _way(result, command)


def _way(result: QueueResult, command: cmd.QueueFor) -> str:
    """Say in a word how a visit to a group ended."""
    target = result.target
    if result.outcome is not CallOutcome.FORWARDED or not command.returns or target is None:
        return result.outcome.value
    if target.kind is TargetKind.HANG_UP and target.value in command.keys:
        return f"key {target.value}"
    return result.reason.value if result.reason is not None else result.outcome.value


async def dial_for(at: Performance, command: cmd.DialFor) -> str:
    """Call somebody, or lead the caller to a number of our own."""
    own = at.house.numbers.exact(command.number)
    if own is not None:
        await own(at.call)
        return "answered"
    try:
        other = await at.call.dial(
            command.number, ring_time_s=command.ring_time_s, trunk=command.trunk or None
        )
    except PeerError as error:
        if error.status in _BUSY:
            return "busy"
        return "no_answer" if error.status in _NO_ANSWER else "failed"
    await at.call.bridge(other)
    return "answered"


async def transfer_to(at: Performance, command: cmd.TransferTo) -> str:
    """Ask the caller's phone to call somebody else."""
    await at.call.answer()
    await at.call.transfer(command.number)
    return "transferred"


async def take_message(at: Performance, command: cmd.TakeMessage) -> str:
    """Let the caller speak to a voicemail."""
    left = await voicemail.leave_message(
        at.house,
        at.call,
        command.box,
        language=command.language,
        greeting=await at.files(command.greeting),
        mail_to=(command.email,) if command.email else None,
    )
    return "empty" if left is None else "left"


async def run_own(at: Performance, command: cmd.RunOwn) -> str | OwnResult:
    """Run what a program wrote as an async function."""
    node = command.node
    if not isinstance(node, OwnNode):
        raise MisuseError(f"{type(node).__name__} is no node that could be run")
    return await node.run(at.call, command.variables)


PERFORMERS: Final[Mapping[type[cmd.Perform], Performer]] = {
    cmd.QueueFor: queue_for,
    cmd.DialFor: dial_for,
    cmd.TransferTo: transfer_to,
    cmd.TakeMessage: take_message,
    cmd.PromiseCallBack: service_performing.promise_call_back,
    cmd.AskSurvey: service_performing.ask,
    cmd.SendMessage: service_performing.send,
    cmd.RunOwn: run_own,
}
"""How the runtime performs what it can by itself."""
