"""A member hangs up, and may say in which conversation."""

from __future__ import annotations

import pytest
from acd_office import office, state_of

from softswitch.acd import CallOutcome, MemberHungUp, MemberState


@pytest.mark.parametrize("named", ["a", None])
def test_the_conversation_is_over(named):
    o = office(1)
    o.talk("a", "1")
    o.tell(MemberHungUp(member_id="1", call_id=named))
    assert o.call_record("a").outcome is CallOutcome.ANSWERED
    assert state_of(o, "1") is MemberState.READY
