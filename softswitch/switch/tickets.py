"""One visit of a call to a group, and one phone that rings for it."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Mapping
from pathlib import Path

import attrs

from softswitch.acd.commands import Forward
from softswitch.acd.model import Target
from softswitch.switch.call import Call
from softswitch.switch.config import GroupConfig
from softswitch.switch.conversation import Conversation
from softswitch.switch.party import Watcher
from softswitch.switch.waiting import WaitingSound
from softswitch.telephony import Identity


class NotHere(enum.Enum):
    """Why nothing more happens to a call in its group."""

    GONE = "gone"
    TO_BE_CALLED_BACK = "to_be_called_back"


@attrs.frozen(kw_only=True)
class Connected:
    """A member answered."""

    member_id: str
    conversation: Conversation
    at_s: float
    recording: Path | None


Decision = Connected | Forward | NotHere


@attrs.define(eq=False, kw_only=True)
class Ticket:
    """One visit of a call to a group.

    Attributes:
        id: the engine's id for it: the call's own for the first visit.
        call: the caller's; another one once the caller has been called back.
        caller: who is shown to members.
        keys: where a waiting caller is taken by a key.
        call_back_key: the key by which a waiting caller asks to be called back; empty: none.
        sound: what the caller hears meanwhile.
        decided: gets what becomes of the call; a fresh one after the call was put back.
        connected: the conversation, as long as it is one of this group.
        call_back: where the caller will be called, once asked for; else empty.
        asking: the caller is asked for a number, so that keys mean nothing else.
        conversations: how many of its conversations were recorded.
        told_gone: the engine knows that nobody talks any more.
    """

    id: str
    call: Call
    caller: Identity
    group: GroupConfig
    keys: Mapping[str, Target]
    call_back_key: str
    joined_s: float
    sound: WaitingSound = attrs.field(init=False)
    decided: asyncio.Future[Decision] = attrs.field(init=False)
    connected: Connected | None = None
    call_back: str = ""
    asking: bool = False
    conversations: int = 0
    told_gone: bool = False

    def decide(self, decision: Decision) -> None:
        """Say what becomes of the call, unless that is settled."""
        if not self.decided.done():
            self.decided.set_result(decision)

    def begin_again(self) -> None:
        """Nothing is decided any more: the call waits."""
        self.decided = asyncio.get_running_loop().create_future()
        self.connected, self.told_gone = None, False


@attrs.define(eq=False, kw_only=True)
class Offer:
    """A phone that was asked to ring, until it is connected, released or over."""

    id: str
    member_id: str
    ticket: Ticket
    call: Call
    watcher: Watcher
