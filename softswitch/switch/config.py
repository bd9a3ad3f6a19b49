"""An office: who is called, by which numbers, and how it speaks SIP.

The smallest office that answers a call::

    OfficeConfig(
        members=(Member(id="anna", address="sip:anna@192.0.2.10"),),
        groups=(GroupConfig(numbers=("1000",), engine=Group(id="main", members=("anna",))),),
    )

`softswitch.switch.loading` reads the same from a TOML file, and `softswitch.switch.rules.validate`
finds everything that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from softswitch.acd.model import Group, Member, Target, TargetKind
from softswitch.hours import StandardWeek
from softswitch.sip.config import SipConfig
from softswitch.switch.hours_tables import HoursTable
from softswitch.switch.service_tables import MailTable, Person, SurveyTable, VoicemailTable
from softswitch.switch.sms_tables import SmsTable
from softswitch.switch.speech_tables import SpeechTable
from softswitch.switch.web_tables import WebTable

LANGUAGES: Final = ("da", "nb", "sv", "en")
"""Languages of the system messages: Danish, Norwegian bokmål, Swedish, English (ISO 639-1)."""


@attrs.frozen(kw_only=True)
class GroupConfig:
    """A hunt group: what the queue engine decides by, and what only the runtime needs.

    Attributes:
        engine: members, strategy, ring time, queue and targets.
        numbers: dialled numbers that reach the group; none: it is reached as a target only.
        language: language of its messages, one of `LANGUAGES`; empty: the office's, which
            `OfficeConfig` fills in.
        record: record every answered call.
        music: sound files for waiting callers; none: the default list.
        greeting: sound file that every caller hears first, or None.
        leave_keys: where a waiting caller is taken by a key.
        call_back_key: the key by which a waiting caller asks to be called back; empty: none.
        week: where unanswered calls go by the time of the week; None, and outside of its slots:
            where `engine.no_answer` says.
        hours: id of its opening hours; empty: always open.
        closed: where calls go while it is closed, after the greeting of that hour.
        voicemail_to: mail addresses that messages in the group's box are sent to.
        voicemail_greeting: sound file heard before the tone; None: the standard sentence.
        survey: id of what callers are asked when the member has hung up; empty: nothing.
        call_back_confirm: let a waiting caller confirm or key the number to be called back.
    """

    engine: Group
    numbers: tuple[str, ...] = ()
    language: str = ""
    record: bool = False
    music: tuple[Path, ...] = ()
    greeting: Path | None = None
    leave_keys: Mapping[str, Target] = attrs.field(factory=dict)
    call_back_key: str = ""
    week: StandardWeek | None = None
    hours: str = ""
    closed: Target = attrs.field(default=Target(TargetKind.MESSAGE))
    voicemail_to: tuple[str, ...] = ()
    voicemail_greeting: Path | None = None
    survey: str = ""
    call_back_confirm: bool = False

    @property
    def id(self) -> str:
        """The group's id in the office."""
        return self.engine.id


def _fill_in_language(
    groups: Iterable[GroupConfig],
    office: Any,  # noqa: ANN401 - an OfficeConfig in the making
) -> tuple[GroupConfig, ...]:
    """Let the groups that name no language speak the office's."""
    spoken = office.language
    return tuple(g if g.language else attrs.evolve(g, language=spoken) for g in groups)


@attrs.frozen(kw_only=True)
class FlowConfig:
    """A call flow of its own file (`softswitch.ivr.loading`).

    Attributes:
        id: unique among the flows of the office.
        file: the flow file.
        numbers: dialled numbers that lead to it.
    """

    id: str
    file: Path
    numbers: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class OfficeConfig:
    """Everything that a switch is told before it starts.

    Attributes:
        name: for people to read.
        language: one of `LANGUAGES`; groups that name none speak it.
        data_dir: folder for recordings, voicemail and rendered sounds; made when missing.
        timezone: IANA name of the zone whose time of day is told and standard weeks follow;
            empty: the machine's.
        recording_number: number at which greetings are recorded by phone; empty: none.
        hotprompt_number: number at which the message in front of everything is switched; empty:
            none.
        login_number: number at which members log in from any phone; empty: none.
        pause_reasons: what a member who pauses by phone can choose from, key 1 for the first.
        sip: listeners, trunks, codecs and the rest of SIP and RTP.
        members: who can take calls.
        groups: hunt groups; each has a language once it stands here.
        hours: calendars of opening hours by their ids.
        flows: call flows that numbers lead to.
        mail: the server that sends mail.
        sms: the provider that sends texts.
        voicemail: how messages are taken.
        surveys: what callers are asked after a call, by id.
        people: what is known of members besides, by their ids.
        speech: with whose voice callers are spoken to.
        web: where call backs are ordered by web.
    """

    name: str = ""
    language: str = "en"
    data_dir: Path = Path("var")
    timezone: str = ""
    recording_number: str = ""
    hotprompt_number: str = ""
    login_number: str = ""
    pause_reasons: tuple[str, ...] = ()
    sip: SipConfig = attrs.field(factory=SipConfig)
    members: tuple[Member, ...] = ()
    groups: tuple[GroupConfig, ...] = attrs.field(
        default=(),
        converter=attrs.Converter(_fill_in_language, takes_self=True),  # type: ignore[misc] # mypy does not know takes_self yet
    )
    hours: Mapping[str, HoursTable] = attrs.field(factory=dict)
    flows: tuple[FlowConfig, ...] = ()
    mail: MailTable = attrs.field(factory=MailTable)
    sms: SmsTable = attrs.field(factory=SmsTable)
    voicemail: VoicemailTable = attrs.field(factory=VoicemailTable)
    surveys: Mapping[str, SurveyTable] = attrs.field(factory=dict)
    people: Mapping[str, Person] = attrs.field(factory=dict)
    speech: SpeechTable = attrs.field(factory=SpeechTable)
    web: WebTable = attrs.field(factory=WebTable)
