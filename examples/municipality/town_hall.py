"""A municipality on the telephone: main number, direct numbers, case status.

    python examples/municipality/town_hall.py [OFFICE.TOML]

What callers hear and where they are led stands in main.toml, works.toml, cases.toml and
direct.toml. Here is what those cannot know: who is away, and how far cases are.
"""

import asyncio
import contextlib
import sys
from pathlib import Path

from town_cases import Cases
from town_people import People

from softswitch.errors import ConfigurationError
from softswitch.switch import OfficeConfig, Switch, load_office

OFFICE = Path(__file__).with_name("office.toml")


def furnish(switch: Switch, config: OfficeConfig) -> None:
    """Let a switch know the employees and the cases."""
    switch.look_up("employee")(People(switch, config).employee)
    switch.look_up("cases")(Cases(config.data_dir / "cases.db").case)


async def main(file: Path | str = OFFICE) -> None:
    """Take calls until cancelled."""
    config = load_office(file)
    switch = Switch(config)
    furnish(switch, config)
    async with switch:
        print("Call 77112000, or the direct numbers of people.toml; Ctrl-C stops.")
        await switch.serve_forever()


if __name__ == "__main__":
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(main(*sys.argv[1:]))
    except ConfigurationError as error:
        sys.exit(str(error))
