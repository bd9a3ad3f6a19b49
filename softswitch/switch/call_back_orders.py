"""Call backs that are ordered: by phone, on a web page, by a program; for now or for a time.

An order for later is kept on disk; when its time has come, and the group is open, the caller
stands in the group's queue without being on the line, and is dialled when it is the caller's turn
(`softswitch.switch.call_back`). An order stays on disk until that is over. The same number ordered
twice for a group is one order.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from softswitch.acd.model import Target, TargetKind
from softswitch.acd.records import CallRecord, Record
from softswitch.acd.tables import CallState
from softswitch.durable import put_aside
from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.switch.addresses import address_fault, needs_trunk
from softswitch.switch.call_back_order import (
    CallBackOrder,
    CallBackStanding,
    Origin,
    Standing,
    read_orders,
    write_orders,
)
from softswitch.switch.e164 import country_of, same_number
from softswitch.switch.journal import CallBackOrdered, CallBackQueued, CallBackWithdrawn
from softswitch.switch.numbers import masked
from softswitch.telephony import Identity

if TYPE_CHECKING:
    from softswitch.acd.snapshot import CallSnapshot
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

AGAIN_S: Final = 60.0
"""After so long a group that took no more callers is asked again."""


def way_back(house: House, caller: Identity) -> str:
    """Return where a caller can be called back: a number, or a URI where there is no trunk.

    Empty for a caller who withholds the number.
    """
    if caller.withheld:
        return ""
    return caller.number if house.config.sip.trunks else caller.uri


class CallBackOrders:
    """The orders that are not over. `Switch.call_backs`."""

    def __init__(self, house: House, path: Path) -> None:
        """Set up; nothing is read before `open`."""
        self._house = house
        self._path = path
        self._orders: dict[str, CallBackOrder] = {}
        self._on_disk: list[CallBackOrder] = []
        self._writing = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        house.journal.listen(self._on_record)

    def __iter__(self) -> Iterator[CallBackOrder]:
        """Give every order that is not over, the first due first."""
        return iter(sorted(self._orders.values(), key=lambda order: (order.at, order.id)))

    async def order(
        self,
        group_id: str,
        number: str,
        *,
        at: datetime | None = None,
        until: datetime | None = None,
        name: str = "",
        priority: int = 0,
        origin: Origin = Origin.PROGRAM,
    ) -> CallBackOrder:
        """Order a call; it is on the disk when this returns.

        Args:
            group_id: whose members call.
            number: a number, or a SIP URI.
            at: not before this time, which has its offset from UTC; None: as soon as may be.
            until: not after this time; None: whenever it is the caller's turn.
            name: shown to members.
            priority: the higher is served first.
            origin: how it is ordered.

        Returns:
            The order: the one that there is already where this number is to be called for this
            group anyhow.

        Raises:
            MisuseError: there is no such group, the number cannot be dialled, or the times do not
                fit.
            GroupFullError: the group takes no more callers, and no later time was wished.
            EnvironmentFaultError: it is not on the disk. It counts until the switch stops, and
                ordering it again tries to write it again.
        """
        self._house.queueing.group(group_id)
        plain, now = self.dialable(number), self._now
        self._check_times(at, until)
        if (known := self.of(group_id, plain)) is not None:
            self._orders.setdefault(known.id, known)
            await self._store()
            return known
        made = CallBackOrder(
            id=self._house.new_id(),
            group_id=group_id,
            number=plain,
            name=name,
            ordered_at=now,
            at=now if at is None else at,
            until=until,
            priority=priority,
            origin=origin,
        )
        self._orders[made.id] = made
        if made.at <= now:
            self._begin(made, patient=until is not None)
        self._note_ordered(made.id)
        self._arm()
        await self._store()
        return self._orders.get(made.id, made)

    async def cancel(self, order_id: str) -> None:
        """Call nobody any more; an order that is over is left so.

        Raises:
            EnvironmentFaultError: that cannot be kept.
        """
        order = self._orders.pop(order_id, None)
        if order is not None:
            self._withdraw(order, "cancelled")
            await self._store()

    def find(self, key: str) -> CallBackOrder | None:
        """Return the order with this secret, unless it is over."""
        found = (order for order in self._orders.values() if order.key == key)
        return next(found, None)

    def of(self, group_id: str, number: str) -> CallBackOrder | None:
        """Return the order by which a number is to be called for a group; None: there is none.

        A caller who asked for it while waiting in the queue counts too, and so does the same
        number written without its country code.
        """
        country = country_of(self._house.config)
        wanted = same_number(number, country)
        for order in self._orders.values():
            if order.group_id == group_id and same_number(order.number, country) == wanted:
                return order
        call = self._promised(group_id, number)
        return None if call is None else self._adopted(call)

    def standing(self, order: CallBackOrder) -> CallBackStanding:
        """Return where an order stands."""
        if not order.call_id:
            return CallBackStanding(order=order, standing=Standing.LATER)
        for call in self._waiting():
            if call.id == order.call_id and call.state is not CallState.CALLING:
                return CallBackStanding(
                    order=order,
                    standing=Standing.WAITING,
                    position=call.position,
                    expected=call.expected,
                )
        return CallBackStanding(order=order, standing=Standing.CALLING)

    def dialable(self, number: str) -> str:
        """Return a number as it is dialled.

        Raises:
            MisuseError: it cannot be.
        """
        plain = number.strip()
        if not plain.lower().startswith(("sip:", "sips:")):
            plain = re.sub(r"[ ()./-]", "", plain.removeprefix("tel:"))
        if fault := address_fault(plain):
            raise MisuseError(f"{number!r} cannot be called back: {fault}")
        if needs_trunk(plain) and not self._house.config.sip.trunks:
            raise MisuseError(f"{number!r} cannot be called back: the office has no trunk")
        return plain

    # What the runtime does.

    async def open(self) -> None:
        """Read what is on the disk; what cannot be read is put aside, and the office opens."""
        try:
            self._on_disk = await asyncio.to_thread(read_orders, self._path)
        except (OSError, ValueError) as error:
            log.error("ordered call backs cannot be read from %s: %s", self._path, error)  # noqa: TRY400 - a fault of the file, not of the program
            await asyncio.to_thread(put_aside, self._path)
        self._orders = {order.id: order for order in self._on_disk}

    def begin(self) -> None:
        """Let those stand in the queue whose time has come; those that stand there already do.

        The queue and the orders are two files: where one of them is the older, the queue counts.
        """
        standing = {call.id for call in self._waiting()}
        for order in tuple(self):
            if order.call_id not in standing and (order.call_id or order.at <= self._now):
                call = self._promised(order.group_id, order.number)
                self._orders[order.id] = attrs.evolve(order, call_id=call.id if call else "")
        self._arm()

    def attempt_over(self) -> None:
        """Somebody was called and not reached: the window of the order may be over meanwhile."""
        if not self._house.closing:
            self._arm()

    def close(self) -> None:
        """Stop; the orders stay on the disk."""
        if self._timer is not None:
            self._timer.cancel()

    # How it works.

    @property
    def _now(self) -> datetime:
        return self._house.clock.at(self._house.now)

    def _check_times(self, at: datetime | None, until: datetime | None) -> None:
        for time in (at, until):
            if time is not None and time.tzinfo is None:
                raise MisuseError(f"{time} does not say its offset from UTC")
        begins = max(filter(None, (at, self._now)))
        if until is not None and until <= begins:
            raise MisuseError(f"nobody can be called until {until}: that is not after {begins}")

    def _promised(self, group_id: str, number: str) -> CallSnapshot | None:
        """Return the call by which a number waits in a group to be called back, if there is one."""
        country = country_of(self._house.config)
        wanted = same_number(number, country)
        for call in self._waiting():
            if call.group_id == group_id and same_number(call.call_back, country) == wanted:
                return call
        return None

    def _adopted(self, call: CallSnapshot) -> CallBackOrder:
        """Write the wish of a caller in the queue as an order."""
        at = self._house.clock.at(call.joined_at)
        return CallBackOrder(
            id=call.id,
            group_id=call.group_id,
            number=call.call_back,
            ordered_at=at,
            at=at,
            call_id=call.id,
            origin=Origin.PHONE,
        )

    def _note_ordered(self, order_id: str) -> None:
        order = self._orders.get(order_id)
        if order is not None:
            ordered = CallBackOrdered(
                at=self._house.now,
                order_id=order.id,
                group_id=order.group_id,
                number=order.number,
                origin=order.origin.value,
                due=order.at,
            )
            self._house.journal.note(ordered)

    def _waiting(self) -> list[CallSnapshot]:
        """Return who waits to be called back."""
        snapshot = self._house.queueing.driver.snapshot()
        waiting = (call for group in snapshot.groups for call in group.waiting)
        return [call for call in waiting if call.call_back]

    def _begin(self, order: CallBackOrder, *, patient: bool = True) -> None:
        """Let the caller stand in the queue, or try again later.

        Raises:
            MisuseError: the group takes no more callers, and that was not to be waited for.
        """
        if (opens := self._opens(order)) is not None:
            self._orders[order.id] = attrs.evolve(order, at=opens)
            return
        user = re.match(r"(?i)sips?:([^@;?]+)@", order.number)
        shown = user[1] if user else order.number
        caller = Identity(uri=order.number, number=shown, name=order.name)
        try:
            call_id = self._house.queueing.promise_back(
                order.group_id, caller, order.number, priority=order.priority
            )
        except MisuseError:
            if not patient:
                del self._orders[order.id]
                raise
            later = self._now + timedelta(seconds=AGAIN_S)
            self._orders[order.id] = attrs.evolve(order, at=later)
        else:
            self._orders[order.id] = attrs.evolve(order, call_id=call_id)
            queued = CallBackQueued(
                at=self._house.now,
                order_id=order.id,
                call_id=call_id,
                group_id=order.group_id,
                origin=order.origin.value,
            )
            self._house.journal.note(queued)

    def _opens(self, order: CallBackOrder) -> datetime | None:
        """Return when the group opens; None while it is open, and where it never does."""
        status = self._house.hours_of(order.group_id)
        if status is None or status.open:
            return None
        hours = self._house.queueing.group(order.group_id).hours
        return self._house.calendars.next_opening(hours)

    def _arm(self) -> None:
        """Wake up when the next order is due, or over."""
        self.close()
        if due := [at for order in self._orders.values() for at in self._moments(order)]:
            wait_s = max(0.0, (min(due) - self._now).total_seconds())
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._on_time)

    def _moments(self, order: CallBackOrder) -> Iterator[datetime]:
        """Give the times at which something is to be done about an order."""
        if not order.call_id:
            yield order.at
        if order.until is not None:
            called = self._is_late(order) and self._is_called(order)
            yield self._now + timedelta(seconds=AGAIN_S) if called else order.until

    def _is_late(self, order: CallBackOrder) -> bool:
        return order.until is not None and order.until <= self._now

    def _is_called(self, order: CallBackOrder) -> bool:
        return self.standing(order).standing is Standing.CALLING

    def _on_time(self) -> None:
        for order in tuple(self):
            if self._is_late(order) and self._is_called(order):
                continue  # in time, if it is answered
            if self._is_late(order):
                log.warning("nobody called %s in time", masked(order.number))
                del self._orders[order.id]
                self._withdraw(order, "late")
            elif not order.call_id and order.at <= self._now:
                self._due(order)
        self._house.tasks.spawn(self._keep(), name="ordered call backs")
        self._arm()

    def _due(self, order: CallBackOrder) -> None:
        try:
            self._begin(order)
        except MisuseError as error:  # the group is gone since
            log.warning("%s cannot be called back: %s", masked(order.number), error)
            self._orders.pop(order.id, None)
            self._withdraw(order, "impossible")

    def _withdraw(self, order: CallBackOrder, why: str) -> None:
        withdrawn = CallBackWithdrawn(
            at=self._house.now,
            order_id=order.id,
            call_id=order.call_id,
            group_id=order.group_id,
            origin=order.origin.value,
            why=why,
        )
        self._house.journal.note(withdrawn)
        if any(call.id == order.call_id for call in self._waiting()):
            nowhere = Target(TargetKind.HANG_UP)
            self._house.queueing.requests.withdraw(order.call_id, nowhere)

    def _on_record(self, record: Record) -> None:
        """An order is over when its call is, whatever came of it."""
        if not isinstance(record, CallRecord):
            return
        for order in tuple(self._orders.values()):
            if order.call_id == record.call_id:
                del self._orders[order.id]
                self._house.tasks.spawn(self._keep(), name="ordered call backs")

    async def _keep(self) -> None:
        try:
            await self._store()
        except EnvironmentFaultError:
            log.exception("the orders on the disk are older than those in force")

    async def _store(self) -> None:
        async with self._writing:
            orders = list(self)
            if orders == self._on_disk:
                return
            try:
                await asyncio.to_thread(write_orders, self._path, orders)
            except OSError as error:
                raise EnvironmentFaultError(
                    f"Ordered call backs cannot be written to {self._path}: {error}.",
                    remedy="See that the folder can be written and the disk has room.",
                ) from error
            self._on_disk = orders
