"""Handing in to a real mail server."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import attrs
import pytest
from mail_server import MailBag, mail_server

from softswitch.mail import MailServer, deliver
from softswitch.post import Delivered
from softswitch.testing.peers.certificates import make_certificates
from softswitch.testing.peers.ports import free_port

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning"),  # it cannot see the outer TLS
    pytest.mark.filterwarnings("ignore:Session.login_data:DeprecationWarning"),
]

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


ACCOUNT = {"user": "switch", "password": "a secret"}


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """What a mail server encrypts by, and the authority that vouches for it."""
    made = make_certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    return context, made.authority


@pytest.mark.parametrize("kind", ["starttls", "tls"])
async def test_a_letter_travels_encrypted_and_by_log_in(
    tls: tuple[ssl.SSLContext, Path], kind: str, monkeypatch: pytest.MonkeyPatch
):
    context, authority = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    async with mail_server(tls=context, at_once=kind == "tls") as bag:
        server = at(bag, tls=kind, **ACCOUNT)
        assert await deliver(server, LETTER, "s@example.org", TO) == Delivered()
        wrong = attrs.evolve(server, password="another")  # noqa: S106
        refused = await deliver(wrong, LETTER, "s@example.org", TO)
    assert len(bag.letters) == 1
    assert (refused.still, refused.for_good) == (TO, True)
    assert "535" in refused.why


@pytest.mark.parametrize("kind", ["starttls", "tls"])
async def test_a_server_that_nobody_vouches_for_gets_nothing(
    tls: tuple[ssl.SSLContext, Path], kind: str
):
    async with mail_server(tls=tls[0], at_once=kind == "tls") as bag:
        done = await deliver(at(bag, tls=kind, **ACCOUNT), LETTER, "s@example.org", TO)
    assert (done.still, done.for_good, bag.letters) == (TO, False, [])
    assert "certificate" in done.why.lower()


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
