"""An office with a web service on a real port, simulated phones, and a browser without scripts."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar

import attrs
import httpx

from softswitch.acd.records import Record
from softswitch.prompts import SoundStore
from softswitch.switch import Switch, parse_office
from softswitch.testing import SimulatedTelephony

R = TypeVar("R", bound=Record)

TOKEN = "a secret that programs know"  # noqa: S105 - of the test
ANNA = "sip:anna@phones.example"
CUSTOMER = "+4533111111"
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PATIENT_S = 20.0
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""To read those of the machine for every client would take longer than the rest of a test."""

OFFICE = """
[office]
name = "Fjordby & Søn"
language = "da"
timezone = "Europe/Copenhagen"
data_dir = "var"
{office}
[sip]
trunks = [{{ id = "provider", server = "192.0.2.1", register = false }}]
[members.anna]
address = "sip:anna@phones.example"
active = {active}
[groups.main]
number = "70102030"
members = ["anna"]
hours = "desk"
queue_cap = 3
call_back_key = "5"
{group}
[groups.english]
number = "70102031"
members = ["anna"]
language = "en"
[hours.desk]
week = [{{ days = "mon-fri", open = "09:00-15:00" }}]
[web]
port = 0
groups = {{ main = "Borgerservice", english = "English desk" }}
token = "a secret that programs know"
{web}
"""


@attrs.define
class Office:
    """A running switch with a web service.

    Attributes:
        url: where the service is.
    """

    switch: Switch
    network: SimulatedTelephony
    url: str
    records: list[Record] = attrs.field(factory=list)
    news: asyncio.Event = attrs.field(factory=asyncio.Event)

    def note(self, record: Record) -> None:
        self.records.append(record)
        self.news.set()

    async def record(self, kind: type[R], *, nth: int = 1) -> R:
        """The nth record of a kind; waits for it."""
        async with asyncio.timeout(PATIENT_S):
            while len(found := [r for r in self.records if isinstance(r, kind)]) < nth:
                self.news.clear()
                await self.news.wait()
        return found[nth - 1]

    def browser(self, **more: object) -> httpx.AsyncClient:
        """A browser that keeps cookies and goes where it is led."""
        settings = {"follow_redirects": True, "verify": NO_AUTHORITIES} | more
        return httpx.AsyncClient(base_url=self.url, **settings)

    def program(self) -> httpx.AsyncClient:
        """A program that knows the token."""
        known = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.AsyncClient(base_url=self.url, headers=known, verify=NO_AUTHORITIES)


def office_text(*, web: str = "", group: str = "", office: str = "", active: bool = False) -> str:
    """An office file with these lines added."""
    lines = {"web": web, "group": group, "office": office}
    return OFFICE.format(active=str(active).lower(), **lines)


@asynccontextmanager
async def running(
    folder: Path, store: SoundStore, text: str, at: datetime = MONDAY
) -> AsyncIterator[Office]:
    """Open an office at a time of day."""
    config = parse_office(text, base=folder)
    network = SimulatedTelephony()
    rng = random.Random(7)  # noqa: S311 - a run that repeats
    switch = Switch(config, network, rng=rng, sounds=store, opened=at)
    async with switch:
        host, port = switch.web_address
        office = Office(switch, network, f"http://{host}:{port}")
        switch.on_record(office.note)
        yield office


class Page(HTMLParser):
    """What a browser makes of a page: texts, links, and the fields of its form."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.described: dict[str, str] = {}
        self.labels: set[str] = set()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.action = self.method = self.lang = ""
        self.invalid: set[str] = set()
        self._words: list[str] = []
        self.feed(answer.text)
        self.close()

    def handle_starttag(self, tag: str, found: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in found}
        self.tags.append(tag)
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "html":
            self.lang = attributes["lang"]
        elif tag == "form":
            self.action, self.method = attributes["action"], attributes["method"]
        elif tag == "label":
            self.labels.add(attributes["for"])
        elif tag == "a":
            self.links.append(attributes["href"])
        elif tag == "input":
            self.fields[attributes["name"]] = attributes.get("value", "")
            self.described[attributes["name"]] = attributes.get("aria-describedby", "")
            if attributes.get("aria-invalid") == "true":
                self.invalid.add(attributes["name"])

    def handle_data(self, data: str) -> None:
        self._words.append(data.strip())

    @property
    def text(self) -> str:
        """What is read, in one line."""
        return " ".join(filter(None, self._words))


async def fill_in(
    browser: httpx.AsyncClient, group: str = "main", **fields: str
) -> tuple[httpx.Response, Page]:
    """Open the form of a group, fill it in and send it."""
    page = Page(await browser.get(f"/call-back/{group}"))
    answer = await browser.post(page.action, data=page.fields | fields)
    return answer, Page(answer)
