"""Handing in to a real mail server."""

from __future__ import annotations

import asyncio

import pytest
from mail_server import MailBag, mail_server

from softswitch.mail import Delivered, MailServer, deliver
from softswitch.testing.peers.ports import free_port

pytestmark = pytest.mark.asyncio

LETTER = b"From: s@example.org\r\nTo: a@example.org\r\nSubject: =?utf-8?b?w7g=?=\r\n\r\nText\r\n"
TO = ("a@example.org", "b@example.org")


def at(bag: MailBag, **settings: str) -> MailServer:
    return MailServer(host="127.0.0.1", port=bag.port, **({"tls": "none"} | settings))


async def test_a_letter_is_taken():
    async with mail_server() as bag:
        assert await deliver(at(bag), LETTER, "s@example.org", TO) == Delivered()
    [(to, mail)] = bag.letters
    assert (tuple(to), mail["Subject"]) == (TO, "ø")


async def test_who_is_refused_is_told_apart():
    async with mail_server() as bag:
        bag.refusals["b@example.org"] = "550 5.1.1 no such user"
        done = await deliver(at(bag), LETTER, "s@example.org", TO)
    assert (done.still, done.for_good) == (("b@example.org",), True)
    assert [to for to, _ in bag.letters] == [["a@example.org"]]


async def test_all_refused_for_now():
    async with mail_server() as bag:
        bag.refusals = dict.fromkeys(TO, "450 4.2.1 later")
        done = await deliver(at(bag), LETTER, "s@example.org", TO)
    assert (done.still, done.for_good, bag.letters) == (TO, False, [])
    assert "450" in done.why


async def test_a_letter_refused_for_what_it_holds():
    async with mail_server() as bag:
        bag.answers = ["554 5.6.0 no"]
        done = await deliver(at(bag), LETTER, "s@example.org", TO)
    assert (done.still, done.for_good) == (TO, True)


async def test_nobody_listens():
    server = MailServer(host="127.0.0.1", port=free_port(), tls="none")
    done = await deliver(server, LETTER, "s@example.org", TO)
    assert (done.still, done.for_good) == (TO, False)
    assert done.why


async def test_a_server_without_encryption_gets_nothing_where_it_is_wanted():
    async with mail_server() as bag:
        done = await deliver(at(bag, tls="starttls", password="p"), LETTER, "s@example.org", TO)  # noqa: S106
    assert (done.still, bag.letters) == (TO, [])


async def test_a_server_that_breaks_off_is_tried_again():
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await writer.drain()
        writer.close()

    port = free_port()
    server = await asyncio.start_server(hang_up, "127.0.0.1", port)
    async with server:
        done = await deliver(
            MailServer(host="127.0.0.1", port=port, tls="none"), LETTER, "s@example.org", TO
        )
    assert (done.still, done.for_good) == (TO, False)
