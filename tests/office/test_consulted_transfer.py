"""An agent consults a colleague and hands the caller over (REFER with Replaces, RFC 5589)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from softswitch.sip import Listener, SipConfig
from softswitch.switch import Call, OfficeConfig, Switch
from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.messages import SipMessage
from softswitch.testing.peers.ports import free_port
from tests.sip import wire

pytestmark = pytest.mark.asyncio


def replaces(call: wire.Call, answer: SipMessage) -> str:
    """The dialog of a call as the other end of a Replaces header names it (RFC 3891 section 3)."""
    to_tag = (answer.header("To") or "").partition("tag=")[2]
    return f"{call.id};to-tag={to_tag};from-tag=w"


async def test_the_caller_and_the_colleague_hear_each_other(tmp_path: Path) -> None:
    port = free_port()
    config = OfficeConfig(
        data_dir=tmp_path, sip=SipConfig(listen=(Listener(address="127.0.0.1", port=port),))
    )
    async with (
        Baresip("customer", tone_hz=700, auto=True) as customer,
        Baresip("colleague", tone_hz=1100, auto=True) as colleague,
        Switch(config) as switch,
        wire.datagrams(f"127.0.0.1:{port}") as first_wire,
        wire.datagrams(f"127.0.0.1:{port}") as second_wire,
    ):

        @switch.flow("*")
        async def connect(call: Call) -> None:
            await call.answer()
            to = customer if call.dialled.number == "1000" else colleague
            await call.bridge(await call.dial(to.uri))

        talk = wire.Call(first_wire, f"127.0.0.1:{port}")
        await talk.set_up()
        await customer.established()
        consultation = wire.Call(second_wire, f"127.0.0.1:{port}")
        consultation.uri = f"sip:2000@127.0.0.1:{port}"
        answer = await consultation.set_up()
        await colleague.established()

        target = f"sip:2000@127.0.0.1:{port}?Replaces={quote(replaces(consultation, answer))}"
        talk.send("REFER", f"Refer-To: <{target}>", "Referred-By: <sip:agent@127.0.0.1>")
        await talk.wire.answer(202, cseq="REFER")
        bye = await second_wire.request("BYE")
        second_wire.reply(bye, 200)
        await customer.hears(1100)
        await colleague.hears(700)
        done = await first_wire.request("BYE")
        first_wire.reply(done, 200)
        assert switch.snapshot().calls >= 2
