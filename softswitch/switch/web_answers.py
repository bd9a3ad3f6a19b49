"""What a web service answered, as a table of values: JSON, plain text, or XML.

XML is read by the standard library's expat. A document type is refused, and with it every entity
of its own, which is what makes XML from strangers dangerous (expansion without end, files of ours).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.parsers import expat

import httpx

from softswitch.errors import PeerError
from softswitch.ivr.answers import MISSING, Written, within
from softswitch.ivr.sources import Source

VALUE: Final = "value"
"""The name of what is no table."""


def values_of(source: Source, body: bytes, answer: httpx.Response) -> Mapping[str, object] | None:
    """Return the values of an answer, or None where there is nothing of the kind.

    Raises:
        PeerError: it is not what the source should answer.
    """
    values = _READERS[source.answer](body, answer.charset_encoding)
    if source.path:
        values = within(values, source.path)
        if values == []:
            return None
    if values is None or values is MISSING:
        return None
    return values if isinstance(values, Mapping) else {VALUE: values}


def _json(body: bytes, _charset: str | None) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise PeerError("the web service answered no JSON", status=502) from None


def _text(body: bytes, charset: str | None) -> object:
    try:
        return Written(body.decode(charset or "utf-8").strip())
    except (LookupError, UnicodeError):
        raise PeerError(
            f"the web service answered no text in {charset or 'utf-8'}", status=502
        ) from None


def _xml(body: bytes, charset: str | None) -> object:
    reader = _XmlReader()
    parser = expat.ParserCreate(charset, namespace_separator=None)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError):
        raise PeerError("the web service answered no XML", status=502) from None
    return reader.root


def _refuse_document_type(*_: object) -> None:
    raise PeerError("the web service answered XML with a document type", status=502)


class _XmlReader:
    """Makes tables of elements: children by name, several of one name as a list.

    Attributes are in the table with ``@`` before their names, and text beside them as ``text``; an
    element with neither children nor attributes is its text. Prefixes of namespaces are left out.
    """

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open: list[tuple[dict[str, Any], list[str]]] = [(self.root, [])]

    def begin(self, _name: str, attributes: Mapping[str, str]) -> None:
        table = {f"@{_local(name)}": Written(value) for name, value in attributes.items()}
        self._open.append((table, []))

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, name: str) -> None:
        table, texts = self._open.pop()
        text = Written("".join(texts).strip())
        if table and text:
            table["text"] = text
        self._add(_local(name), table or text)

    def _add(self, name: str, value: object) -> None:
        around = self._open[-1][0]
        if name not in around:
            around[name] = value
        elif isinstance(around[name], list):
            around[name].append(value)
        else:
            around[name] = [around[name], value]


def _local(name: str) -> str:
    return name.rpartition(":")[2]


_READERS: Final[Mapping[str, Callable[[bytes, str | None], object]]] = {
    "json": _json,
    "text": _text,
    "xml": _xml,
}
