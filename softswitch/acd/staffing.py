"""What members do: their states, choices, wrap-up and back-off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from softswitch.acd import queueing
from softswitch.acd.core import Core
from softswitch.acd.deadlines import Due
from softswitch.acd.names import MemberState, NoAnswerAction
from softswitch.acd.records import MemberActiveRecord, MemberStateRecord
from softswitch.acd.state import FOR_EVER, NEVER, Agent, Entry, HuntGroup
from softswitch.acd.tables import MEMBER_STEPS, MemberAction, MemberInput, step

NO_ANSWER = "no_answer"
"""Reason of the pause of a member who did not answer."""

_NOTHING: Final = MemberAction.NOTHING
_ANSWER: Final = MemberInput.ANSWER
_READY: Final = MemberState.READY
_RINGING: Final = MemberState.RINGING
_IN_CALL: Final = MemberState.IN_CALL
_WRAP_UP: Final = MemberState.WRAP_UP
_PAUSED: Final = MemberState.PAUSED
"""Looked up once: up to Python 3.11 a member of an enumeration is no plain attribute."""


def shift(core: Core, agent: Agent, input_: MemberInput, reason: str = "") -> None:
    """Something happens to a member.

    Args:
        core: the engine's memory.
        agent: the member.
        input_: what happens.
        reason: of a pause, in the member's words.

    Raises:
        ImpossibleInputError: it cannot happen in the member's state; nothing has changed.
    """
    action, following = step(MEMBER_STEPS, agent.state, input_)
    if action is not _NOTHING:
        _ACTIONS[action](core, agent, reason)
    enter(core, agent, following or resting_state(agent, core.now))


def resting_state(agent: Agent, now: float) -> MemberState:
    """The state that follows from what a member has chosen and does, where no phone rings."""
    if agent.elsewhere or agent.entry is not None:
        return _IN_CALL
    if not agent.active:
        return MemberState.PASSIVE
    if agent.paused:
        return MemberState.PAUSED
    return _WRAP_UP if now < agent.wrap_up_until else _READY


def enter(core: Core, agent: Agent, state: MemberState) -> None:
    """Take up a state; nothing is recorded where it is the present one."""
    if state is not agent.state:
        if agent.state is _WRAP_UP:
            core.deadlines.cancel((Due.WRAP_UP, agent.id))
        agent.state, agent.since = state, core.now
        for seat in agent.seats:
            group = seat.group
            group.roster.note(agent, seat)
            if group.impatient:
                core.seek(group.wanting)
        _record(core, agent)
    if state is _READY:
        core.wake(agent)
    elif state is _WRAP_UP:
        _begin_wrap_up(core, agent)
    elif state is not _IN_CALL and state is not _RINGING:
        _begin_absence(core, agent)


def _begin_wrap_up(core: Core, agent: Agent) -> None:
    if agent.wrap_up_until < FOR_EVER:
        core.deadlines.arm((Due.WRAP_UP, agent.id), agent.wrap_up_until)


def _begin_absence(core: Core, agent: Agent) -> None:
    for entry in list(agent.wanting):
        queueing.keep_no_longer(core, entry)
    if agent.retired:
        retire(core, agent)


def answer(core: Core, agent: Agent, entry: Entry) -> None:
    """The member has the call."""
    agent.entry = entry
    shift(core, agent, _ANSWER)


def welcome_back(core: Core, agent: Agent) -> None:
    """A member who was sent off for not answering has answered all the same."""
    active = agent.state is MemberState.PAUSED
    shift(core, agent, MemberInput.READY if active else MemberInput.ACTIVATE)


def drop_call(agent: Agent) -> None:
    """The member is free of a call in which nobody was talked to: no wrap-up follows."""
    agent.entry = None


def retire(core: Core, agent: Agent) -> None:
    """The member, who has neither call nor offer, is no longer known."""
    for due in (Due.WRAP_UP, Due.BACK_OFF):
        core.deadlines.cancel((due, agent.id))
    core.idlers.pop(agent, None)
    del core.agents[agent.id]


def did_not_answer(core: Core, agent: Agent, group: HuntGroup, offer_id: str) -> None:
    """The phone rang its whole time although its member was ready: what the group says then.

    The phone still counts as ringing; the state follows when the offer is closed.
    """
    action = group.group.no_answer_action
    last = agent.active and group.count_active() == 1
    if action is NoAnswerAction.PAUSE:
        shift(core, agent, MemberInput.PAUSE, NO_ANSWER)
    elif action is NoAnswerAction.LOG_OUT or (
        action is NoAnswerAction.LOG_OUT_UNLESS_LAST and not last
    ):
        shift(core, agent, MemberInput.DEACTIVATE)
    else:
        return
    agent.sent_off_by = offer_id


def back_off(core: Core, agent: Agent, seconds: float) -> None:
    """Offer the member nothing for a while."""
    if seconds > 0:
        agent.back_off_until = max(agent.back_off_until, core.now + seconds)
        core.deadlines.arm((Due.BACK_OFF, agent.id), agent.back_off_until)
        for group in agent.groups:
            roster = group.roster
            roster.back_off_until = max(roster.back_off_until, agent.back_off_until)


def _record(core: Core, agent: Agent) -> None:
    reason = agent.pause_reason if agent.state is _PAUSED else ""
    core.emit(MemberStateRecord(at=core.now, member_id=agent.id, state=agent.state, reason=reason))


def record_choice(core: Core, agent: Agent) -> None:
    """Write down that the member is active or passive from now on."""
    core.emit(MemberActiveRecord(at=core.now, member_id=agent.id, active=agent.active))


def _choose_active(core: Core, agent: Agent, _reason: str) -> None:
    agent.sent_off_by = ""
    if not agent.active:
        agent.active, agent.idle_since = True, core.now
        record_choice(core, agent)
        _end_back_off(core, agent)
        for group in agent.groups:
            queueing.reconsider(core, group)


def _choose_passive(core: Core, agent: Agent, _reason: str) -> None:
    """Becoming passive ends a pause: who comes back is there for calls."""
    was_active = agent.active
    agent.active, agent.paused, agent.sent_off_by = False, False, ""
    if was_active:
        record_choice(core, agent)
    for group in agent.groups:
        if group.nobody_active is not None and not group.count_active():
            core.seek(group.line)
        queueing.reconsider(core, group)


def _choose_pause(core: Core, agent: Agent, reason: str) -> None:
    renamed = agent.state is MemberState.PAUSED and agent.pause_reason != reason
    agent.paused, agent.pause_reason, agent.sent_off_by = True, reason, ""
    if renamed:
        _record(core, agent)


def _choose_ready(core: Core, agent: Agent, _reason: str) -> None:
    agent.paused, agent.wrap_up_until, agent.sent_off_by = False, NEVER, ""
    _end_back_off(core, agent)


def _end_back_off(core: Core, agent: Agent) -> None:
    """Whoever says to be ready is believed."""
    agent.back_off_until = NEVER
    core.deadlines.cancel((Due.BACK_OFF, agent.id))


def _go_elsewhere(_core: Core, agent: Agent, _reason: str) -> None:
    agent.elsewhere = True


def _come_back(_core: Core, agent: Agent, _reason: str) -> None:
    agent.elsewhere = False


def _end_call(core: Core, agent: Agent, _reason: str) -> None:
    """Wrap-up and idle time belong to calls of a group, not to the member's own."""
    if agent.entry is not None:
        agent.idle_since = core.now
        group = agent.entry.group
        agent.wrap_up_until = core.now + group.wrap_up_s if group.auto_ready else FOR_EVER
        agent.entry = None


_ACTIONS: Final[dict[MemberAction, Callable[[Core, Agent, str], None]]] = {
    MemberAction.CHOOSE_ACTIVE: _choose_active,
    MemberAction.CHOOSE_PASSIVE: _choose_passive,
    MemberAction.CHOOSE_PAUSE: _choose_pause,
    MemberAction.CHOOSE_READY: _choose_ready,
    MemberAction.GO_ELSEWHERE: _go_elsewhere,
    MemberAction.COME_BACK: _come_back,
    MemberAction.END_CALL: _end_call,
}
