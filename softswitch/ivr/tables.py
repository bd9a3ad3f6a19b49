"""The state table of a session, as data.

`ACTIONS` maps a state and an input to what is done; `AFTER` maps what a node asks for to the state
that follows. A pair without a row cannot happen: `action` raises `ImpossibleInputError` and
nothing has changed. Late answers, to commands that were given up, are dropped before the table,
and so are words that are listened for no more.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from softswitch.errors import MisuseError


class State(enum.Enum):
    """What a session waits for.

    NEW: to be begun. OPENING: to be heard by the caller. PLAYING: the end of a prompt. LISTENING:
    a key. RECORDING: the end of a recording. WAITING: outside data, or what the runtime does.
    PAUSING: time. ENDED: nothing.
    """

    NEW = "new"
    OPENING = "opening"
    PLAYING = "playing"
    LISTENING = "listening"
    RECORDING = "recording"
    WAITING = "waiting"
    PAUSING = "pausing"
    ENDED = "ended"


class Input(enum.Enum):
    """What can happen to a session."""

    BEGIN = "begin"
    LINE_OPEN = "line_open"
    KEY = "key"
    SPEECH = "speech"
    WORDS = "words"
    PROMPT_OVER = "prompt_over"
    RECORDED = "recorded"
    RESULT = "result"
    TIME = "time"
    HANG_UP = "hang_up"


class Action(enum.Enum):
    """What is done about it."""

    START = "start"
    GO_ON = "go_on"
    TAKE_KEY = "take_key"
    KEEP_KEY = "keep_key"
    WAIT_FOR_WORDS = "wait_for_words"
    TAKE_WORDS = "take_words"
    NOTHING = "nothing"
    PROMPT_OVER = "prompt_over"
    TAKE_RECORDING = "take_recording"
    TAKE_RESULT = "take_result"
    TIME_OVER = "time_over"
    END = "end"


class Wish(enum.Enum):
    """What a node asks of its session."""

    OPEN = "open"
    PLAY = "play"
    LISTEN = "listen"
    RECORD = "record"
    LOOK_UP = "look_up"
    PERFORM = "perform"
    PAUSE = "pause"
    END = "end"


ACTIONS: Final[Mapping[State, Mapping[Input, Action]]] = {
    State.NEW: {
        Input.BEGIN: Action.START,
        Input.KEY: Action.KEEP_KEY,
        Input.LINE_OPEN: Action.NOTHING,
        Input.HANG_UP: Action.END,
    },
    State.OPENING: {
        Input.LINE_OPEN: Action.GO_ON,
        Input.KEY: Action.KEEP_KEY,
        Input.HANG_UP: Action.END,
    },
    State.PLAYING: {
        Input.PROMPT_OVER: Action.PROMPT_OVER,
        Input.KEY: Action.TAKE_KEY,
        Input.SPEECH: Action.WAIT_FOR_WORDS,
        Input.WORDS: Action.TAKE_WORDS,
        Input.LINE_OPEN: Action.NOTHING,
        Input.RESULT: Action.PROMPT_OVER,
        Input.HANG_UP: Action.END,
    },
    State.LISTENING: {
        Input.KEY: Action.TAKE_KEY,
        Input.SPEECH: Action.WAIT_FOR_WORDS,
        Input.WORDS: Action.TAKE_WORDS,
        Input.TIME: Action.TIME_OVER,
        Input.LINE_OPEN: Action.NOTHING,
        Input.HANG_UP: Action.END,
    },
    State.RECORDING: {
        Input.RECORDED: Action.TAKE_RECORDING,
        Input.SPEECH: Action.NOTHING,
        Input.WORDS: Action.NOTHING,
        Input.KEY: Action.TAKE_KEY,
        Input.RESULT: Action.TAKE_RESULT,
        Input.TIME: Action.TIME_OVER,
        Input.LINE_OPEN: Action.NOTHING,
        Input.HANG_UP: Action.END,
    },
    State.WAITING: {
        Input.RESULT: Action.TAKE_RESULT,
        Input.SPEECH: Action.NOTHING,
        Input.WORDS: Action.NOTHING,
        Input.KEY: Action.KEEP_KEY,
        Input.TIME: Action.TIME_OVER,
        Input.LINE_OPEN: Action.NOTHING,
        Input.HANG_UP: Action.END,
    },
    State.PAUSING: {
        Input.TIME: Action.TIME_OVER,
        Input.SPEECH: Action.NOTHING,
        Input.WORDS: Action.NOTHING,
        Input.KEY: Action.TAKE_KEY,
        Input.LINE_OPEN: Action.NOTHING,
        Input.HANG_UP: Action.END,
    },
    State.ENDED: {
        Input.KEY: Action.NOTHING,
        Input.LINE_OPEN: Action.NOTHING,
        Input.HANG_UP: Action.NOTHING,
    },
}

AFTER: Final[Mapping[Wish, State]] = {
    Wish.OPEN: State.OPENING,
    Wish.PLAY: State.PLAYING,
    Wish.LISTEN: State.LISTENING,
    Wish.RECORD: State.RECORDING,
    Wish.LOOK_UP: State.WAITING,
    Wish.PERFORM: State.WAITING,
    Wish.PAUSE: State.PAUSING,
    Wish.END: State.ENDED,
}


class ImpossibleInputError(MisuseError):
    """Something was reported that cannot happen now; nothing has changed."""


def action(state: State, what: Input) -> Action:
    """Return what is done about an input.

    Raises:
        ImpossibleInputError: it cannot happen in this state.
    """
    found = ACTIONS[state].get(what)
    if found is None:
        raise ImpossibleInputError(f"{what.value} cannot happen to a session that is {state.value}")
    return found
