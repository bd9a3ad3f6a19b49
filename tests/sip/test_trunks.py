"""Accounts at providers: registration, authentication, who is shown, and what is kept secret."""

from __future__ import annotations

import asyncio
import logging

import pytest

from softswitch.errors import MisuseError
from softswitch.sip import Listener, SipConfig, SipTelephony, Transport, Trunk
from softswitch.sip.accounts import sound_ports
from softswitch.telephony import Answered, Ended, EndedBy, EndReason, Identity
from softswitch.testing.peers.messages import SipMessage
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.sipp import Sipp
from tests.sip.observing import Door, Observer, running
from tests.sip.registrar import Registrar, is_farewell, registrar, right_digest

pytestmark = pytest.mark.asyncio


def account(peer: Sipp | Registrar, **more: object) -> Trunk:
    """A trunk to a peer that knows anna's password."""
    settings = {"id": "provider", "server": peer.address, "user": "anna", "password": "secret"}
    return Trunk(**settings | more)  # type: ignore[arg-type]


async def registration(network: SipTelephony) -> None:
    """Wait until the trunk is registered."""
    async with asyncio.timeout(5):
        while "provider" not in network.registered:
            await network.registration_news()


async def test_a_trunk_registers_and_takes_it_back_when_we_stop() -> None:
    async with registrar() as provider, running(trunks=(account(provider),)) as network:
        await registration(network)
        first = await provider.accepts(1)
        await network.stop()
        last = await provider.accepts(2)
    assert first.header("Expires") == "300"
    assert first.request_uri == f"sip:{provider.address}"
    assert "<sip:anna@" in (first.header("To") or "")
    assert is_farewell(last)
    assert not is_farewell(first)
    assert network.registered == set()


async def test_a_registration_is_renewed_before_it_runs_out() -> None:
    async with registrar(expires_s=6) as provider, running(trunks=(account(provider),)) as network:
        again = await provider.accepts(2)
        assert not is_farewell(again)
        assert network.registered == {"provider"}


async def test_a_registrar_that_refuses_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "softswitch.sip")
    async with (
        registrar(password="another") as provider,  # noqa: S106 - a test's own
        running(trunks=(account(provider),)) as network,
    ):
        await network.registration_news()
        assert network.registered == set()
        await one_call_in(network)
        assert len(provider.refused) == 1
    assert "trunk provider: registration 403" in caplog.text


async def one_call_in(network: SipTelephony) -> None:
    door = Door(network)
    async with Sipp("uac_call", target=network.addresses[0], talk_ms=10) as caller:
        leg, _ = await door.next()
        leg.answer()
        await caller.finished()


async def test_a_registrar_that_is_not_there_is_survived() -> None:
    nobody = Trunk(id="provider", server="127.0.0.1:9", user="anna", password="x")  # noqa: S106
    async with running(trunks=(nobody,)) as network:
        await one_call_in(network)
        assert network.registered == set()


async def test_a_trunk_without_registration_is_used_at_once() -> None:
    async with (
        Sipp("uas_answer", ring_ms=1) as provider,
        running(trunks=(account(provider, register=False),)) as network,
    ):
        invite = await one_call_out(network, provider, "+45 70 10 20 30")
    assert invite.request_uri == f"sip:+4570102030@{provider.address}"
    assert provider.messages[0].method == "INVITE"


async def one_call_out(
    network: SipTelephony, provider: Sipp, number: str, **how: object
) -> SipMessage:
    """Dial, be answered, hang up; the last INVITE that the provider got."""
    heard = Observer()
    leg = network.dial(number, listener=heard, **how)  # type: ignore[arg-type]
    await heard.next(Answered)
    leg.hang_up()
    await provider.finished()
    return [message for message in provider.messages if message.method == "INVITE"][-1]


@pytest.mark.parametrize(
    ("scenario", "header"),
    [("uas_challenge", "Authorization"), ("uas_challenge_proxy", "Proxy-Authorization")],
)
async def test_a_challenged_call_is_made_again_with_credentials(scenario: str, header: str) -> None:
    async with (
        Sipp(scenario) as provider,
        running(trunks=(account(provider, register=False),)) as network,
    ):
        invite = await one_call_out(network, provider, "70102030")
    assert right_digest(invite, header, "secret")
    assert 'username="anna"' in (invite.header(header) or "")


async def test_a_wrong_password_ends_the_call_as_refused() -> None:
    async with (
        Sipp("uas_challenge") as provider,
        running(trunks=(account(provider, register=False, password="wrong"),)) as network,  # noqa: S106
    ):
        heard = Observer()
        network.dial("70102030", listener=heard)
        ended = await heard.next(Ended)
    assert (ended.by, ended.why) == (EndedBy.PEER, EndReason.REJECTED)
    assert ended.status in (401, 403)


async def test_plain_numbers_go_by_the_first_trunk_or_the_named_one() -> None:
    async with Sipp("uas_answer", ring_ms=1) as one, Sipp("uas_answer", ring_ms=1) as two:
        trunks = (
            account(one, id="one", register=False),
            account(two, id="two", register=False, user="bo"),
        )
        async with running(trunks=trunks) as network:
            first = await one_call_out(network, one, "70102030")
            second = await one_call_out(network, two, "70102030", trunk="two")
            with pytest.raises(MisuseError, match="there are: one, two"):
                network.dial("70102030", listener=Observer(), trunk="three")
    assert "<sip:anna@127.0.0.1" in (first.header("From") or "")
    assert "<sip:bo@127.0.0.1" in (second.header("From") or "")


NUMBER = "+4570102030"
ASSERTED = f"<sip:{NUMBER}@127.0.0.1>"
CALLER = Identity(uri="", number="+4512345678", name="Bo")
WITHHELD = Identity(uri="", withheld=True)


@pytest.mark.parametrize(
    ("own", "caller", "sender", "asserted", "privacy"),
    [
        ("", None, "<sip:anna@127.0.0.1", None, None),
        (NUMBER, None, f"<sip:{NUMBER}@127.0.0.1>", ASSERTED, None),
        (NUMBER, CALLER, '"Bo" <sip:+4512345678@127.0.0.1>', ASSERTED, None),
        ("", CALLER, '"Bo" <sip:+4512345678@127.0.0.1>', None, None),
        (NUMBER, Identity(uri="", name="Office"), f'"Office" <sip:{NUMBER}@', ASSERTED, None),
        (NUMBER, WITHHELD, '"Anonymous" <sip:anonymous@anonymous.invalid>', ASSERTED, "id"),
        ("", WITHHELD, '"Anonymous" <sip:anonymous@anonymous.invalid>', None, "id"),
    ],
)
async def test_who_is_shown_to_a_provider(
    own: str, caller: Identity | None, sender: str, asserted: str | None, privacy: str | None
) -> None:
    async with (
        Sipp("uas_answer", ring_ms=1) as provider,
        running(trunks=(account(provider, register=False, caller_number=own),)) as network,
    ):
        invite = await one_call_out(network, provider, "70102030", caller=caller)
    assert (invite.header("From") or "").startswith(sender)
    assert invite.header("P-Asserted-Identity") == asserted
    assert invite.header("Privacy") == privacy


async def test_a_withheld_caller_stays_withheld_on_a_phone() -> None:
    async with running() as network, Sipp("uas_answer", ring_ms=1) as phone:
        invite = await one_call_out(network, phone, phone.uri, caller=WITHHELD)
    assert (invite.header("From") or "").startswith('"Anonymous" <sip:anonymous@anonymous.invalid>')
    assert invite.header("Privacy") == "id"


async def test_calls_come_in_from_a_trunk_and_from_anybody() -> None:
    async with registrar() as provider, running(trunks=(account(provider),)) as network:
        await registration(network)
        contact = (await provider.accepts(1)).header("Contact") or ""
        target = network.addresses[0]
        assert f"<sip:anna@{target}" in contact
        door = Door(network)
        for service in ("anna", "1234"):
            async with Sipp("uac_call", target=target, service=service, talk_ms=1) as caller:
                leg, _ = await door.next()
                assert leg.dialled.number == service
                leg.answer()
                await caller.finished()


async def test_a_trunk_by_tcp() -> None:
    listeners = tuple(
        Listener(transport=transport, address="127.0.0.1", port=free_port("127.0.0.1"))
        for transport in (Transport.UDP, Transport.TCP)
    )
    async with Sipp("uas_answer", ring_ms=1, transport="tcp") as provider:
        trunk = account(provider, register=False, transport=Transport.TCP)
        async with running(listen=listeners, trunks=(trunk,)) as network:
            invite = await one_call_out(network, provider, "70102030")
    assert (invite.header("Via") or "").startswith("SIP/2.0/TCP ")
    assert invite.request_uri.endswith(";transport=tcp")


async def test_a_trunk_needs_a_listener_of_its_kind() -> None:
    trunk = Trunk(id="provider", server="127.0.0.1:9", transport=Transport.TLS, register=False)
    with pytest.raises(MisuseError, match="trunk provider: no listener for tls over IPv4"):
        async with running(trunks=(trunk,)):
            pass


async def test_passwords_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    word = "tr0ub4dor&3"
    caplog.set_level(logging.DEBUG)
    async with registrar(password=word) as provider:
        trunk = account(provider, password=word)
        async with running(trunks=(trunk,), log_level=5) as network:
            await registration(network)
    assert "REGISTER sip:" in caplog.text
    assert word not in caplog.text
    assert word not in repr(trunk)
    assert word not in repr(network.config)


@pytest.mark.parametrize(
    ("trunks", "tls"), [(0, False), (3, False), (3, True)], ids=["alone", "trunks", "tls"]
)
async def test_every_account_has_ports_of_its_own(trunks: int, *, tls: bool) -> None:
    kinds = [Transport.UDP, *([Transport.TLS] if tls else [])]
    config = SipConfig(
        listen=tuple(Listener(transport=kind) for kind in kinds),
        trunks=tuple(Trunk(id=str(number), server="h") for number in range(trunks)),
        rtp_port_first=10_000,
        rtp_port_last=20_000,
    )
    accounts = 1 + trunks + (2 if tls else 0)
    shares = [sound_ports(config, number) for number in range(accounts)]
    taken = [port for first, last in shares for port in range(first, last + 2)]
    assert len(taken) == len(set(taken))
    assert min(taken) == 10_000
    assert 20_000 - 2 * accounts <= max(taken) <= 20_000
    assert all(first % 2 == 0 for first, _ in shares)
