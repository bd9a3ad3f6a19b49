"""Rules of ``[web]``: groups, prefixes, secrets, addresses, certificates."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import phonenumbers

from softswitch.errors import Fault
from softswitch.settings.faults import fault, nearest
from softswitch.switch.config import OfficeConfig
from softswitch.switch.file_rules import ALLOWED_PEM, pair_fault, reading_fault
from softswitch.switch.web_tables import (
    ALLOWED_PREFIXES,
    ALLOWED_PROXIES,
    ALLOWED_TITLES,
    ALLOWED_TOKEN,
    ALLOWED_URL,
    TOKEN_LENGTH,
    VARIABLE,
    WebTable,
)

_PREFIX: Final = re.compile(r"\+[0-9]{1,15}", re.ASCII)
_TITLE_MAX: Final = 80


def web_faults(config: OfficeConfig) -> Iterator[Fault]:
    """Find what is wrong with ordering by web. Reads the certificate and the file of the token."""
    table = config.web
    yield from _group_faults(config)
    yield from _prefix_faults(table)
    yield from _token_faults(table)
    yield from _place_faults(table)
    if table.on and not config.sip.trunks:
        message = "Calling back needs a trunk, and there is none under [[sip.trunks]]."
        yield fault(("web", "port"), message, table.port, "nothing without a trunk")


def _group_faults(config: OfficeConfig) -> Iterator[Fault]:
    known = [group.id for group in config.groups]
    for group_id, title in config.web.groups.items():
        path = ("web", "groups", group_id)
        if group_id not in known:
            message = f"There is no such group.{nearest(group_id, known)}"
            yield fault(path, message, None, ", ".join(known) or "none is there")
        elif not title.strip() or len(title) > _TITLE_MAX or not title.isprintable():
            allowed = f"1 to {_TITLE_MAX} characters"
            yield fault(path, "This is no name for people to read.", title, allowed)
    if config.web.on and not config.web.groups:
        yield fault(("web", "groups"), "Nobody could be asked to call.", None, ALLOWED_TITLES)


def _prefix_faults(table: WebTable) -> Iterator[Fault]:
    if table.country and table.country not in phonenumbers.SUPPORTED_REGIONS:
        message = "The numbers of this country are not known."
        yield fault(("web", "country"), message, table.country, 'a code such as "DK"')
    for name in ("allowed", "refused"):
        for i, prefix in enumerate(getattr(table, name)):
            if not _PREFIX.fullmatch(prefix):
                message = "No international number begins like this."
                yield fault(("web", name, i), message, prefix, ALLOWED_PREFIXES)


def _token_faults(table: WebTable) -> Iterator[Fault]:
    if table.token and table.token_file:
        yield fault(("web", "token_file"), "There is a `token` already.", None, "one of them")
    if table.token_file is not None and (message := reading_fault(table.token_file)):
        yield fault(("web", "token_file"), message, table.token_file, "a file with the secret")
    elif table.token_file is not None and not table.secret():
        message = "The secret in this file is too short."
        yield fault(("web", "token_file"), message, table.token_file, ALLOWED_TOKEN)
    if table.token and not VARIABLE.fullmatch(table.token) and len(table.token) < TOKEN_LENGTH:
        yield fault(("web", "token"), "This secret is too short.", None, ALLOWED_TOKEN)
    if table.on and not table.form and not (table.token or table.token_file):
        message = "Without a page and a token nobody could order."
        yield fault(("web", "form"), message, table.form, "true, or add a `token`")


def _place_faults(table: WebTable) -> Iterator[Fault]:
    if not _is_address(table.address):
        allowed = "an IPv4 or IPv6 address"
        yield fault(("web", "address"), "This is no IP address.", table.address, allowed)
    for i, proxy in enumerate(table.proxies):
        if not _is_address(proxy):
            yield fault(("web", "proxies", i), "This is no IP address.", proxy, ALLOWED_PROXIES)
    if table.public_url and not _is_origin(table.public_url):
        message = "This is not how a browser reaches a page."
        yield fault(("web", "public_url"), message, table.public_url, ALLOWED_URL)
    if table.certificate is not None:
        if message := pair_fault(table.certificate, table.key):
            yield fault(("web", "certificate"), message, table.certificate, ALLOWED_PEM)
    elif table.key is not None:
        message = "A private key is of no use without its certificate."
        yield fault(("web", "key"), message, table.key, "nothing, or add a certificate")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")
    known = parts.scheme in ("https", "http") and bool(parts.hostname)
    return known and plain == url.lower().rstrip("/")
