"""SIPp scenarios with places to fill in.

A scenario is SIPp's XML with these additions, filled in before SIPp sees it:

``{{name=default}}``
    A value; its first place gives the default, later ones may write ``{{name}}`` only. A line left
    with nothing but empty places goes away.
``{{#each name=default}} ... {{item}} ... {{/each}}``
    The block once for each character of the value: one INFO for each digit.
``{{sdp}}``, ``{{sdp sendonly 2}}``
    A body offering or answering audio, with direction and version (RFC 8866, RFC 3264 section 8).
``<!-- options: -nd -pause_msg_ign -->``
    Command-line options of SIPp that the scenario needs.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from importlib import resources

from softswitch.errors import MisuseError

PAYLOAD_TYPES = {"PCMU": (0, "PCMU/8000"), "PCMA": (8, "PCMA/8000"), "G722": (9, "G722/8000")}
"""Static payload types of RFC 3551 section 6."""

EVENT_PAYLOAD_TYPE = 101
"""Payload type that our SDP gives to RFC 4733 telephone events."""

_EACH = re.compile(r"\{\{#each (\w+)(?:=([^}]*))?\}\}(.*?)\{\{/each\}\}", re.DOTALL)
_PLACE = re.compile(r"\{\{(\w+)(?:=([^}]*))?\}\}")
_SDP = re.compile(r"[ \t]*\{\{sdp(?: (\w+))?(?: (\d+))?\}\}")
_ONLY_PLACES = re.compile(r"^[ \t]*(?:\{\{\w+(?:=[^}]*)?\}\}[ \t]*)+$")
_OPTIONS = re.compile(r"<!-- options:(.*?)-->", re.DOTALL)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" ?>'  # SIPp wants it
_BUILT_IN = frozenset({"sdp", "item"})


def _load() -> dict[str, str]:
    files = (resources.files(__package__) / "scenarios").iterdir()
    return {f.name[:-4]: f.read_text("utf-8") for f in files if f.name.endswith(".xml")}


_SCENARIOS = _load()  # at import, so that no event loop waits for a disk later


def scenario_names() -> tuple[str, ...]:
    """Names of the scenarios that come with the package."""
    return tuple(sorted(_SCENARIOS))


def scenario_text(scenario: str) -> str:
    """The XML itself when ``scenario`` is XML, else that of the scenario of this name.

    Raises:
        MisuseError: there is no scenario of this name.
    """
    if scenario.lstrip().startswith("<"):
        declared = scenario.lstrip().startswith("<?xml")
        return scenario.lstrip() if declared else f"{_DECLARATION}\n{scenario}"
    if scenario not in _SCENARIOS:
        raise MisuseError(f"no scenario {scenario!r}; there are {', '.join(scenario_names())}")
    return _SCENARIOS[scenario]


def options(text: str) -> list[str]:
    """SIPp options that the scenario asks for."""
    return [word for found in _OPTIONS.findall(text) for word in shlex.split(found)]


def defaults(text: str) -> dict[str, str]:
    """Name and default of each place; the first default of a name counts, none means empty."""
    found: dict[str, str] = {}
    for pattern in (_EACH, _PLACE):
        for match in pattern.finditer(text):
            if match[1] not in _BUILT_IN and (match[2] is not None or match[1] not in found):
                found.setdefault(match[1], match[2] or "")
                found[match[1]] = found[match[1]] or match[2] or ""
    return found


def render(text: str, params: Mapping[str, object], codecs: Sequence[str]) -> str:
    """Fill in every place.

    Args:
        text: scenario with places.
        params: values by name, each turned into text by ``str``.
        codecs: names in PAYLOAD_TYPES, in order of preference, for ``{{sdp}}``.

    Raises:
        MisuseError: ``params`` names a place that the scenario does not have.
    """
    values = defaults(text)
    if unknown := sorted(set(params) - set(values)):
        raise MisuseError(f"the scenario has no {unknown}; it has {sorted(values)}")
    values |= {name: str(value) for name, value in params.items()}
    text = _EACH.sub(lambda m: "".join(m[3].replace("{{item}}", c) for c in values[m[1]]), text)
    text = _SDP.sub(lambda m: sdp(codecs, m[1] or "sendrecv", int(m[2] or 1)), text)
    text = "\n".join(line for line in text.split("\n") if not _becomes_empty(line, values))
    return _PLACE.sub(lambda m: values[m[1]], text)


def _becomes_empty(line: str, values: Mapping[str, str]) -> bool:
    """Whether a line holds places only, and none has a value: it would end a header early."""
    return bool(_ONLY_PLACES.match(line)) and not any(
        values[place[1]].strip() for place in _PLACE.finditer(line)
    )


def sdp(codecs: Sequence[str], direction: str = "sendrecv", version: int = 1) -> str:
    """An SDP body whose address (IP version, host, port) SIPp takes from its injection file."""
    numbered = [PAYLOAD_TYPES[name] for name in codecs]
    formats = " ".join(str(number) for number, _ in numbered)
    return "\n".join(
        [
            "v=0",
            f"o=- [pid] {version} IN IP[field0] [field1]",
            "s=-",
            "c=IN IP[field0] [field1]",
            "t=0 0",
            f"m=audio [field2] RTP/AVP {formats} {EVENT_PAYLOAD_TYPE}",
            *(f"a=rtpmap:{number} {name}" for number, name in numbered),
            f"a=rtpmap:{EVENT_PAYLOAD_TYPE} telephone-event/8000",
            f"a=fmtp:{EVENT_PAYLOAD_TYPE} 0-16",
            "a=ptime:20",
            f"a={direction}",
        ]
    )
