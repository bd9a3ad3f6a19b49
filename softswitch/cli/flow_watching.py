"""Flows follow their files while an office runs: on every save, whole or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from watchfiles import Change, awatch

from softswitch.errors import ConfigurationError, SoftswitchError

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

SETTLE_MS: Final = 300
"""How long a file must have been left alone: editors save in several steps."""


@contextlib.asynccontextmanager
async def flows_followed(switch: Switch) -> AsyncIterator[None]:
    """Let new calls take what flow files say, as soon as they are saved, while the block runs."""
    stop = asyncio.Event()
    following = asyncio.create_task(_follow(switch, stop), name="flows that follow their files")
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([following])


async def _follow(switch: Switch, stop: asyncio.Event) -> None:
    folders = {config.file.parent.resolve() for config in switch.flows.configs}
    if not folders:
        return
    async for changes in awatch(
        *folders, watch_filter=_is_flow, debounce=SETTLE_MS, stop_event=stop
    ):
        log.debug("saved: %s", ", ".join(sorted(path for _, path in changes)))
        await change(switch)


def _is_flow(_change: Change, path: str) -> bool:
    name = Path(path).name
    return name.endswith(".toml") and not name.endswith(".test.toml") and not name.startswith(".")


async def change(switch: Switch) -> bool:
    """Read the flow files again; what is wrong with them is logged.

    Returns:
        Whether all of them count now; the faulty ones stay as they were.
    """
    try:
        changed = await switch.flows.change_all("save")
    except ConfigurationError as error:
        for fault in error.faults:
            log.error("a flow is refused and stays as it is: %s", fault)  # noqa: TRY400 - said
        return False
    except SoftswitchError as error:
        log.error("a flow is refused and stays as it is: %s", error)  # noqa: TRY400 - said
        return False
    for flow_id, changes in changed.items():
        log.info("flow %s is another from the next call on: %s", flow_id, " ".join(changes))
    return True
