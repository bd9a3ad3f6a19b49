"""Nobody can use the page to have numbers rung, to read what is not theirs, or to hold up calls."""

from __future__ import annotations

import asyncio
import json
import re
import stat
from pathlib import Path

import httpx
import pytest
from web_office import CUSTOMER, Office, Page, fill_in, office_text, running

from softswitch.prompts import SoundStore
from softswitch.switch.call_back_order import KEY_BYTES
from softswitch.web import doors

pytestmark = pytest.mark.asyncio

LONG_BODY = b"\r\n".join(
    (
        b"POST /call-back/main HTTP/1.1",
        b"Host: x",
        b"Content-Length: 99999",
        b"Content-Type: application/x-www-form-urlencoded",
        b"",
        b"a" * 20_000,
    )
)
SCRIPT = '"><script>alert(1)</script>'


async def raw(office: Office, request: bytes, *, end: bool = False) -> bytes:
    """Send bytes, and return what comes until the other side closes."""
    url = httpx.URL(office.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(request)
    if end:
        writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_what_was_written_comes_back_as_text(tmp_path: Path, store: SoundStore):
    text = office_text().replace("Fjordby & Søn", "<b>Fjordby</b>")
    async with running(tmp_path, store, text) as office, office.browser() as browser:
        sent = {"number": SCRIPT, "name": SCRIPT, "time": SCRIPT}
        answer, page = await fill_in(browser, **sent)
    assert "<script" not in answer.text
    assert "<b>" not in answer.text
    assert {name: page.fields[name] for name in sent} == sent


async def test_a_page_may_load_nothing_and_stand_in_no_other(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        answers = [await browser.get(path) for path in ("/call-back/main", "/nowhere", "/api/x")]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "aiohttp" not in answer.headers["Server"].lower()
    cookie = answers[0].headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite" in cookie


async def test_links_cannot_be_guessed(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        first = await office.switch.order_call_back("main", CUSTOMER)
        second = await office.switch.order_call_back("english", CUSTOMER)
        for tried in (first.id, first.call_id, first.key[:-1], first.key.swapcase()):
            assert (await browser.get(f"/call-back/order/{tried}")).status_code == 404
        assert (await browser.get(f"/call-back/order/{first.key}")).status_code == 200
    assert KEY_BYTES * 8 >= 128
    assert len({first.key, second.key}) == 2
    assert first.key not in repr(first)
    journal = (tmp_path / "var" / "journal.jsonl").read_text()
    assert first.key not in journal
    assert stat.S_IMODE((tmp_path / "var" / "call-backs.json").stat().st_mode) == 0o600


async def test_a_form_from_elsewhere_is_not_taken(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office:
        async with office.browser() as browser:
            page = Page(await browser.get("/call-back/main"))
            filled = page.fields | {"number": CUSTOMER}
            tries = [
                await browser.post(page.action, data=filled, headers=headers)
                for headers in (
                    {"Origin": "https://evil.example"},
                    {"Origin": "null"},
                    {"Sec-Fetch-Site": "cross-site"},
                )
            ]
            tries.append(await browser.post(page.action, data={"number": CUSTOMER}))
            tries.append(await browser.post("/call-back/english", data=filled))
        async with office.browser() as without_cookie:
            tries.append(await without_cookie.post(page.action, data=filled))
        assert [answer.status_code for answer in tries] == [403] * 6
        assert list(office.switch.call_backs) == []
        assert Page(tries[-1]).fields["number"] == CUSTOMER


async def test_a_link_alone_withdraws_nothing(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        order = await office.switch.order_call_back("main", CUSTOMER)
        path = f"/call-back/order/{order.key}"
        assert (await browser.post(path, data={"form": "0-0"})).status_code == 403
        assert (await browser.delete(path)).status_code == 405
        assert [one.id for one in office.switch.call_backs] == [order.id]


async def test_a_number_is_rung_only_so_often_a_day(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office:
        statuses = []
        for _ in range(4):
            async with office.browser() as browser:  # each time as another visitor
                answer, page = await fill_in(browser, number=CUSTOMER)
                statuses.append(answer.status_code)
                if answer.status_code == 200:
                    await browser.post(page.action, data=page.fields)
        async with office.program() as program:
            order = {"group": "main", "number": CUSTOMER}
            by_program = await program.post("/api/call-backs", json=order)
    assert statuses == [200, 200, 200, 429]
    assert int(answer.headers["Retry-After"]) > 80_000
    assert "Der er bedt om mange opkald til det nummer." in page.text
    assert (by_program.status_code, by_program.json()["code"]) == (429, "number_often")


async def test_a_client_orders_only_so_often_an_hour(tmp_path: Path, store: SoundStore):
    text = office_text(web="per_client_per_hour = 2\nopen_orders_max = 3")
    async with running(tmp_path, store, text) as office, office.browser() as browser:
        answers = [(await fill_in(browser, number=f"+453311112{n}"))[0] for n in range(3)]
        await office.switch.order_call_back("english", "+4533111128")
        async with office.program() as program:
            order = {"group": "english", "number": "+4533111129"}
            full = await program.post("/api/call-backs", json=order)
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 3000 < int(answers[2].headers["Retry-After"]) <= 3600
    assert full.status_code == 503


async def test_requests_are_limited_by_client_and_a_proxy_names_them(
    tmp_path: Path, store: SoundStore
):
    text = office_text(web='requests_per_minute = 3\nproxies = ["127.0.0.1"]')
    async with running(tmp_path, store, text) as office, office.browser() as browser:

        async def status(forwarded: str) -> int:
            headers = {"X-Forwarded-For": forwarded}
            return (await browser.get("/call-back", headers=headers)).status_code

        one = [await status("198.51.100.7") for _ in range(4)]
        forged = await status("203.0.113.1, 198.51.100.7")
        other = await status("198.51.100.8")
        network = [await status(f"2001:db8::{n}") for n in range(4)]
    assert one == [200, 200, 200, 429]
    assert (forged, other) == (429, 200)
    assert network == [200, 200, 200, 429]


async def test_the_header_of_nobody_trusted_counts_for_nothing(tmp_path: Path, store: SoundStore):
    text = office_text(web="requests_per_minute = 3")
    async with running(tmp_path, store, text) as office, office.browser() as browser:
        statuses = [
            (await browser.get("/call-back", headers={"X-Forwarded-For": f"198.51.100.{n}"}))
            for n in range(4)
        ]
    assert [answer.status_code for answer in statuses] == [200, 200, 200, 429]
    assert int(statuses[3].headers["Retry-After"]) <= 60


OUT_OF_SHAPE = (
    (b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 9000 + b"\r\n\r\n", b"400"),
    (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", b"400"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", b"400"),
    (b"\x16\x03\x01\x02\x00\x01\x00", b"400"),
    (LONG_BODY, b"413"),
)


async def test_requests_out_of_shape_or_size(
    tmp_path: Path, store: SoundStore, caplog: pytest.LogCaptureFixture
):
    async with running(tmp_path, store, office_text()) as office:
        for request, status in OUT_OF_SHAPE:
            answer = await raw(office, request)
            assert answer == b"" or answer.split()[1] == status, request[:40]
        async with office.browser() as browser:
            assert (await browser.get("/call-back")).status_code == 200
    told = [r for r in caplog.records if r.name.startswith(("softswitch.web", "aiohttp"))]
    assert not [r for r in told if r.levelname in ("WARNING", "ERROR")], "anybody fills the log"


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET /call-back HTTP/1.1\r\nHost: x\r\nX-Slow",
        LONG_BODY[:130],
    ],
)
async def test_who_sends_too_slowly_is_cut_off(
    tmp_path: Path, store: SoundStore, monkeypatch: pytest.MonkeyPatch, beginning: bytes
):
    monkeypatch.setattr(doors, "PATIENCE_S", 0.3)
    async with running(tmp_path, store, office_text()) as office:
        assert await raw(office, beginning) == b""


async def test_connections_are_limited_for_each_client(
    tmp_path: Path, store: SoundStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(doors, "PER_CLIENT_MAX", 3)
    async with running(tmp_path, store, office_text()) as office:
        url = httpx.URL(office.url)
        held = [await asyncio.open_connection(url.host, url.port) for _ in range(3)]
        refused = await raw(office, b"GET /call-back HTTP/1.1\r\nHost: x\r\n\r\n")
        for _, writer in held:
            writer.close()
            await writer.wait_closed()
    assert refused == b"" or (refused.startswith(b"HTTP/1.1 503") and b"Retry-After" in refused)


async def test_while_the_switch_drains_nothing_is_ordered(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        caller = office.network.call("70102031")
        await asyncio.wait_for(caller.until_answered(), 20)
        draining = asyncio.create_task(office.switch.drain(20))
        await asyncio.sleep(0)
        answer, page = await fill_in(browser, number=CUSTOMER)
        caller.hang_up()
        await draining
    assert answer.status_code == 503
    assert "Vi genstarter." in page.text


async def test_it_stops_with_the_switch(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        assert (await browser.get("/call-back")).status_code == 200
    async with office.browser() as browser:
        with pytest.raises(httpx.ConnectError):
            await browser.get("/call-back")


async def test_logs_and_journal_do_not_tell_who_ordered(
    tmp_path: Path, store: SoundStore, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        answer, _ = await fill_in(browser, number=CUSTOMER, name="Fru Holm")
    ours = [r for r in caplog.records if r.name.startswith(("softswitch", "aiohttp"))]
    said = "\n".join(record.getMessage() for record in ours)
    key = answer.url.path.rpartition("/")[2]
    assert re.search(r"\*+11 is to be called for main", said)
    for secret in (CUSTOMER, "Fru Holm", key):
        assert secret not in said
    lines = (tmp_path / "var" / "journal.jsonl").read_text().splitlines()
    (ordered,) = [r for r in map(json.loads, lines) if r["record"] == "CallBackOrdered"]
    assert ordered["origin"] == "web"
    assert "name" not in ordered
