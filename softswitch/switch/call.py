"""One call, as a flow sees it.

A flow is an async function that is given a call and says what happens to it, one thing after
the other. When the phone hangs up, whatever the flow waits for raises `CallEndedError`, which
ends the flow quietly unless it is caught. `Call.queue` alone returns instead, with the outcome
`ABANDONED`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from softswitch.acd.model import Target
from softswitch.errors import PeerError
from softswitch.ivr.nodes import Menu
from softswitch.ivr.prompts import Prompt, prompt_of
from softswitch.ivr.sayings import sayings_of
from softswitch.prompts import Sound, SystemMessage
from softswitch.switch.call_back_asking import order_by_phone
from softswitch.switch.call_back_order import CallBackOrder
from softswitch.switch.call_back_orders import way_back
from softswitch.switch.journal import SurveyAnswered
from softswitch.switch.party import Party
from softswitch.switch.results import QueueResult, QueueWishes
from softswitch.switch.survey import ask_survey
from softswitch.switch.voicemail import leave_message
from softswitch.telephony import (
    Answered,
    Ended,
    EndedBy,
    EndReason,
    Identity,
    Leg,
    LegEvent,
    TransferProgress,
)

if TYPE_CHECKING:
    from softswitch.ivr.expressions import Value
    from softswitch.ivr.model import Flow, Node
    from softswitch.switch.following import FlowResult, NodeResult
    from softswitch.switch.house import House
    from softswitch.voicemail import Message

T = TypeVar("T")


class Call(Party):
    """A call between the switch and one phone; see `Party` for its attributes."""

    @classmethod
    def incoming(cls, house: House, leg: Leg) -> Call:
        """Take over a leg that exists."""
        call = cls(house)
        call._take(leg)
        leg.listen(call._on_event)
        return call

    @classmethod
    def outgoing(
        cls,
        house: House,
        target: str,
        *,
        ring_time_s: float,
        caller: Identity | None = None,
        trunk: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """Dial.

        Raises:
            CapacityError: no leg is free.
            MisuseError: the target cannot be dialled.
        """
        call = cls(house)
        leg = house.telephony.dial(
            target,
            listener=call._on_event,
            ring_time_s=ring_time_s,
            caller=caller,
            trunk=trunk,
            headers=headers,
        )
        call._take(leg)
        return call

    @classmethod
    def absent(cls, house: House) -> Call:
        """Return a call that was over before this switch began: only what it was for lives on."""
        call = cls(house)
        call._ended = Ended(by=EndedBy.US, why=EndReason.SHUTDOWN)
        return call

    # What a flow does with it.

    async def answer(self) -> None:
        """Answer, and return when the call is answered."""
        with self.waiting() as answered:
            if self.answered:
                return

            def settle(_party: Party, event: LegEvent) -> None:
                if isinstance(event, Answered) and not answered.done():
                    answered.set_result(None)

            self.watch(settle)
            try:
                self.answer_soon()
                await answered
            finally:
                self.unwatch(settle)

    async def play(self, *sounds: Path | str | Sound, barge_in: bool = True) -> None:
        """Play sounds to their end, or until a key is pressed.

        Args:
            sounds: paths of files, anything that libsndfile reads; a str is a path too, and never
                a text to be spoken: that is `say`. Relative ones count from the folder that the
                program runs in. Or descriptions of prompts (`softswitch.prompts.description`),
                which are put together first, once.
            barge_in: a key pressed meanwhile stops the sound; the key is kept for `collect`.

        Raises:
            CallEndedError: the call ended first.
            MisuseError: the call is not answered, so that nothing can be heard.
            PromptError: a file, or a text in a prompt, cannot be used.
        """
        self.check_alive()
        await self.play_ready(await self._house.sounds.files(sounds), barge_in=barge_in)

    async def say(self, text: str, *, lang: str | None = None, barge_in: bool = True) -> None:
        """Speak a text, in the office's language when ``lang`` is None.

        Raises:
            CallEndedError: the call ended first.
            MisuseError: the call is not answered, so that nothing can be heard.
            PromptError: no such language, or a text that cannot be spoken.
        """
        self.check_alive()
        language = lang or self._house.config.language
        spoken = await self._house.sounds.spoken(text, language)
        await self.play_ready([spoken], barge_in=barge_in)

    async def say_message(
        self, message: SystemMessage, *, lang: str | None = None, barge_in: bool = True
    ) -> None:
        """Speak a system message, in the office's language when ``lang`` is None.

        Raises:
            CallEndedError: the call ended first.
            MisuseError: neither the office nor one of its groups speaks this language, or the
                call is not answered.
        """
        language = lang or self._house.config.language
        file = self._house.sounds.message(message, language)
        await self.play_ready([file], barge_in=barge_in)

    async def play_sound(self, *names: str, barge_in: bool = True) -> None:
        """Play sounds of the office's library, by their names.

        Raises:
            CallEndedError: the call ended first.
            LibraryError: the library has no such sound.
            MisuseError: the call is not answered, so that nothing can be heard.
            PromptError: a file cannot be used.
        """
        self.check_alive()
        ready = [await self._house.desk.sound(name) for name in names]
        await self.play_ready(ready, barge_in=barge_in)

    async def play_welcome(
        self, group_id: str = "", *, hours: str = "", barge_in: bool = True
    ) -> None:
        """Play what callers hear first: hotprompts, then the greeting of the hour, if any.

        Args:
            group_id: whose; empty: the office's.
            hours: the calendar by which the greeting is chosen; empty: the group's, and without
                one it is always open.
            barge_in: a key pressed meanwhile stops the sound, and is kept.

        Raises:
            CallEndedError: the call ended first.
            MisuseError: there is no such group, or the call is not answered.
        """
        self.check_alive()
        if welcome := self._house.welcome(group_id, hours):
            await self.play_ready([*welcome], barge_in=barge_in)

    async def collect(
        self,
        *,
        count: int | None = None,
        timeout_s: float = 5.0,
        terminator: str = "#",
        first_timeout_s: float | None = None,
    ) -> str:
        """Return keys as they are pressed, those pressed during earlier prompts first.

        It asks nothing and judges nothing. Digits that are asked for, checked, read back and asked
        for again are ``await call.do(Collect(...))``, with `softswitch.ivr.nodes.Collect`; there
        ``timeout_s`` is for the first key and ``inter_digit_s`` for each further one.

        Args:
            count: how many at most; None leaves the end to terminator and time.
            timeout_s: how long to wait for each key.
            terminator: keys that end the input and are not part of it; may be empty.
            first_timeout_s: how long to wait for the first key; None: as for the others.
        """
        digits, wait_s = "", timeout_s if first_timeout_s is None else first_timeout_s
        while count is None or len(digits) < count:
            key = await self.next_key(wait_s)
            if key is None or key in terminator:
                break
            digits, wait_s = digits + key, timeout_s
        return digits

    async def menu(
        self,
        prompt: Path | str | Prompt,
        choices: Mapping[str, T],
        *,
        timeout_s: float = 5.0,
        attempts: int = 3,
        again: Sequence[Path | str | Prompt] = (),
        lang: str | None = None,
        spoken: Mapping[str, str | Sequence[str]] | None = None,
    ) -> T | None:
        """Play a prompt and return what the key pressed stands for.

        It is the menu of flows that are data (`softswitch.ivr.nodes.Menu`): a key that stands for
        nothing is said to be invalid and the prompt is played again. None after ``attempts``
        prompts without a valid key.

        Args:
            prompt: path of a sound file, also as a str; a text to be spoken as `prompt_of` makes
                it: ``prompt_of("For sales, press 1.")``.
            choices: by key, or by several keys.
            timeout_s: how long to wait for a key after each prompt.
            attempts: how often the prompt is played at most.
            again: what is played at the second attempt, the third, and so on; none: the prompt.
            lang: what the caller hears; the office's language when None.
            spoken: what may be said instead of keys, where speech is made out
                (`Switch.recogniser`): ``spoken={"1": ["sales", "buy"], "2": "support"}``.

        Raises:
            CallEndedError: the call ended first.
        """
        named = {str(i): what for i, what in enumerate(choices.values())}
        node = Menu(
            prompt=_heard(prompt),
            again=tuple(map(_heard, again)),
            choices=dict(zip(choices, named, strict=True)),
            spoken=sayings_of(spoken or {}),
            timeout_s=timeout_s,
            attempts=attempts,
        )
        return named.get((await self.do(node, language=lang)).way)

    async def leave_message(
        self,
        box: str,
        *,
        greeting: Path | str | None = None,
        mail_to: Sequence[str] | None = None,
        lang: str = "",
    ) -> Message | None:
        """Let the caller leave a message; the call goes on afterwards.

        Args:
            box: whose voicemail: a group's id or a member's.
            greeting: sound file heard before the tone; None: that of the box.
            mail_to: addresses that it is sent to; None: those of the box.
            lang: what the caller hears; empty: the box's language.

        Returns:
            The message; None where none was left.

        Raises:
            CallEndedError: the caller hung up; what was said until then is kept.
            MisuseError: there is no such box.
        """
        ready = await self._house.sounds.files([greeting]) if greeting is not None else []
        to = None if mail_to is None else tuple(mail_to)
        return await leave_message(
            self._house, self, box, language=lang, greeting=ready, mail_to=to
        )

    async def survey(self, survey: str, *, lang: str = "") -> SurveyAnswered | None:
        """Ask the questions of a survey of the office; the call goes on afterwards.

        Returns:
            What was answered; None: the caller did not want to answer.

        Raises:
            CallEndedError: the caller hung up; what was answered until then is kept.
            MisuseError: there is no such survey.
        """
        return await ask_survey(self._house, self, survey, language=lang)

    async def send_sms(self, text: str, *, to: str = "") -> tuple[str, ...]:
        """Send a text by SMS; it is on the disk when this returns, and sent until it is taken.

        Args:
            text: what it says.
            to: a number as people write it, or several with commas between; empty: the caller's.

        Returns:
            The ids of the texts, one for each number.

        Raises:
            MisuseError: the office sends no texts, this is no number, the caller withholds it, or
                the text is too long.
            EnvironmentFaultError: it cannot be written.
        """
        return await self._house.services.sms.send(to or self.caller.number, text)

    async def order_call_back(
        self, group_id: str, number: str | None = None, *, lang: str = ""
    ) -> CallBackOrder | None:
        """Tell the caller which number will be called, and order it once that is confirmed.

        Args:
            group_id: whose members call.
            number: where; None: where the caller calls from.
            lang: what the caller hears; empty: the office's language.

        Returns:
            The order; None where the caller did not confirm, or the group takes no more callers.

        Raises:
            CallEndedError: the caller hung up; nothing is ordered.
            MisuseError: there is no such group.
        """
        suggested = way_back(self._house, self.caller) if number is None else number
        return await order_by_phone(self._house, self, group_id, number=suggested, language=lang)

    async def queue(
        self,
        group_id: str,
        *,
        priority: int = 0,
        skills: Iterable[str] = (),
        greeting: Path | str | Sound | None = None,
        stay: bool = False,
        leave_keys: Mapping[str, Target] | None = None,
        call_back_key: str | None = None,
    ) -> QueueResult:
        """Ask for a member of a group, and return when that is over.

        Members' phones ring at once; the caller is answered, waits meanwhile with music, and is
        connected to whoever answers first. Unlike other waits of a flow this one does not raise
        `CallEndedError` when the caller hangs up: it returns with the outcome `ABANDONED`. A
        caller who asked to be called back ends it with `CALLED_BACK`; what comes of that is in
        the records.

        Args:
            group_id: the group.
            priority: the higher is served first.
            skills: only members who have all of these are asked.
            greeting: sound file, or description of a prompt, that the caller hears while phones
                ring already.
            stay: keep the caller after the member has hung up, for what the flow does next.
            leave_keys: where a waiting caller is taken by a key; None: as the group says.
            call_back_key: the key by which a waiting caller asks to be called back, empty for
                none; None: as the group says.

        Raises:
            CallEndedError: the call had ended before.
            MisuseError: there is no such group, or the call is in a queue already.
        """
        ready = await self._house.sounds.files([greeting]) if greeting is not None else []
        wishes = QueueWishes(
            priority=priority,
            skills=frozenset(skills),
            first=tuple(ready),
            stay=stay,
            keys=leave_keys,
            call_back_key=call_back_key,
        )
        return await self._house.queueing.serve(self, group_id, wishes)

    def put_back(self) -> None:
        """Let the caller wait again, with the place kept; the member is hung up and free.

        For a call in a conversation that `queue` led to: `queue` goes on waiting.

        Raises:
            MisuseError: the call talks to no member of a group.
        """
        requests = self._house.queueing.requests
        requests.put_back(requests.ticket_of(self))

    async def dial(
        self,
        target: str,
        *,
        ring_time_s: float = 30.0,
        caller: Identity | None = None,
        trunk: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """Call somebody for this caller; return the other call once it is answered.

        The other phone is shown this caller unless ``caller`` says otherwise. When this caller
        hangs up meanwhile, the other phone stops ringing.

        Raises:
            PeerError: refused, busy, not answered, not reachable: ``status`` says which.
            CallEndedError: this caller hung up first.
            CapacityError: no leg is free.
            MisuseError: the target cannot be dialled: no address, or a number without a trunk.
        """
        how = self._house.dialling(
            ring_time_s=ring_time_s, caller=caller, trunk=trunk, headers=headers
        )
        return await self._house.dial_for(self, target, how)

    async def bridge(self, other: Call, *, record_to: Path | None = None) -> None:
        """Let two calls hear each other until one of them ends.

        When this call ends the other one is hung up; when the other one ends this one lives on.

        Args:
            other: the other call.
            record_to: WAV file to record both into; its folder must exist.

        Raises:
            CallEndedError: this call is the one that ended.
        """
        await self._house.converse(self, other, record_to=record_to)
        self.check_alive()

    async def follow(
        self, flow: Flow, *, variables: Mapping[str, Value] | None = None, keep: bool = False
    ) -> FlowResult:
        """Take this call through a flow that is data (`softswitch.ivr.model`).

        Unlike other waits this one returns also when the caller hangs up, with that outcome.

        Args:
            flow: the flow.
            variables: what it is to remember from before.
            keep: the call goes on afterwards; else the flow hangs up at its end.
        """
        version = await self._house.flows.adopted(flow)
        return await self._house.follow(self, version, variables=variables, keep=keep)

    async def do(
        self,
        node: Node,
        *,
        language: str | None = None,
        variables: Mapping[str, Value] | None = None,
    ) -> NodeResult:
        """Let this call go through one node of any kind, as a flow that is data would.

        Args:
            node: the node; where it leads to are plain names, of which `NodeResult.way` is one. A
                look-up's source is a function registered by `Switch.look_up`.
            language: what the caller hears, the office's language when None.
            variables: what the node's conditions and texts refer to, and the kinds of what it
                sets, which are texts where nothing is said.

        Raises:
            CallEndedError: the caller hung up.
            MisuseError: the node cannot be used like this; the message says why.
        """
        language = language or self._house.config.language
        return await self._house.do(self, node, language=language, variables=variables)

    def hold(self) -> None:
        """Put the phone on hold."""
        self.leg.hold()

    def unhold(self) -> None:
        """Take the phone off hold."""
        self.leg.unhold()

    async def transfer(self, target: str) -> None:
        """Ask the phone to call ``target`` instead of us, and return when it has (REFER).

        Raises:
            PeerError: the phone could not.
        """
        with self.waiting() as done:

            def progress(_party: Party, event: LegEvent) -> None:
                if isinstance(event, TransferProgress) and event.final and not done.done():
                    _settle_by_status(done, event.status)

            self.watch(progress)
            try:
                self.leg.transfer(target)
                await done
            finally:
                self.unwatch(progress)

    def send_digits(self, digits: str) -> None:
        """Send key presses to the phone."""
        self.leg.send_digits(digits)


def _heard(prompt: Path | str | Prompt) -> Prompt:
    """Return a prompt; a str is the path of a file here."""
    return prompt_of(Path(prompt) if isinstance(prompt, str) else prompt)


def _settle_by_status(future: asyncio.Future[None], status: int) -> None:
    if status < 300:
        future.set_result(None)
    else:
        future.set_exception(PeerError("the phone could not be transferred", status=status))
