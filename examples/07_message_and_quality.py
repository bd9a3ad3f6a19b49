"""An answering machine that also says how well it could hear.

    python examples/07_message_and_quality.py [PORT]

The message is written to message.wav. The figures are those of RTP, the protocol that carries
the sound in packets, fifty a second.
"""

import asyncio
import contextlib
import sys
from pathlib import Path

from softswitch.errors import CallEndedError
from softswitch.sip.config import Listener, SipConfig
from softswitch.switch import Call, OfficeConfig, Switch


async def take_message(call: Call) -> None:
    """Record until a key is pressed, or the caller hangs up."""
    await call.answer()
    await call.say("Please speak, and press any key when you have finished.", barge_in=False)
    recording = call.record(Path("message.wav"))
    with contextlib.suppress(CallEndedError):  # hanging up is a way to finish, too
        await call.collect(count=1, terminator="", timeout_s=60)
    recording.stop()
    report(call)
    await call.say("Thank you.")


def report(call: Call) -> None:
    """Print what the line was like."""
    line = call.leg.statistics()
    # MOS, the mean opinion score, estimates how people would rate it: 4.4 is as good as the
    # classic telephone codec (PCMA) gets, below 3.6 many are dissatisfied.
    print(
        f"{line.codec}: {line.received_packets} packets received, {line.lost_packets} lost,"
        f" jitter {line.jitter_ms:.0f} ms, MOS {line.mos:.1f}"
    )


async def main(port: int = 5060) -> None:
    """Take calls until cancelled."""
    sip = SipConfig(listen=(Listener(address="127.0.0.1", port=port),))
    async with Switch(OfficeConfig(sip=sip)) as switch:
        switch.flow("1000")(take_message)
        print(f"Call sip:1000@127.0.0.1:{port}; Ctrl-C stops.")
        await switch.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
