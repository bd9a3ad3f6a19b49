"""Where look-ups get their data: what is asked of a web service, and what its answer means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from softswitch.ivr.expressions import Value

METHODS: Final = ("GET", "POST", "PUT")
ANSWERS: Final = ("json", "text", "xml")
"""How an answer is read."""

SLOT: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A place in a text: for a secret, ``${NAME}``, or for an argument, ``{name}``."""


@attrs.frozen(kw_only=True)
class Source:
    """Where a look-up gets its data.

    In `url`, `query`, `headers`, `json` and `form`, ``{name}`` stands for an argument and
    ``${NAME}`` for a secret.

    Attributes:
        url: address of a web service. Empty: a function that the program registers under the
            source's name (`Switch.look_up`).
        method: one of `METHODS`.
        query: sent at the end of the address, after a question mark.
        headers: sent along.
        json: a body that is sent as JSON; a text that is one ``{name}`` and nothing else keeps
            the kind of the argument. None: none is.
        form: a body that is sent as web forms are. None: none is.
        secrets: files that hold secrets, by name; other names are those of variables of the
            environment.
        answer: how the answer is read, one of `ANSWERS`. What is no table is called ``value``.
        path: where in the answer the values are, dots lead inwards; empty: the whole. Nothing
            there, or an empty list, means that there is nothing of the kind.
        expected: HTTP statuses with an answer.
        not_found: HTTP statuses that mean that there is nothing of the kind. All others are
            failures.
        timeout_s: after so long it counts as failed.
        cache_s: an answer is good for so long; 0: never kept.
        fallback: the answer when it failed; None: then the node's way ``failed`` is taken.
    """

    url: str = ""
    method: str = "GET"
    query: Mapping[str, str] = attrs.field(factory=dict)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    json: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = None
    secrets: Mapping[str, Path] = attrs.field(factory=dict)
    answer: str = "json"
    path: str = ""
    expected: tuple[int, ...] = attrs.field(default=(200,), converter=tuple)
    not_found: tuple[int, ...] = attrs.field(default=(404, 410), converter=tuple)
    timeout_s: float = 5.0
    cache_s: float = 0.0
    fallback: Mapping[str, Value] | None = None

    def arguments(self) -> frozenset[str]:
        """Return the names of the arguments that it needs."""
        return frozenset(slot[2] for slot in self._slots() if slot[2])

    def secret_names(self) -> frozenset[str]:
        """Return the names of the secrets that it needs."""
        return frozenset(slot[1] for slot in self._slots() if slot[1])

    def _slots(self) -> Iterator[re.Match[str]]:
        for text in _texts((self.url, self.query, self.headers, self.json, self.form)):
            yield from SLOT.finditer(text)


def _texts(value: object) -> Iterator[str]:
    """Give every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
