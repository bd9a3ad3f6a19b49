"""SIP by PJSIP does what every network has to do, with SIPp and its RTP at the other end."""

from __future__ import annotations

import re
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from softswitch.sip import SipTelephony
from softswitch.testing.conformance import CHECKS, Check, name_of
from softswitch.testing.peers.messages import SipMessage
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import sine, tone_spans
from tests.sip.observing import running
from tests.sip.transferee import TRANSFEREE

pytestmark = pytest.mark.asyncio

SOON_MS = 100
NEVER_MS = 600_000
LISTEN_S = 0.25
ATTEMPTS = 4


class SippEnd:
    def __init__(self, sipp: Sipp, phone: RtpPhone) -> None:
        self._sipp = sipp
        self._phone = phone
        self.address = sipp.uri

    def say(self, hz: int) -> None:
        self._phone.say(sine(hz, 1.0), forever=True)

    def press(self, keys: str) -> None:
        self._phone.press(keys)

    async def hears(self, hz: int) -> bool:
        for _ in range(ATTEMPTS):
            await self._phone.packets(len(self._phone.ear.packets) + round(LISTEN_S / 0.02) + 1)
            if tone_spans(self._phone.ear.samples(last_s=LISTEN_S), hz, least_s=0.1):
                return True
        return False

    async def digits(self, count: int) -> str:
        return await self._phone.digits(count)

    async def until_over(self) -> None:
        await self._sipp.finished()

    async def status(self) -> int:
        return (await self._ending(lambda m: m.status >= 200 and m.cseq_method == "INVITE")).status

    async def reason(self) -> str:
        return (await self._ending(_ends_it)).header("Reason") or ""

    async def retry_after(self) -> str:
        return (await self._ending(_ends_it)).header("Retry-After") or ""

    async def holds(self, count: int) -> tuple[bool, ...]:
        offers = [
            await self._sipp.message("INVITE", sent=False, nth=nth) for nth in range(1, count + 1)
        ]
        return tuple(_holds(offer.body) for offer in offers)

    async def asked_to_call(self) -> str:
        refer = await self._sipp.message("REFER", sent=False)
        return (refer.header("Refer-To") or "").strip("<>")

    async def dialog(self) -> str:
        """The call as a Replaces header names it (RFC 3891 section 6.1)."""
        answer = await self._sipp.message(200, cseq="INVITE")
        tags = f"to-tag={answer.tag('To')};from-tag={answer.tag('From')}"
        return f"{answer.call_id};{tags}"

    async def _ending(self, fits: Callable[[SipMessage], bool]) -> SipMessage:
        return await self._sipp.message(fits, sent=False)


def _holds(body: str) -> bool:
    """Whether an offer puts on hold (RFC 3264 section 8.4)."""
    return re.search(r"^a=(sendonly|inactive)", body, re.MULTILINE) is not None


def _ends_it(message: SipMessage) -> bool:
    return message.method in ("BYE", "CANCEL") or message.status >= 300


class SipWorld:
    """See `softswitch.testing.conformance.World`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def network(
        self, *, capacity: int | None = None, media_timeout_s: float | None = None
    ) -> AsyncIterator[SipTelephony]:
        settings = {"max_calls": capacity, "media_timeout_s": media_timeout_s}
        given = {name: value for name, value in settings.items() if value is not None}
        async with running(**given) as network:
            yield network

    @asynccontextmanager
    async def caller(
        self,
        network: SipTelephony,
        number: str = "1000",
        *,
        hangs_up_after_s: float | None = None,
        gives_up_after_s: float | None = None,
        refused_with: int | None = None,
        holds_for_s: float | None = None,
        transfers_to: str | None = None,
        takes_place_of: SippEnd | None = None,
        vanishes: bool = False,
    ) -> AsyncIterator[SippEnd]:
        scenario, places = "uac_call_stay", {}
        if hangs_up_after_s is not None:
            scenario, places = "uac_call", {"talk_ms": round(hangs_up_after_s * 1000)}
        elif gives_up_after_s is not None:
            scenario, places = "uac_cancel", {"ring_ms": round(gives_up_after_s * 1000)}
        elif refused_with is not None:
            scenario, places = "uac_refused", {"status": refused_with}
        elif holds_for_s is not None:
            hold_ms = round(holds_for_s * 1000)
            scenario, places = "uac_hold", {"talk_ms": SOON_MS, "hold_ms": hold_ms}
        elif transfers_to is not None:
            scenario = "uac_refer"
            places = {"talk_ms": SOON_MS, "refer_to": f"<{transfers_to}>"}
        elif takes_place_of is not None:
            replaces = await takes_place_of.dialog()
            places = {"headers": {"Replaces": replaces, "Require": "replaces"}}
        elif vanishes:
            scenario = "uac_vanish"
        target = network.addresses[0]
        async with _end(scenario, places, target=target, service=number) as end:
            yield end

    @asynccontextmanager
    async def phone(
        self,
        *,
        answers_after_s: float | None = None,
        refuses_with: int | None = None,
        takes_transfers: bool = False,
        vanishes: bool = False,
    ) -> AsyncIterator[SippEnd]:
        ring_ms = NEVER_MS if answers_after_s is None else max(1, round(answers_after_s * 1000))
        scenario, places = "uas_ring", {}
        if takes_transfers:
            scenario = TRANSFEREE
        elif vanishes:
            scenario, places = "uas_vanish", {"ring_ms": ring_ms}
        elif answers_after_s is not None:
            scenario, places = "uas_answer", {"ring_ms": ring_ms}
        elif refuses_with is not None:
            scenario, places = "uas_refuse", {"status": refuses_with}
        async with _end(scenario, places, service="phone") as end:
            yield end

    def tone(self, hz: int, length_s: float) -> Path:
        path = self.folder / f"{hz}-{length_s}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(sine(hz, length_s).astype("<i2").tobytes())
        return path


@asynccontextmanager
async def _end(
    scenario: str, places: dict[str, object], *, service: str, target: str | None = None
) -> AsyncIterator[SippEnd]:
    async with AsyncExitStack() as stack:
        phone = await stack.enter_async_context(RtpPhone())
        sipp = Sipp(scenario, target=target, service=service, rtp=phone.address, **places)
        yield SippEnd(await stack.enter_async_context(sipp), phone)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_it_conforms(check: Check, tmp_path: Path) -> None:
    await check(SipWorld(tmp_path))
