"""A kind of node of this office's own: what is done for the employee who was called.

Whom it concerns is known only when somebody calls; the kinds of nodes that come with softswitch
name their group or box in the flow file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from softswitch.ivr import fields as f
from softswitch.ivr.expressions import Value
from softswitch.ivr.model import OwnNode, node_kind
from softswitch.ivr.nodes import CallBack, Voicemail
from softswitch.switch import Call

WHAT: Final = ("voicemail", "call_back", "colleague")


@node_kind("for_person")
@attrs.frozen(kw_only=True)
class ForPerson(OwnNode):
    """Takes a message for the variable ``member``, or turns to that of ``department``.

    Attributes:
        what: take a message, promise that the department calls back, or queue for a colleague.
    """

    what: str = f.text(None, names=WHAT)

    async def run(self, call: Call, variables: Mapping[str, Value]) -> str:
        """Do it; ``done`` unless it could not be."""
        member, department = str(variables["member"]), str(variables["department"])
        if self.what == "colleague":
            await call.queue(department)
            return "done"
        if self.what == "call_back":
            asked = await call.do(CallBack(group=department, next="done", failed="failed"))
        else:
            asked = await call.do(Voicemail(box=member, next="done", failed="failed"))
        return asked.way
