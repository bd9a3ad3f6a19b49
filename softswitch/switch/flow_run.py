"""Takes one call through a flow: commands of the session become sound, and calls become events.

The session decides; here is only what its commands mean for a call. Nothing here waits in a flow's
way: prompts are started at once where they are rendered, keys go to the session the moment they
arrive, and whatever takes time is a task of its own that can be dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from softswitch.errors import CallEndedError
from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.ivr.model import OwnResult
from softswitch.ivr.session import Session
from softswitch.ivr.tables import State
from softswitch.switch.flow_performing import PERFORMERS, Performance, Performer
from softswitch.switch.flow_recording import Recorder
from softswitch.switch.flow_sounds import FlowSounds
from softswitch.switch.meanwhile import MeanwhileSound
from softswitch.switch.spoken_choice import Listening
from softswitch.telephony import Answered, DigitPressed, Ended, EndedBy, LegEvent, Playback

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House
    from softswitch.switch.party import Party

log = logging.getLogger(__name__)


FAREWELL_S: Final = 60.0
"""How long what is performed may take to notice that the caller is gone."""

ENDING_S: Final = 1.0
"""How long the end of a call that is over may take to be told."""


class FlowRun:
    """One session at work on one call."""

    def __init__(
        self, house: House, call: Call, session: Session, sounds: FlowSounds, *, keep: bool = False
    ) -> None:
        """Prepare.

        Args:
            house: what the switch's parts share.
            call: the call.
            session: a session that has not begun.
            sounds: those of its flow.
            keep: the call goes on when the session has come to its end.
        """
        self._house = house
        self._call = call
        self._session = session
        self._sounds = sounds
        self._keep = keep
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._told: deque[ev.SessionEvent | None] = deque()
        self._busy = False
        self._timer: asyncio.TimerHandle | None = None
        self._armed_s = 0.0
        self._playback: Playback | None = None
        self._recording: Recorder | None = None
        self._listening: list[Listening] = []
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._performing: asyncio.Task[None] | None = None
        self._actions: Mapping[type[cmd.Command], Callable[[Any], None]] = {
            cmd.Answer: self._answer,
            cmd.OpenEarlyMedia: self._open_early_media,
            cmd.Play: self._play,
            cmd.StopPlaying: lambda _: self._stop_playing(),
            cmd.Record: self._record,
            cmd.StopRecording: lambda _: self._stop_recording(),
            cmd.ListenFor: self._listen_for,
            cmd.StopListening: lambda _: self._stop_listening(),
            cmd.LookUp: self._look_up,
            cmd.GiveUp: self._give_up,
            cmd.HangUp: self._hang_up,
        }

    async def run(self) -> Session:
        """Take the call through the flow; return when the session is over and all is quiet."""
        self._call.watch(self._on_event)
        try:
            for key in self._call.take_keys():
                self._tell(ev.KeyPressed(key=key))
            self._tell(ev.Begun() if self._call.ended is None else ev.HungUp())
            await self._over
            if self._performing is not None:
                await asyncio.wait([self._performing], timeout=FAREWELL_S)
        finally:
            self._finish()
            for listening in self._listening:
                await listening.over()
        return self._session

    def _finish(self) -> None:
        self._call.unwatch(self._on_event)
        self._disarm()
        self._stop_playing()
        self._stop_recording()
        self._stop_listening()
        for task in (*self._tasks.values(), self._performing):
            if task is not None:
                task.cancel()

    # What happens to the call.

    def _on_event(self, _call: Party, event: LegEvent) -> None:
        if isinstance(event, DigitPressed):
            if self._performing is None or self._performing.done():
                self._call.take_back_key()
                self._tell(ev.KeyPressed(key=event.digit))
        elif isinstance(event, Answered):
            self._tell(ev.Answered())
        elif isinstance(event, Ended):
            self._tell(ev.HungUp(by_us=event.by is EndedBy.US))

    def _tell(self, event: ev.SessionEvent | None) -> None:
        """Tell the session, in turn; None: time has passed."""
        self._told.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._told and not self._over.done():
                self._take(self._told.popleft())
        finally:
            self._busy = False
        self._arm()

    def _take(self, event: ev.SessionEvent | None) -> None:
        session = self._session
        if event is None:
            session.advance(max(self._loop.time(), self._armed_s))
        else:
            session.handle(event, self._loop.time())
        for command in session.poll():
            self._carry_out(command)
        if session.state is State.ENDED and not self._over.done():
            self._over.set_result(None)

    def _carry_out(self, command: cmd.Command) -> None:
        action = self._actions.get(type(command))
        try:
            if action is not None:
                action(command)
            elif isinstance(command, cmd.Perform):
                self._perform(command)
        except CallEndedError:
            log.debug("call %s ended before %s", self._call.id, type(command).__name__)
        except Exception as error:
            log.exception("%s could not be carried out", type(command).__name__)
            self._fail(command, error)

    def _fail(self, command: cmd.Command, error: Exception) -> None:
        if isinstance(command, cmd.Asking):
            self._tell(ev.Failed(id=command.id, why=str(error)))
        else:
            self._tell(ev.HungUp())

    def _arm(self) -> None:
        self._disarm()
        deadline_s = self._session.next_deadline()
        if deadline_s is not None and not self._over.done():
            self._armed_s = deadline_s
            self._timer = self._loop.call_at(deadline_s, lambda: self._tell(None))

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # What the session wants.

    def _answer(self, _: cmd.Answer) -> None:
        if self._call.answered:
            self._tell(ev.Answered())
        else:
            self._call.answer_soon()

    def _open_early_media(self, _: cmd.OpenEarlyMedia) -> None:
        if not self._call.answered:
            self._call.leg.ring(early_media=True)
        self._tell(ev.Answered())

    def _play(self, command: cmd.Play) -> None:
        files = self._sounds.at_hand(command.pieces)
        if files is not None:
            self._start_playing(command, files)
            return
        self._spawn(command, self._render_and_play(command))

    async def _render_and_play(self, command: cmd.Play) -> None:
        self._start_playing(command, await self._sounds.files(command.pieces))

    def _start_playing(self, command: cmd.Play, files: list[Path]) -> None:
        def over() -> None:
            self._playback = None
            self._tell(ev.PromptOver(id=command.id))

        if files:
            self._playback = self._call.start_playing(files, over)
        else:  # such as a greeting that the library does not have at this hour
            over()

    def _stop_playing(self) -> None:
        if self._playback is not None:
            self._call.forget_playback(self._playback)
            self._playback.stop()
            self._playback = None
        for task in self._tasks.values():
            task.cancel()

    def _record(self, command: cmd.Record) -> None:
        self._recording = Recorder(self._house, self._call, command, self._tell)
        if command.beep:
            beep = self._house.sounds.beep
            self._playback = self._call.start_playing([beep], self._recording.begin)
        else:
            self._recording.begin()

    def _stop_recording(self) -> None:
        recording, self._recording = self._recording, None
        if recording is not None:
            recording.stop()

    def _listen_for(self, command: cmd.ListenFor) -> None:
        recogniser = self._house.services.recogniser
        if recogniser is not None and recogniser.knows(command.language):
            self._listening.append(Listening(self._call, recogniser, command, self._tell))

    def _stop_listening(self) -> None:
        for listening in self._listening:
            listening.stop()

    def _look_up(self, command: cmd.LookUp) -> None:
        self._spawn(command, self._get(command))

    async def _get(self, command: cmd.LookUp) -> None:
        async with MeanwhileSound(self._house, self._call, self._sounds, command):
            source = self._session.source(command.source)
            values = await self._house.look_ups.get(command.source, source, command.arguments)
        self._tell(ev.LookedUp(id=command.id, values=values))

    def _perform(self, command: cmd.Perform) -> None:
        performer = self._house.performers.get(type(command), PERFORMERS.get(type(command)))
        work = self._performed(command, performer)
        self._performing = asyncio.create_task(work, name=f"{type(command).__name__} for a flow")

    async def _performed(self, command: cmd.Perform, performer: Performer | None) -> None:
        if performer is None:
            log.warning("nothing here performs %s", type(command).__name__)
            self._tell(ev.Failed(id=command.id, why="nothing here performs this"))
            return
        at = Performance(self._house, self._call, self._sounds.files)
        await self._reported(command, self._do(command, performer, at))

    async def _do(self, command: cmd.Perform, performer: Performer, at: Performance) -> None:
        came = await performer(at, command)
        result = came if isinstance(came, OwnResult) else OwnResult(came)
        keys = self._call.take_keys()
        self._performing = None
        if self._call.ended is None:
            self._tell(ev.Done(id=command.id, outcome=result.outcome, values=result.values))
            self._press_again(keys if isinstance(command, cmd.RunOwn) else "")

    def _press_again(self, keys: str) -> None:
        """Let keys count that a node of the program's own left: what follows may ask for them.

        Those pressed in a conversation or while waiting for one were meant for somebody else.
        """
        for key in keys:
            self._tell(ev.KeyPressed(key=key))

    def _spawn(self, command: cmd.Asking, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(
            self._reported(command, work), name=f"{type(command).__name__} for a flow"
        )
        self._tasks[command.id] = task

        def done(_: asyncio.Task[None]) -> None:
            work.close()  # for a task that was cancelled before it began
            self._tasks.pop(command.id, None)

        task.add_done_callback(done)

    async def _reported(self, command: cmd.Asking, work: Awaitable[None]) -> None:
        """Do something that takes time; what goes wrong is told to the session."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - of look-ups and nodes of anybody's
            if isinstance(error, CallEndedError) and await self._ends():
                log.debug("call %s ended during %s", self._call.id, type(command).__name__)
                return
            log.warning(
                "call %s: %s failed: %s: %s",
                self._call.id,
                type(command).__name__,
                type(error).__name__,
                error,
            )
            self._performing = None
            self._tell(ev.Failed(id=command.id, why=str(error)))

    async def _ends(self) -> bool:
        """Tell whether it is this call that ended, and not one that a node of anybody's made."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDING_S):
                await self._call.until_ended()
        return self._call.ended is not None

    def _give_up(self, command: cmd.GiveUp) -> None:
        task = self._tasks.pop(command.id, None) or self._performing
        if task is not None:
            task.cancel()

    def _hang_up(self, command: cmd.HangUp) -> None:
        if not self._keep:
            self._call.hang_up(status=command.status)
