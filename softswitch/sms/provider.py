"""What a request to a provider looks like, by configuration, and what its places hold.

A place such as ``{text}`` is filled with what belongs to one text, ``${NAME}`` with a variable of
the environment. Each is filled once: braces in a text mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import attrs

from softswitch.errors import MisuseError

Json: TypeAlias = Any
"""What `tomllib` reads and JSON can say: tables, lists, texts, numbers, truths."""

PLACES: Final = ("to", "digits", "number", "text", "sender", "id", "encoding")
"""``to`` is in E.164, ``digits`` the same without ``+``; ``number``: those as a number of JSON."""

ENCODINGS: Final[Mapping[str, str]] = {"gsm7": "gsm7", "ucs2": "ucs2"}

_PLACE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")


@attrs.frozen(kw_only=True)
class Provider:
    """Who sends texts, and how it is asked to.

    Attributes:
        url: where requests go.
        method: of HTTP.
        headers, query, form: names with values.
        json: the body, instead of `form`.
        user, password: for basic authentication; no user: none.
        encoding: the provider's words for the two encodings.
        answer: a text in the answer to what was taken, spaces aside; empty: any answer of success
            will do.
        timeout_s: how long a request may take in all.
    """

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    query: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    form: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    json: Json = attrs.field(default=None, repr=False)
    user: str = attrs.field(default="", repr=False)
    password: str = attrs.field(default="", repr=False)
    encoding: Mapping[str, str] = ENCODINGS
    answer: str = ""
    timeout_s: float = 10.0

    @property
    def host(self) -> str:
        """The name of its machine."""
        return urlsplit(self.url).hostname or ""


@attrs.frozen
class Filling:
    """Fills places.

    Attributes:
        values: for each of `PLACES` what it holds.
        environment: variables for secrets.
    """

    values: Mapping[str, str]
    environment: Mapping[str, str]

    def text(self, written: str, quote: Callable[[str], str] = str) -> str:
        """Fill the places of a text.

        Args:
            written: as in the configuration.
            quote: applied to what is filled in.

        Raises:
            MisuseError: the environment lacks a variable.
        """

        def fill(place: re.Match[str]) -> str:
            secret, name = place.groups()
            if secret is None:
                return quote(self.values[name]) if name in self.values else place[0]
            if secret not in self.environment:
                raise MisuseError(f"the environment has no variable {secret}")
            return quote(self.environment[secret])

        return _PLACE.sub(fill, written)

    def table(self, written: Mapping[str, str]) -> dict[str, str]:
        """Fill the places of a table of texts."""
        return {name: self.text(value) for name, value in written.items()}

    def json(self, written: Json) -> Json:
        """Fill the places of a body; ``"{number}"`` by itself becomes a number."""
        match written:
            case "{number}":
                return int(self.values["digits"])
            case str():
                return self.text(written)
            case Mapping():
                return {key: self.json(value) for key, value in written.items()}
            case list() | tuple():
                return [self.json(value) for value in written]
            case _:
                return written


def places_in(written: Json) -> Iterator[str]:
    """Give the name of every place, secrets aside, in whatever a configuration holds."""
    return (name for _, name in _found_in(written) if name)


def missing_secrets(written: Json, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that a configuration wants and an environment lacks."""
    wanted = (secret for secret, _ in _found_in(written) if secret)
    return tuple(secret for secret in wanted if secret not in environment)


def _found_in(written: Json) -> Iterator[tuple[str, str]]:
    match written:
        case str():
            yield from _PLACE.findall(written)
        case Mapping():
            for value in written.values():
                yield from _found_in(value)
        case list() | tuple():
            for value in written:
                yield from _found_in(value)
