"""Why a call went where it went: its records, put in order and into words.

Read from the journal of a switch, or from the log of its queue engine, which is played back.
"""

from __future__ import annotations

import enum
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import attrs

from softswitch.acd.records import NotChosen, Picked, Record
from softswitch.errors import ConfigurationError, EnvironmentFaultError, Fault, MisuseError
from softswitch.switch.engine_log import is_engine_log, read_log
from softswitch.switch.journal import fields_of
from softswitch.switch.restoring import play_back

NOT_CHOSEN: Final[Mapping[NotChosen, str]] = {
    NotChosen.PASSIVE: "is passive",
    NotChosen.PAUSED: "is paused",
    NotChosen.RINGING: "rings already",
    NotChosen.IN_CALL: "is in a call",
    NotChosen.WRAP_UP: "is in wrap-up after a call",
    NotChosen.LOWER_IN_LIST: "stands lower in the priority list",
    NotChosen.LESS_IDLE: "has been idle for a shorter time",
    NotChosen.LIMIT_REACHED: "so many phones ring already as may ring at once",
    NotChosen.JUST_TRIED: "was rung just before, or refused a moment ago",
    NotChosen.RANKED_LOWER: "is ranked lower by the strategy",
    NotChosen.UNSKILLED: "lacks a skill that the call asks for",
    NotChosen.KEPT_FOR_LAST_AGENT: "the call is kept for the member met last",
}
"""Why a member was not offered a call, in words that follow the member's name."""

PICKED: Final[Mapping[Picked, str]] = {
    Picked.UNCONTESTED: "",
    Picked.WEIGHT: " It goes before other calls by the weight of its group.",
    Picked.PRIORITY: " It goes before other calls by its priority.",
    Picked.WAIT: " It goes before other calls by its longer wait.",
    Picked.WAIT_WITH_PRIORITY: " It goes before other calls by its wait and priority together.",
    Picked.FIRST_COME: " It goes before other calls because it joined first.",
}
"""What decided for a call when a member became free, in words that follow who is rung."""

_OFFER_ENDS: Final = {
    "answered": "{member} answers after {seconds}.",
    "answered_elsewhere": "{member} stops ringing: somebody else answered.",
    "rejected": "{member} refuses after {seconds}.",
    "busy": "{member}'s phone is busy.",
    "no_answer": "{member} does not answer within {seconds}.",
    "unreachable": "{member}'s phone cannot be reached.",
    "caller_gone": "{member} stops ringing: the caller is gone.",
    "withdrawn": "{member} stops ringing: the offer is withdrawn.",
}
_OUTCOMES: Final = {
    "answered": "It is over; it was answered by {member}.",
    "abandoned": "The caller gives up after {seconds}.",
    "forwarded": "It is sent on to {target}, because {reason}.",
    "refused": "It is refused ({target}), because {reason}.",
    "called_back": "It is over; {member} talked to the caller, who was called back.",
}
_REASONS: Final = {
    "queue_full": "the queue was full",
    "no_queue": "every active member was busy and the group lets nobody wait",
    "nobody_active": "no member was active",
    "offers_exhausted": "it was offered as often as the group allows",
    "offering_time_over": "it was offered for as long as the group allows",
    "waited_too_long": "it waited for as long as the group allows",
    "caller_choice": "the caller chose so by a key",
    "withdrawn": "it was taken out of the queue from outside",
    "group_closed": "the group was removed from the office",
}
_FLOW_ENDS: Final = {
    "completed": "it came to its end",
    "caller_hung_up": "the caller hung up",
    "transferred": "the caller's phone was transferred",
    "failed": "it failed ({fault})",
}


class UnknownCallError(MisuseError):
    """There is nothing about this call; ``recent`` holds ids of calls that ended last."""

    def __init__(self, call_id: str, recent: tuple[str, ...]) -> None:
        self.recent = recent
        known = f" The latest are: {', '.join(recent)}." if recent else " It tells of no call."
        super().__init__(f"The log tells nothing of a call {call_id!r}.{known}")


class StepKind(enum.Enum):
    """What a step of a story is about."""

    ORDERED = "ordered"
    JOINED = "joined"
    OFFERED = "offered"
    OFFER_ENDED = "offer_ended"
    LATE_ANSWER = "late_answer"
    MOVED = "moved"
    CONNECTED = "connected"
    CONVERSATION_ENDED = "conversation_ended"
    EXPECTED_WAIT = "expected_wait"
    STRATEGY_FAILED = "strategy_failed"
    FILE = "file"
    DIALLED = "dialled"
    TURNED_AWAY = "turned_away"
    FLOW = "flow"
    ENDED = "ended"


@attrs.frozen(kw_only=True)
class Step:
    """One thing that happened to a call.

    Attributes:
        at_s: seconds since the call's flow began, or since it joined a group for the first time.
        time: time of day, where the log knows it.
        text: a sentence.
        not_chosen: for an offer, the members who were not chosen, and why in words.
    """

    kind: StepKind
    at_s: float
    time: datetime | None
    text: str
    not_chosen: tuple[tuple[str, str], ...] = ()


@attrs.frozen(kw_only=True)
class Story:
    """A call, from joining to its end.

    Attributes:
        caller: number of the caller, empty while it is not told. Personal data.
        outcome: how it ended, or None where the log does not say.
    """

    call_id: str
    caller: str
    outcome: str | None
    steps: tuple[Step, ...]


Line = Mapping[str, Any]
"""A record as the journal has it: ``record``, ``time`` or not, and its fields."""


def read_lines(path: Path) -> list[Line]:
    """Read the records of a journal, of an engine log, or of the data folder that holds them.

    Raises:
        ConfigurationError: there is no such file, or it is neither of them.
        EnvironmentFaultError: it cannot be read.
    """
    file = path / "journal.jsonl" if path.is_dir() else path
    try:
        if is_engine_log(file):
            return _played_back(file)
        return list(_journal(file))
    except FileNotFoundError:
        fault = Fault(path=str(file), message="There is no such file.")
        raise ConfigurationError([fault]) from None
    except OSError as error:
        raise EnvironmentFaultError(
            f"{file} cannot be read: {error.strerror}.", remedy="See who may read it."
        ) from error


def _journal(file: Path) -> Iterator[Line]:
    """Give every whole line; the last one may be torn."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, text in enumerate(lines, start=1):
        try:
            line = json.loads(text)
            yield {"record": line["record"], "at": float(line["at"]), **line}
        except (ValueError, KeyError, TypeError) as error:
            if number < len(lines):
                message = f"Line {number} is no record."
                raise ConfigurationError([Fault(path=str(file), message=message)]) from error


def _played_back(file: Path) -> list[Line]:
    past = read_log(file)
    if past is None:
        raise _unreadable(file)
    try:
        said = play_back(past).poll()
    except (KeyError, TypeError, ValueError):
        raise _unreadable(file) from None
    return [fields_of(one) for one in said if isinstance(one, Record)]


def _unreadable(file: Path) -> ConfigurationError:
    message = "This version cannot read this engine log."
    return ConfigurationError([Fault(path=str(file), message=message)])


def tell(lines: Iterable[Line], call_id: str) -> Story:
    """Put together what a log says of a call, its later visits to groups included.

    Args:
        lines: of a log.
        call_id: as in records, snapshots and names of recordings.

    Raises:
        UnknownCallError: the log says nothing of it.
    """
    lines = list(lines)
    mine = [line for line in lines if _is_of(line, call_id)]
    if not mine:
        raise UnknownCallError(call_id, recent_calls(lines))
    began = min(min(line.get("joined_at", line["at"]), _start(line)) for line in mine)
    steps = sorted(_steps(mine, began), key=lambda step: step.at_s)
    ends = [line for line in mine if line["record"] == "CallRecord"]
    callers = [line["caller"] for line in mine if line.get("caller")]
    return Story(
        call_id=call_id,
        caller=callers[0] if callers else "",
        outcome=ends[-1]["outcome"] if ends else None,
        steps=tuple(steps),
    )


def recent_calls(lines: Iterable[Line], most: int = 10) -> tuple[str, ...]:
    """Return the ids of the calls that ended last, the latest first."""
    ids = [line["call_id"] for line in lines if line["record"] == "CallRecord"]
    return tuple(dict.fromkeys(reversed(ids)))[:most]


def _is_of(line: Line, call_id: str) -> bool:
    """A call that is sent on to another group goes by its id and a number there."""
    found = str(line.get("call_id", ""))
    return found == call_id or found.rpartition("-")[0] == call_id


def _start(line: Line) -> float:
    return float(line.get("started_at", line["at"]))


def _steps(mine: list[Line], began: float) -> Iterator[Step]:
    """Tell of every visit to a group, in the order in which things of one instant happen."""
    for visit in dict.fromkeys(line["call_id"] for line in mine):
        lines = [line for line in mine if line["call_id"] == visit]
        ends = [line for line in lines if line["record"] == "CallRecord"]
        for line in ends:
            yield _joined(line, _first_group(lines, line["group_id"]), began)
        yield from _offers([line for line in lines if line["record"] == "OfferRecord"], began)
        for line in lines:
            yield from TELLERS.get(line["record"], _nothing)(line, began)
        for line in ends:
            yield _ended(line, began)


def _step(
    kind: StepKind,
    line: Line,
    at: float,
    began: float,
    text: str,
    **more: Any,  # noqa: ANN401
) -> Step:
    time = None
    if "time" in line:
        time = datetime.fromisoformat(line["time"]) - timedelta(seconds=line["at"] - at)
    return Step(kind=kind, at_s=round(at - began, 3), time=time, text=text, **more)


def _offers(offers: list[Line], began: float) -> Iterator[Step]:
    """Tell of every offer: those that began together as one step."""
    together = lambda line: (line["call_id"], line["started_at"], line["round"])  # noqa: E731
    for _, group in itertools.groupby(sorted(offers, key=together), together):
        ringing = list(group)
        first, names = ringing[0], [line["member_id"] for line in ringing]
        phones = f"{', '.join(names)} {'ring' if len(names) > 1 else 'rings'}"
        picked = PICKED[Picked(first.get("picked", Picked.UNCONTESTED))]
        text = f"Round {first['round']} ({first['strategy']}): {phones}.{picked}"
        others = tuple(
            (member, NOT_CHOSEN[NotChosen(why)])
            for member, why in first["others"]
            if member not in names
        )
        kind = StepKind.OFFERED
        yield _step(kind, first, first["started_at"], began, text, not_chosen=others)
        for line in ringing:
            yield _offer_over(line, began)


def _offer_over(line: Line, began: float) -> Step:
    seconds = _seconds(line["at"] - line["started_at"])
    text = _OFFER_ENDS[line["outcome"]].format(member=line["member_id"], seconds=seconds)
    return _step(StepKind.OFFER_ENDED, line, line["at"], began, text)


def _first_group(lines: list[Line], last: str) -> str:
    """A call's own record bears the last group that it was moved to."""
    moved = [line["from_group_id"] for line in lines if line["record"] == "CallMovedRecord"]
    return moved[0] if moved else last


def _joined(line: Line, group_id: str, began: float) -> Step:
    waits = "; at times no member is free and it waits" if line["queued"] else ""
    text = f"It joins group {group_id}{waits}."
    return _step(StepKind.JOINED, line, line["joined_at"], began, text)


def _ended(line: Line, began: float) -> Step:
    text = _OUTCOMES[line["outcome"]].format(
        member=line["member_id"],
        seconds=_seconds(line["ended_at"] - line["joined_at"]),
        target=_target(line["forward_target"]),
        reason=_REASONS.get(line["forward_reason"], "of an unknown reason"),
    )
    return _step(StepKind.ENDED, line, line["ended_at"], began, text)


def _conversation(line: Line, began: float) -> Iterator[Step]:
    member, seconds = line["member_id"], _seconds(line["at"] - line["started_at"])
    text = f"{member} and the caller are connected."
    yield _step(StepKind.CONNECTED, line, line["started_at"], began, text)
    text = f"The conversation with {member} is over after {seconds}."
    yield _step(StepKind.CONVERSATION_ENDED, line, line["at"], began, text)


def _late_answer(line: Line, began: float) -> Iterator[Step]:
    text = f"{line['member_id']} answers just as it stops ringing there, and gets the call."
    yield _step(StepKind.LATE_ANSWER, line, line["at"], began, text)


def _moved(line: Line, began: float) -> Iterator[Step]:
    text = f"It is moved from group {line['from_group_id']} to {line['to_group_id']}."
    yield _step(StepKind.MOVED, line, line["at"], began, text)


def _expected(line: Line, began: float) -> Iterator[Step]:
    low, high = _seconds(line["low_s"]), _seconds(line["high_s"])
    text = f"The caller is told to wait {low} to {high} ({line['estimator']})."
    yield _step(StepKind.EXPECTED_WAIT, line, line["told_at"], began, text)
    true = "as told" if line["inside"] else "not as told"
    text = f"The wait from there on was {_seconds(line['waited_s'])}, {true}."
    yield _step(StepKind.EXPECTED_WAIT, line, line["at"], began, text)


def _fault(line: Line, began: float) -> Iterator[Step]:
    text = f"The strategy {line['strategy']} failed, the priority list decides: {line['fault']}"
    yield _step(StepKind.STRATEGY_FAILED, line, line["at"], began, text)


def _recording(line: Line, began: float) -> Iterator[Step]:
    yield _step(StepKind.FILE, line, line["at"], began, f"It is recorded: {line['path']}.")


def _dialled(line: Line, began: float) -> Iterator[Step]:
    who = "A phone asks for a transfer to" if line["transfer"] else "The switch dials"
    yield _step(StepKind.DIALLED, line, line["started_at"], began, f"{who} {line['target']}.")
    answered_at = line["answered_at"]
    if answered_at is None:
        text = f"{line['target']} is not reached."
    else:
        text = f"The call to {line['target']} is over after {_seconds(line['at'] - answered_at)}."
    yield _step(StepKind.DIALLED, line, line["at"], began, text)


def _turned_away(line: Line, began: float) -> Iterator[Step]:
    why = f"It finds group {line['group_id']} closed ({line['rule']})"
    text = f"{why} and goes to {_target(line['target'])}."
    yield _step(StepKind.TURNED_AWAY, line, line["at"], began, text)


def _message(line: Line, began: float) -> Iterator[Step]:
    text = f"The caller left a message of {_seconds(line['length_s'])}: {line['path']}."
    yield _step(StepKind.FILE, line, line["at"], began, text)


def _survey(line: Line, began: float) -> Iterator[Step]:
    answers = ", ".join(f"{question} {answer}" for question, answer in line["answers"].items())
    text = f"The caller answered survey {line['survey']}: {answers or 'by a comment only'}."
    yield _step(StepKind.FILE, line, line["at"], began, text)


def _ordered(line: Line, began: float) -> Iterator[Step]:
    text = f"It is a call back that was ordered by {line['origin']}: order {line['order_id']}."
    yield _step(StepKind.ORDERED, line, line["at"], began, text)


def _withdrawn(line: Line, began: float) -> Iterator[Step]:
    text = f"The order {line['order_id']} is withdrawn: {line['why']}."
    yield _step(StepKind.ORDERED, line, line["at"], began, text)


def _flow(line: Line, began: float) -> Iterator[Step]:
    way = " → ".join(line["nodes"])
    text = f"It goes through the flow {line['flow']}: {way}."
    yield _step(StepKind.FLOW, line, line["started_at"], began, text)
    text = f"The flow {line['flow']} is over: {_FLOW_ENDS[line['outcome']]}."
    yield _step(StepKind.FLOW, line, line["at"], began, text.format(fault=line["fault"]))


def _nothing(_line: Line, _began: float) -> Iterator[Step]:
    return iter(())


TELLERS: Final = {
    "LateAnswerRecord": _late_answer,
    "ConversationRecord": _conversation,
    "CallMovedRecord": _moved,
    "WaitScoreRecord": _expected,
    "StrategyFaultRecord": _fault,
    "RecordingMade": _recording,
    "DialledCall": _dialled,
    "CallTurnedAway": _turned_away,
    "MessageLeft": _message,
    "SurveyAnswered": _survey,
    "CallBackQueued": _ordered,
    "CallBackWithdrawn": _withdrawn,
    "FlowRecord": _flow,
}
"""What is told of the records between those of the offers and that of the call itself."""


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s"


def _target(target: Mapping[str, str] | None) -> str:
    if target is None:
        return "nowhere"
    return f"{target['kind'].replace('_', ' ')} {target['value']}".strip()
