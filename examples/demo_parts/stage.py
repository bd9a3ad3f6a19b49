"""Where the story happens: the switch, the phones, and what the audience sees."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from demo_parts.people import Agent, Caller, Role
from demo_parts.story import Chapter
from softswitch.acd.records import CallRecord, OfferOutcome, OfferRecord, Record
from softswitch.cli.live import redrawn, render
from softswitch.cli.news import News
from softswitch.cli.words import number
from softswitch.errors import SoftswitchError
from softswitch.prompts import SoundStore
from softswitch.switch import OfficeConfig, RecordingMade, Switch
from softswitch.testing.peers.baresip import Baresip

_LOOK_S = 0.1
SOON_S = 15.0
_HEADING_LINES = 4


class StoryError(SoftswitchError):
    """The story took another course."""


class Stage:
    """The switch and everybody around it.

    Attributes:
        records: everything that the switch noted.
    """

    def __init__(
        self,
        switch: Switch,
        config: OfficeConfig,
        people: Sequence[Agent | Caller],
        programme: Sequence[Chapter],
        pace: float,
    ) -> None:
        self.switch = switch
        self.config = config
        self.agents = {p.role.id: p for p in people if isinstance(p, Agent)}
        self.callers = {p.role.id: p for p in people if isinstance(p, Caller)}
        self.records: list[Record] = []
        self.news = News(switch.snapshot, caller=self.first_name)
        self._programme = programme
        self._chapter = 0
        self._pace = pace
        self._calls: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()

    # What the story asks for.

    def chapter(self, now: int) -> None:
        """Begin a chapter."""
        self._chapter = now
        self.news.say(f"{now}. {self._programme[now - 1].title}", "bold")

    def call(self, name: str) -> None:
        """Let a caller dial."""
        listener = self.config.sip.listen[0]
        task = self._caller(name).call(f"{listener.address}:{listener.port}")
        self._calls.append(asyncio.create_task(task, name=name))

    def hang_up(self, name: str) -> None:
        """Let a caller hang up, or give up."""
        self._caller(name).has_had_enough.set()

    async def pause(self, seconds: float) -> None:
        """Let so many seconds of the full story pass."""
        await asyncio.sleep(seconds * self._pace)

    async def until_answered(self, name: str) -> None:
        """Return when a caller talks to an agent.

        Raises:
            StoryError: nobody answers, although there was time enough.
        """
        try:
            async with asyncio.timeout(SOON_S):
                await self._caller(name).talks.wait()
        except TimeoutError:
            raise StoryError(f"nobody answered {name} within {SOON_S:g} s") from None

    async def until_all_is_over(self) -> None:
        """Return when every call has ended, for the switch too."""
        await asyncio.gather(*self._calls)
        while self.switch.snapshot().waiting or self.switch.snapshot().talking:
            self._changed.clear()
            await self._changed.wait()

    def _caller(self, name: str) -> Caller:
        return next(c for c in self.callers.values() if c.role.name == name)

    # What the switch tells.

    def on_record(self, record: Record) -> None:
        """Keep a record; a caller who has been answered begins to talk."""
        self.records.append(record)
        self._changed.set()
        if isinstance(record, OfferRecord) and record.outcome is OfferOutcome.ANSWERED:
            asyncio.get_running_loop().call_soon(self._talks, record.call_id)

    def _talks(self, call_id: str) -> None:
        for call in self.switch.snapshot().talking:
            if call.id == call_id:
                self.callers[call.caller].talks.set()

    def calls_of(self, caller: Caller) -> list[CallRecord]:
        """How a caller fared: one record for each group that the call went through."""
        calls = [record for record in self.records if isinstance(record, CallRecord)]
        return [record for record in calls if record.caller == caller.role.id]

    def recording_of(self, call: CallRecord) -> Path | None:
        """Where the recording of a call lies, if it was recorded."""
        made = [record for record in self.records if isinstance(record, RecordingMade)]
        return next((record.path for record in made if record.call_id == call.call_id), None)

    # What the audience sees.

    def caller_name(self, dialled_from: str) -> str:
        """Write a caller: the number, and the name that only the story knows."""
        return f"{self.first_name(dialled_from)} {number(dialled_from)}"

    def first_name(self, dialled_from: str) -> str:
        """Write a caller: the name that only the story knows."""
        return self.callers[dialled_from].role.name

    def draw(self) -> RenderableType:
        """Everything, as it is now."""
        self.news.look()
        snapshot = self.switch.snapshot()
        chapter = _heading(self._programme, self._chapter)
        news = tuple(self.news.lines)
        picture = render(snapshot, news=news, caller=self.caller_name, above=_HEADING_LINES)
        return Group(chapter, picture)

    @contextlib.asynccontextmanager
    async def shown(self, console: Console) -> AsyncIterator[None]:
        """Show it on a terminal, or tell it line by line where there is none."""
        if console.is_terminal:
            async with redrawn(self.draw, console, transient=True):
                yield
            return
        self.news.told = lambda line: self._tell_plainly(line, console)
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            looking.cancel()
            self.news.look()

    def _tell_plainly(self, line: Text, console: Console) -> None:
        console.print(line, soft_wrap=True)
        if line.plain.startswith(f"{self._chapter}. "):
            console.print(self._programme[self._chapter - 1].text, soft_wrap=True, markup=False)

    async def _look(self) -> None:
        while True:
            self.news.look()
            await asyncio.sleep(_LOOK_S)


def _heading(programme: Sequence[Chapter], now: int) -> RenderableType:
    if not now:
        return Panel("The office opens.", height=_HEADING_LINES)
    chapter = programme[now - 1]
    title = Text(f"{now} of {len(programme)}  {chapter.title}", style="bold")
    return Panel(Text(chapter.text), title=title, title_align="left", height=_HEADING_LINES)


@contextlib.asynccontextmanager
async def open_stage(
    config: OfficeConfig,
    cast: Sequence[Role],
    programme: Sequence[Chapter],
    console: Console,
    pace: float,
) -> AsyncIterator[Stage]:
    """Hand out phones, open the switch, and show what happens until the block ends."""
    store = SoundStore(config.data_dir / "sounds", config.sip.clock_rate_hz)
    voices = await asyncio.to_thread(lambda: [store.say(r.says, config.language) for r in cast])
    people = [_person(role, config, voice, pace) for role, voice in zip(cast, voices, strict=True)]
    switch = Switch(config, sounds=store, limits=False)  # a demo is in a hurry
    stage = Stage(switch, config, people, programme, pace)
    switch.on_record(stage.on_record)
    switch.on_record(stage.news.on_record)
    async with contextlib.AsyncExitStack() as stack:
        async with asyncio.TaskGroup() as starting:
            for person in people:
                starting.create_task(_switch_on(person.phone, stack))
        await stack.enter_async_context(switch)
        for agent in stage.agents.values():
            stack.callback(asyncio.create_task(agent.work()).cancel)
        await stack.enter_async_context(stage.shown(console))
        yield stage


async def _switch_on(phone: Baresip, stack: contextlib.AsyncExitStack) -> None:
    """Start a phone, and have it put away; its files stay only where something went wrong."""

    async def put_away(
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, SoftswitchError):
            await phone.__aexit__(kind, error, trace)
        else:
            await phone.__aexit__(None, None, None)

    await phone.__aenter__()
    stack.push_async_exit(put_away)


def _person(role: Role, config: OfficeConfig, voice: Path, pace: float) -> Agent | Caller:
    member = next((m for m in config.members if m.id == role.id), None)
    if member is None:
        return Caller(role, Baresip(role.id, says=voice), voice)
    port = int(member.address.rpartition(":")[2])
    return Agent(role, Baresip(role.id, port=port, says=voice), voice, pace)
