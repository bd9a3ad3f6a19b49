"""Look-ups over HTTP, against the standard library's server on loopback."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest

from softswitch.errors import ConfigurationError, MisuseError, PeerError
from softswitch.ivr.answers import fitted, within
from softswitch.ivr.checks import check
from softswitch.ivr.loading import parse_flow
from softswitch.ivr.model import Flow, Source
from softswitch.ivr.nodes import HangUp, LookUp
from softswitch.ivr.writing import flow_text
from softswitch.switch.look_ups import LookUps


@attrs.define
class Service:
    """A web service that answers as it is told, and remembers what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    kind: str = "application/json"
    asked: list[tuple[str, str, Mapping[str, str], bytes]] = attrs.field(factory=list)
    held: threading.Event = attrs.field(factory=threading.Event)


@pytest.fixture
def service() -> Iterator[Service]:
    told = Service()
    told.held.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append((self.command, self.path, headers, self.rfile.read(length)))
            told.held.wait(20)
            self.send_response(told.status)
            self.send_header("Content-Type", told.kind)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_POST = do_GET  # noqa: N815 - http.server's name
        do_PUT = do_GET  # noqa: N815 - the same

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield told
    told.held.set()
    server.shutdown()
    thread.join()
    server.server_close()


async def ask(source: Source, **arguments: object) -> Mapping[str, object] | None:
    look_ups = LookUps()
    try:
        return await look_ups.get("crm", source, arguments)  # type: ignore[arg-type] # values
    finally:
        await look_ups.close()


@pytest.mark.asyncio
async def test_a_query_a_header_and_a_secret_of_a_file(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "token").write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv("TENANT", "a b")
    source = Source(
        url=f"{service.url}/people?active=1",
        query={"phone": "{number}", "tenant": "${TENANT}"},
        headers={"Authorization": "Bearer ${TOKEN}"},
        secrets={"TOKEN": tmp_path / "token"},
    )
    service.body = b'{"name": "Anna"}'
    assert await ask(source, number="+45 1&2") == {"name": "Anna"}
    [(method, path, headers, body)] = service.asked
    sent = parse_qs(urlsplit(path).query)
    assert sent == {"active": ["1"], "phone": ["+45 1&2"], "tenant": ["a b"]}
    assert (method, headers["authorization"], body) == ("GET", "Bearer s3cret", b"")


@pytest.mark.asyncio
async def test_a_body_as_json_keeps_the_kinds_of_values(service: Service):
    source = Source(
        url=f"{service.url}/tickets",
        method="POST",
        json={
            "from": "{number}",
            "level": "{level}",
            "text": "Level {level}",
            "tags": ["{number}", 1],
        },
        expected=(201,),
    )
    service.status = 201
    await ask(source, number="${HOME}", level=3)
    [(method, path, headers, body)] = service.asked
    assert (method, path, headers["content-type"]) == ("POST", "/tickets", "application/json")
    wanted = {"from": "${HOME}", "level": 3, "text": "Level 3", "tags": ["${HOME}", 1]}
    assert json.loads(body) == wanted  # nothing in a value is a place for another


@pytest.mark.asyncio
async def test_a_body_as_a_form(service: Service):
    source = Source(url=service.url, method="PUT", form={"who": "{who}", "kind": "æ&ø"})
    await ask(source, who="A=B")
    [(method, _, headers, body)] = service.asked
    assert (method, headers["content-type"]) == ("PUT", "application/x-www-form-urlencoded")
    assert parse_qs(body.decode()) == {"who": ["A=B"], "kind": ["æ&ø"]}


PEOPLE = {"data": {"people": [{"name": "Anna"}, {"name": "Bo"}]}, "none": [], "no": None}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("", PEOPLE),
        ("data.people.1", {"name": "Bo"}),
        ("data.people.0.name", {"value": "Anna"}),
        ("data.people", {"value": PEOPLE["data"]["people"]}),
        ("none", None),
        ("no", None),
        ("data.people.2", None),
        ("other", None),
    ],
)
async def test_a_path_into_the_answer(
    service: Service, path: str, values: Mapping[str, object] | None
):
    service.body = json.dumps(PEOPLE).encode()
    assert await ask(Source(url=service.url, path=path)) == values


@pytest.mark.asyncio
async def test_plain_text(service: Service):
    service.body, service.kind = "Bjørn\n".encode("latin-1"), "text/plain; charset=iso-8859-1"
    assert await ask(Source(url=service.url, answer="text")) == {"value": "Bjørn"}
    for charset in ("utf-8", "nonsense", "undefined"):
        service.kind = f"text/plain; charset={charset}"
        with pytest.raises(PeerError, match=f"no text in {charset}"):
            await ask(Source(url=service.url, answer="text"))


XML = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
  <case id="2023"><status>open</status><level>3</level><vip>true</vip>
    <note lang="en">first</note><note>second &amp; last</note><empty/></case>
</s:Body></s:Envelope>"""


@pytest.mark.asyncio
async def test_xml(service: Service):
    service.body, service.kind = XML.encode(), "text/xml"
    source = Source(url=service.url, answer="xml", path="Envelope.Body.case")
    values = await ask(source)
    assert values == {
        "@id": "2023",
        "status": "open",
        "level": "3",
        "vip": "true",
        "note": [{"@lang": "en", "text": "first"}, "second & last"],
        "empty": "",
    }
    assert within(values, "note.1") == "second & last"
    likes = {"level": 0, "vip": False, "status": "", "@id": 0}
    fitting = {name: fitted(within(values, name), like) for name, like in likes.items()}
    assert fitting == {"level": 3, "vip": True, "status": "open", "@id": 2023}
    assert fitted(within(values, "status"), 0) is None
    assert [fitted(float(one), like) for one in ("nan", "inf") for like in (0, "")] == [None] * 4


LAUGHS = b"""<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>"""
OUTSIDE = b"""<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>"""


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "body", "about"),
    [
        ("xml", LAUGHS, "document type"),
        ("xml", OUTSIDE, "document type"),
        ("xml", b"<a>", "no XML"),
        ("xml", b"", "no XML"),
        ("json", b"<html>", "no JSON"),
        ("json", b"[" * 100_000, "no JSON"),
        ("json", b'"' + b"x" * 1_000_000 + b'"', "too much"),
    ],
    ids=["laughs", "outside", "cut off", "empty", "html", "deep", "long"],
)
async def test_answers_that_are_refused(service: Service, answer: str, body: bytes, about: str):
    service.body = body
    with pytest.raises(PeerError, match=about):
        await ask(Source(url=service.url, answer=answer))


@pytest.mark.asyncio
async def test_statuses(service: Service):
    source = Source(url=service.url, expected=(200, 203), not_found=(204, 404))
    for status, found in ((200, {}), (203, {}), (404, None)):
        service.status = status
        assert await ask(source) == found
    for status in (201, 410, 302, 500):
        service.status = status
        with pytest.raises(PeerError) as error:
            await ask(source)
        assert error.value.status == status


@pytest.mark.asyncio
async def test_what_changes_something_is_asked_for_every_call(service: Service):
    service.held.clear()
    look_ups = LookUps()
    sources = {
        "get": Source(url=f"{service.url}/get"),
        "post": Source(url=f"{service.url}/post", method="POST"),
        "kept": Source(url=f"{service.url}/kept", method="POST", cache_s=60),
    }
    asking = [
        asyncio.create_task(look_ups.get("crm", source, {}))
        for source in sources.values()
        for _ in range(2)
    ]
    await asyncio.sleep(0)
    service.held.set()
    await asyncio.gather(*asking)
    await look_ups.get("crm", sources["kept"], {})
    await look_ups.close()
    assert sorted(path for _, path, *_ in service.asked) == ["/get", "/kept", "/post", "/post"]


@pytest.mark.asyncio
async def test_secrets_that_are_not_there(service: Service, tmp_path: Path):
    headers = {"X-Key": "${NOT_THERE_AT_ALL}"}
    with pytest.raises(MisuseError, match="NOT_THERE_AT_ALL is neither in `secrets` nor in the"):
        await ask(Source(url=service.url, headers=headers))
    secrets = {"NOT_THERE_AT_ALL": tmp_path / "key"}
    with pytest.raises(MisuseError, match="cannot be read from"):
        await ask(Source(url=service.url, headers=headers, secrets=secrets))
    assert service.asked == []


TEXT = """\
[flow]
name = "Tickets"
start = "open"
[variables]
ticket = 0
[look_ups.tickets]
url = "https://tickets.example/{queue}"
method = "POST"
query = { urgent = "yes" }
headers = { Authorization = "Bearer ${TOKEN}" }
secrets = { TOKEN = "token.txt" }
json = { from = "{number}", tags = ["phone"], who = { level = 3 } }
path = "ticket"
expected = [200, 201]
not_found = [404]
[nodes.open]
kind = "look_up"
source = "tickets"
arguments = { number = "caller", queue = "dialled" }
into = { ticket = "id" }
failed = "bye"
next = "bye"
[nodes.bye]
kind = "hang_up"
"""


def test_a_source_in_a_file(tmp_path: Path):
    flow = parse_flow(TEXT, base=tmp_path)
    source = flow.sources["tickets"]
    assert source.secrets == {"TOKEN": tmp_path / "token.txt"}
    assert source.expected == (200, 201)
    assert source.arguments() == {"queue", "number"}
    assert parse_flow(flow_text(flow, tmp_path), base=tmp_path).sources == flow.sources


@pytest.mark.parametrize(
    ("line", "instead", "about"),
    [
        ('method = "POST"', 'method = "DELETE"', "look_ups.tickets.method: This is not known."),
        ('method = "POST"', "", "look_ups.tickets.method: GET sends no body"),
        ('method = "POST"', 'method = "POST"\nform = {}', "tickets.form: There is one body"),
        ("not_found = [404]", "not_found = [201]", "not_found: The status 201 is in `expected`"),
        ("not_found = [404]", "not_found = [99]", "not_found: This must be a list of statuses."),
        ('path = "ticket"', 'path = "ticket"\nanswer = "text"', "path: A text has nothing inside"),
        ('number = "caller", ', "", "nodes.open.arguments.number: The source needs this argument."),
        ('url = "https://tickets.example/{queue}"', "", "tickets.method: This is for web services"),
        ("json = { from", "jason = { from", "Did you mean `json`?"),
    ],
)
def test_sources_that_are_wrong(line: str, instead: str, about: str, tmp_path: Path):
    assert line in TEXT
    with pytest.raises(ConfigurationError) as error:
        parse_flow(TEXT.replace(line, instead), base=tmp_path)
    assert about in str(error.value)


def test_a_source_made_in_python_is_checked_too():
    flow = Flow(
        name="x",
        start="a",
        nodes={"a": LookUp(source="s", failed="b"), "b": HangUp()},
        sources={"s": Source(url="https://x.example", method="DELETE", answer="yaml")},
    )
    assert [one.path for one in check(flow)] == ["look_ups.s.method", "look_ups.s.answer"]
