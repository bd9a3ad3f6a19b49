"""``[sms]``: who sends texts for an office, and how it is asked to."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from softswitch.errors import Fault
from softswitch.settings.faults import ConfigPath, fault, nearest, one_of
from softswitch.sms.provider import ENCODINGS, PLACES, Provider, missing_secrets, places_in
from softswitch.sms.rules import TextRules, is_country, is_sender

METHODS: Final = ("POST", "PUT", "GET")
ALLOWED_PLACES: Final = one_of(f"{{{name}}}" for name in PLACES)
ALLOWED_SENDER: Final = "a number, or 1 to 11 letters and digits"
_NAMES: Final = {"allowed": "a table of texts"}
_IN_HEADERS: Final = ("to", "digits", "sender", "id", "encoding")


class JsonTable(dict[str, Any]):
    """A table of a file as JSON can say it: no times and no dates anywhere in it."""


@attrs.frozen(kw_only=True)
class SmsTable:
    """``[sms]``: the provider that sends texts.

    Attributes:
        url: address that requests go to; empty: no texts are sent.
        method: `GET` goes with `query` alone.
        user: name for basic authentication; empty: none.
        password: that goes with it.
        headers: further headers, such as `{ Authorization = "Bearer ${SMS_TOKEN}" }`.
        query: what is added to the address.
        form: the body as fields of a form.
        json: the body as JSON, tables and lists in it as deep as need be; `"{number}"` alone is
            `{digits}` as a number.
        sender: what fills `{sender}`: whom phones show the text as from.
        encoding: what fills `{encoding}`, where the provider wants to be told:
            `{ gsm7 = "text", ucs2 = "unicode" }`.
        answer: text that stands in the answer when a text was taken, spaces aside, for providers
            that answer 200 whatever happens; left out: any 2xx will do.
        country: country whose numbers need no country code; left out: all need one.
        segments_max: a text that takes more segments is not sent.
        timeout_s: how long the provider may take to answer.
        kept_h: hours after which a text that nobody has taken is given up.
    """

    url: str = attrs.field(default="", metadata={"allowed": "an https:// address"})
    method: str = attrs.field(default="POST", metadata={"choices": METHODS})
    user: str = ""
    password: str = attrs.field(default="", repr=False)
    headers: dict[str, str] = attrs.field(factory=dict, repr=False, metadata=_NAMES)
    query: dict[str, str] = attrs.field(factory=dict, repr=False, metadata=_NAMES)
    form: dict[str, str] = attrs.field(factory=dict, repr=False, metadata=_NAMES)
    json: JsonTable = attrs.field(
        factory=JsonTable, repr=False, metadata={"allowed": "a table of what JSON can say"}
    )
    sender: str = attrs.field(default="", metadata={"allowed": ALLOWED_SENDER})
    encoding: dict[str, str] = attrs.field(
        factory=dict, metadata={"allowed": "words for `gsm7` and `ucs2`"}
    )
    answer: str = ""
    country: str = attrs.field(default="", metadata={"allowed": 'a code such as "DK"'})
    segments_max: int = attrs.field(default=4, metadata={"range": (1, 20)})
    timeout_s: float = attrs.field(default=10.0, metadata={"range": (1, 60)})
    kept_h: float = attrs.field(default=24.0, metadata={"range": (0.1, 120)})

    @property
    def provider(self) -> Provider | None:
        """Who sends, or None."""
        if not self.url:
            return None
        return Provider(
            url=self.url,
            method=self.method,
            headers=self.headers,
            query=self.query,
            form=self.form,
            json=self.json or None,
            user=self.user,
            password=self.password,
            encoding={**ENCODINGS, **self.encoding},
            answer=self.answer,
            timeout_s=self.timeout_s,
        )

    @property
    def rules(self) -> TextRules:
        """What may be sent."""
        why_not = "" if self.url else "Nobody sends texts: `url` of [sms] is missing."
        return TextRules(country=self.country, segments_max=self.segments_max, why_not=why_not)

    @property
    def kept_for(self) -> timedelta:
        """How long texts are tried."""
        return timedelta(hours=self.kept_h)


def sms_faults(table: SmsTable) -> Iterator[Fault]:
    """Find what is wrong with how texts are sent."""
    if table.country and not is_country(table.country):
        message = "The numbers of this country are not known."
        yield fault(("sms", "country"), message, table.country, 'a code such as "DK"')
    if table.sender and not is_sender(table.sender):
        message = "Phones cannot show this sender."
        yield fault(("sms", "sender"), message, table.sender, ALLOWED_SENDER)
    for name in table.encoding:
        if name not in ENCODINGS:
            message = f"There is no such encoding.{nearest(name, ENCODINGS)}"
            yield fault(("sms", "encoding", name), message, None, one_of(ENCODINGS))
    yield from _place_faults(table)
    if table.url:
        yield from _url_faults(table)
        yield from _request_faults(table)


def _url_faults(table: SmsTable) -> Iterator[Fault]:
    path, allowed = ("sms", "url"), "an https:// address"
    try:
        parts = urlsplit(table.url)
        valid = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or not table.url.isprintable() or " " in table.url:
        yield fault(path, "This is no address of a web service.", None, allowed)
    elif parts.username or parts.password:
        yield fault(path, "A name and password belong in `user` and `password`.", None, allowed)
    elif parts.scheme == "http" and not _in_the_house(parts.hostname) and _has_secret(table):
        yield fault(path, "The secret would travel in the clear.", None, allowed)


def _in_the_house(host: str | None) -> bool:
    """Tell whether an address is one of a network of one's own, such as that of a modem."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_private
    except ValueError:
        return False


def _has_secret(table: SmsTable) -> bool:
    """Tell whether something is sent that proves who we are."""
    if table.user or table.password or table.headers:
        return True
    return any(missing_secrets(part, {}) for part in _parts(table).values())


def _request_faults(table: SmsTable) -> Iterator[Fault]:
    if table.form and table.json:
        yield fault(("sms", "json"), "There is a `form` already.", None, "one of them")
    if table.method == "GET" and (table.form or table.json):
        yield fault(("sms", "method"), "GET has no body.", table.method, "POST or PUT; or `query`")
    filled = {name for part in _parts(table).values() for name in places_in(part)}
    for names in (("to", "digits", "number"), ("text",)):
        if filled.isdisjoint(names):
            places = one_of(f"{{{name}}}" for name in names)
            yield fault(("sms",), f"No request would hold {places}.", None, ALLOWED_PLACES)
    if "sender" in filled and not table.sender:
        yield fault(("sms", "sender"), "This is missing.", None, ALLOWED_SENDER)


def _place_faults(table: SmsTable) -> Iterator[Fault]:
    for name, part in _parts(table).items():
        for place in sorted(set(places_in(part))):
            if place not in PLACES:
                message = f"There is no place {{{place}}}.{nearest(place, PLACES)}"
                yield fault(("sms", name), message, None, ALLOWED_PLACES)
            elif name in ("headers", "user", "password") and place not in _IN_HEADERS:
                allowed = one_of(f"{{{one}}}" for one in _IN_HEADERS)
                yield fault(("sms", name), f"{{{place}}} cannot stand here.", None, allowed)
        for path, text in _texts(("sms", name), part):
            if not all(c.isprintable() or (c in "\n\t" and name == "json") for c in text):
                yield fault(path, "This holds a control character.")


def _texts(path: ConfigPath, part: object) -> Iterator[tuple[ConfigPath, str]]:
    """Give every text of a setting; those of tables with their keys."""
    match part:
        case str():
            yield path, part
        case Mapping():
            for key, value in part.items():
                yield path, key
                yield from _texts((*path, key), value)
        case list() | tuple():
            for i, value in enumerate(part):
                yield from _texts((*path, i), value)


def _parts(table: SmsTable) -> Mapping[str, object]:
    """Return the settings that have places."""
    return {
        "url": table.url,
        "user": table.user,
        "password": table.password,
        "headers": table.headers,
        "query": table.query,
        "form": table.form,
        "json": table.json,
    }


def absent_secrets(table: SmsTable) -> tuple[str, ...]:
    """Return the variables that the environment lacks."""
    found = (missing_secrets(part, os.environ) for part in _parts(table).values())
    return tuple(dict.fromkeys(name for names in found for name in names))
