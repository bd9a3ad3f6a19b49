"""The offices of the examples under virtual time: whole calls, from the number to the end."""

import asyncio
import wave
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import bot
import numpy as np
import pytest
import town_hall
from town_people import People
from whole_offices import Office, copied, opened

from softswitch.acd import CallOutcome
from softswitch.acd.records import CallRecord
from softswitch.prompts import SoundStore, SystemMessage
from softswitch.prompts import messages as languages
from softswitch.prompts.guidance import Guidance
from softswitch.prompts.library import SoundKind
from softswitch.switch import Switch, load_office
from softswitch.switch.journal import SurveyAnswered
from softswitch.testing import SimulatedTelephony
from softswitch.testing.phones import PhoneCall
from softswitch.testing.sounding import duration_s

pytestmark = pytest.mark.virtual_time

ZONE = ZoneInfo("Europe/Copenhagen")
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=ZONE)
EVENING = datetime(2026, 3, 2, 20, 0, tzinfo=ZONE)
MAIN = "77112000"
CITIZEN = "+4522334455"
PATIENCE_S = 600.0


@pytest.fixture(scope="module")
def sounds(sounds_folder: Path) -> SoundStore:
    return SoundStore(sounds_folder, 8000)


def town(folder: Path, sounds: SoundStore, at: datetime = MONDAY):
    return opened("municipality", folder, sounds, at, town_hall.furnish)


def helpdesk(folder: Path, sounds: SoundStore):
    return opened("helpdesk", folder, sounds, MONDAY)


async def keyed(office: Office, call: PhoneCall, *answers: tuple[str, str], lang: str) -> None:
    """Wait for each text, and press the keys."""
    async with asyncio.timeout(PATIENCE_S):
        for text, keys in answers:
            await call.until_hears(office.sounds.say(text, lang))
            call.press(keys)


# The municipality: the main number.


async def test_welcome_menu_and_the_agent_who_is_free(tmp_path: Path, sounds: SoundStore):
    async with town(tmp_path, sounds) as office:
        anne = office.phone("anne", answers_after_s=4, hangs_up_after_s=60)
        log = await office.network.call(MAIN, presses=[(3.0, "1")]).until_ended()
    assert log.heard[0].file == sounds.say("Velkommen til Fjordby Kommune.", "da")
    assert [talk.from_s for talk in log.talked] == [7.0]
    assert len(anne.calls) == 1
    assert office.ways == [("welcome", "open?", "menu", "citizens?", "citizens")]


async def test_the_hotprompt_comes_first_and_a_key_pressed_into_it_counts(
    tmp_path: Path, sounds: SoundStore
):
    storm = tmp_path / "storm.wav"
    with wave.open(str(storm), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        tone = np.sin(np.arange(8000 * 9) * 0.3) * 6000
        file.writeframes(tone.astype("<i2").tobytes())
    async with town(tmp_path / "var", sounds) as office:
        desk = office.switch.sounds
        await desk.change(lambda library: library.add("storm", storm, SoundKind.HOTPROMPT))
        await desk.change(lambda library: library.hotprompt_on("storm"))
        hotprompt = await desk.sound("storm")
        office.phone("clara", answers_after_s=1, hangs_up_after_s=10)
        whole = await office.network.call(MAIN, hangs_up_after_s=11).until_ended()
        quick = await office.network.call(MAIN, presses=[(2.0, "2")]).until_ended()
    welcome = sounds.say("Velkommen til Fjordby Kommune.", "da")
    assert [(one.file, one.from_s) for one in whole.heard[:2]] == [(hotprompt, 0.0), (welcome, 9.0)]
    assert quick.heard[0].length_s == 2.0
    assert [talk.from_s - quick.answered_at for talk in quick.talked] == [3.0]  # after ringing 1 s


async def test_an_unknown_choice_leads_to_the_switchboard(tmp_path: Path, sounds: SoundStore):
    async with town(tmp_path, sounds) as office:
        eva = office.phone("eva", answers_after_s=2, hangs_up_after_s=5)
        office.phone("anne")
        log = await office.network.call(MAIN, presses=[(3.0, "9")]).until_ended()
    assert len(log.talked) == len(eva.calls) == 1
    assert office.ways[0][-3:] == ("menu", "switchboard", "desk")


async def test_everybody_is_busy_and_the_caller_is_called_back(tmp_path: Path, sounds: SoundStore):
    async with town(tmp_path, sounds) as office:
        anne = office.phone("anne", answers_after_s=1, hangs_up_after_s=300)
        bent = office.phone("bent", answers_after_s=1, hangs_up_after_s=400)
        citizen = office.network.phone(
            f"sip:{CITIZEN}@caller.example", answers_after_s=2, hangs_up_after_s=30
        )
        for _ in range(2):
            office.network.call(MAIN, presses=[(3.0, "1")])
        await asyncio.sleep(20)
        waiting = office.network.call(MAIN, caller=CITIZEN)
        await keyed(office, waiting, ("Velkommen til Fjordby Kommune.", "1"), lang="da")
        await waiting.until_hears(sounds.say(BUSY, "da"))
        waiting.press("1")
        await asyncio.sleep(1)
        waiting.press("1")  # yes, at the number that I call from
        await waiting.until_ended()
        await asyncio.sleep(600)
        rung = [call.log.talked for call in citizen.calls]
    assert [len(talks) for talks in rung] == [1]
    assert {len(anne.calls), len(bent.calls)} == {1, 2}
    [back] = [one for one in office.of(CallRecord) if one.outcome is CallOutcome.CALLED_BACK]
    assert back.group_id == "citizens"


BUSY = (
    "Alle i borgerservice taler i telefon. Foran dig i køen: nul. Tryk 1, så ringer vi til dig, "
    "når det bliver din tur. Bliv i røret, hvis du hellere vil vente."
)


async def test_closed_in_the_evening_and_the_case_is_told_all_the_same(
    tmp_path: Path, sounds: SoundStore
):
    async with town(tmp_path, sounds, EVENING) as office:
        call = office.network.call(MAIN)
        await call.until_hears(sounds.say("Vi åbner i morgen klokken ni.", "da"))
        call.press("6")
        await asyncio.sleep(1)
        call.press("2023114#")
        log = await call.until_ended()
    told = (
        "Sag to tusind og treogtyve skråstreg et hundrede og fjorten om byggetilladelse er under "
        "behandling. Du kan vente svar senest den femtende april to tusind og seksogtyve."
    )
    assert sounds.say(told, "da") in log.files(), office.ways


async def test_case_numbers_that_there_are_not(tmp_path: Path, sounds: SoundStore):
    async with town(tmp_path, sounds) as office:
        for number in ("2023999#", "00000#", "9999999999#"):
            call = office.network.call("77112299", presses=[(1.0, number)], gives_up_after_s=30)
            await call.until_ended()
    assert [way[:3] for way in office.ways] == [("which", "find", "unknown")] * 3


# The municipality: direct numbers.


async def test_anne_is_on_holiday_and_the_department_calls_back(tmp_path: Path, sounds: SoundStore):
    async with town(tmp_path, sounds) as office:
        anne = office.phone("anne", answers_after_s=1)
        call = office.network.call("77112101", caller=CITIZEN)
        # The holiday is over on Saturday the 7th; the next day of work is Monday.
        absent = "Anne Holm holder ferie, og er tilbage mandag den niende marts."
        await keyed(office, call, (absent, "2"), lang="da")
        log = await call.until_ended()
        promised = office.switch.snapshot().waiting
    assert log.files()[-1] == sounds.say("Tak. Vi ringer til dig. Du kan lægge på nu.", "da")
    assert [(one.group_id, one.caller) for one in promised] == [("citizens", CITIZEN)]
    assert len(anne.calls) <= 1  # as a member of citizens, not for this caller


async def test_bent_is_in_a_meeting_until_half_past_eleven(tmp_path: Path, sounds: SoundStore):
    async with town(tmp_path, sounds) as office:
        bent = office.phone("bent", answers_after_s=2, hangs_up_after_s=10)
        first = office.network.call("77112102", hangs_up_after_s=30)
        log = await first.until_ended()
        assert sounds.say("Bent Lund er til møde, og er tilbage klokken elleve tredive.", "da") in (
            log.files()
        )
        assert bent.calls == []
        await asyncio.sleep(90 * 60 - asyncio.get_running_loop().time())
        second = await office.network.call("77112102").until_ended()
    assert len(second.talked) == 1  # the reminder at noon is shown as free, and is no absence


@pytest.mark.parametrize(
    ("events", "until"),
    [
        ((("Ferie", "20260226", "20260303"),), "tirsdag den tredje marts"),
        # The course begins when the holiday is over, and ends on a Thursday evening.
        (
            (("Ferie", "20260226", "20260303"), ("Kursus", "20260303", "20260306")),
            "fredag den sjette marts",
        ),
        # Up to Easter, when the office is closed as well: 2 to 6 April.
        ((("Ferie", "20260226", "20260402"),), "tirsdag den syvende april"),
    ],
)
async def test_who_is_back_when(
    tmp_path: Path, events: tuple[tuple[str, str, str], ...], until: str
):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//DA"]
    for number, (title, begin, end) in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}", "DTSTAMP:20260101T000000Z", f"SUMMARY:{title}"]
        lines += [f"DTSTART;VALUE=DATE:{begin}", f"DTEND;VALUE=DATE:{end}", "END:VEVENT"]
    (tmp_path / "calendars").mkdir()
    text = "\r\n".join([*lines, "END:VCALENDAR", ""])
    (tmp_path / "calendars" / "anne.ics").write_text(text, encoding="utf-8", newline="")
    (tmp_path / "people.toml").write_text("", encoding="utf-8")
    config = load_office(town_hall.OFFICE, flows=True)
    people = People(Switch(config, SimulatedTelephony()), config, tmp_path)
    away = people.by_calendar("anne", MONDAY)
    assert away == {"absent": True, "why": "holder ferie", "until": until}


async def test_clara_does_not_answer_and_has_a_message(tmp_path: Path, sounds: SoundStore):
    async with town(tmp_path, sounds) as office:
        office.phone("clara")
        call = office.network.call("77112103", caller=CITIZEN)
        await call.until_hears(sounds.beep())
        await asyncio.sleep(5)
        call.hang_up()
        await call.until_ended()
        await asyncio.sleep(1)
    assert office.ways[0][:4] == ("who", "absent?", "phone", "no answer")
    assert office.ways[0][4] == "message"
    assert len(office.network.recordings) == 1


async def test_bents_deputy_is_rung_when_bent_does_not_answer(tmp_path: Path, sounds: SoundStore):
    at = datetime(2026, 3, 3, 10, 0, tzinfo=ZONE)
    async with town(tmp_path, sounds, at) as office:
        bent = office.phone("bent")
        david = office.phone("david", answers_after_s=3, hangs_up_after_s=10)
        log = await office.network.call("77112102").until_ended()
    assert [(ring.from_s, ring.to_s) for ring in bent.rang] == [(0.0, 20.0)]
    assert [talk.from_s for talk in log.talked] == [23.0]
    assert len(david.calls) == 1


async def test_david_paused_by_phone_and_a_colleague_helps(tmp_path: Path, sounds: SoundStore):
    async with town(tmp_path, sounds) as office:
        await office.switch.pause_member("david", "møde")
        anne = office.phone("anne", answers_after_s=1, hangs_up_after_s=10)
        call = office.network.call("77112104")
        await keyed(office, call, ("David Skov er til møde.", "3"), lang="da")
        log = await call.until_ended()
    assert len(log.talked) == len(anne.calls) == 1


async def test_a_flow_changes_while_the_office_is_open(tmp_path: Path, sounds: SoundStore):
    file = copied("municipality", tmp_path, 5060)
    main = file.with_name("main.toml")
    async with opened(file, tmp_path / "var", sounds, MONDAY, town_hall.furnish) as office:
        before = await office.network.call(MAIN, hangs_up_after_s=1).until_ended()
        text = main.read_text(encoding="utf-8").replace("Velkommen til", "Goddag, her er")
        main.write_text(text, encoding="utf-8")
        await office.switch.flows.change("main")
        after = await office.network.call(MAIN, hangs_up_after_s=1).until_ended()
    assert before.files() == [sounds.say("Velkommen til Fjordby Kommune.", "da")]
    assert after.files() == [sounds.say("Goddag, her er Fjordby Kommune.", "da")]


# The help desk.


async def test_who_called_before_talks_to_the_same_agent(tmp_path: Path, sounds: SoundStore):
    async with helpdesk(tmp_path, sounds) as office:
        anna = office.phone("anna", answers_after_s=1, hangs_up_after_s=30)
        bo = office.phone("bo", answers_after_s=1, hangs_up_after_s=30)
        for caller in ("+4511111111", "+4522222222", "+4522222222", "+4511111111"):
            call = office.network.call("4000", caller=caller, gives_up_after_s=120)
            await ask_for_help(office, call)
            await call.until_ended()
            await asyncio.sleep(60)
    agents = [one.member_id for one in office.of(CallRecord)]
    # By turns without the rule: a, b, a, b. Whoever called the second time meets the same agent.
    assert agents in (["anna", "bo", "bo", "anna"], ["bo", "anna", "anna", "bo"])
    assert len(anna.calls) == len(bo.calls) == 2


async def ask_for_help(office: Office, call: PhoneCall) -> None:
    """English, no customer number, help with a computer."""
    await call.until_answered()
    call.press("1")
    what = "For help with a computer or a telephone, press 1. For servers and networks, press 2."
    await call.until_hears(office.sounds.say(what, "en"))
    call.press("1")


async def test_a_specialist_helps_out_after_45_seconds(tmp_path: Path, sounds: SoundStore):
    async with helpdesk(tmp_path, sounds) as office:
        for member in ("anna", "bo"):
            await office.switch.pause_member(member, "lunch")
        clara = office.phone("clara", answers_after_s=2, hangs_up_after_s=10)
        call = office.network.call("4000", gives_up_after_s=300)
        await ask_for_help(office, call)
        asked_at = asyncio.get_running_loop().time()
        await clara.until_called()
        assert asyncio.get_running_loop().time() - asked_at == pytest.approx(45, abs=0.1)
        await call.until_answered()
        call.hang_up()
        await call.until_ended()


async def test_the_sixth_who_waits_goes_to_the_specialists(tmp_path: Path, sounds: SoundStore):
    async with helpdesk(tmp_path, sounds) as office:
        for member in ("anna", "bo"):
            await office.switch.pause_member(member, "lunch")
        clara = office.phone("clara", answers_after_s=1, hangs_up_after_s=20)
        calls = [office.network.call("4000", gives_up_after_s=200) for _ in range(6)]
        await asyncio.gather(*(ask_for_help(office, call) for call in calls))
        await asyncio.sleep(10)
        assert len(clara.calls) == 1
        waiting = office.switch.snapshot().engine.group("first").waiting
        assert len(waiting) == 5
        for call in calls:
            call.hang_up()
            await call.until_ended()


async def test_the_survey_after_the_call_is_tied_to_call_and_agent(
    tmp_path: Path, sounds: SoundStore
):
    async with helpdesk(tmp_path, sounds) as office:
        office.phone("anna", answers_after_s=1, hangs_up_after_s=30)
        office.phone("bo", answers_after_s=1, hangs_up_after_s=30)
        call = office.network.call("4000", caller=CITIZEN, gives_up_after_s=300)
        await ask_for_help(office, call)
        await keyed(
            office,
            call,
            (words("en", Guidance.SURVEY_INVITE_SEVERAL), "1"),
            ("How likely are you to recommend us, from 0 to 10?", "10"),
            ("How content are you with the help that you got, from 1 to 5?", "4"),
            lang="en",
        )
        await call.until_hears(sounds.beep())
        call.press("#")  # no comment
        await call.until_ended()
    [answered] = office.of(SurveyAnswered)
    [talk] = office.of(CallRecord)
    assert answered.answers == {"recommend": 10, "solved": 4}
    assert answered.comment is None
    assert (answered.survey, answered.group_id, answered.complete) == ("after", "first", True)
    assert (answered.call_id, answered.member_id) == (talk.call_id, talk.member_id)
    assert office.ways[0][-3:] == ("first in English", "survey", "goodbye")


def words(lang: str, of: Guidance) -> str:
    return languages.language(lang).messages[of]


# The shop, and the program that answers first.


async def test_the_shop_rings_both_phones_and_takes_a_message(tmp_path: Path, sounds: SoundStore):
    async with opened("shop", tmp_path, sounds, MONDAY) as office:
        counter, mobile = office.phone("counter"), office.phone("mobile")
        call = office.network.call("1000")
        await call.until_hears(sounds.beep())
        await asyncio.sleep(5)
        call.hang_up()
        await call.until_ended()
        await asyncio.sleep(1)
    assert [len(phone.rang) for phone in (counter, mobile)] == [3, 3]
    assert sounds.system(SystemMessage.LEAVE_MESSAGE, "en") in call.log.files()
    assert len(office.network.recordings) == 1


async def test_the_program_answers_and_the_agent_sees_what_it_learnt(
    tmp_path: Path, sounds: SoundStore, capsys: pytest.CaptureFixture[str]
):
    async with opened("bot", tmp_path, sounds, MONDAY) as office:
        office.switch.on_record(bot.show)
        anna = office.phone("anna", answers_after_s=2, hangs_up_after_s=10)
        call = office.network.call("1000", presses=[(2.0, "1002")])
        said = "Your order 1 0 0 2 is late, and should have been with you."
        await call.until_hears(sounds.say(said, "en"))
        await asyncio.sleep(duration_s(sounds.say(said, "en")) + 1)
        call.press("2")
        log = await call.until_ended()
    assert len(log.talked) == len(anna.calls) == 1
    assert capsys.readouterr().out.splitlines() == [
        "anna's screen: order 1002, is late, and should have been with you, wants: delivery"
    ]
    assert office.ways == [("bot", "late", "delivery")]


async def test_whom_the_program_could_help_waits_for_nobody(tmp_path: Path, sounds: SoundStore):
    async with opened("bot", tmp_path, sounds, MONDAY) as office:
        log = await office.network.call("1000", presses=[(1.0, "1001"), (9.0, "1")]).until_ended()
    assert office.ways == [("bot", "goodbye")]
    assert log.talked == office.of(CallRecord) == []
