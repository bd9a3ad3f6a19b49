"""Phones whose SDP does not speak of RFC 4733: their keys are tones in their sound."""

from __future__ import annotations

from collections.abc import Sequence

from softswitch.testing.peers.scenario import EVENT_PAYLOAD_TYPE, scenario_text, sdp


def eventless(scenario: str, codecs: Sequence[str] = ("PCMA",)) -> str:
    """One of our scenarios with an SDP that names codecs and nothing else."""
    number = str(EVENT_PAYLOAD_TYPE)
    lines = [line for line in sdp(codecs).splitlines() if f":{number} " not in line]
    plain = "\n".join(line.removesuffix(f" {number}") for line in lines)
    assert number not in plain
    return scenario_text(scenario).replace("{{sdp}}", plain)
