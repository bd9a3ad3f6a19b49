"""Texts to build office files from, and what is said of them."""

from pathlib import Path

from softswitch.errors import ConfigurationError, Fault
from softswitch.switch.loading import parse_office

MEMBERS = """
[members.anna]
address = "sip:anna@192.0.2.1"
[members.bo]
address = "sip:bo@192.0.2.2"
"""

MAIN = """
[groups.main]
number = "1000"
members = ["anna", "bo"]
"""

GOOD = MEMBERS + MAIN
"""An office with no fault; its last table is `groups.main`, so settings of it can follow."""

TRUNK = """
[[sip.trunks]]
id = "provider"
server = "sip.example.net"
user = "office"
"""


def faults_of(text: str, base: Path = Path("/nowhere")) -> tuple[Fault, ...]:
    """Return the faults of an office file, none when it is taken."""
    try:
        parse_office(text, base=base)
    except ConfigurationError as error:
        return error.faults
    return ()


def paths_of(text: str, base: Path = Path("/nowhere")) -> list[str]:
    """Return where the faults are."""
    return [fault.path for fault in faults_of(text, base)]
