"""What is wrong with a flow as a whole, before a caller finds out.

Dangling targets, nodes that nobody can reach, loops in which nobody does anything, questions that
wait for ever, prompts and languages that are missing, conditions that can never hold, types that
do not fit. Every fault has its path in the flow file, also for a flow built in Python.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import attrs

from softswitch.errors import Fault
from softswitch.ivr.check_conditions import condition_faults
from softswitch.ivr.check_messages import Texting, message_faults
from softswitch.ivr.check_names import naming_faults
from softswitch.ivr.check_prompts import library_faults, prompt_faults
from softswitch.ivr.check_sayings import Ears, saying_faults
from softswitch.ivr.check_sources import source_faults
from softswitch.ivr.check_variables import variable_faults
from softswitch.ivr.check_ways import way_faults
from softswitch.ivr.fields import Thing
from softswitch.ivr.model import RESERVED, Flow
from softswitch.settings.faults import fault, one_of

_LANGUAGES: Final = ("da", "nb", "sv", "en")


@attrs.frozen(kw_only=True)
class Surroundings:
    """What there is around a flow; None: it is not known, and not checked.

    Attributes:
        groups: groups of the office.
        calendars: its calendars.
        boxes: its voicemail boxes.
        surveys: its surveys.
        sounds: names of the sounds in its library.
        ears: what makes out words that callers say.
        texting: who sends texts by SMS.
    """

    groups: Collection[str] | None = None
    calendars: Collection[str] | None = None
    boxes: Collection[str] | None = None
    surveys: Collection[str] | None = None
    sounds: Collection[str] | None = None
    ears: Ears | None = None
    texting: Texting | None = None


ANYWHERE: Final = Surroundings()


def check(
    flow: Flow, around: Surroundings = ANYWHERE, *, refused: Collection[str] = ()
) -> tuple[Fault, ...]:
    """Find everything that is wrong with a flow; nothing is read from the disk.

    Args:
        flow: a flow; its sub-flows are checked by themselves.
        around: what conditions and nodes may refer to.
        refused: names of nodes that exist and could not be read.

    Returns:
        Every fault, none for a flow that can run.
    """
    found = [*_name_faults(flow)]
    found += way_faults(flow, refused)
    found += prompt_faults(flow)
    found += library_faults(flow, around.sounds, around.groups, around.calendars)
    found += saying_faults(flow, around.ears)
    found += variable_faults(flow)
    found += source_faults(flow)
    found += condition_faults(flow, around.groups, around.calendars)
    found += naming_faults(
        flow,
        {Thing.GROUP: around.groups, Thing.BOX: around.boxes, Thing.SURVEY: around.surveys},
    )
    found += message_faults(flow, around.texting)
    found += _node_faults(flow)
    return tuple(dict.fromkeys(found))


def _name_faults(flow: Flow) -> Iterator[Fault]:
    for name in flow.nodes:
        if name in RESERVED or not name:
            message = "A node cannot have this name: it means something else as a target."
            yield fault(("nodes", name), message)
    for i, code in enumerate(flow.languages):
        if code not in _LANGUAGES:
            allowed = one_of(_LANGUAGES)
            yield fault(("flow", "languages", i), "This is no language.", code, allowed)


def _node_faults(flow: Flow) -> Iterator[Fault]:
    for name, node in flow.nodes.items():
        for finding in node.findings(flow):
            path = ("nodes", name, *finding.setting)
            yield fault(path, finding.message, finding.value, finding.allowed)
