"""From what `tomllib` read to the tables of an office file, with every fault of shape at once.

What the strict converter refuses is noted and replaced by something harmless, and the rest is
read again, so that one wrong value hides no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import cattrs

from softswitch.acd.model import Target, TargetKind
from softswitch.errors import Fault
from softswitch.settings.faults import (
    HIDDEN,
    ConfigPath,
    allowed_by,
    dotted,
    is_within,
    nearest,
    one_of,
    shown,
)
from softswitch.switch.strict import CONVERTER, RefusedError
from softswitch.switch.tables import OfficeFile

_HARMLESS_TEXT: Final = "."
"""Stands where text is needed: a path, a name, an address that later rules pass over."""


class _UnknownKeyError(RefusedError):
    """A key that means nothing."""


def structure(raw: dict[str, Any]) -> tuple[OfficeFile, tuple[Fault, ...]]:
    """Read the tables of an office file.

    Args:
        raw: what `tomllib` read; refused values are taken out of it.

    Returns:
        The tables, with defaults in place of what was refused, and the faults of shape.
    """
    faults: dict[str, Fault] = {}
    while True:
        try:
            return CONVERTER.structure(raw, OfficeFile), tuple(faults.values())
        except cattrs.BaseValidationError as group:
            refusals = list(_walk(group, _Place((), OfficeFile)))
        except RefusedError as error:
            refusals = [_Refusal(_Place((), OfficeFile), error)]
        faults |= {fault.path: fault for fault in _news(refusals, raw, tuple(faults))}
        for refusal in refusals:
            refusal.mend(raw)


def _news(refusals: list[_Refusal], raw: dict[str, Any], told: tuple[str, ...]) -> Iterator[Fault]:
    """Say what is refused, but for what is missing only because its table was refused."""
    for refusal in refusals:
        fault = refusal.fault(raw)
        if not any(is_within(fault.path, outer) for outer in told):
            yield fault


@attrs.frozen
class _Place:
    """Where a value stands, its type, and what its field says of it."""

    path: ConfigPath
    wanted: Any
    limits: Mapping[Any, Any] = attrs.field(factory=dict)
    secret: bool = False

    def within(self, step: str | int, wanted: object) -> _Place:
        """Go one step inwards."""
        return _Place((*self.path, step), wanted, secret=self.secret)

    def found(self, raw: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
        """Return what stands here."""
        for step in self.path:
            raw = raw[step]
        return raw


@attrs.frozen
class _Refusal:
    """One value refused."""

    place: _Place
    error: Exception

    def fault(self, raw: dict[str, Any]) -> Fault:
        """Say it to a person."""
        place, error = self.place, self.error
        allowed = getattr(error, "allowed", "") or allowed_by(place.limits, place.wanted)
        value, message = "", str(error)
        if isinstance(error, KeyError):
            message = "This is missing."
        elif not isinstance(error, _UnknownKeyError):
            value = HIDDEN if place.secret else shown(place.found(raw))
        return Fault(path=dotted(place.path), value=value, allowed=allowed, message=message)

    def mend(self, raw: dict[str, Any]) -> None:
        """Put something harmless in its place, or nothing where there is a default."""
        last = self.place.path[-1]
        container = attrs.evolve(self.place, path=self.place.path[:-1]).found(raw)
        if isinstance(self.error, _UnknownKeyError):
            container.pop(last, None)
        elif attrs.has(self.place.wanted) and self.place.wanted is not Target:
            container[last] = {}
        elif self.place.wanted is Target and isinstance(self.error, KeyError):
            container[last] = TargetKind.HANG_UP.value
        elif isinstance(last, int) or isinstance(self.error, KeyError):
            container[last] = _HARMLESS_TEXT
        else:
            container.pop(last, None)


def _walk(error: Exception, place: _Place) -> Iterator[_Refusal]:
    """Flatten cattrs' tree of errors into refusals with their paths."""
    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        for key in sorted(error.extra_fields):
            yield _unknown(place, key, known)
    elif isinstance(error, cattrs.ClassValidationError):
        yield from _walk_class(error, place)
    elif isinstance(error, cattrs.IterableValidationError):
        inner, _ = error.group_exceptions()
        for exception, note in inner:
            yield from _walk(exception, place.within(note.index, note.type))
    else:
        yield _Refusal(place, error)


def _walk_class(error: cattrs.ClassValidationError, place: _Place) -> Iterator[_Refusal]:
    inner, bare = error.group_exceptions()
    for exception, note in inner:
        field = attrs.fields_dict(error.cl)[note.name]
        where = place.within(note.name, note.type)
        yield from _walk(
            exception, attrs.evolve(where, limits=field.metadata, secret=not field.repr)
        )
    for exception in bare:
        yield from _walk(exception, place)


def _unknown(place: _Place, key: str, known: list[str]) -> _Refusal:
    where = f"[{dotted(place.path)}]" if place.path else "an office file"
    error = _UnknownKeyError(
        f"There is no such setting in {where}.{nearest(key, known)}", one_of(known)
    )
    return _Refusal(place.within(key, None), error)
