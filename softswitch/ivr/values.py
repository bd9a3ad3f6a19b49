"""How each kind of setting is read: strictly, with a plain reason for everything refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from softswitch.ivr.expressions import Expression, ExpressionError, Template
from softswitch.ivr.fields import Role, RoleKind
from softswitch.ivr.model import Case
from softswitch.ivr.prompts import (
    ANY_LANGUAGE,
    LibrarySound,
    Message,
    Piece,
    Prompt,
    Sound,
    Welcome,
    WelcomePart,
    Words,
)
from softswitch.ivr.sayings import Sayings, as_said, is_by_language
from softswitch.prompts.messages import SystemMessage
from softswitch.settings.faults import ConfigPath, nearest, one_of


class RefusedError(Exception):
    """A value that cannot stand where it stands.

    Attributes:
        at: where inside of what was read.
        value: what was found, where that is not the whole.
        allowed: what may stand there, where its role does not say it all.
    """

    def __init__(
        self,
        message: str,
        *,
        at: ConfigPath = (),
        value: object = None,
        allowed: str = "",
    ) -> None:
        super().__init__(message)
        self.at, self.value, self.allowed = at, value, allowed


class ValueReader:
    """Reads values by their roles."""

    def __init__(self, base: Path, languages: tuple[str, ...]) -> None:
        """Set up.

        Args:
            base: folder that paths are relative to.
            languages: every language that can be spoken.
        """
        self._base = base
        self._languages = languages

    def read(self, role: Role, value: object) -> Any:  # noqa: ANN401 - by role
        """Read one value.

        Raises:
            RefusedError: it cannot stand there.
        """
        return _READERS[role.kind](self, role, value)

    def text(self, role: Role, value: object) -> str:
        """Read a text, or one of several names."""
        if not isinstance(value, str):
            raise RefusedError("This must be text in quotes.")
        if role.names and value not in role.names:
            raise RefusedError(f"This is not known.{nearest(value, role.names)}")
        return value

    def number(self, role: Role, value: object) -> float:
        """Read a number in its range."""
        kinds: tuple[type, ...] = (int,) if role.kind is RoleKind.WHOLE else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise RefusedError(f"This must be {role.kind.value}.")
        number = float(value) if role.kind is RoleKind.NUMBER else value  # type: ignore[arg-type] # a number
        if role.low is not None and role.high is not None and not role.low <= number <= role.high:  # type: ignore[operator] # the same
            raise RefusedError("This is out of range.")
        return number  # type: ignore[return-value] # the same

    def truth(self, _role: Role, value: object) -> bool:
        """Read true or false."""
        if not isinstance(value, bool):
            raise RefusedError("This must be true or false.")
        return value

    def names(self, _role: Role, value: object) -> tuple[str, ...]:
        """Read a list of texts."""
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise RefusedError("This must be a list of texts in quotes.")
        return tuple(value)

    def texts(self, _role: Role, value: object) -> dict[str, str]:
        """Read a table of texts."""
        if not isinstance(value, dict):
            raise RefusedError("This must be a table.")
        for key, one in value.items():
            if not isinstance(one, str):
                allowed = "text in quotes"
                raise RefusedError("This must be text.", at=(key,), value=one, allowed=allowed)
        return dict(value)

    def sayings(self, _role: Role, value: object) -> Sayings:
        """Read words by key, perhaps by language."""
        if not isinstance(value, dict):
            raise RefusedError("This must be a table.")
        if not is_by_language(value):
            return Sayings({ANY_LANGUAGE: _words_by_key(value)} if value else {})
        found = {}
        for code, inner in value.items():
            if code not in self._languages:
                near, allowed = nearest(code, self._languages), one_of(self._languages)
                raise RefusedError(f"This is no language.{near}", at=(code,), allowed=allowed)
            found[code] = _within((code,), inner, _words_by_key)
        return Sayings(found)

    def paths(self, role: Role, value: object) -> dict[str, Path]:
        """Read a table of paths."""
        return {name: self._base / path for name, path in self.texts(role, value).items()}

    def statuses(self, _role: Role, value: object) -> tuple[int, ...]:
        """Read HTTP statuses."""
        if not isinstance(value, list) or not all(map(_is_status, value)):
            raise RefusedError("This must be a list of statuses.")
        return tuple(value)

    def json(self, _role: Role, value: object) -> dict[str, Any]:
        """Read what is sent as JSON."""
        if not isinstance(value, dict):
            raise RefusedError("This must be a table.")
        return value

    def expression(self, role: Role, value: object) -> Expression:
        """Read an expression."""
        if isinstance(value, bool | int | float):
            value = str(value).lower()
        with _explained():
            return Expression(self.text(role, value))

    def expressions(self, role: Role, value: object) -> dict[str, Expression]:
        """Read a table of expressions."""
        if not isinstance(value, dict):
            raise RefusedError("This must be a table.")
        return {
            key: _within((key,), one, lambda v: self.expression(role, v))
            for key, one in value.items()
        }

    def template(self, role: Role, value: object) -> Template:
        """Read a text with slots."""
        with _explained():
            return Template(self.text(role, value))

    def cases(self, role: Role, value: object) -> tuple[Case, ...]:
        """Read conditions with their targets."""
        if not isinstance(value, list):
            raise RefusedError("This must be a list.")
        return tuple(
            _within((i,), one, lambda v: self._case(role, v)) for i, one in enumerate(value)
        )

    def _case(self, role: Role, value: object) -> Case:
        if not isinstance(value, dict) or set(value) != {"when", "to"}:
            raise RefusedError("This must be a table with `when` and `to`.", value=value)
        when = _within(("when",), value["when"], lambda v: self.expression(role, v))
        return Case(when, _within(("to",), value["to"], lambda v: self.text(role, v)))

    # What callers hear.

    def files(self, _role: Role, value: object) -> Prompt:
        """Read sound files, perhaps by language."""
        return self._by_language(value, self._file_pieces)

    def _file_pieces(self, value: object) -> Iterator[Piece]:
        for file in value if isinstance(value, list) else [value]:
            if isinstance(file, dict) and (piece := _of_the_library(file)) is not None:
                yield piece
                continue
            if not isinstance(file, str) or not file or "\0" in file:
                raise RefusedError("This must be the path of a sound file.", value=file)
            yield Sound(self._base / file)

    def prompt(self, _role: Role, value: object) -> Prompt:
        """Read a prompt, perhaps by language."""
        return self._by_language(value, self._pieces)

    def prompts(self, role: Role, value: object) -> tuple[Prompt, ...]:
        """Read prompts for one attempt after the other."""
        if not isinstance(value, list):
            raise RefusedError("This must be a list.")
        return tuple(
            _within((i,), one, lambda v: self.prompt(role, v)) for i, one in enumerate(value)
        )

    def _by_language(self, value: object, pieces: Callable[[object], Iterator[Piece]]) -> Prompt:
        if not isinstance(value, dict) or not set(value) & set(self._languages):
            return Prompt({ANY_LANGUAGE: tuple(pieces(value))})
        found = {}
        for code, inner in value.items():
            if code not in self._languages:
                near = nearest(code, self._languages)
                allowed = one_of(self._languages)
                raise RefusedError(f"This is no language.{near}", at=(code,), allowed=allowed)
            found[code] = _within((code,), inner, lambda v: tuple(pieces(v)))
        return Prompt(found)

    def _pieces(self, value: object) -> Iterator[Piece]:
        if isinstance(value, list):
            for i, one in enumerate(value):
                yield from _within((i,), one, lambda v: tuple(self._pieces(v)))
        elif isinstance(value, str):
            yield self._words(value)
        elif isinstance(value, dict):
            yield self._piece(value)
        else:
            raise RefusedError("This cannot be heard.", value=value)

    def _piece(self, value: dict[str, Any]) -> Piece:
        if set(value) == {"play"}:
            return next(self._file_pieces(value["play"]))
        if (piece := _of_the_library(value)) is not None:
            return piece
        if set(value) == {"message"}:
            return Message(_message(value["message"]))
        if "say" in value and set(value) <= {"say", "language"}:
            language = value.get("language", "")
            if language and language not in self._languages:
                allowed = one_of(self._languages)
                raise RefusedError("This is no language.", value=language, allowed=allowed)
            return attrs.evolve(self._words(value["say"]), language=language)
        raise RefusedError("This cannot be heard.", value=", ".join(value))

    def _words(self, value: object) -> Words:
        text = self.text(Role(kind=RoleKind.TEXT), value)
        if not text.strip():
            raise RefusedError("This text is empty.", value=text)
        with _explained():
            return Words(Template(text))


def _is_status(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 200 <= value <= 599


class _explained:  # noqa: N801 - used like a function
    """Turn a fault of an expression into a refusal that names the column."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ExpressionError):
            first = error.faults[0]
            message = f"Column {first.column}: {first.message}"
            raise RefusedError(message, allowed=first.allowed) from None


def _within(at: ConfigPath, value: object, read: Callable[[object], Any]) -> Any:  # noqa: ANN401 - what is read
    """Read a value inside another, so that a refusal tells where."""
    try:
        return read(value)
    except RefusedError as refused:
        refused.at = (*at, *refused.at)
        if refused.value is None:
            refused.value = value
        raise


_WELCOMES: Final[Mapping[str, WelcomePart]] = {part.value: part for part in WelcomePart}


def _of_the_library(value: dict[str, Any]) -> Piece | None:
    """Read what comes from the office's library, or return None where something else is meant."""
    if set(value) == {"sound"}:
        return LibrarySound(_named("sound", value["sound"]))
    part = next((name for name in value if name in _WELCOMES), "")
    if not part or not set(value) <= {part, "hours"}:
        return None
    whose = value[part]
    return Welcome(
        part=_WELCOMES[part],
        group="" if whose is True else _named(part, whose, "true for the office's, or a group"),
        hours=_named("hours", value["hours"]) if "hours" in value else "",
    )


def _named(key: str, value: object, allowed: str = "a name in quotes") -> str:
    if not isinstance(value, str) or not value.strip():
        raise RefusedError("This must be a name.", at=(key,), value=value, allowed=allowed)
    return value


def _words_by_key(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise RefusedError("This must be a table with words for each key.")
    return {key: _within((key,), words, _words_said) for key, words in value.items()}


def _words_said(value: object) -> tuple[str, ...]:
    words = tuple(value) if isinstance(value, list) else (value,)
    for one in words:
        if not isinstance(one, str) or not as_said(one):
            raise RefusedError("This cannot be said.", value=one, allowed="words in quotes")
    return words


def _message(value: object) -> SystemMessage:
    for message in SystemMessage:
        if message.value == value:
            return message
    names = [message.value for message in SystemMessage]
    near = nearest(value, names)
    raise RefusedError(
        f"The system knows no such sentence.{near}", value=value, allowed=one_of(names)
    )


def _as_it_is(_reader: ValueReader, _role: Role, value: object) -> object:
    return value


_READERS: Final[Mapping[RoleKind, Callable[[ValueReader, Role, object], Any]]] = {
    RoleKind.ANY: _as_it_is,
    RoleKind.TEXT: ValueReader.text,
    RoleKind.NAME: ValueReader.text,
    RoleKind.TARGET: ValueReader.text,
    RoleKind.NUMBER: ValueReader.number,
    RoleKind.WHOLE: ValueReader.number,
    RoleKind.TRUTH: ValueReader.truth,
    RoleKind.NAMES: ValueReader.names,
    RoleKind.FILES: ValueReader.files,
    RoleKind.PROMPT: ValueReader.prompt,
    RoleKind.PROMPTS: ValueReader.prompts,
    RoleKind.CHOICES: ValueReader.texts,
    RoleKind.WORDS: ValueReader.texts,
    RoleKind.SAYINGS: ValueReader.sayings,
    RoleKind.PATHS: ValueReader.paths,
    RoleKind.STATUSES: ValueReader.statuses,
    RoleKind.JSON: ValueReader.json,
    RoleKind.EXPRESSION: ValueReader.expression,
    RoleKind.EXPRESSIONS: ValueReader.expressions,
    RoleKind.TEMPLATE: ValueReader.template,
    RoleKind.CASES: ValueReader.cases,
}
