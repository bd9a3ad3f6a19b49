"""SIGHUP: the office file is read again, and comes into force whole or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.cli.office_view import fault_lines
from softswitch.errors import ConfigurationError, SoftswitchError
from softswitch.switch.loading import load_office

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def reloaded_on_signal(
    switch: Switch, office: Path, *, flows: bool = False
) -> AsyncIterator[None]:
    """Reload an office file with every SIGHUP while the block runs; one reload after the other.

    Args:
        switch: the switch.
        office: the file.
        flows: as `load_office` takes it.
    """
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    reloading = asyncio.create_task(
        _reload_when_asked(switch, office, asked, flows=flows), name="reloading"
    )
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        reloading.cancel()
        await asyncio.wait([reloading])


async def _reload_when_asked(
    switch: Switch, office: Path, asked: asyncio.Event, *, flows: bool
) -> None:
    while True:
        await asked.wait()
        asked.clear()
        await reload(switch, office, flows=flows)


async def reload(switch: Switch, office: Path, *, flows: bool = False) -> bool:
    """Read an office file and bring it into force; what is wrong with it is logged.

    Returns:
        Whether it is in force now; if not, everything is as it was.
    """
    try:
        config = await asyncio.to_thread(load_office, office, flows=flows)
        plan = await switch.plan(config)
        await switch.apply(plan)
    except ConfigurationError as error:
        log.error("%s is refused, the office stays as it is:", office)  # noqa: TRY400 - faults follow
        for line in fault_lines(error.faults, office):
            log.error("%s", line)  # noqa: TRY400 - the same
    except SoftswitchError as error:
        log.error("%s is refused, the office stays as it is: %s", office, error)  # noqa: TRY400 - said
    else:
        log.info("%s was read again: %s", office, " ".join(plan.effects) or "nothing changes.")
        return True
    return False
