"""Numbers as the whole world writes them (ITU-T E.164), and whether two are the same."""

from __future__ import annotations

import functools
import re
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from softswitch.prompts import messages as languages
from softswitch.switch.config import OfficeConfig

_WRITTEN: Final = re.compile(r"(?:tel:)?(\+?[0-9 ()./\u00a0-]{1,40})", re.ASCII)


def country_of(config: OfficeConfig) -> str:
    """Return the country (ISO 3166) whose numbers people write without a code."""
    return config.web.country or languages.language(config.language).phrases.telephone.region


def parsed(written: str, country: str) -> PhoneNumber | None:
    """Return a number as people write it; None: it fits into no country's plan."""
    found = _WRITTEN.fullmatch(written.strip())
    try:
        number = phonenumbers.parse(found[1], country) if found else None
    except phonenumbers.NumberParseException:
        return None
    return number if number is not None and phonenumbers.is_valid_number(number) else None


def e164(number: PhoneNumber) -> str:
    """Return a number with its ``+`` and country code."""
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


@functools.lru_cache(maxsize=4096)
def same_number(written: str, country: str) -> str:
    """Return what two ways to write one number have in common; SIP URIs stay as they are."""
    number = parsed(written, country)
    return written if number is None else e164(number)
