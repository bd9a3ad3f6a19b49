"""The state tables, whole: every state with every input."""

from __future__ import annotations

import itertools

import pytest

from softswitch.acd.errors import ImpossibleInputError
from softswitch.acd.records import MemberState
from softswitch.acd.tables import (
    CALL_TABLE,
    MEMBER_TABLE,
    OFFER_TABLE,
    CallInput,
    CallState,
    MemberInput,
    OfferAction,
    OfferInput,
    OfferState,
    by_state,
    step,
)

TABLES = [
    (CALL_TABLE, CallState, CallInput),
    (OFFER_TABLE, OfferState, OfferInput),
    (MEMBER_TABLE, MemberState, MemberInput),
]
PAIRS = [
    (table, state, input_)
    for table, states, inputs in TABLES
    for state, input_ in itertools.product(states, inputs)
]


@pytest.mark.parametrize(("table", "state", "input_"), PAIRS, ids=str)
def test_each_pair_has_a_row_or_a_typed_error(table, state, input_):
    if (state, input_) in table:
        assert step(by_state(table), state, input_) == table[state, input_]
        return
    with pytest.raises(ImpossibleInputError) as caught:
        step(by_state(table), state, input_)
    assert (caught.value.state, caught.value.input) == (state, input_)


def rows(table, *, state=None, input_=None):
    return {
        pair: row
        for pair, row in table.items()
        if (state is None or pair[0] is state) and (input_ is None or pair[1] is input_)
    }


def test_a_call_that_has_ended_stays_ended():
    assert rows(CALL_TABLE, state=CallState.ENDED) == {}


def test_an_offer_that_is_over_stays_over():
    assert {following for _, following in rows(OFFER_TABLE, state=OfferState.OVER).values()} == {
        OfferState.OVER
    }


def test_an_offer_is_answered_once():
    again = OFFER_TABLE[OfferState.OVER, OfferInput.ANSWERED]
    assert again == (OfferAction.NOTHING, OfferState.OVER)
    connecting = {OfferAction.CONNECT, OfferAction.CONNECT_IF_FREE}
    assert {input_ for (_, input_), row in OFFER_TABLE.items() if row[0] in connecting} == {
        OfferInput.ANSWERED
    }


@pytest.mark.parametrize("state", OfferState)
def test_a_phone_may_answer_at_any_time(state):
    assert (state, OfferInput.ANSWERED) in OFFER_TABLE


def test_only_a_ready_member_is_rung_and_one_who_rings_or_just_did_answers():
    assert {state for state, _ in rows(MEMBER_TABLE, input_=MemberInput.RING)} == {
        MemberState.READY
    }
    assert {state for state, _ in rows(MEMBER_TABLE, input_=MemberInput.ANSWER)} == {
        MemberState.RINGING,
        MemberState.READY,
    }


@pytest.mark.parametrize(
    "choice",
    [
        MemberInput.ACTIVATE,
        MemberInput.DEACTIVATE,
        MemberInput.PAUSE,
        MemberInput.READY,
        MemberInput.BUSY_ELSEWHERE,
        MemberInput.HANG_UP,
    ],
)
def test_members_may_say_what_they_like_at_any_time(choice):
    assert {state for state, _ in rows(MEMBER_TABLE, input_=choice)} == set(MemberState)


@pytest.mark.parametrize(
    "state",
    [CallState.WAITING, CallState.OFFERED, CallState.CALLING, CallState.TALKING],
)
def test_every_call_can_end(state):
    following = {row[1] for row in rows(CALL_TABLE, state=state).values()}
    assert CallState.ENDED in following
