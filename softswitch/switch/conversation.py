"""Two calls that hear each other, through hold and transfer, until one of them ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.errors import CallEndedError
from softswitch.switch.call import Call
from softswitch.switch.dialled import keep_record
from softswitch.switch.dialling import start_ring_tone
from softswitch.switch.party import Party
from softswitch.switch.waiting import WaitingSound
from softswitch.telephony import (
    Answered,
    Ended,
    HeldByPeer,
    LegEvent,
    Playback,
    Recording,
    Replaced,
    ResumedByPeer,
    TransferRequested,
)

if TYPE_CHECKING:
    from softswitch.switch.house import House


class Conversation:
    """Who talks with whom.

    A phone that asks for a transfer is followed: its partner goes on with the new call in its
    place. A party on hold hears music.
    """

    def __init__(
        self,
        house: House,
        first: Party,
        second: Party,
        *,
        group_id: str | None = None,
        record_to: Path | None = None,
        left: Callable[[Party], None] = lambda _: None,
        over: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare.

        Args:
            house: what the switch's parts share.
            first: the call whose flow this is; it is never hung up from here.
            second: the other call.
            group_id: whose music is heard on hold.
            record_to: WAV file to record both into.
            left: told of each party that leaves, by hanging up or being replaced.
            over: told when nobody talks any more, after both have been hung up.
        """
        self._house = house
        self._own = first
        self._parties = [first, second]
        self._group_id = group_id
        self._record_to = record_to
        self._recording: Recording | None = None
        self._left = left
        self._told_over = over
        self._holding: set[Party] = set()
        self._music: dict[Party, WaitingSound] = {}
        self._coming: dict[Party, _Newcomer] = {}
        self._gone: set[Party] = set()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def parties(self) -> tuple[Party, ...]:
        """Who takes part now."""
        return tuple(self._parties)

    def begin(self) -> None:
        """Let the two hear each other, at once."""
        for party in self._parties:
            self._follow(party)
        self._while_alive(self._own.answer_soon)
        self._while_alive(self._join)
        if self._record_to is not None:
            self._while_alive(self._record)
        for party in tuple(self._parties):
            if party.ended is not None:
                self._on_ended(party)

    async def until_over(self) -> None:
        """Return when one of the two has left for good; the other party is then hung up."""
        try:
            await self._over
        finally:
            self._finish()

    async def run(self) -> None:
        """Begin, and return when it is over."""
        self.begin()
        await self.until_over()

    def dissolve(self) -> None:
        """Take the two apart: the first stays on the line, the other is hung up, none is told."""
        if not self._over.done():
            self._over.set_result(None)
            self._finish()

    def _follow(self, party: Party) -> None:
        party.in_conversation = True
        party.watch(self._on_event)

    def _unfollow(self, party: Party) -> None:
        party.in_conversation = False
        party.unwatch(self._on_event)

    def _record(self) -> None:
        first, second = self._parties
        if self._record_to is not None:
            self._recording = first.record(self._record_to, other=second)

    def _on_event(self, party: Party, event: LegEvent) -> None:
        if party not in self._parties:
            return
        if isinstance(event, Ended):
            self._on_ended(party)
        elif isinstance(event, HeldByPeer):
            self._on_hold(party)
        elif isinstance(event, ResumedByPeer):
            self._on_resume(party)
        elif isinstance(event, TransferRequested):
            self._on_transfer(party, event)
        elif isinstance(event, Replaced):
            self._replace(party, Call.incoming(self._house, event.leg))

    def _partner(self, party: Party) -> Party:
        first, second = self._parties
        return second if party is first else first

    def _join(self) -> None:
        if not self._holding:
            first, second = self._parties
            first.leg.bridge(second.leg)

    def _part(self) -> None:
        first, second = self._parties
        self._while_alive(lambda: first.leg.unbridge(second.leg))

    def _on_hold(self, party: Party) -> None:
        self._part()
        self._holding.add(party)
        partner = self._partner(party)
        if partner not in self._music and partner not in self._holding:
            sound = WaitingSound(partner, self._house.playlist(self._group_id))
            self._music[partner] = sound
            self._while_alive(sound.start_music)

    def _on_resume(self, party: Party) -> None:
        self._holding.discard(party)
        self._end_music(self._partner(party))
        self._while_alive(self._join)

    def _on_transfer(self, party: Party, event: TransferRequested) -> None:
        if party in self._coming:
            event.leg.hang_up()
            return
        call = Call.incoming(self._house, event.leg)
        keep_record(self._house, self._partner(party), call, event.target, transfer=True)
        self._coming[party] = newcomer = _Newcomer(call)
        call.watch(lambda _, told: self._on_newcomer(party, told))
        if party in self._holding:
            return
        self._part()
        self._while_alive(lambda: newcomer.ring_for(self._partner(party)))

    def _on_newcomer(self, party: Party, event: LegEvent) -> None:
        newcomer = self._coming.get(party)
        if newcomer is None or party not in self._parties:
            return
        if isinstance(event, Answered):
            newcomer.stop_ringing()
            del self._coming[party]
            self._replace(party, newcomer.call)
            party.hang_up()
        elif isinstance(event, Ended):
            newcomer.stop_ringing()
            del self._coming[party]
            self._transfer_failed(party)

    def _transfer_failed(self, party: Party) -> None:
        if party.ended is not None:
            self._leave(party)
        elif party not in self._holding:
            self._while_alive(self._join)

    def _replace(self, party: Party, newcomer: Party) -> None:
        partner = self._partner(party)
        self._end_music(partner)
        self._part()
        self._holding.discard(party)
        self._parties[self._parties.index(party)] = newcomer
        self._unfollow(party)
        self._follow(newcomer)
        self._while_alive(self._join)
        self._tell_left(party)

    def _on_ended(self, party: Party) -> None:
        if party in self._coming and self._partner(party).ended is None:
            self._tell_left(party)
            return  # the transfer goes on without the phone that asked for it
        self._leave(party)

    def _leave(self, party: Party) -> None:
        if not self._over.done():
            self._over.set_result(None)
            self._finish()
            self._tell_left(party)
            self._told_over()

    def _tell_left(self, party: Party) -> None:
        if party not in self._gone:
            self._gone.add(party)
            self._left(party)

    def _finish(self) -> None:
        """Silence everything, and hang up whoever has no flow of its own."""
        for sound in self._music.values():
            sound.stop()
        self._music.clear()
        for newcomer in self._coming.values():
            newcomer.stop_ringing()
            newcomer.call.hang_up()
        self._coming.clear()
        if self._recording is not None:
            self._recording.stop()
        for party in self._parties:
            self._unfollow(party)
            if party is not self._own:
                party.hang_up()
        self._part()

    def _end_music(self, party: Party) -> None:
        sound = self._music.pop(party, None)
        if sound is not None:
            sound.stop()

    def _while_alive(self, act: Callable[[], None]) -> None:
        """Do something to a leg that may have ended a moment ago: its Ended then follows."""
        with contextlib.suppress(CallEndedError):
            act()


class _Newcomer:
    """The call that a transfer dials, and the ringing tone that the partner hears meanwhile."""

    def __init__(self, call: Party) -> None:
        self.call = call
        self._tone: Playback | None = None

    def ring_for(self, partner: Party) -> None:
        """Let the partner hear that it rings."""
        self._tone = start_ring_tone(partner)

    def stop_ringing(self) -> None:
        """End the tone."""
        if self._tone is not None:
            self._tone.stop()
