"""Recorded traffic, to be met again with other rules, other staff or another strategy.

A journal tells when callers came, what they asked for and how it went. It does not tell how long
somebody would have talked who hung up, nor how patient somebody was who was answered. These are
drawn: talks from the talks that were recorded; patience as exponential, longer than the wait that
was borne, with the mean that explains the record best: all seconds waited / callers who hung up
(the maximum-likelihood estimate for censored exponential times). Who hung up hangs up again after
the same wait, who talked talks as long again.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from softswitch.acd.events import EngineEvent
from softswitch.simulation.distributions import (
    AT_ONCE,
    FOR_EVER,
    Distribution,
    Exponential,
    Observed,
)
from softswitch.simulation.office import Answering
from softswitch.simulation.traffic import Caller


@attrs.frozen(kw_only=True)
class RecordedCall:
    """What is known of a call.

    Attributes:
        at: when it came, in seconds from the beginning.
        waited_s: how long it waited, for an answer or in vain.
        talk_s: how long the conversation was; None: there was none.
        gave_up: the caller hung up before being answered.
    """

    at: float
    group_id: str
    number: str
    waited_s: float
    talk_s: float | None
    gave_up: bool


@attrs.frozen(kw_only=True)
class RecordedTraffic:
    """Callers who did call.

    Attributes:
        calls: in the order of calling.
        length_s: for how long was recorded, in seconds.
        staff_changes: when members became active, passive, paused and ready.
        picked_up_s: how long phones rang that were answered.
        missed: how many rang, or were called, in vain.
    """

    calls: tuple[RecordedCall, ...]
    length_s: float
    staff_changes: Sequence[tuple[float, EngineEvent]] = ()
    picked_up_s: tuple[float, ...] = ()
    missed: int = 0

    @property
    def talk(self) -> Distribution:
        """How long conversations were."""
        talks = tuple(call.talk_s for call in self.calls if call.talk_s is not None)
        return Observed(talks) if talks else AT_ONCE

    @property
    def patience(self) -> Distribution:
        """How patient callers are, as far as the record tells."""
        given_up = sum(call.gave_up for call in self.calls)
        waited_s = sum(call.waited_s for call in self.calls)
        return Exponential(waited_s / given_up) if given_up and waited_s else FOR_EVER

    @property
    def answering(self) -> Answering:
        """How phones were answered."""
        rung = len(self.picked_up_s) + self.missed
        after = Observed(self.picked_up_s) if self.picked_up_s else AT_ONCE
        return Answering(after=after, missed=min(self.missed / rung, 0.99) if rung else 0.0)

    def draw(self, seed: np.random.SeedSequence) -> list[Caller]:
        """The recorded callers; what is not known of them is drawn."""
        talking, waiting = map(np.random.default_rng, seed.spawn(2))
        count = len(self.calls)
        talks = self.talk.draw(talking, count).tolist()
        longer = self.patience.draw(waiting, count).tolist()
        return [
            Caller(
                at=call.at,
                group_id=call.group_id,
                number=call.number,
                talk_s=talk_s if call.talk_s is None else call.talk_s,
                patience_s=call.waited_s + (0.0 if call.gave_up else more),
            )
            for call, talk_s, more in zip(self.calls, talks, longer, strict=True)
        ]

    def without_strangers(self, member_ids: Sequence[str]) -> RecordedTraffic:
        """The same without what was done by members who are not among these."""
        known = set(member_ids)
        kept = [
            (at, event)
            for at, event in self.staff_changes
            if getattr(event, "member_id", None) in known
        ]
        return attrs.evolve(self, staff_changes=kept)

    def __len__(self) -> int:
        return len(self.calls)
