"""The state table of a session, tested whole."""

from __future__ import annotations

import itertools

import pytest

from softswitch.ivr.tables import ACTIONS, AFTER, Action, ImpossibleInputError, Input, State, Wish
from softswitch.ivr.tables import action as action_of

EVERY = list(itertools.product(State, Input))


@pytest.mark.parametrize(("state", "what"), EVERY)
def test_every_input_in_every_state_has_an_action_or_is_impossible(state: State, what: Input):
    if what in ACTIONS[state]:
        assert action_of(state, what) is ACTIONS[state][what]
    else:
        with pytest.raises(ImpossibleInputError, match=what.value):
            action_of(state, what)


def test_the_caller_can_hang_up_and_press_keys_at_any_time():
    for state in State:
        assert Input.KEY in ACTIONS[state]
        expected = Action.NOTHING if state is State.ENDED else Action.END
        assert ACTIONS[state][Input.HANG_UP] is expected


def test_no_key_is_lost_before_the_end():
    for state in set(State) - {State.ENDED}:
        assert ACTIONS[state][Input.KEY] in {Action.TAKE_KEY, Action.KEEP_KEY}


def test_only_what_is_waited_for_can_arrive():
    arriving = {
        Input.PROMPT_OVER: {State.PLAYING},
        Input.RECORDED: {State.RECORDING},
        Input.BEGIN: {State.NEW},
    }
    for what, states in arriving.items():
        assert {state for state in State if what in ACTIONS[state]} == states


def test_every_state_but_the_first_is_come_to_by_a_wish_and_can_be_left():
    assert set(AFTER) == set(Wish)
    assert set(AFTER.values()) == set(State) - {State.NEW}
    for state in set(State) - {State.ENDED}:
        leaving = {
            Action.START,
            Action.GO_ON,
            Action.TAKE_KEY,
            Action.PROMPT_OVER,
            Action.END,
            Action.TAKE_RECORDING,
            Action.TAKE_RESULT,
            Action.TIME_OVER,
        }
        assert leaving & set(ACTIONS[state].values())


def test_every_action_is_used():
    used = {one for row in ACTIONS.values() for one in row.values()}
    assert used == set(Action)
