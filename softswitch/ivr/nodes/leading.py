"""Nodes that hand the caller over to something that the runtime does as a whole.

Each asks for one command and goes on by the command's outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

import attrs

from softswitch.acd.commands import ForwardReason
from softswitch.ivr import commands as cmd
from softswitch.ivr import fields as f
from softswitch.ivr.expressions import Expression, Template
from softswitch.ivr.expressions.types import TEXT
from softswitch.ivr.model import Finding, Flow, Node, node_kind
from softswitch.ivr.prompts import Prompt
from softswitch.ivr.talk import Outcome, Talk
from softswitch.settings.faults import nearest

KEYS: Final = tuple("0123456789*#")
SMS: Final = "sms"
_REASONS: Final = tuple(reason.value for reason in ForwardReason)


@attrs.frozen(kw_only=True)
class Leading(Node):
    """Base of nodes that let the runtime perform something."""

    def command(self, talk: Talk) -> cmd.Perform:
        """Return what is to be done."""
        raise NotImplementedError

    def way(self, outcome: str) -> str:
        """Return where an outcome leads; empty: the plan is over."""
        raise NotImplementedError

    def enter(self, talk: Talk) -> None:
        """Let it be done."""
        talk.perform(self.command(talk))

    def result(self, talk: Talk, outcome: str, values: Mapping[str, object] | None) -> None:  # noqa: ARG002 - see the nodes
        """Go where the outcome leads."""
        talk.go(self.way(outcome))


@node_kind("queue")
@attrs.frozen(kw_only=True)
class Queue(Leading):
    """Lets the caller wait for a member of a group, and talk. The variable ``priority`` counts.

    Attributes:
        group: the group; ``{}`` holds values.
        skills: only members who have all of these are asked.
        greeting: heard while phones ring already.
        answered: what follows when the member hangs up first; empty: the caller is hung up too.
        keys: for each key of a waiting caller what follows it.
        reasons: what follows when nobody answers for a reason such as ``queue_full``,
            ``nobody_active``, ``no_queue``, ``offers_exhausted``, ``waited_too_long``.
        not_answered: what follows when nobody answers for any other reason. Without this, and
            without `reasons` and `keys`, callers are sent where the group says.
        failed: what follows when there is no such group; empty: `not_answered`.
    """

    unknown: ClassVar[tuple[str, ...]] = ("failed", "not_answered")

    group: Template = f.names(f.Thing.GROUP)
    skills: tuple[str, ...] = f.texts()
    greeting: Prompt | None = f.heard()
    answered: str = f.leads_to(by_caller=True)
    keys: Mapping[str, str] = f.choices(required=False)
    reasons: Mapping[str, str] = f.outcomes()
    not_answered: str = f.leads_to()
    failed: str = f.leads_to()

    def findings(self, flow: Flow) -> Iterator[Finding]:  # noqa: ARG002 - as Node
        """Reasons must be such as there are, and keys such as phones have."""
        for reason in self.reasons:
            if reason not in _REASONS:
                near = nearest(reason, _REASONS)
                message = f"There is no such reason.{near}"
                yield Finding(("reasons", reason), message, reason, ", ".join(_REASONS))
        for key in self.keys:
            if key not in KEYS:
                yield Finding(("keys", key), "This is no key.", key, " ".join(KEYS))

    def command(self, talk: Talk) -> cmd.Perform:
        """Queue."""
        priority = talk.variables["priority"]
        return cmd.QueueFor(
            group=talk.text(self.group),
            priority=round(priority) if isinstance(priority, int | float) else 0,
            skills=self.skills,
            greeting=talk.audible(self.greeting),
            stay=bool(self.answered),
            returns=bool(self.not_answered or self.reasons or self.keys),
            keys=tuple(self.keys),
        )

    def way(self, outcome: str) -> str:
        """By whether somebody answered."""
        if outcome == "answered":
            return self.answered
        if outcome == "failed":
            return self.failed or self.not_answered
        key = outcome.removeprefix("key ")
        return self.keys.get(key) or self.reasons.get(outcome) or self.not_answered


@node_kind("dial")
@attrs.frozen(kw_only=True)
class Dial(Leading):
    """Calls somebody and lets the two talk.

    Attributes:
        number: a SIP URI or number; ``{}`` holds values.
        ring_time_s: how long the phone may ring.
        trunk: where a plain number goes out; empty: the first trunk.
        answered: what follows when the other one hangs up first.
        busy: what follows a busy phone.
        no_answer: what follows when nobody answers.
        otherwise: what follows any other failure, and what has no way of its own.
    """

    unknown: ClassVar[tuple[str, ...]] = ("otherwise",)

    number: Template = f.names(f.Thing.NUMBER)
    ring_time_s: float = f.number(30.0, 5, 180)
    trunk: str = f.text()
    answered: str = f.leads_to(by_caller=True)
    busy: str = f.leads_to()
    no_answer: str = f.leads_to()
    otherwise: str = f.leads_to()

    def command(self, talk: Talk) -> cmd.Perform:
        """Dial."""
        number = talk.text(self.number)
        return cmd.DialFor(number=number, ring_time_s=self.ring_time_s, trunk=self.trunk)

    def way(self, outcome: str) -> str:
        """By what the phone did."""
        if outcome == "answered":
            return self.answered
        ways = {"busy": self.busy, "no_answer": self.no_answer}
        return ways.get(outcome) or self.otherwise


@node_kind("transfer")
@attrs.frozen(kw_only=True)
class Transfer(Leading):
    """Asks the caller's phone to call another number instead, and is out of the call then.

    Attributes:
        number: a SIP URI or number; ``{}`` holds values.
        failed: what follows when the phone could not.
    """

    unknown: ClassVar[tuple[str, ...]] = ("failed",)

    number: Template = f.names(f.Thing.NUMBER)
    failed: str = f.leads_to()

    def command(self, talk: Talk) -> cmd.Perform:
        """Transfer."""
        return cmd.TransferTo(number=talk.text(self.number))

    def result(self, talk: Talk, outcome: str, values: Mapping[str, object] | None) -> None:
        """End, or go on."""
        if outcome == "transferred":
            talk.finish(Outcome.TRANSFERRED)
        else:
            super().result(talk, outcome, values)

    def way(self, outcome: str) -> str:  # noqa: ARG002 - there is one
        """After a failure."""
        return self.failed


@node_kind("voicemail")
@attrs.frozen(kw_only=True)
class Voicemail(Leading):
    """Lets the caller leave a message.

    Attributes:
        box: whose voicemail: a group or a person of the office; ``{}`` holds values.
        greeting: heard before the tone; None: the system's own sentence.
        email: where the message is sent besides; empty: as the box says.
        next: what follows a message after which the caller stayed.
        failed: what follows when there is no such box, or nothing was said; empty: `next`.
    """

    unknown: ClassVar[tuple[str, ...]] = ("failed", "next")

    box: Template = f.names(f.Thing.BOX)
    greeting: Prompt | None = f.heard()
    email: Template = f.template()
    next: str = f.leads_to()
    failed: str = f.leads_to()

    def command(self, talk: Talk) -> cmd.Perform:
        """Take a message."""
        return cmd.TakeMessage(
            box=talk.text(self.box),
            language=talk.language,
            greeting=talk.audible(self.greeting),
            email=talk.text(self.email),
        )

    def way(self, outcome: str) -> str:
        """By whether there is a message."""
        return self.next if outcome == "left" else self.failed or self.next


@node_kind("call_back")
@attrs.frozen(kw_only=True)
class CallBack(Leading):
    """Promises that somebody of a group calls the caller back.

    Attributes:
        group: the group; ``{}`` holds values.
        number: an expression for the number to call.
        next: what follows the promise.
        failed: what follows when it cannot be given.
    """

    unknown: ClassVar[tuple[str, ...]] = ("failed",)

    group: Template = f.names(f.Thing.GROUP)
    number: Expression | None = f.expression("caller", gives=TEXT)
    next: str = f.leads_to()
    failed: str = f.leads_to()

    def command(self, talk: Talk) -> cmd.Perform:
        """Promise."""
        number = talk.facts.caller if self.number is None else self.number.value(talk)
        priority = talk.variables["priority"]
        return cmd.PromiseCallBack(
            group=talk.text(self.group),
            number=str(number),
            priority=round(priority) if isinstance(priority, int | float) else 0,
        )

    def way(self, outcome: str) -> str:
        """By whether it was given."""
        return self.next if outcome == "promised" else self.failed


@node_kind("survey")
@attrs.frozen(kw_only=True)
class Survey(Leading):
    """Asks the questions of a survey.

    Attributes:
        survey: its name; ``{}`` holds values.
        next: what follows.
        failed: what follows when there is no such survey; empty: `next`.
    """

    unknown: ClassVar[tuple[str, ...]] = ("failed", "next")

    survey: Template = f.names(f.Thing.SURVEY)
    next: str = f.leads_to()
    failed: str = f.leads_to()

    def command(self, talk: Talk) -> cmd.Perform:
        """Ask."""
        return cmd.AskSurvey(survey=talk.text(self.survey), language=talk.language)

    def way(self, outcome: str) -> str:
        """By whether it could be asked."""
        return self.failed or self.next if outcome == "failed" else self.next


@node_kind("message")
@attrs.frozen(kw_only=True)
class SendMessage(Leading):
    """Sends a text by e-mail or SMS.

    Attributes:
        by: ``email`` or ``sms``.
        to: address or number, or several with commas between; ``{}`` holds values, here and below.
        subject: of an e-mail.
        text: what it says.
        attach: an expression for the path of a file to send along with an e-mail.
        next: what follows once it is on its way.
        failed: what follows when it cannot be sent; empty: `next`.
    """

    by: str = f.text("email", names=("email", SMS))
    to: Template = f.template(None)
    subject: Template = f.template()
    text: Template = f.template()
    attach: Expression | None = f.expression(gives=TEXT)
    next: str = f.leads_to()
    failed: str = f.leads_to()

    def findings(self, flow: Flow) -> Iterator[Finding]:  # noqa: ARG002 - as Node
        """An SMS is a text and nothing else."""
        if self.by != SMS:
            return
        if not self.text.pieces:
            yield Finding(("text",), "A text by SMS must say something.")
        if self.subject.pieces:
            yield Finding(("subject",), "A text by SMS has no subject.", self.subject.text)
        if self.attach is not None:
            message = "Nothing can be attached to a text by SMS."
            yield Finding(("attach",), message, self.attach.text)

    def command(self, talk: Talk) -> cmd.Perform:
        """Send."""
        return cmd.SendMessage(
            by=self.by,
            to=talk.text(self.to),
            subject=talk.text(self.subject),
            text=talk.text(self.text),
            attach="" if self.attach is None else str(self.attach.value(talk)),
        )

    def way(self, outcome: str) -> str:
        """By whether it is on its way."""
        return self.next if outcome == "sent" else self.failed or self.next
