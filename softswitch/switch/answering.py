"""Leads a call that comes in to the flow of the number dialled, and sees the flow to its end."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from softswitch.errors import CallEndedError
from softswitch.switch.call import Call
from softswitch.switch.config import OfficeConfig
from softswitch.switch.house import House
from softswitch.switch.numbers import Flow, NumberPlan, masked
from softswitch.telephony import Leg

log = logging.getLogger(__name__)

NOT_FOUND: Final = 404
SERVER_ERROR: Final = 500
UNAVAILABLE: Final = 480


def take(house: House, leg: Leg) -> None:
    """Begin the flow of a leg that has just come in; refuse it where its number leads nowhere."""
    flow = house.numbers.find(leg.dialled.number)
    if flow is None:
        log.info("%s dialled a number that leads nowhere", masked(leg.remote.number))
        leg.reject(NOT_FOUND)
        return
    call = Call.incoming(house, leg)
    house.tasks.spawn(_run(flow, call), name=f"flow of call {call.id}")


def number_plan(
    config: OfficeConfig,
    flows: Iterable[tuple[str, Flow]],
    visit: Callable[[str, Call], Awaitable[None]],
    record: Flow,
    follow: Callable[[str, Call], Awaitable[None]],
) -> NumberPlan:
    """Return where numbers lead.

    Args:
        config: the office.
        flows: numbers with flows of one's own.
        visit: takes a call to a group.
        record: where the recording number leads.
        follow: takes a call through a flow of the office.

    Raises:
        MisuseError: a number would lead to two places.
    """
    numbers = NumberPlan()
    for pattern, flow in flows:
        numbers.add(pattern, flow)
    for group in config.groups:
        for number in group.numbers:
            numbers.add(number, functools.partial(visit, group.id))
    for of_file in config.flows:
        for number in of_file.numbers:
            numbers.add(number, functools.partial(follow, of_file.id))
    if config.recording_number:
        numbers.add(config.recording_number, record)
    return numbers


async def _run(flow: Flow, call: Call) -> None:
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
