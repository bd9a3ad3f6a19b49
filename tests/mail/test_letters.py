"""Letters as they travel, and the folder that they wait in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import attrs
import pytest

from softswitch.mail import Letter, voicemail_letter, write
from softswitch.post import Outbox
from softswitch.voicemail import Message, MessageState

AT = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)
SENDER = "switch@example.org"


def letter(name: str = "one", **fields: object) -> Letter:
    usual = {"id": name, "to": ("a@example.org",), "subject": "Hello", "text": "Text\n"}
    return Letter(**(usual | fields))


def left(**fields: object) -> Message:
    usual = {
        "id": "20260302T080500-ab12",
        "box": "main",
        "state": MessageState.NEW,
        "received_at": AT,
        "file": "20260302T080500-ab12.wav",
        "caller": "+4533111111",
        "length_s": 83.4,
        "mail_to": ("a@example.org", "b@example.org"),
    }
    return Message(**(usual | fields))


def test_a_letter_says_who_when_and_how_long_in_the_language_of_the_call(tmp_path: Path):
    sound = tmp_path / "message.wav"
    sound.write_bytes(b"RIFF....WAVE")
    message = left(language="da", urgent=True, caller_name="Åse")
    mail = message_from_bytes(
        write(voicemail_letter(message, sound, box_name="Borgerservice"), SENDER, AT),
        policy=default,
    )
    assert mail["Subject"] == "Haster: Ny besked i Borgerservice fra Åse (+4533111111)"
    assert mail["From"] == SENDER
    assert mail["To"] == "a@example.org, b@example.org"
    assert mail["Date"].datetime == AT
    assert mail["Message-ID"] == "<voicemail-20260302T080500-ab12@example.org>"
    assert (mail["Importance"], mail["Auto-Submitted"]) == ("high", "auto-generated")
    text, attached = mail.get_body(("plain",)), [*mail.iter_attachments()]
    assert text is not None
    assert "Længde: 1:23" in text.get_content()
    assert [(a.get_filename(), a.get_content()) for a in attached] == [
        ("message.wav", b"RIFF....WAVE")
    ]
    assert attached[0].get_content_maintype() == "audio"


@pytest.mark.parametrize("language", ["da", "nb", "sv", "en"])
def test_every_language_has_every_word(language: str):
    made = voicemail_letter(left(language=language, caller=""), Path("x.wav"), box_name="Box")
    assert "{" not in made.subject + made.text
    assert "Box" in made.subject
    assert "2026-03-02 08:05" in made.text


def test_a_name_cannot_forge_a_header():
    message = left(caller_name="Eve\r\nBcc: victim@example.org\r\n\r\nbody")
    made = attrs.evolve(voicemail_letter(message, Path("x.wav"), box_name="a\nb"), attachments=())
    mail = message_from_bytes(write(made, SENDER, AT), policy=default)
    assert mail["Bcc"] is None
    assert mail["Subject"].strip() == (
        "New message in a b from Eve Bcc: victim@example.org body (+4533111111)"
    )


def test_what_was_posted_waits_through_restarts(tmp_path: Path):
    outbox = Outbox(tmp_path / "outbox")
    assert outbox.waiting() == ()
    second = outbox.post(letter("two"), SENDER, AT + timedelta(seconds=1))
    first = outbox.post(letter("one", to=("a@b", "c@d")), SENDER, AT)
    again = Outbox(tmp_path / "outbox")
    assert again.waiting() == (first, second)
    assert again.read(first) == write(letter("one", to=("a@b", "c@d")), SENDER, AT)
    partly = again.taken(first, ("c@d",))
    assert again.waiting() == (partly, second)
    assert partly is not None
    assert partly.to == ("c@d",)
    again.taken(partly)
    again.taken(second)
    assert list((tmp_path / "outbox").iterdir()) == []


def test_the_same_letter_posted_twice_is_one(tmp_path: Path):
    outbox = Outbox(tmp_path)
    outbox.post(letter(), SENDER, AT)
    outbox.post(letter(), SENDER, AT)
    assert len(outbox.waiting()) == 1


def test_a_letter_without_an_envelope_was_never_posted(tmp_path: Path):
    outbox = Outbox(tmp_path)
    posted = outbox.post(letter(), SENDER, AT)
    (tmp_path / "half.eml").write_bytes(b"half")
    (tmp_path / "broken.json").write_bytes(b"{")
    assert outbox.waiting() == (posted,)
    assert not (tmp_path / "half.eml").exists()


def test_what_is_given_up_is_put_aside(tmp_path: Path):
    outbox = Outbox(tmp_path)
    aside = outbox.give_up(outbox.post(letter(), SENDER, AT))
    assert outbox.waiting() == ()
    assert aside.read_bytes() == write(letter(), SENDER, AT)
