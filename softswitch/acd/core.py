"""The engine's memory, and the few things that every part of it does: number, emit, wake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from softswitch.acd.commands import Command
from softswitch.acd.deadlines import Deadlines
from softswitch.acd.errors import (
    UnknownCallError,
    UnknownGroupError,
    UnknownMemberError,
    UnknownOfferError,
)
from softswitch.acd.lately import Lately
from softswitch.acd.names import StopReason
from softswitch.acd.records import Record
from softswitch.acd.state import Agent, Entry, HuntGroup, Offer, PastOffer
from softswitch.acd.strategies import Strategy
from softswitch.acd.tables import OfferState

MEMORY = 10_000
"""How many ended calls and offers are remembered, so that a late report is not a mistake."""


GroupAndCaller = tuple[str, str]


@attrs.frozen
class KeptPlace:
    """The place of a caller who was cut off.

    Attributes:
        since: since when the caller had been waiting.
        priority: the caller's.
        held: one of the group's places in the queue is held for the caller.
    """

    since: float
    priority: int
    held: bool


class Core:
    """Everything that the engine knows.

    Attributes:
        now: the latest time heard of, in seconds.
        calls: those not ended, by id.
        offers: those that ring, by id.
        idlers: members who may have become free for a call, in the order of becoming it.
        seekers: calls for which something has changed.
        newcomers: callers who are on the line from now on, and are to be told to wait.
        met: which member a caller of a group talked to last, and until when.
        kept_places: what a caller who was cut off finds again.
        version: of groups and members; counts their changes.
        counting: the day whose calls are counted, as `CountingBegins` named it.
    """

    now: float
    strategies: Mapping[str, Strategy]
    groups: dict[str, HuntGroup]
    agents: dict[str, Agent]
    calls: dict[str, Entry]
    past_calls: Lately[str, bool]
    offers: dict[str, Offer]
    past_offers: Lately[str, PastOffer]
    deadlines: Deadlines
    idlers: dict[Agent, None]
    seekers: dict[Entry, None]
    newcomers: list[Entry]
    met: Lately[GroupAndCaller, tuple[str, float]]
    kept_places: dict[GroupAndCaller, KeptPlace]
    output: list[Command | Record]
    sequence: int = 0
    version: int = 0
    counting: str = ""

    def __init__(self, now: float, strategies: Mapping[str, Strategy]) -> None:
        self.now, self.strategies = now, strategies
        self.groups, self.agents, self.calls, self.offers = {}, {}, {}, {}
        self.past_calls, self.past_offers = Lately(MEMORY), Lately(MEMORY)
        self.met, self.kept_places = Lately(MEMORY), {}
        self.deadlines = Deadlines()
        self.idlers, self.seekers, self.newcomers, self.output = {}, {}, [], []

    def number(self) -> int:
        """The next sequence number."""
        self.sequence += 1
        return self.sequence

    def emit(self, output: Command | Record) -> None:
        """Add to what `Engine.poll` will give."""
        self.output.append(output)

    def wake(self, agent: Agent) -> None:
        """This member may be free: look for a call before anything else happens."""
        self.idlers[agent] = None

    def look_at(self, entry: Entry) -> None:
        """Something has changed for this call: look at it before anything else happens."""
        self.seekers[entry] = None

    def seek(self, entries: Iterable[Entry]) -> None:
        """Something has changed for these calls: look at each before anything else happens."""
        self.seekers.update(dict.fromkeys(entries))

    def forget_call(self, entry: Entry) -> None:
        """The call has ended; its id stays known for a while."""
        del self.calls[entry.id]
        self.seekers.pop(entry, None)
        self.past_calls.note(entry.id, True)

    def forget_offer(self, offer: Offer, state: OfferState, reason: StopReason) -> None:
        """The offer has ended; what its phone may still report stays known for a while."""
        del self.offers[offer.id]
        past = PastOffer(
            offer_id=offer.id,
            call_id=offer.entry.id,
            call_number=offer.entry.number,
            member_id=offer.agent.id,
            state=state,
            reason=reason,
        )
        self.past_offers.note(offer.id, past)

    def group(self, group_id: str) -> HuntGroup:
        """A group by its id.

        Raises:
            UnknownGroupError: there is none.
        """
        try:
            return self.groups[group_id]
        except KeyError:
            raise UnknownGroupError(group_id) from None

    def agent(self, member_id: str) -> Agent:
        """A member by its id.

        Raises:
            UnknownMemberError: there is none.
        """
        try:
            return self.agents[member_id]
        except KeyError:
            raise UnknownMemberError(member_id) from None

    def call(self, call_id: str) -> Entry | None:
        """A call by its id; None: it ended lately.

        Raises:
            UnknownCallError: there is none and was none.
        """
        entry = self.calls.get(call_id)
        if entry is None and self.past_calls.get(call_id) is None:
            raise UnknownCallError(call_id)
        return entry

    def offer(self, offer_id: str) -> Offer | PastOffer:
        """An offer by its id, ringing or lately over.

        Raises:
            UnknownOfferError: there is none and was none.
        """
        found = self.offers.get(offer_id) or self.past_offers.get(offer_id)
        if found is None:
            raise UnknownOfferError(offer_id)
        return found
