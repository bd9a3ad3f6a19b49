"""What services do for flows: surveys, letters, texts, call backs; each returns an outcome."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.errors import MisuseError
from softswitch.ivr import commands as cmd
from softswitch.mail import Letter
from softswitch.switch.call_back_order import Origin
from softswitch.switch.call_back_orders import way_back
from softswitch.switch.service_tables import is_mail_address
from softswitch.switch.survey import ask_survey

if TYPE_CHECKING:
    from softswitch.switch.flow_performing import Performance


async def ask(at: Performance, command: cmd.AskSurvey) -> str:
    """Ask the questions of a survey."""
    await ask_survey(at.house, at.call, command.survey, language=command.language)
    return "finished"


async def send(at: Performance, command: cmd.SendMessage) -> str:
    """Send a text by e-mail or SMS; it is on the disk before the flow goes on.

    Raises:
        MisuseError: it cannot be sent: no such address or number, too long for an SMS, or nobody
            who takes it.
    """
    if command.by == "sms":
        await at.house.services.sms.send(command.to, command.text)
        return "sent"
    to = tuple(address.strip() for address in command.to.split(","))
    if wrong := [address for address in to if not is_mail_address(address)]:
        raise MisuseError(f"{wrong[0]!r} is no mail address")
    letter = Letter(
        id=f"flow-{at.house.new_id()}",
        to=to,
        subject=command.subject,
        text=f"{command.text}\n",
        attachments=(Path(command.attach),) if command.attach else (),
    )
    await at.house.services.post.post(letter)
    return "sent"


async def promise_call_back(at: Performance, command: cmd.PromiseCallBack) -> str:
    """Let the caller wait in a group without being on the line; who does so already waits on."""
    caller, number = at.call.caller, command.number
    if number == caller.number:
        number = way_back(at.house, caller)
    try:
        await at.house.services.call_backs.order(
            command.group,
            number,
            name=caller.name,
            priority=command.priority,
            origin=Origin.PHONE,
        )
    except MisuseError:
        return "refused"
    return "promised"
