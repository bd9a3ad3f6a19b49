"""Each office of the examples is called by SIPp and by baresip, which press keys in every way.

All callers of an office call at the same time, and each keys something else: what one has keyed
must not be lost, counted twice or taken for another's.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import bot
import pytest
import town_hall
from on_the_line import BEEP_HZ, LISTENED, WAYS, Caller, callers, running
from running import port_with_phones

from softswitch.acd.records import CallRecord, ForwardReason
from softswitch.prompts import Guidance, SoundStore, SystemMessage
from softswitch.prompts import messages as languages
from softswitch.switch import MessageLeft, SurveyAnswered
from softswitch.switch.flow_records import FlowRecord
from softswitch.testing.peers.likeness import read_sound
from softswitch.testing.peers.mouth import Pacer
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import sine, tone_spans
from softswitch.voicemail import MessageState

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def sounds(sounds_folder: Path) -> SoundStore:
    return SoundStore(sounds_folder, 8000)


def english(of: Guidance) -> str:
    return languages.language("en").messages[of]


# The municipality.

CASE_NUMBER = "Indtast dit sagsnummer, årstallet først, og slut med firkant."
CASES = (  # as keyed, where the flow leads, and what is said
    (
        "2023114#",
        "processing",
        (
            "Sag to tusind og treogtyve skråstreg et hundrede og fjorten om byggetilladelse er "
            "under behandling. Du kan vente svar senest den femtende april to tusind og seksogtyve."
        ),
    ),
    (
        "20267#",
        "received",
        (
            "Sag to tusind og seksogtyve skråstreg syv om boligstøtte er modtaget, og venter på en "
            "sagsbehandler. Du kan vente svar senest den tyvende marts to tusind og seksogtyve."
        ),
    ),
    (
        "202631#",
        "hearing",
        (
            "Sag to tusind og seksogtyve skråstreg enogtredive om en ny carport er i høring hos "
            "naboerne. Du kan vente svar senest den første maj to tusind og seksogtyve."
        ),
    ),
    (
        "2025980#",
        "decided",
        (
            "Sag to tusind og femogtyve skråstreg ni hundrede og firs om parkeringslicens blev "
            "afgjort den syvogtyvende februar to tusind og seksogtyve. Du finder afgørelsen i "
            "din digitale post."
        ),
    ),
    ("2023999#", "unknown", "Vi har ingen sag med nummeret to nul to tre ni ni ni."),
)


async def test_the_municipality(tmp_path: Path, sounds: SoundStore) -> None:
    async def ask(caller: Caller, keys: str, told: str) -> None:
        await caller.press("6")  # known by heart, and the same day and night
        await caller.hears(sounds.say(CASE_NUMBER, "da"))
        await caller.press(keys)
        await caller.hears(sounds.say(told, "da"))
        await caller.press("9")  # no choice: goodbye
        await caller.let_go()

    async with (
        running(
            "municipality", port_with_phones(), tmp_path, sounds, town_hall.furnish, **LISTENED
        ) as office,
        callers(office, "77112000") as people,
    ):
        asked = zip(people, CASES, strict=True)
        await asyncio.gather(*(ask(caller, keys, told) for caller, (keys, _, told) in asked))
        flows = await office.all(FlowRecord, len(WAYS))
    ways = Counter(tuple(node for node in flow.nodes if "/" in node) for flow in flows)
    assert ways == Counter(_way(state) for _, state, _ in CASES)
    assert {flow.outcome for flow in flows} == {"completed"}


def _way(state: str) -> tuple[str, ...]:
    found = () if state == "unknown" else ("how far?",)
    return tuple(f"Sagsstatus/{n}" for n in ("which", "find", *found, state, "another?", "over"))


# The help desk.

AGENT_HZ = 650
INVITE = english(Guidance.SURVEY_INVITE_SEVERAL)
DESK = ("language", "number", "find", "known", "hello", "what", "specialists", "survey", "goodbye")


@asynccontextmanager
async def customer_register(asked: list[str]) -> AsyncIterator[int]:
    """A web service that knows everybody; gives its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
        body = b'{"name": "Nordic Fish", "priority": 5}'
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_the_help_desk(tmp_path: Path, sounds: SoundStore) -> None:
    asked: list[str] = []
    customers = [f"12345{number}" for number in range(len(WAYS))]
    recommend = [str(6 + number) for number in range(len(WAYS))]

    async def ask_for_help(caller: Caller, customer: str, points: str) -> None:
        await caller.press(f"1{customer}1")  # English, the number, and that it is right
        await caller.hears(sounds.say("Welcome, Nordic Fish.", "en"))
        await caller.press("2")  # servers and networks: a specialist answers, and hangs up
        await caller.hears_tone(AGENT_HZ)
        await caller.hears(sounds.say(INVITE, "en"))
        await caller.press(f"1{points}4")  # yes, and the answers
        await caller.hears_tone(BEEP_HZ)
        await caller.press("#")  # no comment
        await caller.let_go()

    async with (
        agents("clara", "anna") as port,
        customer_register(asked) as register,
        running(
            "helpdesk", port, tmp_path, sounds, **LISTENED, **{"8099": str(register)}
        ) as office,
        callers(office, "4000") as people,
    ):
        scripts = zip(people, customers, recommend, strict=True)
        await asyncio.gather(*(ask_for_help(*script) for script in scripts))
        flows = await office.all(FlowRecord, len(WAYS))
        surveys = await office.all(SurveyAnswered, len(WAYS))
        calls = await office.all(CallRecord, len(WAYS))
    assert sorted(asked) == [f"/customers/{customer}" for customer in customers]
    assert [flow.nodes for flow in flows] == [DESK] * len(WAYS)
    assert sorted(one.answers["recommend"] for one in surveys) == [6, 7, 8, 9, 10]
    assert [one.answers["solved"] for one in surveys] == [4] * len(WAYS)
    assert {one.call_id for one in calls} == {one.call_id for one in surveys}
    assert {one.group_id for one in calls} == {"specialists"}


@asynccontextmanager
async def agents(*names: str) -> AsyncIterator[int]:
    """Phones of an office's members that answer each call with a tone, and soon hang up.

    Gives the office's port.
    """
    places = {"anna": 10, "bo": 11, "clara": 12}
    async with AsyncExitStack() as stack:
        pacer = stack.enter_context(Pacer())
        voices = [await stack.enter_async_context(RtpPhone(pacer=pacer)) for _ in WAYS * len(names)]
        for voice in voices:
            voice.say(sine(AGENT_HZ, 1.0), forever=True)
        port = port_with_phones()
        for number, name in enumerate(names):
            own = voices[number :: len(names)]
            phone = Sipp(
                "uas_answer_hangup",
                service=name,
                local_port=port + places[name],
                calls=len(WAYS) + 1,
                rtp=[voice.address for voice in own],
                ring_ms=50,
                talk_ms=800,
                timeout_s=60,
            )
            await stack.enter_async_context(phone)
        yield port


# The program that answers first.


async def test_the_program_that_answers_first(
    tmp_path: Path, sounds: SoundStore, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = [str(1001 + number) for number in range(len(WAYS))]
    wants = ["2", "3", "2", "3", "2"]

    async def talk(caller: Caller, order: str, key: str) -> None:
        await caller.press(order)
        said = f"Your order {' '.join(order)} {bot.ORDERS.get(order, 'is not known to us')}."
        await caller.hears(sounds.say(said, "en"))
        await caller.press(key)
        await caller.hears_tone(AGENT_HZ)
        await caller.let_go()

    async with (
        agents("anna", "bo") as port,
        running("bot", port, tmp_path, sounds, **LISTENED) as office,
        callers(office, "1000") as people,
    ):
        office.switch.on_record(bot.show)
        await asyncio.gather(*map(talk, people, orders, wants))
        flows = await office.all(FlowRecord, len(WAYS))
        await office.all(CallRecord, len(WAYS))
    shown = [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines()]
    assert sorted(shown) == [
        "order 1001, left us yesterday, wants: delivery",
        "order 1002, is late, and should have been with you, wants: returns",
        "order 1003, is not known to us, wants: delivery",
        "order 1004, is not known to us, wants: returns",
        "order 1005, is not known to us, wants: delivery",
    ]
    ways = Counter(flow.nodes for flow in flows)
    assert ways == {("bot", "late", "delivery"): 3, ("bot", "returns"): 2}


# The shop.

PIN = "2718"
VOICES_HZ = (400, 500, 600, 800, 900)


async def test_the_shop(tmp_path: Path, sounds: SoundStore) -> None:
    """Both phones are busy: messages are left, heard again and marked; the owner hears them later.

    A phone that was busy is rung again after 5 s, which five callers would take a minute for.
    """

    async def leave_message(caller: Caller, voice_hz: int) -> None:
        await caller.hears(sounds.system(SystemMessage.LEAVE_MESSAGE, "en"))
        await caller.hears_tone(BEEP_HZ)
        await caller.say(sine(voice_hz, 1.5))
        await caller.press("#")
        await caller.hears(sounds.say(english(Guidance.VOICEMAIL_REVIEW), "en"))
        await caller.press("2")  # listen
        await caller.hears_tone(voice_hz)
        await caller.press("41")  # urgent; that is all
        await caller.let_go()

    async def hear_message(caller: Caller, voice_hz: int) -> None:
        await caller.press(f"1000#{PIN}#")
        await caller.hears(sounds.say(english(Guidance.VOICEMAIL_IS_URGENT), "en"))
        await caller.hears_tone(voice_hz)
        await caller.press("2*")  # save; enough for today
        await caller.let_go()

    at_once = {"max_offers = 3": "max_offers = 3\nbusy_back_off_s = 0"}
    port = port_with_phones()
    async with (
        busy(port + 10),
        busy(port + 11),
        running("shop", port, tmp_path, sounds, **LISTENED, **at_once) as office,
    ):
        voicemail = office.switch.voicemail
        await voicemail.new_pin("shop", PIN)
        async with callers(office, "1000") as people:
            await asyncio.gather(*map(leave_message, people, VOICES_HZ))
            left = await office.all(MessageLeft, len(WAYS))
            offered = await office.all(CallRecord, len(WAYS))
        kept = [tones(voicemail.sound(message)) for message in voicemail.messages("shop")]
        async with callers(office, "1001") as owners:
            await asyncio.gather(*(hear_message(owner, *kept[0]) for owner in owners))
        first = voicemail.messages("shop")[0]
    assert sorted(kept) == [[hz] for hz in VOICES_HZ]
    assert [(call.offers, call.forward_reason) for call in offered] == [
        (3, ForwardReason.OFFERS_EXHAUSTED)
    ] * len(WAYS)
    assert [message.urgent for message in left] == [True] * len(WAYS)
    assert first.state is MessageState.HEARD


def busy(port: int) -> Sipp:
    """A phone that refuses every call."""
    return Sipp("uas_refuse", local_port=port, calls=100, timeout_s=60)


def tones(file: Path) -> list[int]:
    """Whose voices are in a recording."""
    samples = read_sound(file)
    return [hz for hz in VOICES_HZ if tone_spans(samples, hz, least_s=1.0)]
