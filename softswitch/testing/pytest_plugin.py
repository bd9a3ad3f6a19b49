"""pytest: run an async test under virtual time.

::

    @pytest.mark.virtual_time
    async def test_a_day_passes_at_once() -> None:
        await asyncio.sleep(86_400)

The test fails when it leaves a task running or when an exception reaches nobody. Installed
with softswitch; from a checkout, ``pytest -p softswitch.testing.pytest_plugin``.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from softswitch.testing.virtual_time import run_virtual_strictly

MARK = "virtual_time"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", f"{MARK}: run this async test on a clock that jumps")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a marked async test; leave everything else to others."""
    if pyfuncitem.get_closest_marker(MARK) is None:
        return None
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        pytest.fail(f"{MARK} marks async tests; this one is not async")
    run_virtual_strictly(pyfuncitem.obj(**_arguments(pyfuncitem)))
    return True


def _arguments(item: pytest.Function) -> dict[str, Any]:
    names = inspect.signature(item.obj).parameters
    return {name: item.funcargs[name] for name in names}
