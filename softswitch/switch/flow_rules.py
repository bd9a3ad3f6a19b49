"""Rules of the flows that an office names: their numbers, and everything in their files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

import attrs

from softswitch.errors import ConfigurationError, Fault
from softswitch.ivr.check_prompts import named_sounds
from softswitch.ivr.check_sayings import Ears
from softswitch.ivr.checks import Surroundings
from softswitch.ivr.loading import load_flow
from softswitch.ivr.model import Flow
from softswitch.settings.faults import LocatedFault, dotted, fault
from softswitch.switch.addresses import ALLOWED_NUMBER, is_group_number
from softswitch.switch.boxes import boxes_of
from softswitch.switch.config import FlowConfig, OfficeConfig


def flow_faults(config: OfficeConfig) -> Iterator[Fault]:
    """Find what is wrong with the flows of an office. Reads their files."""
    yield from _number_faults(config)
    for flow in config.flows:
        try:
            load_flow(flow.file, surroundings(config))
        except ConfigurationError as error:
            yield from (_of_flow(flow, found) for found in error.faults)


def _of_flow(flow: FlowConfig, found: Fault) -> Fault:
    """Return a fault of a flow as one of the office that stands in the flow's own file."""
    setting = dotted(("flows", flow.id, "file"))
    if not isinstance(found, LocatedFault) or not found.line:
        return fault(("flows", flow.id, "file"), found.message, flow.file, found.allowed)
    path = setting if found.path == found.file else f"{setting}: {found.path}"
    return attrs.evolve(found, path=path)


def surroundings(
    config: OfficeConfig, sounds: Collection[str] | None = None, ears: Ears | None = None
) -> Surroundings:
    """Return what the flows of an office can refer to.

    Args:
        config: the office.
        sounds: of its library, where known.
        ears: what makes out words; None: what the office names.
    """
    return Surroundings(
        groups=tuple(group.id for group in config.groups),
        calendars=tuple(config.hours),
        boxes=tuple(boxes_of(config)),
        surveys=tuple(config.surveys),
        sounds=sounds,
        ears=ears or config.speech.ears(),
        texting=config.sms.rules,
    )


def sound_uses(config: OfficeConfig) -> Mapping[str, tuple[str, ...]]:
    """Say, for sounds of the library, where the flows of an office use them. Reads their files.

    Raises:
        ConfigurationError: a flow is faulty.
    """
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for flow in config.flows:
        for name, words in uses_in(flow.id, load_flow(flow.file)):
            found[name] += (words,)
    return dict(found)


def uses_in(flow_id: str, flow: Flow) -> Iterator[tuple[str, str]]:
    """Give every sound of the library that a flow uses, with the place in words, each once."""
    for name, node in dict.fromkeys(named_sounds(flow)):
        yield name, f"node {node!r} of flow {flow_id}"


def _number_faults(config: OfficeConfig) -> Iterator[Fault]:
    taken = {number: f"group {group.id}" for group in config.groups for number in group.numbers}
    for flow in config.flows:
        for i, number in enumerate(flow.numbers):
            path = (
                ("flows", flow.id, "number")
                if len(flow.numbers) == 1
                else ("flows", flow.id, "number", i)
            )
            if not is_group_number(number):
                yield fault(path, "This is no number.", number, ALLOWED_NUMBER)
            elif number in taken:
                yield fault(path, f"This number leads to {taken[number]} already.", number)
            taken.setdefault(number, f"flow {flow.id}")
