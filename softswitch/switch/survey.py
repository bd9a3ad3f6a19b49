"""Questions after the call, answered by keys, and a comment that is spoken.

What was answered is kept as one record, tied to the call, its group and whoever talked to the
caller; a caller who hangs up half-way has answered what was answered until then.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.errors import MisuseError
from softswitch.prompts import SystemMessage
from softswitch.prompts.guidance import Guidance
from softswitch.switch.guide import KEY_WAIT_S, TRIES, Guide
from softswitch.switch.journal import SurveyAnswered
from softswitch.switch.service_tables import QuestionTable, SurveyTable
from softswitch.switch.voicemail import forget_keys, record_speech, spoken_length

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House
    from softswitch.switch.results import QueueResult

log = logging.getLogger(__name__)

FOLDER: Final = "surveys"
COMMENT_SILENCE_S: Final = 4.0
"""A comment is over when nothing was said for so long."""

NEXT_DIGIT_S: Final = 3.0
"""How long the second digit of an answer is waited for."""


async def ask_survey(
    house: House, call: Call, survey_id: str, *, language: str = ""
) -> SurveyAnswered | None:
    """Ask the questions of a survey; the call goes on afterwards.

    Args:
        house: what the switch's parts share.
        call: the caller, who has talked to a member or not.
        survey_id: which survey.
        language: that the caller is spoken to in; empty: the office's.

    Returns:
        What was answered, which is in the journal; None: the caller did not want to.

    Raises:
        CallEndedError: the caller hung up; what was answered until then is in the journal.
        MisuseError: there is no such survey.
    """
    survey = house.config.surveys.get(survey_id)
    if survey is None:
        raise MisuseError(f"there is no survey {survey_id!r}")
    await call.answer()
    return await _Asking(house, call, survey_id, survey, Guide(house, call, language)).run()


async def survey_after(house: House, call: Call, result: QueueResult) -> None:
    """Ask what the group that answered wants asked, if its member has hung up before the caller.

    Raises:
        CallEndedError: the caller hung up meanwhile.
    """
    group = house.queueing.group(result.group_id)
    if result.outcome is CallOutcome.ANSWERED and group.survey and call.ended is None:
        await ask_survey(house, call, group.survey, language=group.language)


@attrs.define(eq=False)
class _Asking:
    """One caller who is asked."""

    _house: House
    _call: Call
    _id: str
    _survey: SurveyTable
    _guide: Guide
    _answers: dict[str, int] = attrs.field(factory=dict)
    _comment: Path | None = None
    _complete: bool = False

    async def run(self) -> SurveyAnswered | None:
        await forget_keys(self._call)
        if self._survey.invite and not await self._is_willing():
            return None
        try:
            for question in self._survey.questions:
                await self._ask(question)
            if self._survey.comment:
                await self._take_comment()
            self._complete = len(self._answers) == len(self._survey.questions)
        finally:
            record = self._record()
            if self._answers or self._comment is not None:
                self._house.journal.note(record)
        await self._guide.say(Guidance.SURVEY_THANKS, barge_in=False)
        return record

    async def _is_willing(self) -> bool:
        several = len(self._survey.questions) > 1
        invite = Guidance.SURVEY_INVITE_SEVERAL if several else Guidance.SURVEY_INVITE
        return await self._guide.ask({"1": True, "2": False}, invite) or False

    async def _ask(self, question: QuestionTable) -> None:
        """Ask until a possible answer is keyed; go on without one after some tries."""
        for _ in range(TRIES):
            if not self._call.key_waits:
                await self._put(question)
            keyed = await self._keyed(question)
            if keyed.isdecimal() and question.low <= int(keyed) <= question.high:
                self._answers[question.id] = int(keyed)
                return
            if keyed:
                await self._guide.say(SystemMessage.INVALID_CHOICE)

    async def _put(self, question: QuestionTable) -> None:
        if question.sound is not None:
            await self._call.play(question.sound)
        else:
            texts = question.text
            await self._guide.say(texts.get(self._guide.language) or next(iter(texts.values())))

    async def _keyed(self, question: QuestionTable) -> str:
        """Return the digits of an answer; no second one is waited for where none can follow."""
        digits = ""
        while not digits or (int(digits) and int(digits) * 10 <= question.high):
            key = await self._call.next_key(NEXT_DIGIT_S if digits else KEY_WAIT_S)
            if key is None or key == "#":
                break
            if not key.isdecimal():
                return key
            digits += key
        return digits

    async def _take_comment(self) -> None:
        """Record until a key, silence or the longest time; what is silent is no comment."""
        await self._guide.say(Guidance.SURVEY_COMMENT)
        await forget_keys(self._call)
        await self._call.play_ready([self._house.sounds.beep], barge_in=False)
        folder = self._house.config.data_dir / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self._call.id}-{self._id}.wav"
        try:
            await record_speech(
                self._call,
                path,
                length_max_s=self._survey.comment_max_s,
                silence_s=COMMENT_SILENCE_S,
            )
        finally:
            if await spoken_length(path):
                self._comment = path
            else:
                path.unlink(missing_ok=True)

    def _record(self) -> SurveyAnswered:
        talk = _last_visit(self._house, self._call)
        return SurveyAnswered(
            at=self._house.now,
            call_id=talk.call_id if talk is not None else self._call.id,
            group_id=talk.group_id if talk is not None else "",
            member_id=talk.member_id if talk is not None else None,
            survey=self._id,
            answers=dict(self._answers),
            comment=self._comment,
            complete=self._complete,
        )


def _last_visit(house: House, call: Call) -> CallRecord | None:
    """Return the record of the call's latest visit to a group."""
    for record in reversed(house.journal.finished):
        if record.call_id == call.id or record.call_id.startswith(f"{call.id}-"):
            return record
    return None
