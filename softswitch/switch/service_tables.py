"""The tables of an office file for what callers and members do without an agent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from softswitch.errors import Fault
from softswitch.settings.faults import ConfigPath, fault, nearest

if TYPE_CHECKING:
    from softswitch.switch.config import OfficeConfig

TLS: Final = ("starttls", "tls", "none")
KINDS: Final = ("score", "nps", "csat")
ALLOWED_MAIL: Final = 'addresses such as ["desk@example.org"]'
ALLOWED_CODE: Final = "1 to 12 digits that no other member and no group has"
NAME_MAX: Final = 64


@attrs.frozen(kw_only=True)
class MailTable:
    """``[mail]``: the mail server that takes what the switch sends.

    Attributes:
        host: name or address of the server; empty: no mail is sent.
        port: 587 for `starttls`, 465 for `tls`, 25 inside a house.
        tls: `starttls` begins in the clear and goes on encrypted, `tls` is encrypted from the
            first byte, `none` never: for a server in the same house.
        user: name to log in with; empty: no log-in.
        password: that goes with it.
        sender: address that letters come from.
    """

    host: str = ""
    port: int = attrs.field(default=587, metadata={"range": (1, 65_535)})
    tls: str = attrs.field(default="starttls", metadata={"choices": TLS})
    user: str = ""
    password: str = attrs.field(default="", repr=False)
    sender: str = attrs.field(default="", metadata={"allowed": "an address"})


@attrs.frozen(kw_only=True)
class VoicemailTable:
    """``[voicemail]``: how messages are taken, for all boxes.

    Attributes:
        number: number at which owners hear their messages; empty: none.
        length_max_s: a message is ended after so long.
        silence_s: it is ended when nothing was said for so long; 0: it is not.
        messages_max: a box that holds so many takes no more.
        review: let callers who end by a key listen, record again, mark as urgent or delete.
    """

    number: str = ""
    length_max_s: float = attrs.field(default=180.0, metadata={"range": (10, 3600)})
    silence_s: float = attrs.field(default=6.0, metadata={"range": (2, 60), "or": 0})
    messages_max: int = attrs.field(default=100, metadata={"range": (1, 10_000)})
    review: bool = True


@attrs.frozen(kw_only=True)
class QuestionTable:
    """``[[surveys.ID.questions]]``: a question answered by a number.

    Attributes:
        id: its name in records and reports.
        kind: what is made of the answers: `nps` (net promoter score, 0 to 10), `csat` (share of
            those who give one of the two best answers), or `score`: their mean.
        text: what is asked, by language: `{ da = "...", en = "..." }`; of the other languages the
            first that stands here is heard.
        sound: sound file that asks, instead of `text`.
        low: the lowest answer.
        high: the highest.
    """

    id: str
    kind: str = attrs.field(default="score", metadata={"choices": KINDS})
    text: dict[str, str] = attrs.field(factory=dict, metadata={"allowed": "texts by language"})
    sound: Path | None = None
    low: int = attrs.field(default=1, metadata={"range": (0, 9)})
    high: int = attrs.field(default=5, metadata={"range": (1, 99)})


@attrs.frozen(kw_only=True)
class SurveyTable:
    """``[surveys.ID]``: what callers are asked after the call.

    Attributes:
        questions: in the order in which they are asked.
        invite: first ask whether the caller will answer.
        comment: let the caller speak freely at the end.
        comment_max_s: for so long at most.
    """

    questions: tuple[QuestionTable, ...] = attrs.field(default=(), metadata={"length": (1, 20)})
    invite: bool = True
    comment: bool = False
    comment_max_s: float = attrs.field(default=60.0, metadata={"range": (5, 600)})


@attrs.frozen(kw_only=True)
class Person:
    """What is known of a member besides what the queue engine decides by.

    Attributes:
        code: the number that the member keys to log in by phone, and to hear messages.
        voicemail_to: mail addresses that messages in the member's box are sent to.
        voicemail_greeting: sound file heard before the tone; None: the standard sentence.
    """

    code: str = ""
    voicemail_to: tuple[str, ...] = ()
    voicemail_greeting: Path | None = None


_ADDRESS: Final = re.compile(r"[^@\s\"(),:;<>\[\]\\]+@[^@\s\"(),:;<>\[\]\\]+")


def is_mail_address(text: str) -> bool:
    """Whether something can be written to, as far as its looks tell."""
    return len(text) <= 254 and text.isprintable() and _ADDRESS.fullmatch(text) is not None


def service_faults(config: OfficeConfig) -> Iterator[Fault]:
    """Find what is wrong with mail, voicemail, surveys and log-in."""
    yield from _mail_faults(config)
    yield from _number_faults(config)
    yield from _code_faults(config.people)
    for name, survey in config.surveys.items():
        yield from _survey_faults(("surveys", name), survey)
    for group in config.groups:
        if group.survey and group.survey not in config.surveys:
            message = f"There is no such survey.{nearest(group.survey, config.surveys)}"
            known = ", ".join(config.surveys) or "none is there"
            yield fault(("groups", group.id, "survey"), message, group.survey, known)


def _mail_faults(config: OfficeConfig) -> Iterator[Fault]:
    mail = config.mail
    if mail.host and not is_mail_address(mail.sender):
        yield fault(("mail", "sender"), "Letters need a sender.", mail.sender, "an address")
    if mail.password and mail.tls == "none":
        message = "The password would travel in the clear."
        yield fault(("mail", "tls"), message, mail.tls, "starttls or tls, or no password")
    for path, addresses in _recipients(config):
        for n, address in enumerate(addresses):
            if not is_mail_address(address):
                message = "This is no mail address."
                yield fault((*path, n), message, address, ALLOWED_MAIL)
        if addresses and not mail.host:
            message = "There is no mail server to send by: `host` of [mail] is missing."
            yield fault(path, message, addresses, "nothing without [mail]")


def _recipients(config: OfficeConfig) -> Iterator[tuple[ConfigPath, tuple[str, ...]]]:
    for group in config.groups:
        yield ("groups", group.id, "voicemail_to"), group.voicemail_to
    for member_id, person in config.people.items():
        yield ("members", member_id, "voicemail_to"), person.voicemail_to


def service_numbers(config: OfficeConfig) -> Iterator[tuple[ConfigPath, str]]:
    """Give every number of a service with its path; those that are not set are left out."""
    numbers: Iterable[tuple[ConfigPath, str]] = (
        (("office", "recording_number"), config.recording_number),
        (("office", "hotprompt_number"), config.hotprompt_number),
        (("office", "login_number"), config.login_number),
        (("voicemail", "number"), config.voicemail.number),
    )
    return ((path, number) for path, number in numbers if number)


def _number_faults(config: OfficeConfig) -> Iterator[Fault]:
    taken = {number: f"group `{g.id}`" for g in config.groups for number in g.numbers}
    for path, number in service_numbers(config):
        if path == ("office", "recording_number"):
            taken.setdefault(number, "recording_number")  # looked at with the groups
            continue
        if not re.fullmatch(r"\+?[0-9A-Za-z*#._~-]{1,64}", number) or number.endswith("*"):
            yield fault(path, "Nobody can dial this.", number, "digits")
        elif number in taken:
            message = f"This number leads to {taken[number]} already."
            yield fault(path, message, number, "a number of its own")
        taken.setdefault(number, path[-1] if isinstance(path[-1], str) else "")


def _code_faults(people: Mapping[str, Person]) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    for member_id, person in people.items():
        path = ("members", member_id, "code")
        if person.code and not re.fullmatch(r"[0-9]{1,12}", person.code):
            yield fault(path, "This cannot be keyed.", person.code, ALLOWED_CODE)
        elif person.code in owners:
            message = f"Member `{owners[person.code]}` has this code."
            yield fault(path, message, person.code, ALLOWED_CODE)
        if person.code:
            owners.setdefault(person.code, member_id)


def _survey_faults(path: ConfigPath, survey: SurveyTable) -> Iterator[Fault]:
    seen: set[str] = set()
    for n, question in enumerate(survey.questions):
        where = (*path, "questions", n)
        if not question.id or len(question.id) > NAME_MAX or question.id in seen:
            allowed = f"a name of its own, 1 to {NAME_MAX} characters"
            yield fault((*where, "id"), "This name cannot be used.", question.id, allowed)
        seen.add(question.id)
        if bool(question.text) == (question.sound is not None):
            yield fault(where, "This must have either `text` or `sound`.", None, "one of them")
        if question.low >= question.high:
            allowed = f"more than `low`, {question.low}"
            yield fault((*where, "high"), "No answer is possible.", question.high, allowed)
        if question.kind == "nps" and (question.low, question.high) != (0, 10):
            message = "A net promoter score is asked from 0 to 10."
            yield fault((*where, "kind"), message, question.kind, "low = 0, high = 10")
