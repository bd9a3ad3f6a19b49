"""What pages say, in the group's language; moments as people write them."""

from __future__ import annotations

import functools
import hashlib
import math
import tomllib
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs
import jinja2
import phonenumbers
from markupsafe import Markup
from phonenumbers import PhoneNumberFormat

from softswitch.prompts import messages as languages
from softswitch.web.refusals import FieldFault, Why

_HERE: Final = Path(__file__).parent


@attrs.frozen
class Words:
    """The texts of one language; `words.title` and so on in templates."""

    language: str
    _texts: Mapping[str, Any]

    def __getattr__(self, name: str) -> str:
        if name.startswith("_") or not isinstance(text := self._texts.get(name), str):
            raise AttributeError(name)
        return text

    def say(self, name: str, **places: object) -> str:
        """Return a text with its places filled."""
        return str(self._texts[name].format(**places))

    def why(self, fault: FieldFault, days: int, example: str) -> str:
        """Return in words what is wrong with a field."""
        reasons: Mapping[str, str] = self._texts["why"]
        name = fault.why.value
        if fault.why is Why.CLOSED and fault.opens is None:
            name = "closed_unknown"
        text = reasons.get(name, reasons["unknown"])
        time = "" if fault.opens is None else self.moment(fault.opens)
        return text.format(days=days, number=example, time=time)

    def refusal(self, name: str) -> str:
        """Return in words why nothing can be done now."""
        return str(self._texts["why"][name])

    def moment(self, at: datetime) -> str:
        """Return a day and time: "mandag den 2. marts kl. 9.00"."""
        dates = languages.language(self.language).phrases.dates
        point = ":" if self.language == "en" else "."
        return self.say(
            "at",
            weekday=dates.weekdays[at.weekday()],
            day=at.day,
            month=dates.months[at.month - 1],
            clock=f"{at:%H}{point}{at:%M}",
        )

    def expected(self, low_s: float, high_s: float) -> str:
        """Return the sentence on the wait that is expected."""
        high = math.ceil(high_s / 60)
        if high <= 1:
            return self.expected_one
        return self.say("expected", low=max(1, math.floor(low_s / 60)), high=high)


@functools.cache
def words(language: str) -> Words:
    """Return the texts of a language."""
    return Words(language, _all()[language])


@functools.cache
def _all() -> Mapping[str, Mapping[str, Any]]:
    with (_HERE / "words.toml").open("rb") as file:
        return tomllib.load(file)


def shown_number(number: str) -> str:
    """Return a number as people read it, with its country code."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL))


def example_number(country: str) -> str:
    """Return a number of a country as people there write it."""
    number = phonenumbers.example_number(country)
    if number is None:
        return "+45 33 11 11 11"
    return str(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))


class Templates:
    """Makes pages of templates; everything that is filled in is escaped."""

    def __init__(self) -> None:
        """Read them all."""
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            auto_reload=False,
        )
        self._pages = {
            name: self._environment.get_template(f"{name}.html")
            for name in ("choose", "form", "order")
        }
        style = (_HERE / "style.css").read_text(encoding="utf-8")
        self._style = Markup(style)  # noqa: S704 - a file of ours
        digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self.policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        """The content security policy of every page: nothing but our own style is used."""

    def page(self, name: str, language: str, office: str, **places: object) -> str:
        """Return a page."""
        return self._pages[name].render(
            {"faults": {}, **places},
            lang=language,
            words=words(language),
            style=self._style,
            office=office,
        )
