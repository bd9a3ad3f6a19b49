"""A running office hears at once of what other processes change in its sound library."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from watchfiles import Change, awatch

from softswitch.errors import SoftswitchError
from softswitch.prompts.library.folder import INDEX
from softswitch.switch.sound_desk import LIBRARY_FOLDER

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

SETTLE_MS: Final = 50
"""Changes that come within this time are taken up together."""


@contextlib.asynccontextmanager
async def library_followed(switch: Switch, data_dir: Path) -> AsyncIterator[None]:
    """Take up changes to the sound library while the block runs."""
    folder = data_dir / LIBRARY_FOLDER
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    stop = asyncio.Event()
    following = asyncio.create_task(_follow(switch, folder, stop), name="sound library")
    await asyncio.sleep(0)  # from here on it watches
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([following])


async def _follow(switch: Switch, folder: Path, stop: asyncio.Event) -> None:
    async for _ in awatch(
        folder,
        watch_filter=_is_index,
        debounce=SETTLE_MS,
        step=SETTLE_MS,
        stop_event=stop,
        recursive=False,
    ):
        try:
            await switch.sounds.refresh()
        except SoftswitchError as error:
            log.error("callers hear what they heard before: %s", error)  # noqa: TRY400 - said


def _is_index(_change: Change, path: str) -> bool:
    return Path(path).name == INDEX
