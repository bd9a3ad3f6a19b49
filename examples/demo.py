"""A day in the life of a main number, in a minute. Run it: ``make demo``.

A switch opens on the office of ``office.toml``. Five agents and nine callers, each a real SIP
phone (baresip) of its own, call and answer over the loopback network, with speech in both
directions. What happens is shown while it happens; at the end stand the calls, and where the
recordings lie.

``--quick`` tells the same story in a quarter of the time; ``--data DIR`` puts the recordings
elsewhere.
The exit status is 0 when the story went as it should, 1 when not, 2 when something is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
from pathlib import Path

import attrs
from demo_parts.closing import show_calls, show_verdict
from demo_parts.proof import faults
from demo_parts.stage import open_stage
from demo_parts.story import CAST, PROGRAMME, tell
from rich.console import Console

from softswitch.errors import EnvironmentFaultError, SoftswitchError
from softswitch.sip.config import Listener, Transport
from softswitch.sip.info import BUILD_REMEDY, read_info
from softswitch.switch import GroupConfig, OfficeConfig, load_office
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.process import program

HERE = Path(__file__).parent
QUICK = 0.25
LONGEST_S = 120


def main() -> int:
    """Run the demo; the exit status."""
    options = _options()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
    try:
        return asyncio.run(_run(options, console))
    except EnvironmentFaultError as error:
        console.print(f"The demo cannot run here: {error}", style="red", markup=False)
        return 2
    except (SoftswitchError, TimeoutError) as error:
        console.print(
            f"The story broke off: {error or 'it took too long'}", style="red", markup=False
        )
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped; every phone has been put away.")
        return 130


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A switch with real phones, in a minute.")
    parser.add_argument("--quick", action="store_true", help="tell it in a quarter of the time")
    parser.add_argument("--data", type=Path, default=HERE / "var" / "demo", metavar="DIR")
    return parser.parse_args()


async def _run(options: argparse.Namespace, console: Console) -> int:
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    pace = QUICK if options.quick else 1.0
    await asyncio.to_thread(_require_what_it_takes)
    await asyncio.to_thread(_tidy, options.data)
    config = demo_office(options.data, pace)
    console.print(f"[bold]{config.name}[/] opens: five agents, nine callers, real SIP and sound.")
    async with (
        asyncio.timeout(LONGEST_S),
        open_stage(config, CAST, PROGRAMME, console, pace) as stage,
    ):
        await tell(stage)
    show_calls(stage, console)
    wrong = await asyncio.to_thread(faults, stage)
    show_verdict(wrong, console)
    return 1 if wrong else 0


def demo_office(data: Path, pace: float) -> OfficeConfig:
    """The office of ``office.toml`` with free ports, and hurried: nobody waits long in a demo."""
    office = load_office(HERE / "office.toml")
    listener = Listener(transport=Transport.UDP, address="127.0.0.1", port=free_port())
    return attrs.evolve(
        office,
        data_dir=data,
        sip=attrs.evolve(office.sip, listen=(listener,)),
        members=tuple(
            attrs.evolve(member, address=f"sip:{member.id}@127.0.0.1:{free_port()}")
            for member in office.members
        ),
        groups=tuple(_hurried(group, pace) for group in office.groups),
    )


def _hurried(group: GroupConfig, pace: float) -> GroupConfig:
    """Three places in the queue instead of ten, and shorter pauses."""
    engine = attrs.evolve(
        group.engine,
        queue_cap=3,
        position_every_s=max(6 * pace, 2),
        wrap_up_s=min(group.engine.wrap_up_s, 4 * pace),
        rejected_back_off_s=2 * pace,
        busy_back_off_s=2 * pace,
    )
    return attrs.evolve(group, engine=engine)


def _require_what_it_takes() -> None:
    """Raise EnvironmentFaultError where there are no phones, or PJSIP is too small."""
    program("baresip", "baresip-core")
    info = read_info()
    if not info.is_server_build:
        found = f"this PJSIP carries {info.max_calls} call legs, and the story needs 30"
        raise EnvironmentFaultError(found, remedy=BUILD_REMEDY)


def _tidy(data: Path) -> None:
    """Forget the last run, but keep the rendered sounds."""
    for folder in ("recordings", "voicemail"):
        shutil.rmtree(data / folder, ignore_errors=True)
    for name in ("journal.jsonl", "members.json", "engine.jsonl", "engine.old.jsonl"):
        (data / name).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
