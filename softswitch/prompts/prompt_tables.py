"""How the tables of a prompt file are read: by a cattrs converter that coerces nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_origin

import attrs
import cattrs
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.errors import AttributeValidationNote
from cattrs.gen import make_dict_structure_fn, override

from softswitch.prompts import messages
from softswitch.prompts.description import (
    DEPTH_MAX,
    KINDS,
    PARTS_MAX,
    Say,
    Sound,
    allowed,
    conflicts,
    in_range,
)
from softswitch.settings.faults import allowed_type, one_of

_KIND_KEYS: Final = (*KINDS, "music")


class RefusedError(ValueError):
    """A value cannot stand where it stands.

    Attributes:
        allowed: what can, in words; perhaps empty.
    """

    def __init__(self, message: str, allowed: str = "") -> None:
        super().__init__(message)
        self.allowed = allowed


def check_depth(table: object) -> None:
    """Refuse what nests too deeply before anything follows it all the way down."""
    layer, deep = [table], 0
    while layer := [inner for outer in layer for inner in _inside(outer)]:
        deep += 1
        if deep > 2 * DEPTH_MAX:  # a list and a table for each sound
            raise RefusedError("Sounds are nested too deeply.", f"{DEPTH_MAX} inside each other")


def _inside(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def make_converter(base: Path) -> cattrs.Converter:
    """Build the converter that reads sounds; paths are taken from ``base``."""
    converter = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)
    converter.register_structure_hook(Path, lambda value, _: _file(value, base))
    converter.register_structure_hook(str, lambda value, _: _exactly(value, str))
    converter.register_structure_hook(bool, lambda value, _: _exactly(value, bool))
    readers: dict[type[Sound], Any] = {}
    converter.register_structure_hook(Sound, lambda value, _: readers[_kind(value)](value))
    readers |= {cls: _reader(cls, converter) for cls in KINDS.values()}
    return converter


def _kind(value: object) -> type[Sound]:
    """Tell from its keys what kind of sound a table describes."""
    if not isinstance(value, dict):
        raise RefusedError("This must be a table that describes a sound.")
    kinds = {KINDS.get(key, KINDS["speech"]): key for key in _KIND_KEYS if key in value}
    if len(kinds) == 1:
        return next(iter(kinds))
    keys = one_of(f"`{key}`" for key in KINDS)
    if not kinds:
        raise RefusedError("This does not say what is heard.", f"one of {keys}")
    both = " and ".join(f"`{key}`" for key in kinds.values())
    raise RefusedError(f"{both} cannot stand in one table.", f"one of {keys}")


def _reader(cls: type[Sound], converter: cattrs.Converter) -> Any:  # noqa: ANN401 - a cattrs hook
    fields: Any = {
        field.name: override(struct_hook=_hook(field, cls, converter))
        for field in attrs.fields(cls)
    }
    read = make_dict_structure_fn(
        cls,
        converter,
        _cattrs_forbid_extra_keys=True,
        _cattrs_detailed_validation=True,
        **fields,
    )

    def whole(value: dict[str, Any]) -> Sound:
        errors = list(_contradictions(value, cls))
        try:
            if not errors:
                return read(value, cls)
            read({key: value[key] for key in value if key not in {e.name for e in errors}}, cls)
        except cattrs.ClassValidationError as group:
            raise cattrs.ClassValidationError(
                group.message, [*errors, *group.exceptions], cls
            ) from None
        raise cattrs.ClassValidationError("contradictions", errors, cls)

    return whole


class _ContradictionError(RefusedError):
    """Two settings of one sound do not go together; ``name`` is the one to blame."""

    def __init__(self, name: str, message: str, cls: type[Sound]) -> None:
        super().__init__(message)
        self.name = name
        self.add_note(AttributeValidationNote(f"{cls.__name__}.{name}", name, float))


def _contradictions(value: Mapping[str, Any], cls: type[Sound]) -> Iterator[_ContradictionError]:
    for name, message in conflicts(cls, value):
        yield _ContradictionError(name, message, cls)


def _hook(field: attrs.Attribute[Any], cls: type[Sound], converter: cattrs.Converter) -> Any:  # noqa: ANN401
    """Return what reads one field."""
    wanted: Any = attrs.resolve_types(cls) and getattr(attrs.fields(cls), field.name).type
    if "range" in field.metadata:
        return lambda value, _: _number(value, field)
    if get_origin(wanted) is tuple:
        read = homogenous_tuple_structure_factory(wanted, converter)
        return lambda value, kind: read(_list(value), kind)
    if cls is Say and field.name == "language":
        return lambda value, _: _language(value)
    return converter.structure


def _number(value: object, field: attrs.Attribute[Any]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RefusedError("This must be a number.", allowed(field))
    if abs(value) > 1e9 or not in_range(field, value):
        raise RefusedError("This is out of range.", allowed(field))
    return float(value)


def _exactly(value: object, kind: type[Any]) -> Any:  # noqa: ANN401 - of this type
    if type(value) is not kind:
        raise RefusedError(f"This must be {allowed_type(kind)}.")
    return value


def _file(value: object, base: Path) -> Path:
    if not isinstance(value, str):
        raise RefusedError(f"This must be {allowed_type(Path)}.")
    if not value or "\0" in value:
        raise RefusedError("This is no path.")
    path = base / value
    if not path.is_file():
        raise RefusedError("There is no such file.")
    return path


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= PARTS_MAX:
        raise RefusedError(f"This must be a list of 1 to {PARTS_MAX} sounds.")
    return value


def _language(value: object) -> str:
    known = messages.languages()
    if not isinstance(value, str) or value not in known:
        raise RefusedError("This is no language we speak.", one_of(known))
    return value
