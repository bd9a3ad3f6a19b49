"""Everything that an engine knows, as plain values that JSON can carry; and an engine from them.

Members, calls, groups and offers point at each other in circles. Each is given a number, and
whatever points at it bears the number. What follows from the rest is left out and made anew: the
rosters of groups, the heap of deadlines, who wants a phone where; so are the strategies, which
are functions and are known by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from softswitch.acd.commands import StopReason
from softswitch.acd.core import Core, KeptPlace
from softswitch.acd.deadlines import Deadlines, Due
from softswitch.acd.estimate import Expectation, Leeway
from softswitch.acd.line import Line, Wanting
from softswitch.acd.model import FurtherGroup, Group, Member, Target
from softswitch.acd.names import Name
from softswitch.acd.served import Served
from softswitch.acd.state import Agent, Entry, HuntGroup, Offer, PastOffer, Told
from softswitch.acd.strategies import Strategy
from softswitch.acd.tables import OfferState

Frozen = dict[str, Any]
"""What JSON calls an object."""

_NODES: Final = {kind.__name__: kind for kind in (Agent, Entry, HuntGroup, Offer)}
_VALUES: Final = {
    kind.__name__: kind
    for kind in (
        Expectation,
        FurtherGroup,
        Group,
        KeptPlace,
        Leeway,
        Member,
        Served,
        Target,
        Told,
    )
}
_NAMES: Final = {kind.__name__: kind for kind in Name.__subclasses__()}
_ANEW: Final = {
    "Agent": {"wanting", "address", "seats"},
    "HuntGroup": {
        "wanting",
        "strategy",
        "strategy_name",
        "many",
        "width",
        "by_roster",
        "ring_time_s",
        "position_every_s",
        "priority_worth_s",
        "max_offering_s",
        "wrap_up_s",
        "auto_ready",
        "max_offers",
        "max_wait_s",
        "nobody_active",
        "roster",
        "line",
        "here",
        "alone",
    },
    "Entry": {"stands_in"},
    "Core": {
        "strategies",
        "deadlines",
        "past_offers",
        "past_calls",
        "met",
        "idlers",
        "seekers",
        "newcomers",
        "output",
    },
}
"""Fields that are not simply written down."""


def freeze(core: Core) -> Frozen:
    """Write down a memory in which nothing is left to be settled or polled."""
    return _Freezer(core).freeze()


def thaw(frozen: Frozen, strategies: Mapping[str, Strategy]) -> Core:
    """Make a memory of what was written down.

    Raises:
        KeyError, TypeError, ValueError: this is nothing that was written down by this version, or
            a strategy is not known.
    """
    return _Thawer(strategies).thaw(frozen)


def _fields(kind: type) -> tuple[str, ...]:
    left_out = _ANEW.get(kind.__name__, set())
    if attrs.has(kind):
        names = [field.name for field in attrs.fields(kind)]
    else:  # compiled classes keep the names of their attributes, plain ones annotate them
        names = list(getattr(kind, "__mypyc_attrs__", None) or kind.__annotations__)
    return tuple(name for name in names if name not in left_out)


_FIELDS: Final[Mapping[type, tuple[str, ...]]] = {
    kind: _fields(kind) for kind in (*_NODES.values(), *_VALUES.values(), Core)
}


class _Freezer:
    """Gives numbers to objects as they come up, and writes each of them down once."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._numbers: dict[object, int] = {}
        self._unwritten: list[Agent | Entry | HuntGroup | Offer] = []

    def freeze(self) -> Frozen:
        core = self._core
        frozen = {name: self._plain(getattr(core, name)) for name in _FIELDS[Core]}
        frozen["deadlines"] = [
            [due.value, owner, at, sequence] for (due, owner), at, sequence in core.deadlines.all()
        ]
        frozen["deadline_sequence"] = core.deadlines.sequence
        frozen["past_offers"] = [
            [_past_offer(past) for past in table.values()] for table in core.past_offers.tables
        ]
        frozen["past_calls"] = [list(table) for table in core.past_calls.tables]
        frozen["met"] = [self._plain(table) for table in core.met.tables]
        frozen["objects"] = list(self._objects())
        return frozen

    def _objects(self) -> Iterator[Frozen]:
        """In the order of their numbers; writing one down may bring up others."""
        written = 0
        while written < len(self._unwritten):
            yield self._object(self._unwritten[written])
            written += 1

    def _object(self, node: Agent | Entry | HuntGroup | Offer) -> Frozen:
        kind = type(node)
        frozen = {name: self._plain(getattr(node, name)) for name in _FIELDS[kind]}
        if isinstance(node, HuntGroup):
            frozen["roster"] = self._plain(node.agents)
            frozen["line"] = self._plain(list(node.line))
        elif isinstance(node, Entry):
            frozen["stands_in"] = [self._plain(owner) for owner in self._owners(node)]
        return {"class": kind.__name__, **frozen}

    def _owners(self, entry: Entry) -> Iterator[Agent | HuntGroup]:
        """Where a call stands as wanting a phone, it stands with a group or a member."""
        wanted = {id(wanting) for wanting in entry.stands_in}
        places: list[Agent | HuntGroup] = [*entry.search]
        places += [] if entry.kept_for is None else [entry.kept_for]
        return (place for place in places if id(place.wanting) in wanted)

    def _plain(self, value: Any) -> Any:  # noqa: ANN401 -- whatever an attribute may hold
        if value is None or isinstance(value, str | int | float):
            return value
        kind = type(value)
        if kind.__name__ in _NODES:
            return {"object": self._number(value)}
        if isinstance(value, Name):
            return {"name": f"{kind.__name__}.{value.value}"}
        if kind in _FIELDS:
            return {"class": kind.__name__, **self._attributes(value, _FIELDS[kind])}
        return self._collection(value)

    def _attributes(self, value: object, names: Iterable[str]) -> Frozen:
        return {name: self._plain(getattr(value, name)) for name in names}

    def _collection(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, list):
            return [self._plain(one) for one in value]
        if isinstance(value, tuple):
            return {"tuple": [self._plain(one) for one in value]}
        if isinstance(value, frozenset):
            return {"set": sorted(value)}
        pairs: Mapping[Any, Any] = value
        return {"pairs": [[self._plain(key), self._plain(one)] for key, one in pairs.items()]}

    def _number(self, node: Agent | Entry | HuntGroup | Offer) -> int:
        if node not in self._numbers:
            self._numbers[node] = len(self._unwritten)
            self._unwritten.append(node)
        return self._numbers[node]


class _Thawer:
    """Makes every object first, then fills them all, and then makes anew what follows."""

    def __init__(self, strategies: Mapping[str, Strategy]) -> None:
        self._strategies = strategies
        self._objects: list[Any] = []

    def thaw(self, frozen: Frozen) -> Core:
        tables: list[Frozen] = frozen["objects"]
        self._objects = [_blank(_NODES[table["class"]]) for table in tables]
        for node, table in zip(self._objects, tables, strict=True):
            self._fill(node, table)
        self._man_groups(tables)
        self._line_up(tables)
        core = Core(frozen["now"], self._strategies)
        self._fill(core, frozen)
        core.deadlines = _deadlines(frozen)
        core.past_calls.fill(*(dict.fromkeys(ids, True) for ids in frozen["past_calls"]))
        core.past_offers.fill(*(_past_offers(table) for table in frozen["past_offers"]))
        core.met.fill(*(self._value(table) for table in frozen["met"]))
        return core

    def _fill(self, node: object, table: Frozen) -> None:
        """Set what was written down; the rest begins as always, if it has something to begin with.

        Raises:
            KeyError: it has not.
        """
        values = self._present(type(node), table)
        for name in _FIELDS[type(node)]:
            if name in values:
                setattr(node, name, values[name])
            elif not hasattr(node, name):
                raise KeyError(name)

    def _man_groups(self, tables: list[Frozen]) -> None:
        for node in self._objects:
            if isinstance(node, Agent | HuntGroup):
                node.wanting = Wanting()
            if isinstance(node, Agent):
                node.seats = ()
                node.adopt(node.member)
        for node, table in zip(self._objects, tables, strict=True):
            if isinstance(node, HuntGroup):
                node.adopt(node.group, self._strategies[node.group.strategy])
                node.here, node.alone = (node.wanting,), (node,)
                node.man(self._value(table["roster"]))
                node.line = Line(self._value(table["line"]))

    def _line_up(self, tables: list[Frozen]) -> None:
        for node, table in zip(self._objects, tables, strict=True):
            if isinstance(node, Entry):
                owners = self._value(table["stands_in"])
                node.stands_in = tuple(owner.wanting for owner in owners)
                for wanting in node.stands_in:
                    wanting.add(node)

    def _present(self, kind: type, table: Frozen) -> Frozen:
        """The fields that were written down: an earlier version knew fewer."""
        return {name: self._value(table[name]) for name in _FIELDS[kind] if name in table}

    def _value(self, plain: Any) -> Any:  # noqa: ANN401 -- whatever an attribute may hold
        if isinstance(plain, list):
            return [self._value(one) for one in plain]
        if not isinstance(plain, dict):
            return plain
        if "class" in plain:
            kind = _VALUES[plain["class"]]
            return kind(**self._present(kind, plain))
        [(tag, content)] = plain.items()
        return self._tagged(tag, content)

    def _tagged(self, tag: str, content: Any) -> Any:  # noqa: ANN401
        if tag == "object":
            return self._objects[content]
        if tag == "name":
            kind, value = content.split(".", 1)
            return _NAMES[kind](value)
        if tag == "tuple":
            return tuple(self._value(one) for one in content)
        if tag == "set":
            return frozenset(content)
        return {self._value(key): self._value(one) for key, one in content}


def _blank(kind: Callable[..., Any]) -> Any:  # noqa: ANN401 -- one of `_NODES`, unfilled
    make: Callable[..., Any] = kind.__new__
    return make(kind)


def _deadlines(frozen: Frozen) -> Deadlines:
    live = (((Due(due), owner), at, number) for due, owner, at, number in frozen["deadlines"])
    return Deadlines.of(live, frozen["deadline_sequence"])


def _past_offer(past: PastOffer) -> list[str | int]:
    """Briefly, since there are many."""
    ids = (past.id, past.call_id, past.call_number, past.member_id)
    return [*ids, past.state.value, past.reason.value]


def _past_offers(plain: list[list[Any]]) -> dict[str, PastOffer]:
    return {past[0]: _as_past_offer(past) for past in plain}


def _as_past_offer(plain: list[Any]) -> PastOffer:
    offer_id, call_id, call_number, member_id, state, reason = plain
    return PastOffer(
        offer_id=offer_id,
        call_id=call_id,
        call_number=call_number,
        member_id=member_id,
        state=OfferState(state),
        reason=StopReason(reason),
    )
