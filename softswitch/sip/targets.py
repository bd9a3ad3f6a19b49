"""From what a person would dial to a SIP URI and the account it goes out by."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

import attrs

from softswitch.errors import MisuseError
from softswitch.sip import headers
from softswitch.sip.config import Transport, Trunk
from softswitch.telephony import Identity

_NUMBER: Final = re.compile(r"\+?[0-9*#]{1,40}")
_SIP_URI: Final = re.compile(r"sips?:[^\s<>\"]+")


@attrs.frozen(kw_only=True)
class Destination:
    """Where an INVITE goes.

    Attributes:
        uri: request URI.
        trunk: id of the trunk whose account is used, or None for one of our own addresses.
        transport: transport that the URI asks for.
        ipv6: the host is an IPv6 address.
    """

    uri: str
    trunk: str | None
    transport: Transport
    ipv6: bool


def destination(target: str, trunks: tuple[Trunk, ...], trunk: str | None) -> Destination:
    """Read what shall be dialled.

    Raises:
        MisuseError: it is neither a SIP URI nor a number, or there is no such trunk.
    """
    by = _trunk(trunks, trunk) if trunk is not None else None
    if _SIP_URI.fullmatch(target):
        return _to_uri(target, by)
    number = re.sub(r"[ ()./-]", "", target.removeprefix("tel:"))
    if not _NUMBER.fullmatch(number):
        raise MisuseError(f"cannot dial {target!r}: neither a SIP URI nor a number")
    if by is None:
        if not trunks:
            raise MisuseError(f"cannot dial {target!r}: a number needs a trunk")
        by = trunks[0]
    return _to_uri(trunk_uri(by, number), by)


def trunk_uri(trunk: Trunk, number: str = "") -> str:
    """Return the URI of a number at a trunk, or of the trunk's registrar."""
    user = f"{number.replace('#', '%23')}@" if number else ""
    suffix = "" if trunk.transport is Transport.UDP else f";transport={trunk.transport.value}"
    return f"sip:{user}{trunk.server}{suffix}"


def _trunk(trunks: tuple[Trunk, ...], wanted: str) -> Trunk:
    for trunk in trunks:
        if trunk.id == wanted:
            return trunk
    known = ", ".join(trunk.id for trunk in trunks) or "none"
    raise MisuseError(f"no trunk {wanted!r}; there are: {known}")


def _to_uri(uri: str, trunk: Trunk | None) -> Destination:
    host = headers.split_uri(uri)[1]
    match = re.search(r";transport=(udp|tcp|tls)\b", uri, re.IGNORECASE)
    transport = Transport(match[1].lower()) if match else Transport.UDP
    if uri.lower().startswith("sips:"):
        transport = Transport.TLS
    return Destination(
        uri=uri,
        trunk=trunk.id if trunk is not None else None,
        transport=transport,
        ipv6=is_ipv6(host),
    )


def is_ipv6(host: str) -> bool:
    """Tell whether a host is an IPv6 address, in brackets or not."""
    try:
        return ipaddress.ip_address(host.strip("[]")).version == 6
    except ValueError:
        return False


def bracketed(address: str) -> str:
    """Return ``host:port`` as URIs want it: IPv6 in brackets (RFC 3261 section 25.1)."""
    host, _, port = address.rpartition(":")
    return f"[{host}]:{port}" if is_ipv6(host) and not host.startswith("[") else address


def sender(caller: Identity | None, host: str, by: Trunk | None) -> tuple[str, dict[str, str]]:
    """Return what tells the far end who calls: the From address, and further headers.

    A trunk's own number is asserted beside whatever number is shown, since a provider wants to know
    whose call it carries (RFC 3325 section 9.1, SIPconnect 2.0 section 12.1). Who asked not to be
    shown is hidden in From, and those who know the asserted number are asked to keep it (RFC 3323
    section 4.1, RFC 3325 section 9.3). From is empty where the account's own address will do.
    """
    own = by.caller_number if by is not None else ""
    asserted = {"P-Asserted-Identity": f"<sip:{_plain(own)}@{host}>"} if own else {}
    if caller is not None and caller.withheld:
        return f'"Anonymous" <{headers.ANONYMOUS_URI}>', asserted | {"Privacy": "id"}
    number = _plain(caller.number if caller is not None else "") or _plain(own)
    name = caller.name if caller is not None else ""
    if not number and not name:
        return "", asserted
    return f"{headers.quoted_name(name) + ' ' if name else ''}<{_sip(number, by)}@{host}>", asserted


def _sip(number: str, by: Trunk | None) -> str:
    return f"sip:{number or (by.user if by is not None else '') or 'anonymous'}"


def _plain(number: str) -> str:
    return "".join(
        mark for mark in number if mark.isascii() and (mark.isalnum() or mark in "+*._-")
    )
