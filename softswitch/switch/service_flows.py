"""The numbers of an office that lead to services of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from softswitch.switch.call import Call
from softswitch.switch.config import OfficeConfig
from softswitch.switch.hotprompt_flow import hotprompt_flow
from softswitch.switch.house import House
from softswitch.switch.login_flow import login_flow
from softswitch.switch.mailbox_flow import mailbox_flow
from softswitch.switch.numbers import Flow, NumberPlan

HouseFlow: TypeAlias = Callable[[House, Call], Awaitable[None]]

_FLOWS: Final[tuple[tuple[Callable[[OfficeConfig], str], HouseFlow], ...]] = (
    (lambda config: config.voicemail.number, mailbox_flow),
    (lambda config: config.login_number, login_flow),
    (lambda config: config.hotprompt_number, hotprompt_flow),
)
"""Which number leads to what."""


def add_service_numbers(
    numbers: NumberPlan, config: OfficeConfig, house: Callable[[], House]
) -> None:
    """Let the service numbers of an office lead to their flows.

    Raises:
        MisuseError: a number leads somewhere already.
    """
    for number_of, flow in _FLOWS:
        if number := number_of(config):
            numbers.add(number, _bound(flow, house))


def _bound(flow: HouseFlow, house: Callable[[], House]) -> Flow:
    async def run(call: Call) -> None:
        await flow(house(), call)

    return run
