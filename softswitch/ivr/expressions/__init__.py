"""A small safe language for conditions in flows.

::

    open("main") and 08:00 <= time < 16:00
    caller in ("+4511111111", "+4522222222") or priority > 5
    waiting("sales") > 3 and not agents("sales") == 0
    weekday not in ("sat", "sun") and customer_level >= 2

Values are numbers, texts in quotes, times of day, dates, true and false. Parsed and type-checked
when a flow is loaded; nothing of it is ever run as Python.
"""

from __future__ import annotations

from softswitch.ivr.expressions.expression import (
    Expression,
    Slot,
    Template,
    expression_of,
    holds,
)
from softswitch.ivr.expressions.faults import ExpressionError, ExpressionFault
from softswitch.ivr.expressions.possible import can_hold
from softswitch.ivr.expressions.syntax import Value
from softswitch.ivr.expressions.types import Kind, Type, Vocabulary

__all__ = [
    "Expression",
    "ExpressionError",
    "ExpressionFault",
    "Kind",
    "Slot",
    "Template",
    "Type",
    "Value",
    "Vocabulary",
    "can_hold",
    "expression_of",
    "holds",
]
