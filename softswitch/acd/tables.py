"""The state tables of the engine, as data.

Each table maps a state and an input to an action and the next state. What an action does stands
in the module that owns it (`staffing`, `ringing`, `serving`); which action comes when stands only
here. A pair without a row cannot happen: `step` raises `ImpossibleInputError` and nothing has
changed.

A next state of None in the member table means: the state in which the member's own choices put
them (passive, paused, wrap-up still running, else ready), see `staffing.resting_state`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final, TypeVar

from softswitch.acd.errors import ImpossibleInputError
from softswitch.acd.names import MemberState, Name


class CallState(Name):
    """Where a call is.

    CALLING: the caller is being called back before a member is rung. DIALLING: a member is on the
    line and the caller is being called back.
    """

    WAITING = "waiting"
    OFFERED = "offered"
    CALLING = "calling"
    DIALLING = "dialling"
    TALKING = "talking"
    ENDED = "ended"


class CallInput(Name):
    """What can happen to a call."""

    RING = "ring"
    STOPPED_RINGING = "stopped_ringing"
    ANSWER = "answer"
    CALLER_GONE = "caller_gone"
    MEMBER_GONE = "member_gone"
    FORWARD = "forward"
    PUT_BACK = "put_back"
    ALTER = "alter"
    MUSIC_PLAYS = "music_plays"
    ASK_CALL_BACK = "ask_call_back"
    DIAL_FIRST = "dial_first"
    ANSWER_CALL_BACK = "answer_call_back"
    CALLER_REACHED = "caller_reached"
    CALLER_NOT_REACHED = "caller_not_reached"
    GIVE_UP_CALL_BACK = "give_up_call_back"


class CallAction(Name):
    """What is done about it."""

    NOTHING = "nothing"
    TALK = "talk"
    ABANDON = "abandon"
    FINISH = "finish"
    SEND_AWAY = "send_away"
    REQUEUE = "requeue"
    ALTER = "alter"
    TIME_POSITION = "time_position"
    DIAL = "dial"
    RETRY = "retry"
    HOLD = "hold"
    RELEASE_CALLER = "release_caller"


class OfferState(Name):
    """Where an offer is. STOPPED: told to stop, and the phone has not confirmed it yet."""

    ASKED = "asked"
    RINGING = "ringing"
    STOPPED = "stopped"
    OVER = "over"


class OfferInput(Name):
    """What can happen to an offer."""

    RANG = "rang"
    ANSWERED = "answered"
    FAILED = "failed"
    STOP = "stop"


class OfferAction(Name):
    """What is done about it."""

    NOTHING = "nothing"
    CONNECT = "connect"
    GIVE_UP = "give_up"
    CANCEL = "cancel"
    CONNECT_IF_FREE = "connect_if_free"


class MemberInput(Name):
    """What can happen to a member."""

    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    PAUSE = "pause"
    READY = "ready"
    RING = "ring"
    ANSWER = "answer"
    STOPPED_RINGING = "stopped_ringing"
    BUSY_ELSEWHERE = "busy_elsewhere"
    HANG_UP = "hang_up"
    OWN_CALL_OVER = "own_call_over"
    WRAP_UP_OVER = "wrap_up_over"


class MemberAction(Name):
    """What is done about it."""

    NOTHING = "nothing"
    CHOOSE_ACTIVE = "choose_active"
    CHOOSE_PASSIVE = "choose_passive"
    CHOOSE_PAUSE = "choose_pause"
    CHOOSE_READY = "choose_ready"
    GO_ELSEWHERE = "go_elsewhere"
    COME_BACK = "come_back"
    END_CALL = "end_call"


CALL_TABLE: Final[Mapping[tuple[CallState, CallInput], tuple[CallAction, CallState]]] = {
    (CallState.WAITING, CallInput.RING): (CallAction.NOTHING, CallState.OFFERED),
    # A phone that was just told to stop answers all the same.
    (CallState.WAITING, CallInput.ANSWER): (CallAction.TALK, CallState.TALKING),
    (CallState.WAITING, CallInput.ANSWER_CALL_BACK): (CallAction.DIAL, CallState.DIALLING),
    (CallState.WAITING, CallInput.CALLER_GONE): (CallAction.ABANDON, CallState.ENDED),
    (CallState.WAITING, CallInput.FORWARD): (CallAction.SEND_AWAY, CallState.ENDED),
    (CallState.WAITING, CallInput.ALTER): (CallAction.ALTER, CallState.WAITING),
    (CallState.WAITING, CallInput.ASK_CALL_BACK): (CallAction.ALTER, CallState.WAITING),
    (CallState.WAITING, CallInput.GIVE_UP_CALL_BACK): (CallAction.ABANDON, CallState.ENDED),
    (CallState.OFFERED, CallInput.RING): (CallAction.NOTHING, CallState.OFFERED),
    (CallState.OFFERED, CallInput.STOPPED_RINGING): (CallAction.NOTHING, CallState.WAITING),
    (CallState.OFFERED, CallInput.ANSWER): (CallAction.TALK, CallState.TALKING),
    (CallState.OFFERED, CallInput.ANSWER_CALL_BACK): (CallAction.DIAL, CallState.DIALLING),
    (CallState.OFFERED, CallInput.CALLER_GONE): (CallAction.ABANDON, CallState.ENDED),
    (CallState.OFFERED, CallInput.FORWARD): (CallAction.SEND_AWAY, CallState.ENDED),
    (CallState.OFFERED, CallInput.ALTER): (CallAction.ALTER, CallState.OFFERED),
    (CallState.OFFERED, CallInput.ASK_CALL_BACK): (CallAction.ALTER, CallState.OFFERED),
    **{
        (state, CallInput.MUSIC_PLAYS): (CallAction.TIME_POSITION, state)
        for state in (CallState.WAITING, CallState.OFFERED)
    },
    # The report of music crossed the answer.
    **{
        (state, CallInput.MUSIC_PLAYS): (CallAction.NOTHING, state)
        for state in (CallState.CALLING, CallState.DIALLING, CallState.TALKING)
    },
    (CallState.WAITING, CallInput.DIAL_FIRST): (CallAction.DIAL, CallState.CALLING),
    (CallState.CALLING, CallInput.CALLER_REACHED): (CallAction.HOLD, CallState.WAITING),
    (CallState.CALLING, CallInput.CALLER_NOT_REACHED): (CallAction.RETRY, CallState.WAITING),
    (CallState.CALLING, CallInput.FORWARD): (CallAction.SEND_AWAY, CallState.ENDED),
    (CallState.CALLING, CallInput.ALTER): (CallAction.ALTER, CallState.CALLING),
    # The member hung up while the caller was being dialled, who answers or does not only now.
    **{
        (state, CallInput.CALLER_REACHED): (CallAction.RELEASE_CALLER, state)
        for state in (CallState.WAITING, CallState.OFFERED)
    },
    **{
        (state, CallInput.CALLER_NOT_REACHED): (CallAction.NOTHING, state)
        for state in (CallState.WAITING, CallState.OFFERED, CallState.TALKING)
    },
    (CallState.TALKING, CallInput.CALLER_REACHED): (CallAction.NOTHING, CallState.TALKING),
    (CallState.DIALLING, CallInput.CALLER_REACHED): (CallAction.TALK, CallState.TALKING),
    (CallState.DIALLING, CallInput.CALLER_NOT_REACHED): (CallAction.RETRY, CallState.WAITING),
    (CallState.DIALLING, CallInput.MEMBER_GONE): (CallAction.REQUEUE, CallState.WAITING),
    (CallState.TALKING, CallInput.CALLER_GONE): (CallAction.FINISH, CallState.ENDED),
    (CallState.TALKING, CallInput.MEMBER_GONE): (CallAction.FINISH, CallState.ENDED),
    (CallState.TALKING, CallInput.PUT_BACK): (CallAction.REQUEUE, CallState.WAITING),
}

OFFER_TABLE: Final[Mapping[tuple[OfferState, OfferInput], tuple[OfferAction, OfferState]]] = {
    (OfferState.ASKED, OfferInput.RANG): (OfferAction.NOTHING, OfferState.RINGING),
    (OfferState.ASKED, OfferInput.ANSWERED): (OfferAction.CONNECT, OfferState.OVER),
    (OfferState.ASKED, OfferInput.FAILED): (OfferAction.GIVE_UP, OfferState.OVER),
    (OfferState.ASKED, OfferInput.STOP): (OfferAction.CANCEL, OfferState.STOPPED),
    (OfferState.RINGING, OfferInput.RANG): (OfferAction.NOTHING, OfferState.RINGING),
    (OfferState.RINGING, OfferInput.ANSWERED): (OfferAction.CONNECT, OfferState.OVER),
    (OfferState.RINGING, OfferInput.FAILED): (OfferAction.GIVE_UP, OfferState.OVER),
    (OfferState.RINGING, OfferInput.STOP): (OfferAction.CANCEL, OfferState.STOPPED),
    # CANCEL crosses 180, 200 or the failure on the wire: RFC 3261 section 9.1.
    (OfferState.STOPPED, OfferInput.RANG): (OfferAction.NOTHING, OfferState.STOPPED),
    (OfferState.STOPPED, OfferInput.ANSWERED): (OfferAction.CONNECT_IF_FREE, OfferState.OVER),
    (OfferState.STOPPED, OfferInput.FAILED): (OfferAction.NOTHING, OfferState.OVER),
    # The phone of an offer that is over may still report how its leg ended.
    (OfferState.OVER, OfferInput.RANG): (OfferAction.NOTHING, OfferState.OVER),
    (OfferState.OVER, OfferInput.ANSWERED): (OfferAction.NOTHING, OfferState.OVER),
    (OfferState.OVER, OfferInput.FAILED): (OfferAction.NOTHING, OfferState.OVER),
}

_RESTING = (MemberState.PASSIVE, MemberState.PAUSED, MemberState.READY, MemberState.WRAP_UP)
_CHOICES = {
    MemberInput.ACTIVATE: MemberAction.CHOOSE_ACTIVE,
    MemberInput.DEACTIVATE: MemberAction.CHOOSE_PASSIVE,
    MemberInput.PAUSE: MemberAction.CHOOSE_PAUSE,
    MemberInput.READY: MemberAction.CHOOSE_READY,
    MemberInput.BUSY_ELSEWHERE: MemberAction.GO_ELSEWHERE,
}

MEMBER_TABLE: Final[
    Mapping[tuple[MemberState, MemberInput], tuple[MemberAction, MemberState | None]]
] = {
    **{(state, choice): (act, None) for state in _RESTING for choice, act in _CHOICES.items()},
    # While the phone rings the choice is noted and the offer then withdrawn: STOPPED_RINGING.
    **{
        (MemberState.RINGING, choice): (act, MemberState.RINGING)
        for choice, act in _CHOICES.items()
    },
    **{
        (MemberState.IN_CALL, choice): (act, MemberState.IN_CALL)
        for choice, act in _CHOICES.items()
    },
    (MemberState.IN_CALL, MemberInput.OWN_CALL_OVER): (MemberAction.COME_BACK, None),
    (MemberState.READY, MemberInput.RING): (MemberAction.NOTHING, MemberState.RINGING),
    (MemberState.RINGING, MemberInput.ANSWER): (MemberAction.NOTHING, MemberState.IN_CALL),
    # The phone was just told to stop.
    (MemberState.READY, MemberInput.ANSWER): (MemberAction.NOTHING, MemberState.IN_CALL),
    (MemberState.RINGING, MemberInput.STOPPED_RINGING): (MemberAction.NOTHING, None),
    (MemberState.WRAP_UP, MemberInput.WRAP_UP_OVER): (MemberAction.NOTHING, None),
    (MemberState.IN_CALL, MemberInput.HANG_UP): (MemberAction.END_CALL, None),
    # The caller hung up first, and the member's own end is reported after it.
    **{
        (state, MemberInput.HANG_UP): (MemberAction.NOTHING, state)
        for state in (*_RESTING, MemberState.RINGING)
    },
}

S = TypeVar("S", bound=enum.Enum)
I = TypeVar("I", bound=enum.Enum)  # noqa: E741 -- the letter of the input
R = TypeVar("R")


def by_state(table: Mapping[tuple[S, I], R]) -> dict[S, dict[I, R]]:
    """The rows of a table, for `step`."""
    rows: dict[S, dict[I, R]] = {}
    for (state, input_), row in table.items():
        rows.setdefault(state, {})[input_] = row
    return rows


def step(rows: dict[S, dict[I, R]], state: S, input_: I) -> R:
    """The row of a table that `by_state` has sorted.

    Raises:
        ImpossibleInputError: there is none.
    """
    try:
        return rows[state][input_]
    except KeyError:
        raise ImpossibleInputError(state, input_) from None


CALL_STEPS: Final = by_state(CALL_TABLE)
OFFER_STEPS: Final = by_state(OFFER_TABLE)
MEMBER_STEPS: Final = by_state(MEMBER_TABLE)
