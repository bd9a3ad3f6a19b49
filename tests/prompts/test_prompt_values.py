"""Names of days and currencies against the CLDR (Babel), and values that have no words."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from babel import Locale
from babel.dates import get_day_names, get_month_names
from babel.numbers import get_currency_name
from hypothesis import given
from hypothesis import strategies as st

from softswitch.prompts import PromptError, PromptFault, language
from softswitch.prompts.opening import OpenDays
from softswitch.prompts.phrases import Phrases

CODES = ("da", "en", "nb", "sv")
NOW = dt.datetime(2026, 11, 22, 7, 0)  # noqa: DTZ001 - local time


def phrases(code: str) -> Phrases:
    return language(code).phrases


@pytest.mark.parametrize("code", CODES)
def test_months_and_weekdays_are_those_of_the_cldr(code: str):
    dates = phrases(code).dates
    months = get_month_names("wide", "format", locale=code)
    assert dates.months == tuple(months[month] for month in range(1, 13))
    days = get_day_names("wide", "format", locale=code)
    assert dates.weekdays == tuple(days[day] for day in range(7))


@pytest.mark.parametrize("code", CODES)
def test_foreign_kroner_are_named_as_in_the_cldr(code: str):
    money = phrases(code).money
    foreign = [each for each in ("DKK", "NOK", "SEK") if each != money.home]
    for currency in foreign:
        unit = money.currencies[currency].unit
        locale = Locale(code)
        assert unit.one == get_currency_name(currency, count=1, locale=locale)
        assert unit.many == get_currency_name(currency, count=2, locale=locale)


@pytest.mark.parametrize("code", CODES)
def test_the_usual_currencies_are_there(code: str):
    assert set(phrases(code).money.currencies) >= {"DKK", "NOK", "SEK", "EUR", "GBP", "USD"}


@pytest.mark.parametrize("code", CODES)
@given(hundredths=st.integers(0, 10**14 - 1))
def test_an_amount_is_its_two_parts(code: str, hundredths: int):
    said = phrases(code)
    value = Decimal(hundredths) / 100
    units, rest = divmod(hundredths, 100)
    whole = said.amount(Decimal(units))
    part = said.amount(Decimal(rest) / 100)
    parts = [words for words, there in ((whole, units or not rest), (part, rest)) if there]
    joiner = said.money.both.format(units="", hundredths="")
    assert said.amount(value) == joiner.join(parts)


REFUSED: list[tuple[str, Callable[[Phrases], str]]] = [
    ("more than two decimals", lambda said: said.amount(Decimal("1.005"))),
    ("largest is", lambda said: said.amount(Decimal("1e12"))),
    ("largest is", lambda said: said.amount(Decimal("nan"))),
    ("largest is", lambda said: said.amount(Decimal("-inf"))),
    ("no currency 'XXX'", lambda said: said.amount(Decimal(1), "XXX")),
    ("no telephone number", lambda said: said.telephone_number("")),
    ("no telephone number", lambda said: said.telephone_number("anna@example.net")),
    ("no telephone number", lambda said: said.telephone_number("+")),
    ("no telephone number", lambda said: said.telephone_number("1" * 21)),
    ("digit by digit", lambda said: said.digits("12a")),
    ("digit by digit", lambda said: said.digits("")),
    ("digit by digit", lambda said: said.digits("١٢")),
    ("no case number", lambda said: said.case_number("")),
    ("no case number", lambda said: said.case_number("1" * 65)),
    ("no name here", lambda said: said.case_number("2023§4")),
    ("no weekdays 5 to 4", lambda said: said.opening_hours([days(5, 4)])),
    ("no weekdays 0 to 7", lambda said: said.opening_hours([days(0, 7)])),
    ("no opening hours", lambda said: said.opening_hours([])),
    ("is past", lambda said: said.opens(NOW - dt.timedelta(minutes=1), NOW)),
    ("is not possible", lambda said: said.expected_wait(10, 5)),
    ("is not possible", lambda said: said.expected_wait(-1, 5)),
    ("is not possible", lambda said: said.expected_wait(0, float("inf"))),
    ("is not possible", lambda said: said.expected_wait(float("nan"), 5)),
    ("cannot be -1 messages", lambda said: said.new_messages(-1)),
]


def days(first: int, last: int) -> OpenDays:
    return OpenDays(first=first, last=last, opens=dt.time(8), closes=dt.time(16))


@pytest.mark.parametrize(("message", "say"), REFUSED)
def test_what_has_no_words_is_refused_plainly(message: str, say: Callable[[Phrases], str]):
    with pytest.raises(PromptError, match=message) as caught:
        say(phrases("en"))
    assert caught.value.reason is PromptFault.UNSPEAKABLE


@pytest.mark.parametrize("code", CODES)
@given(number=st.from_regex(r"\A\+?[0-9]{1,15}\Z"))
def test_no_digit_of_a_telephone_number_is_lost(code: str, number: str):
    said = phrases(code)
    words = said.telephone_number(number).replace(",", "").split()
    values = {said.cardinal(value): str(value) for value in range(1, 100)}
    values |= {said.telephone.zero: "0"}
    heard = "".join(values[word] for word in words if word != said.telephone.plus)
    # A number of the own country is read as it is dialled there: with another prefix, or none.
    assert heard.lstrip("0").endswith(number.lstrip("+0")[-6:].lstrip("0"))


@pytest.mark.parametrize("code", CODES)
@given(moment=st.times())
def test_every_minute_has_a_name_of_its_own(code: str, moment: dt.time):
    said = phrases(code)
    other = dt.time((moment.hour + 12) % 24, moment.minute)
    assert said.time(moment) != said.time(other)
    assert said.time(moment) == said.time(moment.replace(second=0, microsecond=0))
    assert not said.time(moment).endswith(" ")
