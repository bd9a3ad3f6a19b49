"""Simulated telephony does what every network has to do."""

from __future__ import annotations

import asyncio
import itertools
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from softswitch.testing import PhoneCall, SimulatedPhone, SimulatedTelephony
from softswitch.testing.conformance import CHECKS, Check, name_of

pytestmark = pytest.mark.virtual_time


class SimulatedEnd:
    def __init__(self, world: SimulatedWorld, source: PhoneCall | SimulatedPhone) -> None:
        self._world = world
        self._source = source
        self.address = source.address if isinstance(source, SimulatedPhone) else source.name

    @property
    def call(self) -> PhoneCall:
        return self._source.call if isinstance(self._source, SimulatedPhone) else self._source

    def say(self, hz: int) -> None:
        self._world.spoken[self.call.name] = hz

    def press(self, keys: str) -> None:
        self.call.press(keys)

    async def hears(self, hz: int) -> bool:
        await asyncio.sleep(0.2)
        heard = self.call.hears_now
        return any(self._world.spoken.get(source) == hz for source in heard)

    async def digits(self, count: int) -> str:
        await asyncio.sleep(0.2 * count)
        return self.call.log.digits

    async def until_over(self) -> None:
        await self.call.until_ended()

    async def status(self) -> int:
        await self.call.until_answered()
        return self.call.log.status

    async def reason(self) -> str:
        reason = (await self.call.until_ended()).reason
        return "" if reason is None else str(reason)

    async def retry_after(self) -> str:
        await self.call.until_ended()
        seconds = self.call.retry_after_s
        return "" if seconds is None else str(seconds)

    async def holds(self, count: int) -> tuple[bool, ...]:
        await asyncio.sleep(0.1)
        log = self.call.log
        told = [(at, True) for at in log.held_at] + [(at, False) for at in log.resumed_at]
        assert len(told) == count
        return tuple(held for _, held in sorted(told))

    async def asked_to_call(self) -> str:
        await asyncio.sleep(0.1)
        return self.call.log.asked_to_call

    async def change(
        self, *, holds_for_s: float | None, transfers_to: str | None, vanishes: bool
    ) -> None:
        """What it does soon after the answer; in the end it hangs up."""
        await self.call.until_answered()
        if vanishes:
            self.call.vanish()
            return
        await asyncio.sleep(0.1)
        if holds_for_s is not None:
            self.call.hold()
            await asyncio.sleep(holds_for_s)
            self.call.resume()
        elif transfers_to is not None:
            self.call.transfer(transfers_to)
        await asyncio.sleep(0.5)
        self.call.hang_up()


class SimulatedWorld:
    """See `softswitch.testing.conformance.World`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spoken: dict[Path | str, int] = {}
        self._numbers = itertools.count(1)
        self._network: SimulatedTelephony

    @asynccontextmanager
    async def network(
        self, *, capacity: int | None = None, media_timeout_s: float | None = None
    ) -> AsyncIterator[SimulatedTelephony]:
        self._network = SimulatedTelephony(
            capacity=capacity or 1000, media_timeout_s=media_timeout_s or 60.0
        )
        await self._network.start()
        yield self._network
        await self._network.stop()

    @asynccontextmanager
    async def caller(
        self,
        network: SimulatedTelephony,
        number: str = "1000",
        *,
        hangs_up_after_s: float | None = None,
        gives_up_after_s: float | None = None,
        refused_with: int | None = None,
        holds_for_s: float | None = None,
        transfers_to: str | None = None,
        takes_place_of: SimulatedEnd | None = None,
        vanishes: bool = False,
    ) -> AsyncIterator[SimulatedEnd]:
        del refused_with  # it takes whatever comes
        caller = f"caller-{next(self._numbers)}"
        if takes_place_of is not None:
            yield SimulatedEnd(self, network.take_over(takes_place_of.call, caller=caller))
            return
        call = network.call(
            number,
            caller=caller,
            hangs_up_after_s=hangs_up_after_s,
            gives_up_after_s=gives_up_after_s,
        )
        end = SimulatedEnd(self, call)
        if holds_for_s is None and transfers_to is None and not vanishes:
            yield end
            return
        async with asyncio.TaskGroup() as tasks:
            changes = {"holds_for_s": holds_for_s, "transfers_to": transfers_to}
            tasks.create_task(end.change(**changes, vanishes=vanishes))
            yield end

    @asynccontextmanager
    async def phone(
        self,
        *,
        answers_after_s: float | None = None,
        refuses_with: int | None = None,
        takes_transfers: bool = False,
        vanishes: bool = False,
    ) -> AsyncIterator[SimulatedEnd]:
        del takes_transfers  # it does
        address = f"sip:phone-{next(self._numbers)}@phones.example"
        phone = self._network.phone(
            address,
            answers_after_s=answers_after_s,
            refuses_with=refuses_with,
            refuses_after_s=0.01,
        )
        end = SimulatedEnd(self, phone)
        if not vanishes:
            yield end
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(vanish(phone, once_answered=answers_after_s is not None))
            yield end

    def tone(self, hz: int, length_s: float) -> Path:
        path = self.folder / f"{hz}-{length_s}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(bytes(2 * round(length_s * 8000)))
        self.spoken[path] = hz
        return path


async def vanish(phone: SimulatedPhone, *, once_answered: bool) -> None:
    call = await phone.until_called()
    await call.until_ringing()
    if once_answered:
        await call.until_answered()
    call.vanish()


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_it_conforms(check: Check, tmp_path: Path) -> None:
    await check(SimulatedWorld(tmp_path))
