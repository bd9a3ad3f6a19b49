"""Real SIP and RTP as the network that carries legs (`softswitch.telephony.Telephony`)."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from softswitch.errors import CapacityError, MisuseError, SoftswitchError
from softswitch.sip import targets
from softswitch.sip.accounts import NativeAccount, trunk_account
from softswitch.sip.config import SipConfig, Trunk
from softswitch.sip.doors import Doors
from softswitch.sip.graveyard import Graveyard
from softswitch.sip.headers import parse_address, split_uri
from softswitch.sip.inband import Inband
from softswitch.sip.leg import SipLeg
from softswitch.sip.library import Library, library_capacity
from softswitch.sip.lifeline import Lifeline
from softswitch.sip.native import audio_only, header_vector, make_call, misuse_on_error, pj
from softswitch.sip.native_call import NativeCall
from softswitch.sip.notices import send_notice
from softswitch.sip.pump import Pump
from softswitch.sip.shortcut import Shortcuts
from softswitch.sip.studio import Studio
from softswitch.telephony import (
    Dialled,
    Direction,
    Identity,
    Leg,
    LegEvent,
    LegState,
    Reason,
    TransferRequested,
)

_logger = logging.getLogger("softswitch.sip")

_GOODBYE_S: Final = 0.2
"""How long stopping waits for the BYEs that it sent to be answered."""

_UNREGISTER_S: Final = 1.0
"""How long stopping waits for providers to take note."""


class SipTelephony:
    """The SIP side of a switch. There is one at a time in a process: PJSIP is global."""

    def __init__(self, config: SipConfig | None = None) -> None:
        self.config = config or SipConfig()
        self.draining = False
        self.refused = 0
        self._legs: dict[str, SipLeg] = {}
        self._events: deque[tuple[SipLeg, LegEvent]] = deque()
        self._incoming_handler: Callable[[Leg], None] | None = None
        self._doors = Doors()
        self._trunks: dict[str, NativeAccount] = {}
        self._graveyard = Graveyard()
        self._library: Library | None = None
        self._operations: dict[int, pj.CallOpParam] = {}
        self._nobody_left: asyncio.Event = asyncio.Event()
        self._nobody_left.set()
        self.registered: set[str] = set()
        self._registration_news = asyncio.Event()

    # -- life -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start PJSIP and open for calls. Raises `MisuseError` when an address cannot be had."""
        if self._library is not None:
            raise MisuseError("this network has been started already")
        self._room = self.capacity
        self._library = library = Library(self.config, on_refusal=self._note_refusal)
        try:
            self.studio = Studio(clock_rate_hz=self.config.clock_rate_hz, graveyard=self._graveyard)
            self.inband = Inband(self.config.inband_keys, self.studio)
            self._shortcuts = Shortcuts(self.studio.wiring, release=self._release)
            for listener in self.config.listen:
                self._doors.open(library.endpoint, self, listener, self.config)
            if self._doors.need_choosing:
                library.endpoint.select_account = self._doors.account_number
            for trunk in self.config.trunks:
                self._add_trunk(trunk)
        except BaseException:
            self._close()
            raise
        self._lifeline = Lifeline(self._legs, timeout_s=self.config.media_timeout_s)
        self._pump = Pump(library.endpoint, busy=lambda: bool(self._legs), after=self._react)
        self._pump.start()
        self._lifeline.start()

    def _add_trunk(self, trunk: Trunk) -> None:
        ipv6 = targets.is_ipv6(split_uri(targets.trunk_uri(trunk))[1])
        door = self._doors.of_kind(trunk.transport, ipv6=ipv6, what=f"trunk {trunk.id}")
        account = NativeAccount(self, trunk.id)
        settings = trunk_account(self.config, trunk, door.listener, door.transport_id)
        with misuse_on_error(f"trunk {trunk.id}"):
            account.create(settings)
        self._trunks[trunk.id] = account

    @property
    def addresses(self) -> tuple[str, ...]:
        """Host and port of each listener, in the order of the configuration."""
        return tuple(door.address for door in self._doors)

    async def drain(self, timeout_s: float) -> None:
        """Take no new calls; return when those in progress are over or the time is."""
        self.draining = True
        try:
            async with asyncio.timeout(timeout_s):
                await self._nobody_left.wait()
        except TimeoutError:
            _logger.warning("draining ended with %d calls in progress", len(self._legs))

    async def stop(self) -> None:
        """End every leg and close."""
        if self._library is None:
            return
        self.draining = True
        parting = [*self._legs.values(), *self._shortcuts.legs]
        for leg in parting:
            with contextlib.suppress(MisuseError):  # PJSIP has ended it already
                leg.shut_down()
        self._react()
        await self._unregister()
        await asyncio.sleep(_GOODBYE_S if parting else 0)
        self.inband.close()
        self._lifeline.stop()
        self._pump.stop()
        self._close()

    async def _unregister(self) -> None:
        """Take our registrations back, but do not wait for a provider that is gone."""
        if not self.registered:
            return
        for name in self.registered:
            with contextlib.suppress(pj.Error):  # it is being renewed just now
                self._trunks[name].setRegistration(False)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_UNREGISTER_S):
                while self.registered:
                    await self.registration_news()

    async def registration_news(self) -> None:
        """Wait until a registration has gone up, been renewed or refused, or ended."""
        await self._registration_news.wait()

    def _close(self) -> None:
        """Destroy everything that PJSIP made, in the order that it wants."""
        assert self._library is not None  # noqa: S101 - callers have seen to it
        self._graveyard.clear()
        for account in self._trunks.values():
            account.shutdown()
        self._trunks.clear()
        self._doors.close()
        self._operations.clear()
        gc.collect()
        self._library.close()
        self._library = None

    # -- capacity -------------------------------------------------------------------------------

    @property
    def capacity(self) -> int:
        """How many legs there can be at once."""
        room = library_capacity()
        return min(room, self.config.max_calls or room)

    @property
    def in_use(self) -> int:
        """How many legs there are."""
        return len(self._legs)

    def _is_full(self) -> bool:
        return len(self._legs) >= self._room

    # -- calls ----------------------------------------------------------------------------------

    def on_incoming(self, handler: Callable[[Leg], None]) -> None:
        """Give every new incoming leg to ``handler``."""
        self._incoming_handler = handler

    def dial(
        self,
        target: str,
        *,
        listener: Callable[[LegEvent], None],
        ring_time_s: float = 30.0,
        caller: Identity | None = None,
        trunk: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> SipLeg:
        """Call ``target``."""
        if self._library is None:
            raise MisuseError("this network has not been started")
        goal = targets.destination(target, self.config.trunks, trunk)
        account, from_uri, identity = self._way_out(goal, caller)
        if self._is_full():
            raise CapacityError("no leg is free", retry_after_s=self.config.retry_after_s)
        leg = self._new_outgoing(goal.uri)
        leg.listen(listener)
        operation = self.operation(0, identity | dict(headers or {}))
        if from_uri:
            operation.txOption.localUri = from_uri
        self._call(leg, account, goal.uri, operation)
        leg.ring_for(ring_time_s, reach_within_s=self.config.reach_within_s)
        return leg

    def notify(self, target: str, *, event: str, content_type: str, body: str) -> None:
        """Send a phone news that it has not subscribed to."""
        if self._library is None:
            raise MisuseError("this network has not been started")
        goal = targets.destination(target, self.config.trunks, None)
        if goal.trunk is not None:
            account, contact = self._trunks[goal.trunk], ""
        else:
            what = f"cannot notify {goal.uri!r}"
            door = self._doors.of_kind(goal.transport, ipv6=goal.ipv6, what=what)
            account, contact = door.account_for(goal.uri), door.address
        with misuse_on_error(f"notify {goal.uri}"):
            send_notice(
                account, goal.uri, contact, event=event, content_type=content_type, body=body
            )

    def _new_outgoing(self, uri: str) -> SipLeg:
        number, host = split_uri(uri)
        return SipLeg(
            self,
            Direction.OUTGOING,
            remote=Identity(uri=uri, number=number, source="To"),
            dialled=Dialled(number=number, host=host, original=number),
        )

    def _call(
        self, leg: SipLeg, account: NativeAccount, uri: str, operation: pj.CallOpParam
    ) -> None:
        native = NativeCall(self, account, leg, pj.PJSUA_INVALID_ID)
        self._adopt(leg, native)
        try:
            make_call(native, uri, operation, retry_after_s=self.config.retry_after_s)
        except SoftswitchError:
            leg.native = None
            self.leg_ended(leg)
            raise

    def _adopt(self, leg: SipLeg, native: NativeCall) -> None:
        leg.native = native
        self._legs[leg.id] = leg
        self._nobody_left.clear()

    def _way_out(
        self, goal: targets.Destination, caller: Identity | None
    ) -> tuple[NativeAccount, str, dict[str, str]]:
        """Return the account that a call goes out by, its From, and headers that say who calls."""
        if goal.trunk is not None:
            by = next(trunk for trunk in self.config.trunks if trunk.id == goal.trunk)
            host = split_uri(targets.trunk_uri(by))[1]
            return self._trunks[by.id], *targets.sender(caller, host, by)
        what = f"cannot dial {goal.uri!r}"
        door = self._doors.of_kind(goal.transport, ipv6=goal.ipv6, what=what)
        return door.account_for(goal.uri), *targets.sender(caller, door.address, None)

    def target_uri(self, target: str) -> str:
        """Return the URI of something to dial."""
        return targets.destination(target, self.config.trunks, None).uri

    def operation(self, status: int, headers: dict[str, str] | None = None) -> pj.CallOpParam:
        """Return the parameters of a call operation; plain ones are made once."""
        if not headers and status in self._operations:
            return self._operations[status]
        operation = audio_only()
        operation.statusCode = status
        if headers:
            operation.txOption.headers = header_vector(headers)
        elif status:
            self._operations[status] = operation
        return operation

    def owe_reason(self, native: pj.Call, reason: Reason) -> None:
        """See to it that whatever PJSIP sends by itself to end this call tells the reason."""
        if self._library is not None:
            self._library.etiquette.owe_reason(native.getInfo().callIdString, str(reason))

    def stop_repeating(self, transaction: int) -> None:
        """Send the INVITE of a transaction that nobody has answered no more."""
        if self._library is not None and transaction:
            self._library.etiquette.stop_repeating(transaction)

    # -- told by PJSIP, inside its callbacks ------------------------------------------------------

    def incoming(self, account: NativeAccount, call_id: int, invite: str) -> None:
        """Take a new call in, or refuse it politely."""
        self._graveyard.drop_calls()
        leg = SipLeg(self, Direction.INCOMING, invite=invite)
        native = NativeCall(self, account, leg, call_id)
        full = self.draining or self._is_full() or self._incoming_handler is None
        self._adopt(leg, native)
        if full:
            self._refuse(leg, native)
            return
        self._shortcuts.came_in(leg)
        self._events.append((leg, _Arrived()))

    def _refuse(self, leg: SipLeg, native: NativeCall) -> None:
        """Answer 503; `pj.Call.hangup` would lose the header inside this callback."""
        self._note_refusal()
        leg.state = LegState.ENDED
        native.answer(self.operation(503, {"Retry-After": str(self.config.retry_after_s)}))

    def _note_refusal(self) -> None:
        self.refused += 1

    def transfer_requested(
        self, leg: SipLeg, account: pj.Account, prm: pj.OnCallTransferRequestParam
    ) -> None:
        """Accept a phone's REFER: PJSIP dials, and tells the phone how it goes."""
        if self.draining or self._is_full() or leg.state is not LegState.ANSWERED:
            prm.statusCode = 503
            return
        target = parse_address(prm.dstUri).uri
        new = self._new_outgoing(target.partition("?")[0])
        native = NativeCall(self, account, new, pj.PJSUA_INVALID_ID)
        self._adopt(new, native)
        prm.newCall = native
        prm.statusCode = 202
        self._shortcuts.may_come_back(new)
        asyncio.get_running_loop().call_soon(self._bury_stillborn, new)
        leg.post(TransferRequested(target=target, leg=new))

    def replace_requested(self, account: pj.Account, prm: pj.OnCallReplaceRequestParam) -> None:
        """Accept an INVITE with Replaces: a new leg takes the place of one that we have."""
        if self.draining:
            prm.statusCode = 503
            return
        leg = SipLeg(self, Direction.INCOMING, invite=prm.rdata.wholeMsg)
        leg.awaits_ack = True  # PJSIP answers it
        native = NativeCall(self, account, leg, pj.PJSUA_INVALID_ID)
        self._adopt(leg, native)
        self._shortcuts.came_in(leg)
        prm.newCall = native
        prm.statusCode = 200

    @staticmethod
    def _bury_stillborn(leg: SipLeg) -> None:
        """End a leg whose call PJSIP could not make: what the phone asked for was no address."""
        if isinstance(leg.native, pj.Call) and leg.native.getId() == pj.PJSUA_INVALID_ID:
            leg.became_disconnected(416, "cannot be dialled", "")

    def replaced(self, leg: SipLeg, call_id: int) -> None:
        """Tell that a leg was replaced by the one accepted just before."""
        for new in self._legs.values():
            if isinstance(new.native, pj.Call) and new.native.getId() == call_id:
                leg.replaced_by(new)
                return

    def registration_changed(self, name: str, code: int, text: str, expires_s: int) -> None:
        """Note how a registration went; `registered` holds the trunks that are up."""
        if code // 100 == 2 and expires_s > 0:
            self.registered.add(name)
        else:
            self.registered.discard(name)
        news, self._registration_news = self._registration_news, asyncio.Event()
        news.set()
        level = logging.INFO if code // 100 == 2 else logging.WARNING
        _logger.log(level, "trunk %s: registration %d %s (%d s)", name, code, text, expires_s)

    def leg_ended(self, leg: SipLeg) -> None:
        """Take leave of a leg that is over; its native object goes when the round is."""
        self.studio.end_all(leg)
        self._shortcuts.forget(leg)
        self._release(leg, leg.native)

    def _release(self, leg: SipLeg, native: object) -> None:
        """Let go of a leg's call, and of its place among those that PJSIP has room for."""
        self._graveyard.bury_call(native)
        self._legs.pop(leg.id, None)
        if not self._legs:
            self._nobody_left.set()

    def shorten_soon(self, leg: SipLeg) -> None:
        """Tell that a leg is up, or has sound: if it leads to ourselves it can be shortened."""
        self._shortcuts.shorten_soon(leg)

    def post(self, leg: SipLeg, event: LegEvent) -> None:
        """Queue an event; the loop is asked to deliver it if PJSIP is not running now."""
        self._events.append((leg, event))
        if len(self._events) == 1:
            asyncio.get_running_loop().call_soon(self._react)

    # -- between PJSIP's rounds -------------------------------------------------------------------

    def _react(self) -> None:
        """Deliver what the last round brought, then let go of what ended in it."""
        while self._events:
            leg, event = self._events.popleft()
            try:
                self._deliver(leg, event)
            except Exception:
                _logger.exception("%r: listener failed on %s", leg, type(event).__name__)
        self._graveyard.drop_calls()
        self._graveyard.drop_players(self.studio.now())

    def _deliver(self, leg: SipLeg, event: LegEvent) -> None:
        if isinstance(event, _Arrived):
            if self._incoming_handler is not None and leg.state is not LegState.ENDED:
                self._incoming_handler(leg)
        else:
            leg.deliver(event)


class _Arrived(LegEvent):
    """A new incoming leg is to be given to the handler."""


__all__ = ["SipTelephony"]
