"""Messages: left after the tone, reviewed, kept, shown on phones, and heard by their owner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import attrs
import pytest
from office_builder import OPENED, Office, address
from service_desk import Desk, spoken

from softswitch.acd.model import Member
from softswitch.acd.records import Record
from softswitch.errors import MisuseError
from softswitch.prompts import messages as languages
from softswitch.prompts.guidance import Guidance
from softswitch.switch import MessageLeft
from softswitch.switch.call import Call
from softswitch.switch.service_tables import Person, VoicemailTable
from softswitch.testing.phones import PhoneCall
from softswitch.voicemail import BoxCounts, Message, MessageBox, MessageState

pytestmark = pytest.mark.virtual_time

PIN = "2718"
OWN_NUMBER = "1098"
PHRASES = languages.language("en").phrases


@asynccontextmanager
async def open_desk(office: Office, **voicemail: object) -> AsyncIterator[Desk]:
    """An office whose number 7 takes messages for the group, and 8 for Anna."""
    office.group("main", "1000", ("anna", "bo"))
    office.services = {
        "voicemail": VoicemailTable(number=OWN_NUMBER, **voicemail),
        "people": {"anna": Person(code="21")},
    }
    network, switch = office.open()
    for number, box in (("7", "main"), ("8", "anna")):

        @switch.flow(number)
        async def leave(call: Call, box: str = box) -> None:
            await call.leave_message(box)

    async with switch:
        await switch.voicemail.new_pin("anna", PIN)
        await switch.voicemail.new_pin("main", PIN)
        yield Desk(office, network, switch)


async def leave(
    desk: Desk, seconds: float, keys: str = "", *, number: str = "7", caller: str = "+4533111111"
) -> PhoneCall:
    """Leave a message by speaking so long and pressing a key, or by hanging up."""
    call = desk.network.call(number, caller=caller)
    call.says = spoken(desk.office.folder, seconds)
    await desk.until_beep(call)
    await asyncio.sleep(seconds)
    if keys:
        call.press(keys)
    else:
        call.hang_up()
    await call.until_ended()
    await asyncio.sleep(1)
    return call


def only(desk: Desk, box: str = "main") -> Message:
    (message,) = desk.switch.voicemail.messages(box)
    return message


# Leaving.


async def test_hanging_up_leaves_the_message(office: Office):
    async with open_desk(office) as desk:
        records: list[Record] = []
        desk.switch.on_record(records.append)
        await leave(desk, 5.0)
        message = only(desk)
        (record,) = [record for record in records if isinstance(record, MessageLeft)]
    assert message.length_s == pytest.approx(5.0, abs=0.05)
    assert (message.state, message.urgent) == (MessageState.NEW, False)
    assert (message.caller, message.box) == ("+4533111111", "main")
    assert message.received_at - OPENED < timedelta(seconds=20)
    assert (record.group_id, record.length_s) == ("main", message.length_s)
    assert record.path == office.folder / "var" / "voicemail" / "main" / message.file


async def test_a_key_ends_the_message_and_one_sends_it(office: Office):
    async with open_desk(office) as desk:
        call = await leave(desk, 4.0, "#1")
        assert only(desk).length_s == pytest.approx(4.0, abs=0.05)
    assert desk.heard(call, Guidance.VOICEMAIL_SENT)


async def test_silence_ends_the_message(office: Office):
    """Six seconds after the last word it is over, and what was said is kept."""
    async with open_desk(office, review=False) as desk:
        call = desk.network.call("7")
        call.says = spoken(office.folder, 3.0)
        await desk.until_beep(call)
        began_s = asyncio.get_running_loop().time()
        await call.until_hears(desk.file(Guidance.VOICEMAIL_SENT))
        ended_s = asyncio.get_running_loop().time()
        await call.until_ended()
        # The recording is looked at every half second.
        assert 3.0 + 6.0 <= ended_s - began_s <= 3.0 + 6.0 + 0.5 + 0.1
        assert only(desk).length_s == pytest.approx(ended_s - began_s, abs=0.1)


async def test_who_says_nothing_is_asked_again_and_leaves_nothing(office: Office):
    async with open_desk(office) as desk:
        call = desk.network.call("7")
        call.says = spoken(office.folder, 0.1)
        await call.until_ended()
        assert desk.switch.voicemail.messages("main") == ()
        folder = office.folder / "var" / "voicemail" / "main"
        assert list(folder.iterdir()) == []
    assert len(call.log.stretches(office.store.beep())) == 3


async def test_listen_record_again_mark_as_urgent_send(office: Office):
    async with open_desk(office) as desk:
        call = desk.network.call("7")
        call.says = spoken(office.folder, 2.0)
        await desk.until_beep(call)
        await asyncio.sleep(2.0)
        call.press("#")
        await desk.answer(call, Guidance.VOICEMAIL_REVIEW, "2")
        await asyncio.sleep(2.5)
        call.says = spoken(office.folder, 5.0)
        await desk.answer(call, Guidance.VOICEMAIL_REVIEW, "3")
        await desk.until_beep(call)
        await asyncio.sleep(5.0)
        call.press("#")
        await desk.answer(call, Guidance.VOICEMAIL_REVIEW, "4")
        await call.until_hears(desk.file(Guidance.VOICEMAIL_URGENT))
        await desk.answer(call, Guidance.VOICEMAIL_REVIEW, "1")
        await call.until_ended()
        message = only(desk)
        folder = office.folder / "var" / "voicemail" / "main"
        assert len(list(folder.iterdir())) == 2
    assert message.urgent
    assert message.length_s == pytest.approx(5.0, abs=0.05)
    listened = [h for h in call.log.heard if h.file is not None and h.file.parent == folder]
    assert [h.length_s for h in listened] == [pytest.approx(2.0, abs=0.05)]


async def test_hanging_up_in_the_second_recording_before_a_word_keeps_the_first(office: Office):
    async with open_desk(office) as desk:
        call = desk.network.call("7")
        call.says = spoken(office.folder, 2.0)
        await desk.until_beep(call)
        await asyncio.sleep(2.0)
        call.press("#")
        call.says = None
        await desk.answer(call, Guidance.VOICEMAIL_REVIEW, "3")
        await desk.until_beep(call)
        call.hang_up()
        await asyncio.sleep(1)
        assert only(desk).length_s == pytest.approx(2.0, abs=0.05)


async def test_a_deleted_message_is_gone(office: Office):
    async with open_desk(office) as desk:
        call = await leave(desk, 2.0, "#*")
        assert desk.switch.voicemail.messages("main") == ()
        folder = office.folder / "var" / "voicemail" / "main"
        assert list(folder.iterdir()) == []
    assert desk.heard(call, Guidance.VOICEMAIL_DELETED)
    assert not desk.heard(call, Guidance.VOICEMAIL_SENT)


async def test_a_full_box_takes_no_more(office: Office):
    async with open_desk(office, messages_max=1) as desk:
        await leave(desk, 2.0)
        call = desk.network.call("7")
        log = await call.until_ended()
        assert len(desk.switch.voicemail.messages("main")) == 1
    assert log.files() == [desk.file(Guidance.VOICEMAIL_FULL)]


async def test_a_person_has_a_box_too(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 2.0, number="8")
        assert only(desk, "anna").box == "anna"
        assert desk.switch.voicemail.messages("main") == ()
        with pytest.raises(MisuseError, match="nobody"):
            desk.switch.voicemail.messages("nobody")


async def test_messages_are_there_after_a_restart(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 2.0)
        before = only(desk)
        await desk.switch.voicemail.mark(before, MessageState.HEARD)
    _, again = office.open()
    async with again:
        (after,) = again.voicemail.messages("main")
    assert (after.id, after.state) == (before.id, MessageState.HEARD)
    assert (after.received_at, after.length_s) == (before.received_at, before.length_s)


async def test_a_message_that_was_cut_short_is_finished_and_recorded(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 3.0)
        message = only(desk)
    speaking = attrs.evolve(message, state=MessageState.SPEAKING, length_s=0.0)
    MessageBox(office.folder / "var" / "voicemail" / "main").store(speaking)
    network, again = office.open()
    records: list[Record] = []
    again.on_record(records.append)
    async with again:
        assert only(Desk(office, network, again)) == message
    (left,) = [record for record in records if isinstance(record, MessageLeft)]
    assert (left.call_id, left.length_s) == (message.call_id, pytest.approx(3.0, abs=0.05))


async def test_a_box_of_another_office_is_read_when_it_comes_into_force(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 2.0)
        elsewhere = attrs.evolve(only(desk), box="other")
        MessageBox(office.folder / "var" / "voicemail" / "other").store(elsewhere)
        office.group("other", "3000", ("anna",))
        await desk.switch.apply(await desk.switch.plan(office.config()))
        await asyncio.sleep(1)
        assert only(desk, "other").id == elsewhere.id


async def test_the_own_greeting_of_a_group_is_heard(office: Office, wav):
    office.group("own", "2000", ("anna",), voicemail_greeting=wav("leave a message, please", 3))
    async with open_desk(office) as desk:

        @desk.switch.flow("9")
        async def leave_own(call: Call) -> None:
            await call.leave_message("own")

        call = desk.network.call("9", gives_up_after_s=10)
        log = await call.until_ended()
    assert log.heard[0].length_s == pytest.approx(3.0)
    assert log.heard[1].file == office.store.beep()


# Lamps (RFC 3842).


async def test_phones_show_what_waits_for_their_members(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 2.0)
        await leave(desk, 2.0, number="8")
        message = only(desk, "anna")
        await desk.switch.voicemail.mark(message, MessageState.HEARD)
        await desk.switch.voicemail.remove(only(desk))
        told = [(n.target, n.body) for n in desk.network.notices]
    assert {n.event for n in desk.network.notices} == {"message-summary"}
    anna, bo = address("anna"), address("bo")
    waiting = "Messages-Waiting: yes\r\nVoice-Message: {} (0/0)\r\n"
    nothing = "Messages-Waiting: no\r\nVoice-Message: {} (0/0)\r\n"
    assert told == [
        (anna, waiting.format("1/0")),
        (bo, waiting.format("1/0")),
        (anna, waiting.format("2/0")),
        (anna, waiting.format("1/1")),
        (anna, nothing.format("0/1")),
        (bo, nothing.format("0/0")),
    ]


async def test_a_restart_lights_the_lamp_again(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 2.0, number="8")
    network, again = office.open()
    async with again:
        assert [(n.target, n.at_s) for n in network.notices] == [
            (address("anna"), again_s(network))
        ]


def again_s(network) -> float:
    return network.notices[0].at_s


# Hearing.


async def enter(desk: Desk, caller: str, keys: str = f"{PIN}#") -> PhoneCall:
    """Call the number of one's own messages."""
    call = desk.network.call(OWN_NUMBER, caller=caller)
    await desk.answer(call, Guidance.PIN_ENTER, keys)
    return call


async def test_a_member_hears_new_messages_with_time_and_number(office: Office):
    office.members["anna"] = Member(id="anna", address="sip:21@caller.example")
    async with open_desk(office) as desk:
        await leave(desk, 2.0, number="8", caller="+4533111111")
        message = only(desk, "anna")
        call = await enter(desk, "21")
        await call.until_hears(desk.file(PHRASES.new_messages(1)))
        now = desk.switch.time_of(desk.switch.snapshot().now)
        told = PHRASES.message_received(message.received_at, now, "+4533111111")
        await call.until_hears(desk.file(told))
        await call.until_hears(desk.switch.voicemail.sound(message))
        await desk.answer(call, Guidance.VOICEMAIL_MENU, "2")
        await call.until_ended()
        assert only(desk, "anna").state is MessageState.HEARD
        assert desk.switch.voicemail.counts("anna") == BoxCounts(old=1)
    assert desk.heard(call, Guidance.VOICEMAIL_SAVED)
    assert desk.heard(call, Guidance.VOICEMAIL_LAST)


async def test_urgent_first_then_again_next_delete(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 2.0)
        await leave(desk, 3.0, "#41")
        usual, urgent = sorted(desk.switch.voicemail.messages("main"), key=lambda m: m.urgent)
        call = desk.network.call(OWN_NUMBER, caller="+4599999999")
        await desk.answer(call, Guidance.VOICEMAIL_NUMBER, "1000#")
        await desk.answer(call, Guidance.PIN_ENTER, f"{PIN}#")
        await call.until_hears(desk.file(Guidance.VOICEMAIL_IS_URGENT))
        await desk.answer(call, Guidance.VOICEMAIL_MENU, "1")
        await call.until_hears(desk.switch.voicemail.sound(urgent))
        await desk.answer(call, Guidance.VOICEMAIL_MENU, "4")
        await call.until_hears(desk.switch.voicemail.sound(usual))
        await desk.answer(call, Guidance.VOICEMAIL_MENU, "3")
        await call.until_ended()
        (left,) = desk.switch.voicemail.messages("main")
        played = [h.file for h in call.log.heard]
        sound = desk.switch.voicemail.sound
        assert played.count(sound(urgent)) == 2
        assert played.count(sound(usual)) == 1
    assert (left.id, left.state) == (urgent.id, MessageState.NEW)


async def test_old_messages_follow_the_new_ones(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 2.0)
        await desk.switch.voicemail.mark(only(desk), MessageState.HEARD)
        call = desk.network.call(OWN_NUMBER, caller="+4599999999")
        await desk.answer(call, Guidance.VOICEMAIL_NUMBER, "1000#")
        await desk.answer(call, Guidance.PIN_ENTER, f"{PIN}#")
        await call.until_hears(desk.file(PHRASES.new_messages(0)))
        await call.until_hears(desk.file(Guidance.VOICEMAIL_OLD))
        await call.until_hears(desk.switch.voicemail.sound(only(desk)))
        call.hang_up()


async def test_hanging_up_while_a_message_plays_leaves_it_new(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 5.0)
        call = desk.network.call(OWN_NUMBER, caller="+4599999999")
        await desk.answer(call, Guidance.VOICEMAIL_NUMBER, "1000#")
        await desk.answer(call, Guidance.PIN_ENTER, f"{PIN}#")
        await call.until_hears(desk.switch.voicemail.sound(only(desk)))
        call.hang_up()
        await asyncio.sleep(1)
        assert only(desk).state is MessageState.NEW


async def test_leaving_before_a_message_was_played_leaves_it_new(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 5.0)
        call = desk.network.call(OWN_NUMBER, caller="+4599999999")
        await desk.answer(call, Guidance.VOICEMAIL_NUMBER, "1000#")
        await desk.answer(call, Guidance.PIN_ENTER, f"{PIN}#")
        await desk.answer(call, PHRASES.new_messages(1), "*")
        await call.until_ended()
        assert desk.switch.voicemail.sound(only(desk)) not in [h.file for h in call.log.heard]
        assert only(desk).state is MessageState.NEW


async def test_the_person_who_left_a_message_is_called(office: Office):
    async with open_desk(office) as desk:
        friend = desk.network.phone("sip:friend@x.example", answers_after_s=1, hangs_up_after_s=9)
        await leave(desk, 2.0, caller="sip:friend@x.example")
        call = desk.network.call(OWN_NUMBER, caller="+4599999999")
        await desk.answer(call, Guidance.VOICEMAIL_NUMBER, "1000#")
        await desk.answer(call, Guidance.PIN_ENTER, f"{PIN}#")
        await desk.answer(call, Guidance.VOICEMAIL_MENU, "5")
        await friend.until_called()
        await call.until_ended()
        assert only(desk).state is MessageState.HEARD
    assert [talk.other for talk in call.log.talked] == ["sip:friend@x.example"]
    assert desk.heard(call, Guidance.VOICEMAIL_LAST)


async def test_a_wrong_pin_opens_nothing_and_locks(office: Office):
    async with open_desk(office) as desk:
        await leave(desk, 2.0)
        call = desk.network.call(OWN_NUMBER, caller="+4599999999")
        await desk.answer(call, Guidance.VOICEMAIL_NUMBER, "1000#")
        for _ in range(3):
            await desk.answer(call, Guidance.PIN_ENTER, "0000#")
            await call.until_hears(desk.file(Guidance.PIN_WRONG))
        await call.until_ended()
        assert call.log.heard[-1].file == desk.file(Guidance.PIN_LOCKED)
        again = desk.network.call(OWN_NUMBER, caller="+4599999998")
        await desk.answer(again, Guidance.VOICEMAIL_NUMBER, "1000#")
        await desk.answer(again, Guidance.PIN_ENTER, f"{PIN}#")
        await again.until_ended()
    assert again.log.heard[-1].file == desk.file(Guidance.PIN_LOCKED)
    assert not desk.heard(again, PHRASES.new_messages(1))


async def test_an_unknown_box_is_asked_for_again(office: Office):
    async with open_desk(office) as desk:
        call = desk.network.call(OWN_NUMBER, caller="+4599999999")
        for _ in range(3):
            await desk.answer(call, Guidance.VOICEMAIL_NUMBER, "4711#")
            await call.until_hears(desk.file(Guidance.NUMBER_WRONG))
        log = await call.until_ended()
    assert not log.stretches(desk.file(Guidance.PIN_ENTER))
