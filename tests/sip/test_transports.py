"""UDP, TCP, IPv4 and IPv6: calls in both directions, and what they leave behind on the wire."""

from __future__ import annotations

import pytest

from softswitch.errors import MisuseError
from softswitch.sip import Listener, SipTelephony, Transport
from softswitch.telephony import Answered, Ended, EndedBy, EndReason, MediaReady
from softswitch.testing.peers.messages import SipMessage
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from tests.sip.observing import Door, Observer, running

pytestmark = pytest.mark.asyncio

WAYS = [
    pytest.param(transport, host, id=f"{transport.value}-{host}")
    for transport in (Transport.UDP, Transport.TCP)
    for host in ("127.0.0.1", "::1")
]


def listening(transport: Transport, host: str) -> tuple[Listener, ...]:
    return (Listener(transport=transport, address=host, port=free_port(host)),)


def uri_of(phone: Sipp, transport: Transport) -> str:
    return phone.uri + ("" if transport is Transport.UDP else f";transport={transport.value}")


def vias(messages: tuple[SipMessage, ...]) -> set[str]:
    """Transports named by the top Via of requests that a phone received."""
    requests = [message for message in messages if message.method and not message.sent]
    return {(message.header("Via") or "").split(" ")[0] for message in requests}


@pytest.mark.parametrize(("transport", "host"), WAYS)
async def test_a_call_comes_in_with_sound(transport: Transport, host: str) -> None:
    async with running(listen=listening(transport, host)) as network, RtpPhone(host=host) as phone:
        door = Door(network)
        async with Sipp(
            "uac_call_stay",
            target=network.addresses[0],
            local_host=host,
            transport=transport.value,
            rtp=phone.address,
        ) as caller:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(MediaReady)
            leg.play_tone([425.0], on_ms=2000)
            await phone.hears(425)
            leg.hang_up()
            await heard.next(Ended)
            result = await caller.finished()
    answer = result.received(200, "INVITE")[0]
    assert vias(result.messages) == {f"SIP/2.0/{transport.name}"}
    assert answer.audio is not None
    assert answer.audio[0] == host
    if transport is Transport.TCP:
        assert ";transport=tcp" in (answer.header("Contact") or "").lower()


@pytest.mark.parametrize(("transport", "host"), WAYS)
async def test_a_call_goes_out_with_sound(transport: Transport, host: str) -> None:
    async with (
        running(listen=listening(transport, host)) as network,
        RtpPhone(host=host) as phone,
        Sipp("uas_answer", local_host=host, transport=transport.value, rtp=phone.address) as agent,
    ):
        heard = Observer()
        leg = network.dial(uri_of(agent, transport), listener=heard)
        await heard.next(MediaReady)
        leg.play_tone([425.0], on_ms=2000)
        await phone.hears(425)
        leg.hang_up()
        ended = await heard.next(Ended)
        result = await agent.finished()
    assert (ended.by, ended.why) == (EndedBy.US, EndReason.NORMAL)
    assert vias(result.messages) == {f"SIP/2.0/{transport.name}"}
    assert {message.method for message in result.messages if not message.sent} >= {
        "INVITE",
        "ACK",
        "BYE",
    }


async def test_listeners_of_every_kind_at_once() -> None:
    listeners = [
        listener
        for transport in (Transport.UDP, Transport.TCP)
        for host in ("127.0.0.1", "::1")
        for listener in listening(transport, host)
    ]
    async with running(listen=tuple(listeners)) as network:
        door = Door(network)
        for listener, address in zip(listeners, network.addresses, strict=True):
            await in_and_out(network, door, listener, address)


async def in_and_out(network: SipTelephony, door: Door, listener: Listener, address: str) -> None:
    """One call in by a listener, and one out to a phone that speaks the same way."""
    where = {"local_host": listener.address, "transport": listener.transport.value}
    async with Sipp("uac_call", target=address, talk_ms=10, **where) as caller:  # type: ignore[arg-type]
        leg, heard = await door.next()
        leg.answer()
        await heard.next(Ended)
        incoming = await caller.finished()
    async with Sipp("uas_answer", ring_ms=1, **where) as agent:  # type: ignore[arg-type]
        heard = Observer()
        leg = network.dial(uri_of(agent, listener.transport), listener=heard)
        await heard.next(Answered)
        leg.hang_up()
        outgoing = await agent.finished()
    assert address in (incoming.received(200, "INVITE")[0].header("Contact") or "")
    invite = outgoing.received("INVITE")[0]
    assert (invite.header("Via") or "").startswith(f"SIP/2.0/{listener.transport.name} ")
    assert address in (invite.header("Contact") or "")


async def test_two_listeners_of_one_kind() -> None:
    host = "127.0.0.1"
    pair = listening(Transport.UDP, host) + listening(Transport.UDP, host)
    async with running(listen=pair) as network:
        door = Door(network)
        for listener, address in zip(pair, network.addresses, strict=True):
            await in_and_out_by_udp(door, listener, address)


async def in_and_out_by_udp(door: Door, listener: Listener, address: str) -> None:
    assert address.endswith(f":{listener.port}")
    async with Sipp("uac_call", target=address, talk_ms=10) as caller:
        leg, heard = await door.next()
        leg.answer()
        await heard.next(Ended)
        result = await caller.finished()
    assert address in (result.received(200, "INVITE")[0].header("Contact") or "")


async def test_a_port_chosen_by_the_system_is_told() -> None:
    async with running(listen=(Listener(address="127.0.0.1", port=0),)) as network:
        door = Door(network)
        assert not network.addresses[0].endswith(":0")
        async with Sipp("uac_call", target=network.addresses[0], talk_ms=10) as caller:
            leg, _ = await door.next()
            leg.answer()
            await caller.finished()


async def test_an_address_that_cannot_be_had_is_refused() -> None:
    async with running() as network:
        taken = int(network.addresses[0].rpartition(":")[2])
    for listener in (
        Listener(address="192.0.2.1", port=taken),
        Listener(transport=Transport.TCP, address="192.0.2.1", port=taken),
    ):
        with pytest.raises(MisuseError, match=r"listen on .*192\.0\.2\.1"):
            async with running(listen=(listener,)):
                pass
    async with running() as network:
        assert network.in_use == 0


@pytest.mark.parametrize(
    "target",
    [
        "sip:a@127.0.0.1:9;transport=tcp",
        "sip:a@127.0.0.1:9;transport=tls",
        "sips:a@127.0.0.1:9",
        "sip:a@[::1]:9",
    ],
)
async def test_without_a_listener_of_that_kind_nothing_is_dialled(target: str) -> None:
    async with running() as network:
        with pytest.raises(MisuseError, match="no listener for"):
            network.dial(target, listener=Observer())
        assert network.in_use == 0


async def test_nobody_at_a_tcp_address() -> None:
    async with running(listen=listening(Transport.TCP, "127.0.0.1")) as network:
        heard = Observer()
        network.dial(f"sip:a@127.0.0.1:{free_port('127.0.0.1')};transport=tcp", listener=heard)
        ended = await heard.next(Ended)
    assert (ended.by, ended.why) == (EndedBy.NETWORK, EndReason.UNREACHABLE)


async def test_a_long_request_keeps_to_its_transport() -> None:
    listeners = listening(Transport.UDP, "127.0.0.1") + listening(Transport.TCP, "127.0.0.1")
    async with running(listen=listeners) as network, Sipp("uas_ring") as phone:
        leg = network.dial(phone.uri, listener=Observer(), headers={"X-Long": "a" * 2000})
        invite = await phone.message("INVITE")
        leg.hang_up()
        await phone.finished()
    assert (invite.header("Via") or "").startswith("SIP/2.0/UDP ")
    assert len(invite.header("X-Long") or "") == 2000
