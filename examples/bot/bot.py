"""A program answers first, and hands over to people with what it learnt.

    python examples/bot/bot.py [OFFICE.TOML]

The program talks about an order. When it cannot help, or the caller wants a person, the caller
waits in a queue, and the agent whose phone is answered sees what was said: here a printed line, in
an office a page on the screen. A program that understands speech, or a language model, goes in the
place of `talk`.
"""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from softswitch.acd.records import OfferOutcome, OfferRecord, Record
from softswitch.errors import ConfigurationError
from softswitch.ivr.expressions import Value
from softswitch.ivr.model import OwnNode, node_kind
from softswitch.ivr.nodes import Collect, Menu
from softswitch.ivr.prompts import prompt_of
from softswitch.switch import Call, Switch, load_office

OFFICE: Final = Path(__file__).with_name("office.toml")

ORDERS: Final = {"1001": "left us yesterday", "1002": "is late, and should have been with you"}

WHICH: Final = Collect(
    prompt=prompt_of("Hello, I am a program. Please key the four digits of your order."),
    again=(prompt_of("The order number is in our e-mail. It has four digits."),),
    least=4,
    most=4,
    attempts=2,
    next="keyed",
    otherwise="nothing",
)
WANTED: Final = prompt_of(
    "Press 1 if that is all. To ask about the delivery, press 2. To send something back, press 3."
)
HELP: Final = Menu(
    prompt=WANTED,
    choices={"1": "helped", "2": "delivery", "3": "returns"},
    attempts=2,
    otherwise="unclear",
)


@attrs.define(kw_only=True)
class Learnt:
    """What the program knows of a call. Personal data.

    Attributes:
        order: as keyed; empty: none.
        said: what the program said of it.
        wants: how the caller answered.
    """

    order: str = ""
    said: str = ""
    wants: str = ""

    def __str__(self) -> str:
        order = f"order {self.order}" if self.order else "no order number"
        return ", ".join(filter(None, (order, self.said, f"wants: {self.wants}")))


learnt: Final[dict[str, Learnt]] = {}
"""By the id of the call, which is the same in records."""


async def talk(call: Call, known: Learnt) -> str:
    """Talk with a caller; return how it came out."""
    await call.answer()
    asked = await call.do(WHICH)
    if asked.way == "keyed":
        known.order = str(asked.variables["digits"])
        known.said = ORDERS.get(known.order, "is not known to us")
        await call.say(f"Your order {' '.join(known.order)} {known.said}.")
    known.wants = (await call.do(HELP)).way
    return known.wants


@node_kind("order_bot")
@attrs.frozen(kw_only=True)
class OrderBot(OwnNode):
    """Lets the program talk."""

    async def run(self, call: Call, variables: Mapping[str, Value]) -> str:  # noqa: ARG002 - none
        """Talk, and remember what was learnt for whoever answers."""
        learnt[call.id] = Learnt()
        return await talk(call, learnt[call.id])


def show(record: Record) -> None:
    """Show an agent who answers what the program learnt."""
    if isinstance(record, OfferRecord) and record.outcome is OfferOutcome.ANSWERED:
        print(f"{record.member_id}'s screen: {learnt.pop(record.call_id, Learnt())}")


async def main(file: Path | str = OFFICE) -> None:
    """Take calls until cancelled."""
    switch = Switch(load_office(file))
    switch.on_record(show)
    async with switch:
        print("Call 1000; Ctrl-C stops.")
        await switch.serve_forever()


if __name__ == "__main__":
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(main(*sys.argv[1:]))
    except ConfigurationError as error:
        sys.exit(str(error))
