"""Who and what a leg is: read from the INVITE that came in, or known from the start."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import cached_property

from softswitch.sip import headers as sip_headers
from softswitch.telephony import Dialled, Direction, Identity, LegState

_numbers = itertools.count(1)


class LegFacts:
    """The part of a leg that tells about it.

    Args:
        direction: who called.
        invite: the INVITE that came in; the final answer to ours takes its place.
        remote: the party at the other end; None: as the INVITE tells.
        dialled: what was dialled; None: as the INVITE tells.
    """

    def __init__(
        self, direction: Direction, invite: str, remote: Identity | None, dialled: Dialled | None
    ) -> None:
        self.id = f"leg-{next(_numbers)}"
        self.direction = direction
        self.state = LegState.NEW
        self._invite = invite
        self._given_remote = remote
        self._given_dialled = dialled

    def __repr__(self) -> str:
        return f"<SipLeg {self.id} {self.direction.value} {self.state.value}>"

    @cached_property
    def message(self) -> sip_headers.Message:
        """The INVITE that came in, or the final answer to ours."""
        return sip_headers.parse_message(self._invite)

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the INVITE that came in, or of the final answer to ours."""
        return self.message.as_mapping()

    @cached_property
    def remote(self) -> Identity:
        """The party at the other end. Personal data."""
        return self._given_remote or sip_headers.caller_identity(self.message)

    @cached_property
    def dialled(self) -> Dialled:
        """What was dialled."""
        return self._given_dialled or sip_headers.dialled_number(self.message)
