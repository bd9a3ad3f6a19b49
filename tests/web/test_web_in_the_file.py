"""`[web]` in the office file: what it says, what is refused, what `check` and a reload tell."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest
from typer.testing import CliRunner
from web_office import MONDAY, Page, office_text, running

from softswitch.cli import app
from softswitch.errors import ConfigurationError, MisuseError
from softswitch.prompts import SoundStore
from softswitch.switch import Switch, load_office, parse_office
from softswitch.switch.web_tables import WebTable
from softswitch.testing import SimulatedTelephony
from softswitch.testing.peers.certificates import make_certificates
from softswitch.testing.peers.ports import free_port

EXAMPLE = Path(__file__).parents[2] / "examples" / "call_back" / "office.toml"


def faults(folder: Path, **lines: str) -> str:
    try:
        parse_office(office_text(**lines), base=folder)
    except ConfigurationError as error:
        return str(error)
    return ""


def test_without_a_table_there_is_no_web_service():
    assert not WebTable().on
    assert WebTable().address == "127.0.0.1"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("body_max = 100", "web.body_max: This is out of range."),
        ('address = "localhost"', "web.address: This is no IP address."),
        ('proxies = ["10.0.0.0/8"]', "web.proxies[0]: This is no IP address."),
        ('allowed = ["45"]', "web.allowed[0]: No international number begins like this."),
        ('refused = ["+"]', "web.refused[0]: No international number begins like this."),
        ('country = "DM "', "web.country: The numbers of this country are not known."),
        ('public_url = "call.example.org"', "web.public_url: This is not how a browser"),
        ('public_url = "https://x.example/a"', "web.public_url: This is not how a browser"),
        ('certificate = "none.pem"', "web.certificate: There is no such file."),
        ('key = "none.pem"', "web.key: A private key is of no use"),
        ('token_file = "none"', "web.token_file: There is a `token` already."),
        ("frm = false", "Did you mean `form`?"),
    ],
)
def test_what_is_refused(tmp_path: Path, line: str, told: str):
    assert told in faults(tmp_path, web=line)


def test_groups_that_are_not_there_and_secrets_that_are_short(tmp_path: Path):
    text = office_text().replace("english = ", "englsh = ").replace("a secret that programs", "a")
    with pytest.raises(ConfigurationError) as refused:
        parse_office(text, base=tmp_path)
    told = str(refused.value)
    assert "web.groups.englsh: There is no such group. Did you mean `english`?" in told
    assert "web.token: This secret is too short." in told
    assert "a know" not in told


def test_a_trunk_is_needed(tmp_path: Path):
    text = office_text().replace("trunks = ", "# ")
    with pytest.raises(ConfigurationError, match="Calling back needs a trunk"):
        parse_office(text, base=tmp_path)


def test_a_secret_from_a_file_and_from_the_environment(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("a secret that stands in a file\n")
    assert WebTable(token_file=file).secret() == "a secret that stands in a file"
    assert WebTable(token_file=tmp_path / "none").secret() == ""
    table = WebTable(token="${TOKEN_OF_WEB}")  # noqa: S106 - where it is
    assert table.secret({"TOKEN_OF_WEB": "x" * 20}) == "x" * 20
    assert table.secret({"TOKEN_OF_WEB": "short"}) == ""
    assert "secret" not in repr(WebTable(token="a secret that programs know"))  # noqa: S106


def test_check_says_what_would_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CALL_BACK_TOKEN", "0123456789abcdef0123")
    said = CliRunner().invoke(app, ["check", "--json", str(EXAMPLE)])
    web = json.loads(said.output)["web"]
    assert (web["port"], web["programs"], web["https"]) == (8080, True, False)
    assert web["groups"] == {"citizens": "Borgerservice", "newcomers": "Newcomers' service"}
    assert "those of DK" in web["words"]["Numbers"]
    assert "0123456789abcdef" not in said.output
    shown = CliRunner().invoke(app, ["check", str(EXAMPLE)]).output
    assert "Call backs ordered by web" in shown
    assert "http://127.0.0.1:8080" in shown


@pytest.mark.asyncio
async def test_a_secret_that_is_not_there_is_told_of(
    tmp_path: Path, store: SoundStore, caplog: pytest.LogCaptureFixture
):
    text = office_text().replace("a secret that programs know", "${NO_SUCH_TOKEN}")
    async with running(tmp_path, store, text) as office, office.browser() as browser:
        assert (await browser.get("/call-back")).status_code == 200
    assert "programs cannot order: the secret of [web] is missing" in caplog.text


@pytest.mark.asyncio
async def test_the_example_takes_an_order(tmp_path: Path, store: SoundStore):
    text = EXAMPLE.read_text(encoding="utf-8").replace("port = 8080", "port = 0")
    async with running(tmp_path, store, text, MONDAY) as office, office.browser() as browser:
        chosen = Page(await browser.get("/call-back"))
        form = Page(await browser.get(chosen.links[0]))
        answer = await browser.post(form.action, data=form.fields | {"number": "33 11 11 11"})
        (order,) = office.switch.call_backs
    assert chosen.links == ["/call-back/citizens", "/call-back/newcomers"]
    assert "Vi ringer til +45 33 11 11 11." in Page(answer).text
    assert (order.group_id, order.number) == ("citizens", "+4533111111")


@pytest.mark.asyncio
async def test_an_address_that_is_taken_keeps_the_switch_closed(tmp_path: Path, store: SoundStore):
    port = free_port()
    text = office_text().replace("port = 0", f"port = {port}")
    async with running(tmp_path / "one", store, text):
        config = parse_office(text, base=tmp_path / "two")
        with pytest.raises(MisuseError, match=f"cannot listen at 127.0.0.1:{port}"):
            async with Switch(config, SimulatedTelephony(), sounds=store):
                pass
    async with Switch(config, SimulatedTelephony(), sounds=store) as again:
        assert again.web_address == ("127.0.0.1", port)


@pytest.mark.asyncio
async def test_what_a_reload_changes_at_once_and_what_later(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        wanted = office_text(web="body_max = 2048").replace("Borgerservice", "Borgere")
        plan = await office.switch.plan(parse_office(wanted, base=tmp_path))
        await office.switch.apply(plan)
        page = Page(await browser.get("/call-back"))
    assert plan.effects == (
        "Who can order call backs by web changes.",
        "What changes in body_max of web comes into force at the next start only.",
    )
    assert "Borgere" in page.text


@pytest.mark.asyncio
async def test_over_https_the_cookie_stays_there(tmp_path: Path, store: SoundStore):
    pair = make_certificates(tmp_path)
    text = office_text(web=f'certificate = "{pair.certificate}"\nkey = "{pair.key}"')
    async with running(tmp_path, store, text) as office:
        office.url = office.url.replace("http:", "https:")
        trusting = ssl.create_default_context(cafile=pair.authority)
        async with office.browser(verify=trusting) as browser:
            answer = await browser.get("/call-back/main")
    assert answer.status_code == 200
    assert "Secure" in answer.headers["Set-Cookie"]


def test_the_example_is_whole():
    assert load_office(EXAMPLE).web.proxies == ("127.0.0.1",)
