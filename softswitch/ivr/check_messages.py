"""Texts by SMS: somebody sends them, their numbers are such, and they are not too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from softswitch.errors import Fault
from softswitch.ivr.expressions import Template
from softswitch.ivr.model import Flow
from softswitch.ivr.nodes.leading import SMS, SendMessage
from softswitch.settings.faults import fault


class Texting(Protocol):
    """What a flow must know of whoever sends texts."""

    @property
    def why_not(self) -> str:
        """Why nobody does, in one sentence; empty: somebody does."""

    @property
    def allowed(self) -> str:
        """What a number may look like, in words."""

    def number_fault(self, written: str) -> str:
        """What is wrong with a number, in one sentence; empty: nothing."""

    def text_fault(self, text: str) -> str:
        """What is wrong with a text, in one sentence; empty: nothing."""


def message_faults(flow: Flow, texting: Texting | None) -> Iterator[Fault]:
    """Find texts that can never be sent.

    Args:
        flow: the flow.
        texting: who sends texts; None: it is not known.
    """
    for name, node in flow.nodes.items():
        if texting is not None and isinstance(node, SendMessage) and node.by == SMS:
            if texting.why_not:
                yield fault(("nodes", name, "by"), texting.why_not, node.by, "email")
            else:
                yield from _text_faults(name, node, texting)


def _text_faults(name: str, node: SendMessage, texting: Texting) -> Iterator[Fault]:
    for number in _plain(node.to).split(",") if node.to.fixed else ():
        if message := texting.number_fault(number.strip()):
            yield fault(("nodes", name, "to"), message, number.strip(), texting.allowed)
    least = _plain(node.text)
    if least.strip() and (message := texting.text_fault(least)):
        yield fault(("nodes", name, "text"), message, node.text.text)


def _plain(template: Template) -> str:
    """Return what a text says in any case: its values are empty at the least."""
    return "".join(piece for piece in template.pieces if isinstance(piece, str))
