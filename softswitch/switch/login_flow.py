"""Logging in by phone, from any number (remote log-in).

A member is known by the number that calls, or keys the own code, and then the PIN. Who logs in says
at which phone calls are to ring: the one that calls, or any other; that holds, through restarts,
until the member logs out.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import attrs

from softswitch.acd import events as ev
from softswitch.acd.model import Member
from softswitch.errors import MisuseError
from softswitch.prompts import SystemMessage
from softswitch.prompts.guidance import Guidance
from softswitch.switch.boxes import member_pin_owner
from softswitch.switch.call_back_orders import way_back
from softswitch.switch.choices import Choice
from softswitch.switch.dialled import member_at
from softswitch.switch.guide import TRIES, Guide, Words
from softswitch.switch.numbers import masked

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

_IN, _OUT, _PAUSE, _READY, _GROUPS, _LEAVE = "1", "2", "3", "4", "5", "*"
_NUMBER_MAX: Final = 20


async def login_flow(house: House, call: Call) -> None:
    """Let a member log in and out, pause and be ready again.

    Raises:
        CallEndedError: the caller hung up; what was chosen until then holds.
        EnvironmentFaultError: a choice cannot be stored.
    """
    await call.answer()
    guide = Guide(house, call)
    member = _known(house, call) or await _keyed(house, guide)
    if member is None:
        return
    owner = member_pin_owner(member.id)
    if await guide.let_in(functools.partial(house.services.pins.check, owner)):
        log.info("%s is at the phone %s", member.id, masked(call.caller.number))
        await _Login(house, call, guide, member).choose()


def _known(house: House, call: Call) -> Member | None:
    """Return the member whose phone calls: the own one, or that of the last log-in."""
    members = house.config.members
    here = (attrs.evolve(member, address=house.phone_of(member)) for member in members)
    found = member_at(call.caller, (*members, *here))
    return next((m for m in members if found is not None and m.id == found.id), None)


async def _keyed(house: House, guide: Guide) -> Member | None:
    by_code = {person.code: name for name, person in house.config.people.items() if person.code}
    for _ in range(TRIES):
        member_id = by_code.get(await guide.number(Guidance.LOGIN_ENTER_NUMBER))
        for member in house.config.members:
            if member.id == member_id:
                return member
        await guide.say(Guidance.LOGIN_UNKNOWN)
    return None


class _Login:
    """One member at the menu."""

    def __init__(self, house: House, call: Call, guide: Guide, member: Member) -> None:
        self._house = house
        self._call = call
        self._guide = guide
        self._member = member

    async def choose(self) -> None:
        """Do what is chosen until there is nothing more."""
        actions = {
            _IN: self._log_in,
            _OUT: self._log_out,
            _PAUSE: self._pause,
            _READY: self._ready,
            _GROUPS: self._choose_groups,
        }
        choices = {key: key for key in (*actions, _LEAVE)}
        while (chosen := await self._guide.ask(choices, Guidance.LOGIN_MENU)) in actions:
            await actions[chosen or ""]()
        await self._guide.say(SystemMessage.GOODBYE, barge_in=False)

    async def _log_in(self) -> None:
        number = await self._guide.number(Guidance.LOGIN_PHONE, count=_NUMBER_MAX)
        try:
            address = self._address(number)
        except MisuseError as error:
            log.info("%s cannot log in there: %s", self._member.id, error)
            await self._guide.say(Guidance.NUMBER_WRONG)
            return
        await self._decide(lambda now: Choice(active=True, address=address, without=now.without))
        await self._guide.say(Guidance.LOGIN_IN)

    def _address(self, number: str) -> str:
        """Return where calls are to ring; empty: at the member's own address.

        Raises:
            MisuseError: that cannot be dialled.
        """
        if number:
            address = self._house.services.call_backs.dialable(number)
        else:
            address = way_back(self._house, self._call.caller)
        own = member_at(self._call.caller, [self._member]) is not None and not number
        return "" if own or address == self._member.address else address

    async def _log_out(self) -> None:
        await self._decide(lambda now: Choice(active=False, without=now.without))
        await self._guide.say(Guidance.LOGIN_OUT)

    async def _pause(self) -> None:
        reasons = self._house.config.pause_reasons
        reason = await self._reason(reasons) if reasons else ""
        if reason is None:
            return
        await self._house.decisions.decide(
            self._member.id, lambda now: attrs.evolve(now, paused=True, reason=reason)
        )
        await self._guide.say(Guidance.LOGIN_PAUSED)

    async def _reason(self, reasons: tuple[str, ...]) -> str | None:
        cardinal = self._guide.phrases.cardinal
        listed: list[Words] = [f"{cardinal(n)}: {reason}." for n, reason in enumerate(reasons, 1)]
        choices = {str(n): reason for n, reason in enumerate(reasons, 1)}
        return await self._guide.ask(choices, Guidance.LOGIN_REASON, *listed)

    async def _ready(self) -> None:
        await self._house.decisions.decide(
            self._member.id,
            lambda now: attrs.evolve(now, paused=False, reason=""),
            then=ev.MemberReady(member_id=self._member.id),
        )
        await self._guide.say(Guidance.LOGIN_READY)

    async def _choose_groups(self) -> None:
        """Ask for each group whether its calls are wanted; no answer leaves all as it was."""
        wanted: list[str] = []
        for group_id in self._house.decisions.groups_of(self._member.id):
            answer = await self._guide.ask(
                {"1": True, "2": False}, f"{group_id}.", Guidance.LOGIN_GROUP
            )
            if answer is None:
                return
            wanted += [group_id] if answer else []
        await self._house.decisions.choose_groups(self._member.id, wanted)
        await self._guide.say(Guidance.THANK_YOU)

    async def _decide(self, change: Callable[[Choice], Choice]) -> None:
        await self._house.decisions.decide(self._member.id, change)
