"""Flows follow their files while an office runs: on every save, whole or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from watchfiles import Change, awatch

from softswitch.errors import ConfigurationError, SoftswitchError
from softswitch.ivr.loading import flow_files

if TYPE_CHECKING:
    from softswitch.switch.config import FlowConfig
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

SETTLE_MS: Final = 300
"""How long a file must have been left alone: editors save in several steps."""


@contextlib.asynccontextmanager
async def flows_followed(switch: Switch, flows: Sequence[FlowConfig]) -> AsyncIterator[None]:
    """Let new calls take what flow files say, as soon as they are saved, while the block runs.

    Args:
        switch: the switch.
        flows: whose files are followed; further plans in them are too.
    """
    stop = asyncio.Event()
    work = _follow(switch, flows, stop) if flows else _nothing()
    following = asyncio.create_task(work, name="flows that follow their files")
    await asyncio.sleep(0)  # from here on it watches
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([following])


async def _nothing() -> None:
    """There is nothing to follow."""


async def _follow(switch: Switch, flows: Sequence[FlowConfig], stop: asyncio.Event) -> None:
    """Watch the folders of all files; these may be others after a change."""
    while not stop.is_set():
        folders = await asyncio.to_thread(_folders, flows)
        async for changes in awatch(
            *folders, watch_filter=_is_flow, debounce=SETTLE_MS, stop_event=stop, recursive=False
        ):
            log.debug("saved: %s", ", ".join(sorted(path for _, path in changes)))
            await change(switch)
            if await asyncio.to_thread(_folders, flows) != folders:
                break


def _folders(flows: Sequence[FlowConfig]) -> set[Path]:
    """Return the folders of flows and of their further plans."""
    found = {flow.file.parent.resolve() for flow in flows}
    for flow in flows:
        names = flow_files(flow.file)
        found |= {(flow.file.parent / name).resolve().parent for name in names}
    return {folder for folder in found if folder.is_dir()}


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
