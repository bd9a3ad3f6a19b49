"""The switch: an office that takes calls.

::

    async with Switch(load_office("office.toml")) as switch:
        await switch.serve_forever()

A dialled number leads to a flow: one of your own (`Switch.flow`), or the built-in one of a hunt
group, which greets the caller and asks for a member.

A switch begins where the last one on the same data folder ended: members as they chose, places
kept for callers who were cut off (`softswitch.switch.restoring`).
"""

from __future__ import annotations

import asyncio
import functools
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import Self

import attrs

from softswitch.acd import Engine
from softswitch.acd import events as ev
from softswitch.acd.model import Target
from softswitch.acd.records import MemberState, MemberStateRecord, Record
from softswitch.errors import ConfigurationError, MisuseError
from softswitch.ivr.checks import check
from softswitch.ivr.commands import Perform
from softswitch.ivr.model import Flow as CallFlow
from softswitch.post import Envelope
from softswitch.prompts import SoundStore
from softswitch.speech import Recogniser
from softswitch.switch import answering, following
from softswitch.switch.call import Call
from softswitch.switch.call_back_order import CallBackOrder
from softswitch.switch.call_back_orders import CallBackOrders
from softswitch.switch.changes import OfficePlan, attainable, in_words
from softswitch.switch.choices import Choice, MemberChoices
from softswitch.switch.closing import turn_away
from softswitch.switch.config import OfficeConfig
from softswitch.switch.decisions import MemberDecisions
from softswitch.switch.engine_log import Beginning, EngineLog
from softswitch.switch.flow_book import FlowBook, FlowVersion
from softswitch.switch.flow_performing import Performer
from softswitch.switch.flow_rules import surroundings
from softswitch.switch.folder_lock import FolderLock
from softswitch.switch.house import House
from softswitch.switch.look_ups import LookUpFunction, LookUps
from softswitch.switch.midnight import Days
from softswitch.switch.numbers import Flow, NumberPlan
from softswitch.switch.opening import Parts, begin_again, build, calendars, make_folders
from softswitch.switch.recording_flow import recording_flow
from softswitch.switch.restoring import Restored, present_state
from softswitch.switch.results import QueueWishes
from softswitch.switch.rules import require_valid
from softswitch.switch.service_flows import add_service_numbers
from softswitch.switch.sound_desk import SoundDesk
from softswitch.switch.sounds import OfficeSounds
from softswitch.switch.survey import survey_after
from softswitch.switch.view import SwitchSnapshot
from softswitch.switch.voicemail_desk import VoicemailDesk
from softswitch.switch.weeks import Weeks
from softswitch.telephony import Telephony

log = logging.getLogger(__name__)

_AWAY = (MemberState.PASSIVE, MemberState.PAUSED)

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
        limits: bool = True,
        recogniser: Recogniser | None = None,
    ) -> None:
        """Prepare; nothing is started before the context is entered.

        Args:
            config: the office.
            telephony: what carries calls; real SIP when None.
            rng: decides order of music and ids of calls; give a seeded one for runs that repeat.
            sounds: where sounds come from; rendered into the office's data folder when None.
            opened: the time of day at which the switch opens, in the zone in which times of day
                are told unless the office names one; the machine's when None.
            limits: hold groups and members against the limits of the service, such as 15 to 40 s
                of ringing; False: only against what is possible, for those in a hurry.
            recogniser: makes out words that callers say instead of pressing keys; None: what the
                office names, if anything.
        """
        self._config = config
        self._telephony = telephony
        self._rng = rng or random.SystemRandom()
        self._sounds = sounds
        self._opened = opened
        self._limits = limits
        self._flows: list[tuple[str, Flow]] = []
        self._numbers = self._number_plan(config)
        self._house: House | None = None
        self._recogniser = recogniser
        self._restored: Restored
        self._decisions: MemberDecisions
        self._choices = MemberChoices(config.data_dir / "members.json")
        self._engine_log = EngineLog(config.data_dir / "engine.jsonl")
        self._lock = FolderLock(config.data_dir)
        self._closed = asyncio.Event()
        self._weeks: Weeks | None = None
        self._days: Days | None = None
        self._entered = False
        self._draining = False
        self._listeners: list[Callable[[Record], None]] = []
        self._look_ups = LookUps()
        self._performers: dict[type[Perform], Performer] = {}

    # Life.

    async def __aenter__(self) -> Self:
        """Render sounds, open the network and take calls.

        Raises:
            ConfigurationError: the office is faulty; it holds every fault, and nothing has begun.
            MisuseError: the switch has been entered before, or an address cannot be listened on.
            EnvironmentFaultError: the data folder cannot be used, or another switch uses it.
        """
        if self._entered:
            raise MisuseError("a switch is entered once")
        await asyncio.to_thread(require_valid, self._config, limits=self._limits, flows=True)
        self._entered = True
        try:
            await self._open()
        except BaseException:
            self._lock.release()
            raise
        return self

    async def _open(self) -> None:
        loop_s = asyncio.get_running_loop().time()
        self._restored = await asyncio.to_thread(
            begin_again, self._config, self._engine_log, self._choices, loop_s, self._lock
        )
        self._house = house = self._build()
        await house.sounds.prepare()
        await house.desk.open()
        await house.calendars.open()
        await house.services.open()
        versions = await self._planned_flows(house)
        for listener in self._listeners:
            house.journal.listen(listener)
        house.journal.start()
        house.flows.take(self._config, versions, "start")
        self._engine_log.start(self._present_state)
        house.telephony.on_incoming(functools.partial(answering.take, house))
        try:
            await house.telephony.start()
        except BaseException:
            await self._close(house)
            raise
        for waiting in self._restored.promised:
            house.queueing.expect_back(waiting)
        house.queueing.driver.poll()
        try:
            await house.services.begin()
        except BaseException:
            await house.telephony.stop()
            await self._close(house)
            raise
        self._weeks, self._days = Weeks(house), Days(house)
        self._weeks.follow(self._config.groups)
        self._days.follow(self._restored.counting)
        log.info("%s is open", self._config.name or "the office")

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
        self._draining = self._running().draining = True
        await self._running().telephony.drain(timeout_s)
        self._closed.set()

    # What it is told.

    def flow(self, number: str) -> Callable[[Flow], Flow]:
        """Let a number lead to the decorated function: ``1234``, a prefix ``12*``, or ``*``.

        May be used before the switch is entered, and while it runs.

        Raises:
            MisuseError: the number leads somewhere already.
        """

        def register(flow: Flow) -> Flow:
            self._numbers.add(number, flow)
            self._flows.append((number, flow))
            return flow

        return register

    def use(self, number: str, flow: CallFlow) -> None:
        """Let a number lead to a flow that is data (`softswitch.ivr.model`).

        Raises:
            MisuseError: the number leads somewhere already.
            ConfigurationError: the flow is faulty; it holds every fault.
        """
        known = None if self._house is None else frozenset(self._house.desk.catalogue.sounds)
        if faults := check(flow, surroundings(self._config, known, self._recogniser)):
            raise ConfigurationError(faults)

        @self.flow(number)
        async def follow(call: Call) -> None:
            await call.follow(flow)

    def look_up(self, name: str) -> Callable[[LookUpFunction], LookUpFunction]:
        """Let flows get data from the decorated async function, under a source's name."""

        def register(function: LookUpFunction) -> LookUpFunction:
            self._look_ups.register(name, function)
            return function

        return register

    def performs(self, kind: type[Perform]) -> Callable[[Performer], Performer]:
        """Let the decorated async function do what flows want by commands of a kind."""

        def register(performer: Performer) -> Performer:
            self._performers[kind] = performer
            return performer

        return register

    def set_member(self, member_id: str, *, active: bool) -> Awaitable[None]:
        """Make a member active or passive in every group, and keep it so through restarts.

        Returns:
            What may be awaited until it counts, which is when it is stored; it raises
            `EnvironmentFaultError` where it cannot be stored, and then nothing has changed.
        """
        if active:
            return self._decide(member_id, lambda now: attrs.evolve(now, active=True))
        return self._decide(member_id, lambda now: Choice(active=False, without=now.without))

    def choose_groups(self, member_id: str, group_ids: Iterable[str]) -> Awaitable[None]:
        """Let a member take calls of these groups only, of those that the office file gives.

        Holds through restarts.

        Returns:
            See `set_member`.

        Raises:
            MisuseError: there is no such member, or the member is in no such group.
        """
        return self._running().decisions.choose_groups(member_id, group_ids)

    def pause_member(self, member_id: str, reason: str = "") -> Awaitable[None]:
        """Let a member be left alone until `ready_member`, also through restarts.

        Returns:
            See `set_member`.
        """
        return self._decide(member_id, lambda now: attrs.evolve(now, paused=True, reason=reason))

    def ready_member(self, member_id: str) -> Awaitable[None]:
        """End a member's pause or wrap-up.

        Returns:
            See `set_member`.
        """
        return self._decide(
            member_id,
            lambda now: attrs.evolve(now, paused=False, reason=""),
            then=ev.MemberReady(member_id=member_id),
        )

    def put_back(self, call_id: str) -> None:
        """Let a caller who talks to a member of a group wait again, with the place kept.

        The member is hung up and free, and others are rung first. ``call_id`` is here and below
        the id in snapshots and records.

        Raises:
            MisuseError: the call talks to no member of a group.
        """
        self._running().queueing.requests.put_back(call_id)

    def move_call(self, call_id: str, group_id: str) -> None:
        """Let a waiting call wait in another group, where the time waited counts too.

        Raises:
            MisuseError: the call does not wait, or there is no such group.
        """
        self._running().queueing.requests.move(call_id, group_id)

    def withdraw_call(self, call_id: str, target: Target) -> None:
        """Take a waiting call out of its queue and send it elsewhere.

        Raises:
            MisuseError: the call does not wait.
        """
        self._running().queueing.requests.withdraw(call_id, target)

    def reprioritise_call(self, call_id: str, priority: int) -> None:
        """Give a waiting call another priority; the higher is served first.

        Raises:
            MisuseError: the call does not wait.
        """
        self._running().queueing.requests.reprioritise(call_id, priority)

    async def plan(self, config: OfficeConfig) -> OfficePlan:
        """Say what another office would do if it came into force now; changes nothing.

        Raises:
            ConfigurationError: it is faulty; it holds every fault.
        """
        house = self._running()
        await asyncio.to_thread(require_valid, config, limits=self._limits, flows=True)
        self._number_plan(config)
        members = tuple(self._decisions.applied_to(member) for member in config.members)
        groups = self._choices.staffed(group.engine for group in config.groups)
        planned = self._restored.engine.plan(groups, members)
        return OfficePlan(
            config=attainable(house.config, config),
            engine=planned,
            effects=tuple(in_words(house.config, config, planned)),
        )

    async def apply(self, plan: OfficePlan) -> None:
        """Bring a plan into force, whole; calls in progress go on.

        Raises:
            StalePlanError: another office came into force since; nothing has changed.
            PromptError: a sound file of it cannot be used; nothing has changed.
        """
        house, config = self._running(), plan.config
        sounds = OfficeSounds(self._sound_store(), config, before=house.sounds)
        await sounds.prepare()
        await asyncio.to_thread(make_folders, config)
        flows = await house.flows.planned(config, sounds)
        hours = calendars(house, config)
        await hours.open()

        def come_into_force(engine: Engine, now: float) -> None:
            engine.apply(plan.engine, now)
            self._config = house.config = config
            self._numbers = house.numbers = self._number_plan(config)
            house.sounds = sounds
            house.calendars.close()
            house.calendars = hours
            house.queueing.regroup(config.groups)
            house.flows.take(config, flows, "office")
            house.services.follow()

        house.queueing.driver.act(come_into_force)
        if self._weeks is not None:
            self._weeks.follow(config.groups)
        log.info("another office is in force")

    @property
    def flows(self) -> FlowBook:
        """The office's call flows at work: change them, bring earlier versions back."""
        return self._running().flows

    async def order_call_back(
        self,
        group_id: str,
        number: str,
        *,
        at: datetime | None = None,
        until: datetime | None = None,
        name: str = "",
        priority: int = 0,
    ) -> CallBackOrder:
        """Let members of a group call somebody back; see `CallBackOrders.order`.

        ::

            await switch.order_call_back("main", "+4533111111", at=tomorrow_at_nine)
        """
        orders = self._running().services.call_backs
        return await orders.order(
            group_id, number, at=at, until=until, name=name, priority=priority
        )

    @property
    def letters(self) -> tuple[Envelope, ...]:
        """The letters that no mail server has taken yet, the newest last."""
        return self._running().services.post.waiting

    @property
    def texts(self) -> tuple[Envelope, ...]:
        """The texts by SMS that the provider has not taken yet, the newest last."""
        return self._running().services.sms.waiting

    async def send_sms(self, to: str, text: str) -> tuple[str, ...]:
        """Send a text by SMS; it is on the disk when this returns, and sent until it is taken.

        Args:
            to: a number as people write it, or several with commas between.
            text: what it says.

        Returns:
            The ids of the texts, one for each number.

        Raises:
            MisuseError: the office sends no texts, this is no number, or the text is too long.
            EnvironmentFaultError: it cannot be written.
        """
        return await self._running().services.sms.send(to, text)

    @property
    def recogniser(self) -> Recogniser | None:
        """What the program gave to make out words; None: the office's, if it names one, counts."""
        return self._recogniser

    @recogniser.setter
    def recogniser(self, recogniser: Recogniser | None) -> None:
        self._recogniser = recogniser
        if self._house is not None:
            self._house.services.own_recogniser = recogniser

    @property
    def call_backs(self) -> CallBackOrders:
        """The call backs that are ordered and not over."""
        return self._running().services.call_backs

    @property
    def web_address(self) -> tuple[str, int] | None:
        """Where call backs are ordered by web: address and port; None: nowhere."""
        web = self._running().services.web
        return None if web is None else web.address

    @property
    def voicemail(self) -> VoicemailDesk:
        """Messages that callers left."""
        return self._running().services.voicemail

    @property
    def sounds(self) -> SoundDesk:
        """The office's sound library at work: change it, listen to it, refresh it."""
        return self._running().desk

    # What it tells.

    def snapshot(self) -> SwitchSnapshot:
        """Return how things stand."""
        house = self._running()
        now = house.now
        return SwitchSnapshot(
            office=self._config.name,
            time=house.clock.at(now),
            now=now,
            open=not self._draining,
            calls=len(house.calls),
            engine=self._restored.engine.snapshot(now),
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
        """Return the time of day at a record's time, with the offset from UTC that holds then."""
        return self._running().clock.at(now)

    # How it works.

    def _build(self) -> House:
        parts = Parts(
            telephony=self._telephony,
            store=self._sound_store(),
            numbers=self._numbers,
            rng=self._rng,
            restored=self._restored,
            opened=self._opened,
        )
        house = build(self._config, parts)
        self._decisions = MemberDecisions(house, self._restored.engine, self._choices)
        house.decisions, house.choices = self._decisions, self._choices
        house.services.own_recogniser = self._recogniser
        house.journal.listen(self._take_note)
        return house

    def _sound_store(self) -> SoundStore:
        if self._sounds is None:
            folder = self._config.data_dir / "sounds"
            self._sounds = SoundStore(folder, self._config.sip.clock_rate_hz)
        return self._sounds

    def _present_state(self) -> Beginning:
        """Say how the engine's log could begin now."""
        members = tuple(self._decisions.applied_to(member) for member in self._config.members)
        groups = self._choices.staffed(group.engine for group in self._config.groups)
        return present_state(self._restored.engine, groups, members, self._running().now)

    async def _close(self, house: House) -> None:
        if self._weeks is not None:
            self._weeks.close()
        if self._days is not None:
            self._days.close()
        house.calendars.close()
        await house.tasks.close(grace_s=GRACE_S)
        await house.services.close()
        await house.look_ups.close()
        house.queueing.driver.close()
        await asyncio.to_thread(house.sounds.close)
        await house.journal.close()
        await self._engine_log.close()
        self._lock.release()
        self._closed.set()

    async def _planned_flows(self, house: House) -> dict[str, FlowVersion]:
        house.look_ups, house.performers = self._look_ups, self._performers
        house.flows = FlowBook(house)
        return await house.flows.planned(self._config, house.sounds, opening=True)

    def _number_plan(self, config: OfficeConfig) -> NumberPlan:
        numbers = answering.number_plan(
            config, self._flows, self._visit, self._record_greeting, self._follow
        )
        add_service_numbers(numbers, config, self._running)
        return numbers

    async def _follow(self, flow_id: str, call: Call) -> None:
        """Take a call through a flow of the office."""
        await following.serve(self._running(), flow_id, call)

    async def _record_greeting(self, call: Call) -> None:
        """The built-in flow of the recording number."""
        await recording_flow(self._running(), call)

    async def _visit(self, group_id: str, call: Call) -> None:
        """The built-in flow of a hunt group: welcome and queue at the same time."""
        house = self._running()
        hours = house.hours_of(group_id)
        if hours is not None and not hours.open:
            await turn_away(house, call, house.queueing.group(group_id))
            return
        survey = house.queueing.group(group_id).survey
        wishes = QueueWishes(first=house.welcome(group_id), stay=bool(survey))
        result = await house.queueing.serve(call, group_id, wishes)
        await survey_after(house, call, result)

    def _take_note(self, record: Record) -> None:
        """Note who was made passive or paused for not answering."""
        if isinstance(record, MemberStateRecord) and record.state in _AWAY:
            self._decisions.keep(record.member_id)

    def _decide(
        self,
        member_id: str,
        change: Callable[[Choice], Choice],
        *,
        then: ev.EngineEvent | None = None,
    ) -> Awaitable[None]:
        self._running()
        return self._decisions.decide(member_id, change, then=then)

    def _running(self) -> House:
        if self._house is None:
            raise MisuseError("the switch has not been entered")
        return self._house
