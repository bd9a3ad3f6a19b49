"""Calling somebody on behalf of a caller."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from softswitch.errors import PeerError
from softswitch.switch.call import Call
from softswitch.switch.dialled import keep_record
from softswitch.switch.party import Party, Watcher
from softswitch.switch.sounds import RING_TONE_HZ, RING_TONE_OFF_MS, RING_TONE_ON_MS
from softswitch.telephony import Answered, Ended, Identity, LegEvent, Playback

if TYPE_CHECKING:
    from softswitch.switch.house import House


@attrs.frozen(kw_only=True)
class DialDetails:
    """How to dial; see `softswitch.telephony.Telephony.dial`.

    Attributes:
        ring_time_s: how long the phone may ring.
        caller: whom the phone is shown; None: the call that this is for.
        trunk: where a plain number goes out; None: the first trunk.
        headers: headers for the INVITE.
    """

    ring_time_s: float = 30.0
    caller: Identity | None = None
    trunk: str | None = None
    headers: Mapping[str, str] | None = None


async def dial_for(call: Call, house: House, target: str, how: DialDetails = DialDetails()) -> Call:
    """Dial ``target`` while ``call`` hears it ring; return the new call once it is answered.

    Raises:
        PeerError: refused, busy, not answered, not reachable.
        CallEndedError: ``call`` ended first; the other phone no longer rings.
        CapacityError: no leg is free.
        MisuseError: the target cannot be dialled.
    """
    with call.waiting() as answered:
        other = Call.outgoing(
            house,
            target,
            ring_time_s=how.ring_time_s,
            caller=how.caller or call.caller,
            trunk=how.trunk,
            headers=how.headers,
        )
        call.others.append(other)
        keep_record(house, call, other, target)
        watch = _settling(answered)
        other.watch(watch)
        tone = None
        try:
            tone = start_ring_tone(call)
            await answered
        except BaseException:
            other.hang_up()
            raise
        finally:
            other.unwatch(watch)
            if tone is not None:
                tone.stop()
    return other


def _settling(answered: asyncio.Future[None]) -> Watcher:
    def watch(_other: Party, event: LegEvent) -> None:
        if answered.done():
            return
        if isinstance(event, Answered):
            answered.set_result(None)
        elif isinstance(event, Ended):
            text = f"the phone did not take the call: {event.why.value}"
            answered.set_exception(PeerError(text, status=event.status))

    return watch


def start_ring_tone(call: Party) -> Playback | None:
    """Let a caller hear that it rings: by 180 before the answer, by a tone after it."""
    if not call.answered:
        call.ring()
        return None
    return call.leg.play_tone(
        RING_TONE_HZ, on_ms=RING_TONE_ON_MS, off_ms=RING_TONE_OFF_MS, repeat=None
    )
