"""Nothing is lost when the mail server is away: tried again ever later, by a clock that jumps."""

from __future__ import annotations

import asyncio
import errno
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softswitch.errors import MisuseError
from softswitch.mail import Letter, MailServer
from softswitch.post import Delivered, Envelope, Outbox
from softswitch.switch.post_office import PostOffice

pytestmark = pytest.mark.virtual_time

BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SERVER = MailServer(host="mail.example")


def now_s() -> float:
    return asyncio.get_running_loop().time()


class Server:
    """Takes letters from a time on, and notes when it was asked."""

    def __init__(self, from_s: float = 0.0, answer: Delivered | None = None) -> None:
        self.from_s = from_s
        self.answer = answer
        self.tries: list[float] = []
        self.taken: list[bytes] = []

    async def take(self, _server: MailServer, letter: bytes, envelope: Envelope) -> Delivered:
        self.tries.append(now_s())
        if now_s() < self.from_s:
            return self.answer or Delivered(still=envelope.to, why="away")
        self.taken.append(letter)
        return Delivered()


@asynccontextmanager
async def post_office(
    folder: Path, server: Server, outbox: Outbox | None = None
) -> AsyncIterator[PostOffice[MailServer]]:
    office = PostOffice(
        outbox or Outbox(folder),
        lambda: BEGAN + timedelta(seconds=now_s()),
        handing_in=server.take,
    )
    office.use(SERVER, "switch@example.org")
    await office.open()
    try:
        yield office
    finally:
        await office.close()


def letter(name: str = "one") -> Letter:
    return Letter(id=name, to=("a@example.org", "b@example.org"), subject="S", text="T\n")


async def test_a_letter_leaves_at_once(tmp_path: Path):
    server = Server()
    async with post_office(tmp_path, server) as office:
        await office.post(letter())
        await asyncio.sleep(0.01)
        assert office.waiting == ()
    assert server.tries == [0.0]
    assert b"Message-ID: <one@example.org>" in server.taken[0]
    assert Outbox(tmp_path).waiting() == ()


async def test_waits_double_up_to_an_hour(tmp_path: Path):
    server = Server(from_s=4 * 3600)
    async with post_office(tmp_path, server) as office:
        await office.post(letter())
        await asyncio.sleep(6 * 3600)
        assert office.waiting == ()
    waits = [
        later - earlier for earlier, later in zip(server.tries, server.tries[1:], strict=False)
    ]
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert len(server.taken) == 1


async def test_it_is_sent_after_a_restart(tmp_path: Path):
    async with post_office(tmp_path, Server(from_s=math.inf)) as office:
        await office.post(letter())
        await asyncio.sleep(1)
    server = Server()
    async with post_office(tmp_path, server) as office:
        await asyncio.sleep(0.01)
        assert office.waiting == ()
    assert len(server.taken) == 1


async def test_who_has_taken_it_is_not_asked_again(tmp_path: Path):
    server = Server(from_s=10, answer=Delivered(still=("b@example.org",), why="450"))
    async with post_office(tmp_path, server) as office:
        await office.post(letter())
        await asyncio.sleep(1)
        assert [envelope.to for envelope in office.waiting] == [("b@example.org",)]
        assert [envelope.to for envelope in Outbox(tmp_path).waiting()] == [("b@example.org",)]
        await asyncio.sleep(60)
        assert office.waiting == ()


async def test_a_refusal_for_good_is_tried_hourly_and_given_up_after_five_days(tmp_path: Path):
    to = letter().to
    server = Server(from_s=math.inf, answer=Delivered(still=to, why="550", for_good=True))
    async with post_office(tmp_path, server) as office:
        await office.post(letter())
        await asyncio.sleep(5 * 86_400 - 10)
        assert len(office.waiting) == 1
        await asyncio.sleep(3600)
        assert office.waiting == ()
    assert server.tries == [3600.0 * hour for hour in range(5 * 24 + 1)]
    assert [path.name for path in (tmp_path / "undelivered").glob("*.eml")] == ["one.eml"]


async def test_one_letter_does_not_hold_up_another(tmp_path: Path):
    server = Server(from_s=45)
    async with post_office(tmp_path, server) as office:
        await office.post(letter("one"))
        await asyncio.sleep(50)
        await office.post(letter("two"))
        await asyncio.sleep(1)
        assert [envelope.id for envelope in office.waiting] == ["one"]
        await asyncio.sleep(60)
        assert office.waiting == ()


async def test_what_goes_wrong_with_one_letter_holds_up_no_other(tmp_path: Path):
    class Puzzled(Server):
        async def take(self, _server: MailServer, letter: bytes, envelope: Envelope) -> Delivered:
            if envelope.id == "one" and not self.tries:
                self.tries.append(now_s())
                raise RuntimeError("nobody thought of this")
            return await super().take(_server, letter, envelope)

    server = Puzzled()
    async with post_office(tmp_path, server) as office:
        await office.post(letter("one"))
        await office.post(letter("two"))
        await asyncio.sleep(1)
        assert [envelope.id for envelope in office.waiting] == ["one"]
        await asyncio.sleep(3600)
        assert office.waiting == ()
    assert server.tries == [0.0, 0.0, 3600.0]


async def test_what_was_taken_is_not_sent_again_while_the_disk_cannot_be_told(tmp_path: Path):
    class ReadOnly(Outbox):
        until_s = 5000.0

        def taken(self, envelope: Envelope, still: tuple[str, ...] = ()) -> Envelope | None:
            if clock() < self.until_s:
                raise OSError(errno.EROFS, "Read-only file system")
            return super().taken(envelope, still)

    clock = asyncio.get_running_loop().time
    server = Server()
    async with post_office(tmp_path, server, ReadOnly(tmp_path)) as office:
        await office.post(letter())
        await asyncio.sleep(4000)
        assert [envelope.id for envelope in office.waiting] == ["one"]
        await asyncio.sleep(4000)
        assert office.waiting == ()
    assert server.tries == [0.0]
    assert Outbox(tmp_path).waiting() == ()


async def test_a_letter_that_was_being_given_up_is_not_taken_up_again(tmp_path: Path):
    outbox = Outbox(tmp_path)
    outbox.post(letter(), "switch@example.org", BEGAN)
    aside = tmp_path / "undelivered"
    aside.mkdir()
    (tmp_path / "one.eml").rename(aside / "one.eml")  # killed here
    assert outbox.waiting() == ()
    assert {path.name for path in aside.iterdir()} == {"one.eml", "one.json"}


async def test_without_a_server_nothing_is_posted(tmp_path: Path):
    async with post_office(tmp_path, Server()) as office:
        office.use(None, "")
        with pytest.raises(MisuseError, match="mail"):
            await office.post(letter())
        assert not office.can_send


async def test_what_nothing_can_help_is_put_aside_at_once(tmp_path: Path):
    refused = Delivered(still=letter().to, why="not so", hopeless=True)
    server = Server(from_s=math.inf, answer=refused)
    async with post_office(tmp_path, server) as office:
        await office.post(letter())
        await asyncio.sleep(1)
        assert office.waiting == ()
    assert server.tries == [0.0]
    assert {path.name for path in (tmp_path / "undelivered").iterdir()} == {"one.eml", "one.json"}


async def test_a_server_that_asks_for_patience_is_waited_for(tmp_path: Path):
    busy = Delivered(still=letter().to, why="later", wait_s=100.0)
    server = Server(from_s=50, answer=busy)
    async with post_office(tmp_path, server) as office:
        await office.post(letter())
        await asyncio.sleep(200)
    assert server.tries == [0.0, 100.0]


async def test_letters_are_kept_as_long_as_is_said(tmp_path: Path):
    server = Server(from_s=math.inf)
    async with post_office(tmp_path, server) as office:
        office.use(SERVER, "switch@example.org", timedelta(minutes=10))
        await office.post(letter())
        await asyncio.sleep(3600)
        assert office.waiting == ()
    assert server.tries == [0, 30, 90, 210, 450, 930]  # the last one after ten minutes


async def test_closing_waits_for_a_letter_that_is_being_taken(tmp_path: Path):
    class Slow(Server):
        async def take(self, _server: MailServer, letter: bytes, envelope: Envelope) -> Delivered:
            await asyncio.sleep(2)
            return await super().take(_server, letter, envelope)

    server = Slow()
    async with post_office(tmp_path, server) as office:
        await office.post(letter())
        await asyncio.sleep(1)
    assert len(server.taken) == 1
    assert Outbox(tmp_path).waiting() == ()
