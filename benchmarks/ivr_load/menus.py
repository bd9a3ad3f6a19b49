"""A whole switch whose one number leads to menus of tones. Runs in the child process."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from sip_load.duties import sip_config
from sip_load.offices import OfficeAtWork

from ivr_load.tones import tone_menus, write_tones
from softswitch.switch import OfficeConfig

NUMBER = "2000"


@contextlib.asynccontextmanager
async def menus(options: Mapping[str, Any]) -> AsyncIterator[OfficeAtWork]:
    """Every caller hears a tone, and another for each key."""
    folder = Path(options["folder"])
    write_tones(folder)
    office = OfficeAtWork(OfficeConfig(data_dir=folder / "var", sip=sip_config()))
    office.switch.use(NUMBER, tone_menus(folder))
    async with office.switch:
        office.opened()
        yield office
