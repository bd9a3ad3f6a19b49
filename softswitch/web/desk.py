"""The rules by which strangers order call backs. Page and JSON are two faces of this."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs

from softswitch.switch.call_back_order import CallBackOrder, CallBackStanding, Origin, Standing
from softswitch.switch.numbers import masked
from softswitch.switch.results import GroupFullError
from softswitch.web.allowance import Allowance
from softswitch.web.numbers import number_rules
from softswitch.web.refusals import FieldFault, TryLaterError, Why, WishRefusedError

if TYPE_CHECKING:
    from softswitch.switch.house import House
    from softswitch.switch.web_tables import WebTable

log = logging.getLogger(__name__)

NAME_MAX: Final = 60
FULL_S: Final = 300.0
"""After so long it makes sense to ask a full group again."""
STOPPING_S: Final = 120.0

_HOUR_S, _DAY_S = 3600.0, 86_400.0
_EVERYBODY: Final = "everybody"
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


@attrs.frozen(kw_only=True)
class Wish:
    """What somebody asks for.

    Attributes:
        group_id: who is to call.
        number: as people write it. Personal data.
        name: shown to members; may be empty. Personal data.
        at: when, with its offset from UTC; None: as soon as may be.
    """

    group_id: str
    number: str = attrs.field(repr=False)
    name: str = attrs.field(default="", repr=False)
    at: datetime | None = None


@attrs.frozen(kw_only=True)
class Placed:
    """An order, and whether it is a fresh one: the same number is not ordered twice."""

    order: CallBackOrder
    fresh: bool


class CallBackDesk:
    """Takes wishes, answers questions, withdraws."""

    def __init__(self, house: House) -> None:
        """Set up."""
        self._house = house
        self._by_number = Allowance(_DAY_S)
        self._by_client = Allowance(_HOUR_S)
        self._by_all = Allowance(_HOUR_S)

    @property
    def table(self) -> WebTable:
        """The settings in force."""
        return self._house.config.web

    @property
    def now(self) -> datetime:
        """The office's time of day."""
        return self._house.clock.at(self._house.now)

    @property
    def groups(self) -> Mapping[str, str]:
        """The groups that can be asked, each with its name for people."""
        there = {group.id for group in self._house.config.groups}
        return {key: title for key, title in self.table.groups.items() if key in there}

    def language(self, group_id: str = "") -> str:
        """Return the language of a group; of the office where there is none."""
        if group_id in self.groups:
            return self._house.queueing.group(group_id).language
        return self._house.config.language

    def local(self, wall: datetime) -> datetime:
        """Return a time of day without a zone as the office means it."""
        zone = self._house.clock.zone
        return wall.replace(tzinfo=zone) if zone is not None else wall.astimezone()

    def latest(self) -> datetime:
        """Return the last time that can be wished."""
        return self.now + timedelta(days=self.table.ahead_days)

    def is_open(self, group_id: str) -> bool:
        """Tell whether a group is open now."""
        return self._is_open(group_id, self.now)

    def opens(self, group_id: str) -> datetime | None:
        """Return when a group opens; None while it is open, and where it never does."""
        return self._closed_until(group_id, self.now)

    async def place(self, wish: Wish, *, origin: Origin, client: str = "") -> Placed:
        """Order a call back; it is on the disk when this returns.

        Args:
            wish: what is asked for.
            origin: through which face.
            client: who asks, where that is limited.

        Raises:
            WishRefusedError: a field does not fit.
            TryLaterError: too many orders, the group is full, or the switch stops.
            EnvironmentFaultError: it cannot be kept.
        """
        checked = self._checked(wish)
        orders = self._house.services.call_backs
        known = orders.of(checked.group_id, checked.number)
        if known is None:
            self._require_room(checked.number, client)
            self._count(checked.number, client)
        try:
            order = await orders.order(
                checked.group_id, checked.number, at=checked.at, name=checked.name, origin=origin
            )
        except GroupFullError:
            self._count_back(checked.number, client)
            raise TryLaterError(Why.FULL, FULL_S) from None
        if known is None:
            log.info("%s is to be called for %s (%s)", masked(order.number), order.group_id, origin)
        return Placed(order=order, fresh=known is None)

    def find(self, key: str) -> CallBackStanding | None:
        """Return where the order with this secret stands; None: there is none, or it is over."""
        orders = self._house.services.call_backs
        order = orders.find(key) if _KEY.fullmatch(key) else None
        return None if order is None else orders.standing(order)

    async def withdraw(self, key: str) -> bool:
        """Withdraw an order; whether there was one.

        Raises:
            TryLaterError: it is being called already.
            EnvironmentFaultError: that cannot be kept.
        """
        found = self.find(key)
        if found is None:
            return False
        if found.standing is Standing.CALLING:
            raise TryLaterError(Why.CALLING, FULL_S)
        await self._house.services.call_backs.cancel(found.order.id)
        return True

    # How it works.

    def _checked(self, wish: Wish) -> Wish:
        """Return a wish as it can be ordered, every fault found at once."""
        if wish.group_id not in self.groups:
            allowed = ", ".join(self.groups)
            why = Why.GROUP if wish.group_id else Why.MISSING
            raise WishRefusedError(
                FieldFault(field="group", why=why, value=wish.group_id, allowed=allowed)
            )
        faults: list[FieldFault] = []
        number = wish.number
        try:
            number = number_rules(self._house.config).number(wish.number)
        except WishRefusedError as error:
            faults += error.faults
        name = " ".join(wish.name.split())
        faults += _name_faults(name)
        faults += self._time_faults(wish.group_id, wish.at)
        if faults:
            raise WishRefusedError(*faults)
        return attrs.evolve(wish, number=number, name=name)

    def _time_faults(self, group_id: str, at: datetime | None) -> list[FieldFault]:
        if at is None:
            return []
        allowed = f"after {_moment(self.now)} and not after {_moment(self.latest())}"
        fault = FieldFault(field="wished_at", why=Why.PAST, value=at.isoformat(), allowed=allowed)
        if at <= self.now:
            return [fault]
        if at > self.latest():
            return [attrs.evolve(fault, why=Why.TOO_FAR)]
        opens = self._closed_until(group_id, at)
        if opens is None and self._is_open(group_id, at):
            return []
        allowed = "when the group is open"
        if opens is not None:
            allowed += f"; it opens next at {_moment(opens)}"
        return [attrs.evolve(fault, why=Why.CLOSED, allowed=allowed, opens=opens)]

    def _is_open(self, group_id: str, at: datetime) -> bool:
        hours = self._house.queueing.group(group_id).hours
        if not hours:
            return True
        return self._house.calendars.opening_hours(hours).is_open(self._there(at))

    def _closed_until(self, group_id: str, at: datetime) -> datetime | None:
        """Return when a group opens next; None where it is open, and where it never opens."""
        if self._is_open(group_id, at):
            return None
        hours = self._house.queueing.group(group_id).hours
        return self._house.calendars.opening_hours(hours).next_opening(self._there(at))

    def _there(self, at: datetime) -> datetime:
        return at.astimezone(self._house.clock.zone)

    def _require_room(self, number: str, client: str) -> None:
        """Refuse what would be too much.

        Raises:
            TryLaterError: it would.
        """
        if self._house.closing or self._house.draining:
            raise TryLaterError(Why.STOPPING, STOPPING_S)
        table, now_s = self.table, self._house.now
        if wait_s := self._by_number.wait_s(number, table.per_number_per_day, now_s):
            raise TryLaterError(Why.NUMBER_OFTEN, wait_s)
        if client and (wait_s := self._by_client.wait_s(client, table.per_client_per_hour, now_s)):
            raise TryLaterError(Why.OFTEN, wait_s)
        if wait_s := self._by_all.wait_s(_EVERYBODY, table.orders_per_hour, now_s):
            raise TryLaterError(Why.FULL, wait_s)
        ordered = sum(1 for _ in self._house.services.call_backs)
        if ordered >= table.open_orders_max:
            raise TryLaterError(Why.FULL, FULL_S)

    def _count(self, number: str, client: str) -> None:
        now_s = self._house.now
        self._by_number.count(number, now_s)
        self._by_all.count(_EVERYBODY, now_s)
        if client:
            self._by_client.count(client, now_s)

    def _count_back(self, number: str, client: str) -> None:
        """Nothing came of it."""
        self._by_number.undo(number)
        self._by_all.undo(_EVERYBODY)
        self._by_client.undo(client)


def _name_faults(name: str) -> list[FieldFault]:
    """Refuse names that would not fit, and characters that show as something else."""
    odd = any(unicodedata.category(character)[0] == "C" for character in name)
    if len(name) <= NAME_MAX and not odd:
        return []
    allowed = f"at most {NAME_MAX} characters that can be read"
    return [FieldFault(field="name", why=Why.NAME, value=name[:NAME_MAX], allowed=allowed)]


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
