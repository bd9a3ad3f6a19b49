"""One call, as a flow sees it.

A flow is an async function that is given a call and says what happens to it, one thing after
the other. When the phone hangs up, whatever the flow waits for raises `CallEndedError`, which
ends the flow quietly unless it is caught. `Call.queue` alone returns instead, with the outcome
`ABANDONED`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from softswitch.acd.model import Target
from softswitch.errors import PeerError
from softswitch.prompts import SystemMessage
from softswitch.switch.party import Party
from softswitch.switch.results import QueueResult, QueueWishes
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
    from softswitch.switch.house import House

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

    async def play(self, *files: Path | str, barge_in: bool = True) -> None:
        """Play sound files to their end, or until a key is pressed.

        Args:
            files: paths of files, anything that libsndfile reads; a str is a path too, and never
                a text to be spoken: that is `say`. Relative ones count from the folder that the
                program runs in.
            barge_in: a key pressed meanwhile stops the sound; the key is kept for `collect`.

        Raises:
            CallEndedError: the call ended first.
            MisuseError: the call is not answered, so that nothing can be heard.
            PromptError: a file cannot be used.
        """
        self.check_alive()
        await self.play_ready(await self._house.sounds.files(files), barge_in=barge_in)

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

    async def collect(
        self, *, count: int | None = None, timeout_s: float = 5.0, terminator: str = "#"
    ) -> str:
        """Return keys as they are pressed, those pressed during earlier prompts first.

        Args:
            count: how many at most; None leaves the end to terminator and time.
            timeout_s: how long to wait for each key.
            terminator: keys that end the input and are not part of it; may be empty.
        """
        digits = ""
        while count is None or len(digits) < count:
            key = await self.next_key(timeout_s)
            if key is None or key in terminator:
                break
            digits += key
        return digits

    async def menu(
        self,
        prompt: Path | str,
        choices: Mapping[str, T],
        *,
        timeout_s: float = 5.0,
        attempts: int = 3,
    ) -> T | None:
        """Play a prompt and return what the key pressed stands for.

        A key that stands for nothing is said to be invalid and the prompt is played again. None
        after ``attempts`` prompts without a valid key.

        Args:
            prompt: path of a sound file, also as a str; a text is not spoken.
            choices: by key.
            timeout_s: how long to wait for a key after each prompt.
            attempts: how often the prompt is played at most.

        Raises:
            CallEndedError: the call ended first.
        """
        for _ in range(attempts):
            if not self._pressed:
                await self.play(prompt)
            key = await self.next_key(timeout_s)
            if key is not None and key in choices:
                return choices[key]
            if key is not None:
                await self.say_message(SystemMessage.INVALID_CHOICE)
        return None

    async def queue(
        self,
        group_id: str,
        *,
        priority: int = 0,
        skills: Iterable[str] = (),
        greeting: Path | str | None = None,
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
            greeting: sound file that the caller hears while phones ring already.
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
            greeting=ready[0] if ready else None,
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


def _settle_by_status(future: asyncio.Future[None], status: int) -> None:
    if status < 300:
        future.set_result(None)
    else:
        future.set_exception(PeerError("the phone could not be transferred", status=status))
