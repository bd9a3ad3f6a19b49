"""What can be dialled, and where machines are: syntax of addresses.

SIP URIs by RFC 3261 section 19.1.1 and 25.1, tel URIs by RFC 3966 section 3. Host names may hold
an underscore, which private networks use though RFC 1123 does not know it.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

ALLOWED_ADDRESS: Final = (
    "sip:user@host, sips:user@host, tel:+number, or a number of digits with an optional +"
)
ALLOWED_NUMBER: Final = "digits, with an optional + before them, or the user part of a SIP URI"
ALLOWED_HOST: Final = "a host name or IP address, with an optional :port"

LONGEST_ADDRESS: Final = 255
"""Characters; the longest URI that PJSIP takes as it is built by default."""

_UNRESERVED: Final = r"A-Za-z0-9\-_.!~*'()"
_ESCAPED: Final = r"%[0-9A-Fa-f]{2}"
_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_TOP_LABEL: Final = r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?"

_PLAIN_NUMBER: Final = re.compile(r"\+?[0-9]{1,32}", re.ASCII)
_GROUP_NUMBER: Final = re.compile(r"\+?[0-9A-Za-z*#._~-]{1,64}", re.ASCII)
_HOST_NAME: Final = re.compile(rf"(?:{_LABEL}\.)*{_TOP_LABEL}\.?", re.ASCII)
_HOST_PORT: Final = re.compile(r"(\[[^\[\]]+\]|[^\[\]:]+)(?::([0-9]{1,5}))?", re.ASCII)
_SIP_URI: Final = re.compile(
    rf"""sips?:
    (?: (?:[{_UNRESERVED}&=+$,;?/] | {_ESCAPED})+               # user
        (?: : (?:[{_UNRESERVED}&=+$,] | {_ESCAPED})* )? @ )?    # password
    (?P<where> [^;?@]+ )
    (?: ; (?:[{_UNRESERVED}\[\]/:&+$=] | {_ESCAPED})+ )*        # parameters
    (?: \? (?:[{_UNRESERVED}\[\]/?:+$=&] | {_ESCAPED})+ )?      # headers
    """,
    re.ASCII | re.VERBOSE | re.IGNORECASE,
)
_TEL_URI: Final = re.compile(
    rf"tel:\+?(?=[\-.()]*[0-9A-Fa-f*#])[0-9A-Fa-f*#\-.()]+(?:;(?:[{_UNRESERVED}\[\]/:&+$=]|{_ESCAPED})+)*",
    re.ASCII | re.IGNORECASE,
)


def needs_trunk(address: str) -> bool:
    """Tell whether an address says a number only, so that a trunk must carry the call."""
    return bool(_PLAIN_NUMBER.fullmatch(address)) or address[:4].lower() == "tel:"


def is_group_number(text: str) -> bool:
    """Tell whether a caller can dial ``text``: the user part of a request URI."""
    return bool(_GROUP_NUMBER.fullmatch(text))


def is_plain_number(text: str) -> bool:
    """Tell whether ``text`` is digits with an optional + before them."""
    return bool(_PLAIN_NUMBER.fullmatch(text))


def address_fault(address: str) -> str:
    """Return one sentence on what is wrong with an address to dial; empty when nothing is."""
    if len(address) > LONGEST_ADDRESS:
        return f"This is longer than {LONGEST_ADDRESS} characters."
    scheme, colon, _ = address.partition(":")
    if colon and scheme.lower() in ("sip", "sips"):
        return _sip_uri_fault(address)
    if colon and scheme.lower() == "tel":
        return "" if _TEL_URI.fullmatch(address) else "This is not a tel URI."
    return _number_fault(address)


def _sip_uri_fault(uri: str) -> str:
    found = _SIP_URI.fullmatch(uri)
    if not found:
        return "This is not a SIP URI."
    return "" if is_host_port(found["where"]) else "The host of this SIP URI is not valid."


def _number_fault(address: str) -> str:
    if _PLAIN_NUMBER.fullmatch(address):
        return ""
    if _PLAIN_NUMBER.fullmatch(re.sub(r"[\s().-]", "", address)):
        return "Write the number without spaces or signs between the digits."
    return "This is neither a SIP URI nor a number."


def is_host_port(text: str) -> bool:
    """Tell whether ``text`` is a host or host:port; an IPv6 address stands in brackets."""
    found = _HOST_PORT.fullmatch(text[: LONGEST_ADDRESS + 1])
    if not found or len(text) > LONGEST_ADDRESS:
        return False
    host, port = found.groups()
    if host.startswith("["):
        return _is_ipv6(host[1:-1]) and _is_port(port)
    return (_is_ipv4(host) or bool(_HOST_NAME.fullmatch(host))) and _is_port(port)


def is_ip(text: str) -> bool:
    """Tell whether ``text`` is an IPv4 or IPv6 address."""
    return _is_ipv4(text) or _is_ipv6(text)


def _is_port(text: str | None) -> bool:
    return text is None or 1 <= int(text) <= 65_535


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
