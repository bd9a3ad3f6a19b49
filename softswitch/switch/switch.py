"""The switch: an office that takes calls.

::

    async with Switch(load_office("office.toml")) as switch:
        await switch.serve_forever()

A dialled number leads to a flow: one of your own (`Switch.flow`), or the built-in one of a hunt
group, which greets the caller and asks for a member.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from softswitch.acd import Engine
from softswitch.acd import events as ev
from softswitch.acd.records import Record
from softswitch.errors import CallEndedError, MisuseError
from softswitch.prompts import SoundStore
from softswitch.switch.call import Call
from softswitch.switch.config import GroupConfig, OfficeConfig
from softswitch.switch.driver import EngineDriver
from softswitch.switch.house import House, WallClock
from softswitch.switch.journal import Journal
from softswitch.switch.numbers import Flow, NumberPlan, masked
from softswitch.switch.queueing import Queueing
from softswitch.switch.sounds import OfficeSounds
from softswitch.switch.tasks import Tasks
from softswitch.switch.view import SwitchSnapshot
from softswitch.telephony import Leg, Telephony

log = logging.getLogger(__name__)

NOT_FOUND = 404
SERVER_ERROR = 500
UNAVAILABLE = 480

GRACE_S = 1.0
"""How long flows may take to notice that their calls are over when the switch closes."""


class Switch:
    """A telephone switch for one office. Use it as an async context manager."""

    def __init__(
        self,
        config: OfficeConfig,
        telephony: Telephony | None = None,
        *,
        rng: random.Random | None = None,
        sounds: SoundStore | None = None,
        opened: datetime | None = None,
    ) -> None:
        """Prepare; nothing is started before the context is entered.

        Args:
            config: the office.
            telephony: what carries calls; real SIP when None.
            rng: decides order of music and ids of calls; give a seeded one for runs that repeat.
            sounds: where sounds come from; rendered into the office's data folder when None.
            opened: the time of day at which the switch opens; the clock's when None.
        """
        self._config = config
        self._telephony = telephony
        self._rng = rng or random.SystemRandom()
        self._sounds = sounds
        self._opened = opened
        self._numbers = NumberPlan()
        self._house: House | None = None
        self._engine: Engine | None = None
        self._closed = asyncio.Event()
        self._draining = False
        self._listeners: list[Callable[[Record], None]] = []
        for group in config.groups:
            for number in group.numbers:
                self._numbers.add(number, functools.partial(self._visit, group))

    # Life.

    async def __aenter__(self) -> Self:
        """Render sounds, open the network and take calls."""
        if self._house is not None:
            raise MisuseError("a switch is entered once")
        self._house = house = self._build()
        await asyncio.to_thread(_make_folders, house)
        await house.sounds.prepare()
        for listener in self._listeners:
            house.journal.listen(listener)
        house.journal.start()
        house.telephony.on_incoming(self._on_incoming)
        try:
            await house.telephony.start()
        except BaseException:
            await self._close(house)
            raise
        house.queueing.driver.poll()
        log.info("%s is open", self._config.name or "the office")
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End every call and task."""
        house = self._running()
        house.closing = True
        await house.telephony.stop()
        await self._close(house)
        log.info("%s is closed", self._config.name or "the office")

    async def serve_forever(self) -> None:
        """Return when the switch has been drained, or is cancelled."""
        await self._closed.wait()

    async def drain(self, timeout_s: float) -> None:
        """Take no new calls; return when those in progress are over or the time is."""
        self._draining = True
        await self._running().telephony.drain(timeout_s)
        self._closed.set()

    # What it is told.

    def flow(self, number: str) -> Callable[[Flow], Flow]:
        """Let a number lead to the decorated function: ``1234``, a prefix ``12*``, or ``*``.

        Raises:
            MisuseError: the number leads somewhere already.
        """

        def register(flow: Flow) -> Flow:
            self._numbers.add(number, flow)
            return flow

        return register

    def set_member(self, member_id: str, *, active: bool) -> None:
        """Make a member active or passive in every group."""
        kind = ev.MemberActivated if active else ev.MemberDeactivated
        self._tell(kind(member_id=self._member(member_id)))

    def pause_member(self, member_id: str, reason: str = "") -> None:
        """Let a member be left alone until `ready_member`."""
        self._tell(ev.MemberPaused(member_id=self._member(member_id), reason=reason))

    def ready_member(self, member_id: str) -> None:
        """End a member's pause or wrap-up."""
        self._tell(ev.MemberReady(member_id=self._member(member_id)))

    # What it tells.

    def snapshot(self) -> SwitchSnapshot:
        """Return how things stand."""
        house = self._running()
        now = asyncio.get_running_loop().time()
        assert self._engine is not None  # noqa: S101 - built together with the house
        return SwitchSnapshot(
            office=self._config.name,
            time=house.clock.at(now),
            now=now,
            open=not self._draining,
            calls=len(house.calls),
            engine=self._engine.snapshot(now),
            finished=house.journal.finished,
        )

    def on_record(self, listener: Callable[[Record], None]) -> None:
        """Give every record from now on to ``listener``; may be called before entering."""
        self._listeners.append(listener)
        if self._house is not None:
            self._house.journal.listen(listener)

    def records(self) -> AsyncIterator[Record]:
        """Iterate over every record from now on, until the switch is closed."""
        return self._running().journal.read()

    def time_of(self, now: float) -> datetime:
        """Return the time of day at a record's time."""
        return self._running().clock.at(now)

    # How it works.

    def _build(self) -> House:
        loop_s = asyncio.get_running_loop().time()
        clock = WallClock(opened=self._opened or datetime.now(UTC).astimezone(), opened_s=loop_s)
        store = self._sounds or SoundStore(
            self._config.data_dir / "sounds", self._config.sip.clock_rate_hz
        )
        house = House(
            config=self._config,
            telephony=self._telephony or _real_telephony(self._config),
            sounds=OfficeSounds(store, self._config),
            numbers=self._numbers,
            journal=Journal(clock.at, self._config.data_dir / "journal.jsonl"),
            tasks=Tasks(),
            clock=clock,
            rng=self._rng,
        )
        house.queueing = self._build_queueing(house, loop_s)
        return house

    def _build_queueing(self, house: House, loop_s: float) -> Queueing:
        groups = {group.id: group for group in self._config.groups}
        self._engine = Engine(
            [group.engine for group in self._config.groups], self._config.members, now=loop_s
        )
        queueing = Queueing(house, groups)
        queueing.driver = EngineDriver(
            self._engine, carry_out=queueing.carry_out, note=house.journal.note
        )
        return queueing

    async def _close(self, house: House) -> None:
        await house.tasks.close(grace_s=GRACE_S)
        house.queueing.driver.close()
        await house.journal.close()
        self._closed.set()

    def _on_incoming(self, leg: Leg) -> None:
        house = self._running()
        flow = self._numbers.find(leg.dialled.number)
        if flow is None:
            log.info("%s dialled a number that leads nowhere", masked(leg.remote.number))
            leg.reject(NOT_FOUND)
            return
        call = Call.incoming(house, leg)
        house.tasks.spawn(self._run_flow(flow, call), name=f"flow of call {call.id}")

    async def _run_flow(self, flow: Flow, call: Call) -> None:
        """Run a flow to its end; what it does wrong ends this call and no other."""
        try:
            await flow(call)
        except CallEndedError:
            log.debug("call %s ended before its flow did", call.id)
        except Exception:
            log.exception("the flow of call %s failed", call.id)
            call.hang_up(status=SERVER_ERROR)
        finally:
            for one in (call, *call.others):
                one.hang_up(status=UNAVAILABLE)

    async def _visit(self, group: GroupConfig, call: Call) -> None:
        """The built-in flow of a hunt group: greeting and queue at the same time."""
        house = self._running()
        await house.queueing.serve(call, group.id, greeting=house.sounds.greeting(group.id))

    def _tell(self, event: ev.EngineEvent) -> None:
        self._running().queueing.driver.tell(event)

    def _member(self, member_id: str) -> str:
        if all(member.id != member_id for member in self._config.members):
            raise MisuseError(f"the office has no member {member_id!r}")
        return member_id

    def _running(self) -> House:
        if self._house is None:
            raise MisuseError("the switch has not been entered")
        return self._house


def _real_telephony(config: OfficeConfig) -> Telephony:
    from softswitch.sip import SipTelephony  # noqa: PLC0415 - loads PJSIP only when needed

    return SipTelephony(config.sip)


def _make_folders(house: House) -> None:
    folders: list[Path] = [house.config.data_dir, house.recordings_dir]
    folders += [house.voicemail_dir(group.id) for group in house.config.groups]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
