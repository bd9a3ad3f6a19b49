"""The clock jumps, thread work is done on the spot, and a dead end is named."""

from __future__ import annotations

import asyncio

import pytest

from softswitch.testing import (
    LeftBehindError,
    NothingLeftToDoError,
    run_virtual,
    run_virtual_strictly,
)


@pytest.mark.virtual_time
async def test_a_day_passes_exactly():
    loop = asyncio.get_running_loop()
    await asyncio.sleep(86_400)
    assert loop.time() == 86_400.0


@pytest.mark.virtual_time
async def test_timers_fire_in_order_of_time_then_of_setting():
    loop = asyncio.get_running_loop()
    fired: list[tuple[str, float]] = []
    done = loop.create_future()
    for name, at in (("b", 2.0), ("a", 1.0), ("b2", 2.0), ("tenth", 0.1)):
        loop.call_at(at, lambda name=name: fired.append((name, loop.time())))
    loop.call_at(3.0, done.set_result, None)
    await done
    assert fired == [("tenth", 0.1), ("a", 1.0), ("b", 2.0), ("b2", 2.0)]


@pytest.mark.virtual_time
async def test_times_do_not_drift():
    loop = asyncio.get_running_loop()
    start = loop.time()
    for step in range(1, 1001):
        fired = loop.create_future()
        loop.call_at(step * 0.1, fired.set_result, None)
        await fired
        assert loop.time() == step * 0.1
    assert start == 0.0


@pytest.mark.virtual_time
async def test_thread_work_takes_no_time_and_its_errors_arrive():
    def fail() -> None:
        raise ValueError("in the thread")

    alarm = asyncio.create_task(asyncio.sleep(1))
    assert await asyncio.to_thread(sum, [1, 2, 3]) == 6
    with pytest.raises(ValueError, match="in the thread"):
        await asyncio.to_thread(fail)
    assert asyncio.get_running_loop().time() == 0.0
    await alarm


@pytest.mark.virtual_time
async def test_timeouts_are_virtual():
    never = asyncio.get_running_loop().create_future()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(30):
            await never
    assert asyncio.get_running_loop().time() == 30.0


def test_waiting_for_nothing_is_an_error_that_names_the_task():
    async def wait_for_ever() -> None:
        asyncio.current_task().set_name("the forgotten one")
        await asyncio.get_running_loop().create_future()

    with pytest.raises(NothingLeftToDoError, match="the forgotten one"):
        run_virtual(wait_for_ever())


def test_a_task_left_running_fails():
    async def leave_one() -> None:
        task = asyncio.create_task(asyncio.sleep(5), name="left over")
        kept.append(task)

    kept: list[asyncio.Task[None]] = []
    with pytest.raises(LeftBehindError, match="left over"):
        run_virtual_strictly(leave_one())


def test_an_exception_in_a_callback_fails():
    async def raise_in_callback() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 // 0)
        await asyncio.sleep(1)

    with pytest.raises(LeftBehindError) as caught:
        run_virtual_strictly(raise_in_callback())
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_the_same_result_as_asyncio_run():
    async def answer() -> int:
        await asyncio.sleep(3600)
        return 42

    assert run_virtual(answer()) == 42


def test_a_time_limit_that_strikes_in_a_callback_ends_the_test():
    class TimeLimit(BaseException):
        pass

    def strike() -> None:
        raise TimeLimit

    async def run_on() -> None:
        asyncio.get_running_loop().call_later(5, strike)
        await asyncio.sleep(3600)
        await asyncio.Event().wait()

    with pytest.raises(TimeLimit):
        run_virtual_strictly(run_on())
