"""An event loop whose clock jumps: a day of calls passes in seconds, the same way every time.

When nothing is ready to run, the loop does not sleep until the next timer; it sets its clock to
that timer's time. Code that reads time only from ``asyncio.get_running_loop().time()`` and waits
only by asyncio runs unchanged.

* The clock starts at 0.0 s and stands still while code runs.
* Work handed to a thread (``asyncio.to_thread``) is done on the spot and takes no virtual time,
  so the order of things never depends on the machine.
* When every task waits for something that no timer and no descriptor will bring,
  `NothingLeftToDoError` says so instead of a test that hangs.
"""

from __future__ import annotations

import asyncio
import functools
import heapq
import itertools
import selectors
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

from softswitch.errors import MisuseError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class NothingLeftToDoError(MisuseError):
    """Every task waits, and nothing is left that could wake one."""


class _JumpingSelector(selectors.SelectSelector):
    """Looks at real descriptors without waiting; time passes by jumping."""

    before_wait: Callable[[bool], None]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        idle = not ready and timeout != 0
        self.before_wait(idle)
        return ready


_Timer = tuple[float, int, Callable[[], object], asyncio.TimerHandle]
"""When, number, what to do, and the handle by which it may be cancelled. The number makes
timers of the same time fire in the order in which they were set."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """The jumping event loop. Give it to ``asyncio.Runner(loop_factory=VirtualTimeLoop)``."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._timers: list[_Timer] = []
        self._numbers = itertools.count()
        selector = _JumpingSelector()
        selector.before_wait = self._before_wait
        super().__init__(selector)

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return self._now_s

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Set a timer in virtual time."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)

        def fire() -> None:
            if not handle.cancelled():
                callback(*args)

        start = functools.partial(self.call_soon, fire, context=context)
        timer: _Timer = (when, next(self._numbers), start, handle)
        heapq.heappush(self._timers, timer)
        return handle

    def _before_wait(self, idle: bool) -> None:  # noqa: FBT001 - called by the selector only
        self._forget_cancelled()
        if idle:
            self._jump()
        while self._timers and self._timers[0][0] <= self._now_s:
            _, _, fire, handle = heapq.heappop(self._timers)
            if not handle.cancelled():
                fire()

    def _forget_cancelled(self) -> None:
        while self._timers and self._timers[0][3].cancelled():
            heapq.heappop(self._timers)

    def _jump(self) -> None:
        if not self._timers:
            raise NothingLeftToDoError(
                f"at {self._now_s:.3f} s every task waits and no timer is set: "
                f"{_describe(asyncio.all_tasks(self))}"
            )
        self._now_s = max(self._now_s, self._timers[0][0])

    def run_in_executor(
        self, _executor: object, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Do the work now, on this thread."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits, as a thread would
            done.set_exception(error)
        return done


def _describe(tasks: set[asyncio.Task[Any]]) -> str:
    return ", ".join(sorted(task.get_name() for task in tasks)) or "no task"


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end under virtual time and return its result.

    Like ``asyncio.run``: tasks still running at the end are cancelled.

    Raises:
        NothingLeftToDoError: all tasks wait for something that cannot happen any more.
    """
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


def run_virtual_strictly(main: Coroutine[Any, Any, T]) -> T:
    """Like `run_virtual`, but nothing may be left behind.

    Raises:
        LeftBehindError: tasks still ran at the end, or an exception reached nobody.
    """
    unheard: list[dict[str, Any]] = []

    def note(loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        unheard.append(told)
        if _is_fatal(told):
            loop.stop()

    async def watched() -> T:
        asyncio.get_running_loop().set_exception_handler(note)
        result = await main
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if left:
            raise LeftBehindError(f"tasks still run: {_describe(left)}")
        return result

    try:
        result = run_virtual(watched())
    finally:
        _raise_fatal(unheard)
    if unheard:
        first = unheard[0]
        raise LeftBehindError(first["message"]) from first.get("exception")
    return result


def _is_fatal(told: dict[str, Any]) -> bool:
    """Whether something wants to end everything: a test's time limit, for one."""
    error = told.get("exception")
    return isinstance(error, BaseException) and not isinstance(error, Exception)


def _raise_fatal(unheard: list[dict[str, Any]]) -> None:
    """Raise what asyncio itself would have swallowed in a callback."""
    for told in unheard:
        if _is_fatal(told):
            raise told["exception"]


class LeftBehindError(MisuseError):
    """A test ended and left tasks running, or lost an exception."""
