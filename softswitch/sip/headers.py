"""Reading SIP headers: messages, addresses, who calls, what was dialled.

PJSIP has parsed and accepted the message before it comes here, so this room only has to find
what pjsua2 does not hand out. Whatever a peer writes, nothing here raises.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

import attrs

from softswitch.telephony import Dialled, Identity, Reason

COMPACT_FORMS: Final = MappingProxyType(
    {
        "b": "Referred-By",
        "c": "Content-Type",
        "d": "Request-Disposition",
        "e": "Content-Encoding",
        "f": "From",
        "i": "Call-ID",
        "k": "Supported",
        "l": "Content-Length",
        "m": "Contact",
        "o": "Event",
        "r": "Refer-To",
        "s": "Subject",
        "t": "To",
        "u": "Allow-Events",
        "v": "Via",
        "x": "Session-Expires",
    }
)
"""One-letter header names (RFC 3261 section 7.3.3 and the registry it started)."""

ANONYMOUS_URI: Final = "sip:anonymous@anonymous.invalid"
"""What stands for a party that asked not to be shown (RFC 3323 section 4.1)."""

_URI = re.compile(
    r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*):(?:(?P<user>[^@?<>\s]*)@)?(?P<rest>[^<>\s]*)"
)
_HOST = re.compile(r"\[[0-9a-fA-F:.]+\]|[^:;?]*")
_SEPARATORS = re.compile(r"[-.()]")
"""What may stand between digits for the eye (RFC 3966 section 5.1.1)."""

_PRIVATE: Final = frozenset({"id", "user", "header"})
_RPID_PRIVATE: Final = frozenset({"full", "uri", "name", "yes"})
_DIVERSION_REASONS: Final = MappingProxyType(
    {
        "302": "unconditional",
        "404": "unknown",
        "408": "no-answer",
        "480": "deflection",
        "486": "user-busy",
        "487": "deflection",
        "503": "unavailable",
    }
)
"""Causes of RFC 4458 section 3.2 (as RFC 8119 widened it) in the words of RFC 5806."""

_HISTORY_CAUSE = re.compile(r"[?&]Reason=SIP\s*;\s*cause=([0-9]{3})\b", re.IGNORECASE)
"""Why a target was left (RFC 7044 section 10.2)."""

_TARGET_CAUSE = re.compile(r";cause=([0-9]{3})\b", re.IGNORECASE)
"""Why a target was chosen (RFC 4458 section 2)."""


@attrs.frozen(kw_only=True)
class Address:
    """A name-addr or addr-spec with its header parameters (RFC 3261 section 20.10).

    Attributes:
        uri: as written, without angle brackets.
        user: user part with %-escapes undone; the number itself for a tel URI.
        host: host part, without port.
        name: display name, unquoted.
        parameters: header parameters, names in lower case.
    """

    uri: str
    user: str = ""
    host: str = ""
    name: str = ""
    parameters: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Message:
    """A SIP message as far as it is read here.

    Attributes:
        start_line: request or status line.
        fields: (name, value) in order, compact names spelled out, folded lines joined.
    """

    start_line: str
    fields: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        """Return every value of a header, comma-separated lists taken apart."""
        wanted = name.lower()
        return [
            item
            for key, value in self.fields
            if key.lower() == wanted
            for item in split_outside_quotes(value, ",")
        ]

    def first(self, name: str) -> str:
        """Return the first value of a header, or an empty string."""
        return next(iter(self.all(name)), "")

    def as_mapping(self) -> Mapping[str, str]:
        """Return headers by name as sent; of several with one name the values joined by commas."""
        joined: dict[str, str] = {}
        for key, value in self.fields:
            joined[key] = f"{joined[key]}, {value}" if key in joined else value
        return MappingProxyType(joined)


def parse_message(text: str) -> Message:
    """Read start line and headers of a SIP message; the body is left aside."""
    head = text.replace("\r\n", "\n").partition("\n\n")[0]
    start_line, _, rest = re.sub(r"\n[ \t]+", " ", head).partition("\n")
    return Message(start_line=start_line, fields=tuple(_fields(rest)))


def _fields(lines: str) -> Iterator[tuple[str, str]]:
    for line in lines.split("\n"):
        name, colon, value = line.partition(":")
        name = name.strip()
        if colon and name:
            yield COMPACT_FORMS.get(name.lower(), name), value.strip()


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside quotes and angle brackets; parts are stripped."""
    parts, start, quoted, escaped, depth = [], 0, False, False, 0
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif not quoted and character in "<>":
            depth = 1 if character == "<" else 0
        elif character == separator and not quoted and not depth:
            parts.append(text[start:position].strip())
            start = position + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def parse_address(text: str) -> Address:
    """Read ``"Anna" <sip:anna@host;transport=tcp>;tag=1`` or ``sip:anna@host;tag=1``."""
    before, bracket, after = _outside_quotes_partition(text, "<")
    if bracket:
        uri, _, tail = after.partition(">")
        name = before.strip()
    else:
        uri, _, tail = text.strip().partition(";")
        name, tail = "", ";" + tail
    if len(name) >= 2 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    user, host = split_uri(uri.strip())
    return Address(uri=uri.strip(), user=user, host=host, name=name, parameters=_parameters(tail))


def _outside_quotes_partition(text: str, mark: str) -> tuple[str, str, str]:
    match = re.match(r'[^"<]*(?:"(?:[^"\\]|\\.)*"[^"<]*)*', text)
    end = match.end() if match else 0
    return (text[:end], mark, text[end + 1 :]) if text[end : end + 1] == mark else (text, "", "")


def _parameters(tail: str) -> dict[str, str]:
    found = {}
    for part in split_outside_quotes(tail, ";"):
        name, _, value = part.partition("=")
        found[name.strip().lower()] = value.strip().strip('"')
    return found


def split_uri(uri: str) -> tuple[str, str]:
    """Return (user or number, host) of a sip:, sips: or tel: URI, empty where there is none."""
    match = _URI.match(uri)
    if match is None:
        return "", ""
    if match["scheme"].lower() == "tel":
        return _SEPARATORS.sub("", unquote(match["rest"].partition(";")[0])), ""
    host = _HOST.match(match["rest"])
    user = re.split("[:;]", match["user"] or "", maxsplit=1)[0]
    return unquote(user), host.group() if host else ""


def caller_identity(message: Message) -> Identity:
    """Tell who calls: P-Asserted-Identity (RFC 3325), else Remote-Party-ID, else From.

    A caller who asked for privacy (RFC 3323 section 4.2, RFC 3325 section 9.3, ``privacy=`` of
    Remote-Party-ID, or an anonymous From) is told as withheld, with neither number nor name.
    """
    source, address = _best_identity(message)
    if _is_withheld(message, address):
        return Identity(uri=ANONYMOUS_URI, withheld=True, source=source)
    return Identity(uri=address.uri, number=address.user, name=address.name, source=source)


def _best_identity(message: Message) -> tuple[str, Address]:
    for header in ("P-Asserted-Identity", "Remote-Party-ID"):
        told = [parse_address(value) for value in message.all(header)]
        if told:
            return header, next((address for address in told if address.user), told[0])
    return "From", parse_address(message.first("From"))


def _is_withheld(message: Message, address: Address) -> bool:
    """Tell whether the caller asked not to be shown; what is asked outright goes before signs."""
    asked = {word.strip().lower() for value in message.all("Privacy") for word in value.split(";")}
    draft = {word.strip().lower() for word in address.parameters.get("privacy", "").split(",")}
    if asked & _PRIVATE or draft & _RPID_PRIVATE:
        return True
    if "none" in asked or "off" in draft:
        return False
    sender = parse_address(message.first("From"))
    return sender.host.lower() == "anonymous.invalid" or sender.user.lower() == "anonymous"


def dialled_number(message: Message) -> Dialled:
    """Tell what was dialled: the request URI, and how the call was diverted on its way."""
    words = message.start_line.split(" ")
    number, host = split_uri(words[1]) if len(words) > 1 else ("", "")
    diverters, why = _diverters(message)
    original = diverters[-1] if diverters else number
    return Dialled(
        number=number,
        host=host,
        original=original,
        diverted_by=tuple(diverters),
        diversion_reason=why,
    )


def _diverters(message: Message) -> tuple[list[str], str]:
    """Return who sent the call on, latest first, by Diversion or else History-Info."""
    diversions = [parse_address(value) for value in message.all("Diversion")]
    if diversions:
        return [entry.user for entry in diversions], diversions[0].parameters.get("reason", "")
    return _from_history([parse_address(value) for value in message.all("History-Info")])


def _from_history(history: list[Address]) -> tuple[list[str], str]:
    """Return the same from History-Info (RFC 7044); its last entry is where the call is now."""
    history.sort(key=lambda entry: _index(entry.parameters.get("index", "")))
    turns = [(a, b) for a, b in itertools.pairwise(history) if a.user != b.user]
    if not turns:
        return [], ""
    last, target = turns[-1]
    cause = _HISTORY_CAUSE.search(unquote(last.uri)) or _TARGET_CAUSE.search(target.uri)
    why = _DIVERSION_REASONS.get(cause[1], "unknown") if cause else ""
    return [entry.user for entry, _ in turns][::-1], why


def _index(text: str) -> list[int]:
    return [int(part) for part in text.split(".") if re.fullmatch("[0-9]{1,9}", part)]


def parse_reason(value: str) -> Reason | None:
    """Read one Reason header value (RFC 3326), or None where it is not one."""
    parts = split_outside_quotes(value, ";")
    fields = _parameters(";".join(parts[1:]))
    cause = fields.get("cause", "")
    if not parts or not re.fullmatch("[0-9]{1,5}", cause):
        return None
    return Reason(protocol=parts[0], cause=int(cause), text=fields.get("text", ""))


def quoted_name(name: str) -> str:
    """Return a display name as a quoted string that cannot break out of its header."""
    plain = "".join(character for character in name if character.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
