"""The engine's own kind of enumeration: names that are looked up many times for each call."""

from __future__ import annotations

import enum


class Name(enum.Enum):
    """An enumeration whose members are told apart by what they are, not by what they are called.

    Python hashes the name of a member, by a function of its own, each time that it is looked up in
    a table. There is only one object for each member, so its identity is as good and costs nothing.
    """

    __hash__ = object.__hash__
