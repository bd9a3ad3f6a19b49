"""An office from a file, and a program that follows what happens in it.

    python examples/04_office_file.py [OFFICE.TOML]

The file says who works here and by which rules (see office.toml); ``softswitch run`` does the
same without any Python. Here the program prints a line for every call that is over.
"""

import asyncio
import contextlib
import sys
from pathlib import Path

from softswitch.acd.records import CallRecord
from softswitch.errors import ConfigurationError
from softswitch.switch import RecordingMade, Switch, load_office

OFFICE = Path(__file__).with_name("office.toml")


async def main(file: Path | str = OFFICE) -> None:
    """Take calls until cancelled."""
    async with Switch(load_office(file)) as switch:
        print("Call one of the group's numbers; Ctrl-C stops.")
        async for record in switch.records():  # everything that happens, as it happens
            if isinstance(record, RecordingMade):
                print(f"recording: {record.path}")
            if isinstance(record, CallRecord):
                when = switch.time_of(record.joined_at)  # records count seconds; this is a date
                print(f"{when:%H:%M:%S}  {record.group_id}  {record.outcome.value}")


if __name__ == "__main__":
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(main(*sys.argv[1:]))
    except ConfigurationError as error:  # everything that is wrong with the file, line by line
        sys.exit(str(error))
