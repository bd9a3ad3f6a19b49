"""SIP by PJSIP does what every network has to do, with SIPp and its RTP at the other end."""

from __future__ import annotations

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

pytestmark = pytest.mark.asyncio

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

    async def _ending(self, fits: Callable[[SipMessage], bool]) -> SipMessage:
        return await self._sipp.message(fits, sent=False)


def _ends_it(message: SipMessage) -> bool:
    return message.method in ("BYE", "CANCEL") or message.status >= 300


class SipWorld:
    """See `softswitch.testing.conformance.World`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def network(self, *, capacity: int | None = None) -> AsyncIterator[SipTelephony]:
        settings = {} if capacity is None else {"max_calls": capacity}
        async with running(**settings) as network:
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
    ) -> AsyncIterator[SippEnd]:
        scenario, places = "uac_call_stay", {}
        if hangs_up_after_s is not None:
            scenario, places = "uac_call", {"talk_ms": round(hangs_up_after_s * 1000)}
        elif gives_up_after_s is not None:
            scenario, places = "uac_cancel", {"ring_ms": round(gives_up_after_s * 1000)}
        elif refused_with is not None:
            scenario, places = "uac_refused", {"status": refused_with}
        target = network.addresses[0]
        async with _end(scenario, places, target=target, service=number) as end:
            yield end

    @asynccontextmanager
    async def phone(
        self, *, answers_after_s: float | None = None, refuses_with: int | None = None
    ) -> AsyncIterator[SippEnd]:
        scenario, places = "uas_ring", {}
        if answers_after_s is not None:
            scenario, places = "uas_answer", {"ring_ms": round(answers_after_s * 1000)}
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
    scenario: str, places: dict[str, int], *, service: str, target: str | None = None
) -> AsyncIterator[SippEnd]:
    async with AsyncExitStack() as stack:
        phone = await stack.enter_async_context(RtpPhone())
        sipp = Sipp(scenario, target=target, service=service, rtp=phone.address, **places)
        yield SippEnd(await stack.enter_async_context(sipp), phone)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_it_conforms(check: Check, tmp_path: Path) -> None:
    await check(SipWorld(tmp_path))
