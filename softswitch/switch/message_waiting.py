"""Telling phones that messages wait (RFC 3842): the lamp on the phone of whoever owns the box."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from softswitch.errors import MisuseError
from softswitch.switch.addresses import needs_trunk
from softswitch.voicemail import BoxCounts

if TYPE_CHECKING:
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

EVENT: Final = "message-summary"
CONTENT_TYPE: Final = "application/simple-message-summary"


def summary(counts: BoxCounts) -> str:
    """Write counts as phones read them (RFC 3842 section 5.2)."""
    waiting = "yes" if counts.new else "no"
    urgent = f"({counts.new_urgent}/{counts.old_urgent})"
    lines = (f"Messages-Waiting: {waiting}", f"Voice-Message: {counts.new}/{counts.old} {urgent}")
    return "".join(f"{line}\r\n" for line in lines)


class MessageWaiting:
    """Tells each member's phone when the counts have changed.

    A member's phone shows the member's own box together with those of the member's groups. Members
    at plain numbers are behind a provider, whose network would not take the news: they are told
    nothing.
    """

    def __init__(self, house: House, counts: Callable[[str], BoxCounts]) -> None:
        """Set up.

        Args:
            house: what the switch's parts share.
            counts: how many messages a member's phone is to show.
        """
        self._house = house
        self._counts = counts
        self._told: dict[str, BoxCounts] = {}

    def tell(self, member_id: str, address: str) -> None:
        """Tell a member's phone, if it does not know yet. At first only if anything waits."""
        counts = self._counts(member_id)
        if counts == self._told.get(member_id, BoxCounts()) or needs_trunk(address):
            return
        self._told[member_id] = counts
        try:
            self._house.telephony.notify(
                address, event=EVENT, content_type=CONTENT_TYPE, body=summary(counts)
            )
        except MisuseError as error:
            log.warning("the phone of %s cannot be told of messages: %s", member_id, error)
