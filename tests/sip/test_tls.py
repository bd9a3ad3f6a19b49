"""SIP over TLS, with Python's own TLS as the peer (RFC 3261 section 26.3, RFC 5630 for sips)."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import attrs
import pytest

from softswitch.errors import MisuseError
from softswitch.sip import Listener, SipConfig, TlsFiles, Transport, Trunk
from softswitch.telephony import Answered, Ended, EndedBy, EndReason
from softswitch.testing.peers.certificates import Certificates, make_certificates
from softswitch.testing.peers.ports import free_port
from tests.sip.observing import Door, Observer, running
from tests.sip.wire import Call, awaiting, connected, sdp, split_address

pytestmark = pytest.mark.asyncio


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path)


def tls(certificates: Certificates, **more: bool) -> dict[str, object]:
    """Settings of a network that listens on TLS alone."""
    files = TlsFiles(
        certificate=certificates.certificate,
        key=certificates.key,
        authorities=certificates.authority,
        **more,
    )
    port = free_port("127.0.0.1")
    return {
        "tls": files,
        "listen": (Listener(transport=Transport.TLS, address="127.0.0.1", port=port),),
    }


def client(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificates.authority)


def server(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    return context


@pytest.mark.parametrize("scheme", ["sip", "sips"])
async def test_a_call_comes_in(certificates: Certificates, scheme: str) -> None:
    async with running(**tls(certificates)) as network:
        door = Door(network)
        address = network.addresses[0]
        async with connected(address, context=client(certificates)) as wire:
            call = Call(wire, address, scheme=scheme)
            call.send("INVITE", body=sdp())
            leg, heard = await door.next()
            leg.answer()
            answer = await wire.answer(200)
            call.joined(answer)
            call.send("ACK", cseq=1)
            await heard.next(Answered)
            leg.hang_up()
            bye = await wire.request("BYE")
            wire.reply(bye, 200)
            ended = await heard.next(Ended)
    assert (ended.by, ended.why) == (EndedBy.US, EndReason.NORMAL)
    contact = answer.header("Contact") or ""
    assert contact.startswith(f"<{scheme}:")
    assert address in contact
    assert (bye.header("Via") or "").startswith("SIP/2.0/TLS ")


@pytest.mark.parametrize("scheme", ["sip", "sips"])
async def test_a_call_goes_out(certificates: Certificates, scheme: str) -> None:
    async with (
        running(**tls(certificates, verify_peers=True)) as network,
        awaiting(context=server(certificates)) as (address, came),
    ):
        heard = Observer()
        suffix = ";transport=tls" if scheme == "sip" else ""
        leg = network.dial(f"{scheme}:bo@{address}{suffix}", listener=heard)
        async with asyncio.timeout(5):
            wire = await came.get()
        invite = await wire.request("INVITE")
        wire.reply(invite, 200, body=sdp())
        await wire.request("ACK")
        await heard.next(Answered)
        leg.hang_up()
        bye = await wire.request("BYE")
        wire.reply(bye, 200)
        await heard.next(Ended)
    assert invite.request_uri.startswith(f"{scheme}:bo@")
    assert (invite.header("Via") or "").startswith("SIP/2.0/TLS ")
    contact = invite.header("Contact") or ""
    assert contact.startswith(f"<{scheme}:")
    assert network_port(contact) == network_port(str(invite.header("Via")))


async def test_a_trunk_by_tls(certificates: Certificates) -> None:
    async with awaiting(context=server(certificates)) as (address, came):
        trunk = Trunk(
            id="provider",
            server=address,
            user="anna",
            password="secret",  # noqa: S106 - a test's own
            transport=Transport.TLS,
        )
        async with running(trunks=(trunk,), **tls(certificates, verify_peers=True)) as network:
            async with asyncio.timeout(5):
                wire = await came.get()
            register = await wire.request("REGISTER")
            contact = register.header("Contact") or ""
            wire.reply(register, 200, f"Contact: {contact};expires=300")
            await network.registration_news()
            assert network.registered == {"provider"}
            network.dial("70102030", listener=(heard := Observer()))
            invite = await wire.request("INVITE")
            wire.reply(invite, 486)
            ended = await heard.next(Ended)
            stopping = asyncio.create_task(network.stop())
            wire.reply(await wire.request("REGISTER"), 200)
            await stopping
    assert register.request_uri == f"sip:{address};transport=tls"
    assert "transport=tls" in contact.lower()
    assert invite.request_uri == f"sip:70102030@{address};transport=tls"
    assert ended.why is EndReason.BUSY
    assert network.registered == set()


def network_port(text: str) -> str:
    """The port after 127.0.0.1 in a header."""
    return text.partition("127.0.0.1:")[2][:5]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_current_tls_is_spoken(certificates: Certificates, version: ssl.TLSVersion) -> None:
    context = client(certificates)
    context.minimum_version = context.maximum_version = version
    async with running(**tls(certificates)) as network:
        host, port = split_address(network.addresses[0])
        _, writer = await asyncio.open_connection(host, port, ssl=context)
        name, protocol, bits = writer.get_extra_info("cipher")
        writer.close()
    assert protocol == version.name.replace("_", ".")
    assert bits >= 128
    assert "GCM" in name or "CHACHA20" in name


async def test_old_tls_is_refused(certificates: Certificates) -> None:
    context = client(certificates)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with running(**tls(certificates)) as network:
        host, port = split_address(network.addresses[0])
        with pytest.raises(ssl.SSLError, match=r"(?i)alert protocol version|unsupported protocol"):
            await asyncio.open_connection(host, port, ssl=context)


async def test_a_server_whose_certificate_nobody_knows_is_not_called(
    certificates: Certificates, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    stranger = make_certificates(tmp_path / "other")
    async with (
        running(**tls(certificates, verify_peers=True)) as network,
        awaiting(context=server(stranger)) as (address, _),
    ):
        heard = Observer()
        network.dial(f"sip:bo@{address};transport=tls", listener=heard, ring_time_s=5)
        ended = await heard.next(Ended)
    assert (ended.by, ended.why) == (EndedBy.NETWORK, EndReason.UNREACHABLE)


async def test_a_server_with_another_name_is_not_called(
    certificates: Certificates, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "both.pem").write_bytes(certificates.authority.read_bytes())
    elsewhere = make_certificates(tmp_path / "other", hosts=("sip.elsewhere.example",))
    trusting = attrs.evolve(certificates, authority=elsewhere.authority)
    async with (
        running(**tls(trusting, verify_peers=True)) as network,
        awaiting(context=server(elsewhere)) as (address, _),
    ):
        heard = Observer()
        network.dial(f"sip:bo@{address};transport=tls", listener=heard, ring_time_s=5)
        ended = await heard.next(Ended)
    assert (ended.by, ended.why) == (EndedBy.NETWORK, EndReason.UNREACHABLE)


async def test_a_client_without_a_certificate_is_refused_where_one_is_wanted(
    certificates: Certificates,
) -> None:
    async with running(**tls(certificates, verify_peers=True)) as network:
        address = network.addresses[0]
        async with asyncio.timeout(5), connected(address, context=client(certificates)) as wire:
            await wire.closed.wait()
        with_one = client(certificates)
        with_one.load_cert_chain(certificates.certificate, certificates.key)
        async with connected(address, context=with_one) as wire:
            Call(wire, address).send("OPTIONS")
            assert (await wire.answer()).status == 200


async def test_certificate_and_key_may_stand_in_one_file(certificates: Certificates) -> None:
    settings = tls(certificates)
    settings["tls"] = TlsFiles(certificate=certificates.combined)
    async with running(**settings) as network:
        address = network.addresses[0]
        async with connected(address, context=client(certificates)) as wire:
            Call(wire, address).send("OPTIONS")
            assert (await wire.answer()).status == 200


async def test_a_certificate_without_its_key_is_refused(certificates: Certificates) -> None:
    settings = tls(certificates)
    settings["tls"] = TlsFiles(certificate=certificates.certificate)
    with pytest.raises(MisuseError, match=r"key in it"):
        async with running(**settings):
            pass


@pytest.mark.parametrize("missing", ["certificate", "key", "authorities"])
async def test_a_missing_file_is_named(certificates: Certificates, missing: str) -> None:
    settings = tls(certificates)
    files = attrs.evolve(settings["tls"], **{missing: Path("/nowhere/x.pem")})  # type: ignore[type-var]
    with pytest.raises(MisuseError, match=r"/nowhere/x\.pem"):
        async with running(**settings | {"tls": files}):
            pass


async def test_what_is_not_tls_harms_nothing(certificates: Certificates) -> None:
    async with running(**tls(certificates)) as network:
        address = network.addresses[0]
        host, port = split_address(address)
        for nonsense in (b"OPTIONS sip:x SIP/2.0\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 300):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(nonsense)
            writer.write_eof()
            async with asyncio.timeout(5):
                await reader.read()
            writer.close()
        async with connected(address, context=client(certificates)) as wire:
            Call(wire, address).send("OPTIONS")
            assert (await wire.answer()).status == 200


async def test_a_secret_key_is_in_no_repr(certificates: Certificates) -> None:
    assert "PRIVATE" not in repr(SipConfig(**tls(certificates)))  # type: ignore[arg-type]
