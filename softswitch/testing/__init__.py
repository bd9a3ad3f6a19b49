"""For authors of tests: the whole switch under virtual time, with simulated phones.

The runtime is the real one; only the clock and the phones are simulated. A phone says afterwards
what it heard, with whom it talked and when it rang; an hour of waiting takes no time::

    @pytest.mark.virtual_time
    async def test_who_waits_70_s_hears_position_1_twice() -> None:
        network = SimulatedTelephony()
        network.phone("sip:anna@127.0.0.1:5071", present=False)
        async with Switch(load_office("office.toml"), network):
            log = await network.call("1000", gives_up_after_s=70).until_ended()
        position = SoundStore(Path("var/sounds"), 8000).position(1, "en")
        assert len(log.stretches(position)) == 2

* `virtual_time`: the clock. `pytest_plugin`: the marker above; tasks left behind fail the test.
* `network`, `phones`, `behaviour`: who calls, who is called, and how they behave.
* `logbook`: what a phone remembers.
"""

from softswitch.testing.behaviour import Behaviour
from softswitch.testing.logbook import (
    Heard,
    Logbook,
    Notice,
    Rang,
    Recorded,
    RingingStopped,
    Talked,
)
from softswitch.testing.network import SimulatedTelephony
from softswitch.testing.phones import PhoneCall, SimulatedPhone
from softswitch.testing.virtual_time import (
    LeftBehindError,
    NothingLeftToDoError,
    VirtualTimeLoop,
    run_virtual,
    run_virtual_strictly,
)

__all__ = [
    "Behaviour",
    "Heard",
    "LeftBehindError",
    "Logbook",
    "NothingLeftToDoError",
    "Notice",
    "PhoneCall",
    "Rang",
    "Recorded",
    "RingingStopped",
    "SimulatedPhone",
    "SimulatedTelephony",
    "Talked",
    "VirtualTimeLoop",
    "run_virtual",
    "run_virtual_strictly",
]
