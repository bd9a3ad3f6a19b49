"""Numbers in words against two other sources: the CLDR's rules, and num2words where it is right."""

import re
from collections.abc import Callable

import pytest
import rbnf
from num2words import num2words

from softswitch.prompts import PromptError, PromptFault, language
from softswitch.prompts.numbers import NUMBER_MAX, Gender, Numbers

CODES = ("da", "en", "nb", "sv")
LARGER = tuple(range(10_000, 1_000_000, 1_973))


def numbers(code: str) -> Numbers:
    return language(code).phrases.numbers


def close(words: str) -> str:
    return words.replace(" ", "").replace("é", "e")


def without_ones(one: str, counted: str) -> Callable[[str], str]:
    """Where we say "et hundrede", "ett tusen", the CLDR says "hundrede", "tusen"."""
    pattern = re.compile(rf"(?<!og )\b{one} (?={counted})")
    return lambda words: close(pattern.sub("", words))


# What is done to our words, and to the CLDR's, before they have to be the same. All of it is
# spelling but the two first: da/nb "et" before hundreds and thousands, which announcements say.
ALIKE: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "da": (
        without_ones("et", "hundrede|tusind"),
        lambda words: close(words).replace("tusinde", "tusind"),
    ),
    "nb": (without_ones("ett", "hundre|tusen"), close),
    "sv": (lambda words: close(words).replace("etttusen", "ettusen"), close),  # no triple t
    "en": (str, lambda words: words.replace(",", "")),
}
RULES = {
    ("da", Gender.COMMON): "%spellout-cardinal-common",
    ("da", Gender.NEUTER): "%spellout-cardinal-neuter",
    ("da", Gender.COUNTING): "%spellout-cardinal-neuter",
    ("nb", Gender.COMMON): "%spellout-cardinal-masculine",
    ("nb", Gender.NEUTER): "%spellout-cardinal-neuter",
    ("nb", Gender.COUNTING): "%spellout-cardinal-masculine",
    ("sv", Gender.COMMON): "%spellout-cardinal-reale",
    ("sv", Gender.NEUTER): "%spellout-cardinal-neuter",
    ("sv", Gender.COUNTING): "%spellout-cardinal-neuter",
    ("en", Gender.COMMON): "%spellout-cardinal-verbose",
    ("en", Gender.NEUTER): "%spellout-cardinal-verbose",
    ("en", Gender.COUNTING): "%spellout-cardinal-verbose",
}


@pytest.mark.parametrize(("code", "gender"), RULES)
def test_cardinals_are_those_of_the_cldr(code: str, gender: Gender):
    ours, theirs = ALIKE[code]
    # The CLDR says "tjugoen tusen", but a thousand is neuter: sv 21,000 is "tjugoett tusen".
    larger = () if (code, gender) == ("sv", Gender.COMMON) else LARGER
    for number in (*range(10_000), *larger):
        said = ours(numbers(code).cardinal(number, gender))
        assert said == theirs(rbnf.spell(code, RULES[code, gender], number)), number


@pytest.mark.parametrize(
    ("code", "years"),
    [
        ("da", range(1100, 2000)),  # from 2000 on people say "to tusind", the CLDR "tyve hundrede"
        ("nb", range(1100, 2000)),
        ("sv", range(1100, 2100)),
        ("en", range(1100, 2001)),  # then American: "two thousand one"
        ("en", range(2010, 2100)),
    ],
)
def test_years_are_those_of_the_cldr(code: str, years: range):
    ours, theirs = ALIKE[code]
    for year in years:
        said = ours(language(code).phrases.year(year))
        expected = theirs(rbnf.spell(code, "%spellout-numbering-year", year))
        assert said == expected.replace("oh-", "oh "), year


def test_english_is_that_of_num2words_without_its_comma():
    for number in range(10_000):
        said = num2words(number, lang="en").replace(",", "")
        assert numbers("en").cardinal(number) == said
        said = num2words(number, lang="en", to="ordinal").replace(",", "")
        assert numbers("en").ordinal(number) == said


@pytest.mark.parametrize(
    ("code", "theirs", "right"),
    [
        ("da", "da", {"treds": "tres"}),  # no such word
        ("nb", "no", {"syv": "sju"}),  # allowed, but not beside "tjue"
        ("sv", "sv", {"förtio": "fyrtio"}),  # no such word
    ],
)
def test_below_a_hundred_num2words_says_the_same_but_for_one_word(
    code: str, theirs: str, right: dict[str, str]
):
    [(wrong, word)] = right.items()
    for number in range(100):
        said = re.sub(rf"(?<!halv){wrong}", word, num2words(number, lang=theirs))
        assert close(numbers(code).cardinal(number)) == said


@pytest.mark.parametrize(
    ("code", "number", "wrong", "right"),
    [
        ("da", 1_000, "ettusind", "et tusind"),
        (
            "da",
            1_234,
            "ettusinde og tohundrede og fireogtredive",
            "et tusind to hundrede og fireogtredive",
        ),
        ("da", 121_001, "ethundrede og enogtyvetusindet", "et hundrede og enogtyve tusind og ét"),
        ("da", 1_000_000, "en millioner", "en million"),
        ("no", 100, "en hundre", "ett hundre"),
        ("no", 1_234, "en tusen to hundre og trettifire", "ett tusen to hundre og trettifire"),
        ("no", 21_000, "tjueen tusen", "tjueett tusen"),
        ("no", 2_000_000, "to million", "to millioner"),
        (
            "sv",
            1_234,
            "etttusen tvåhundratrettiofyra",
            "ett tusen två hundra trettiofyra",
        ),
        ("sv", 1_001, "etttusenett", "ett tusen ett"),
        ("sv", 1_000_001, "en miljonett", "en miljon ett"),
    ],
)
def test_where_num2words_is_wrong_we_are_not(code: str, number: int, wrong: str, right: str):
    assert num2words(number, lang=code) == wrong
    assert numbers({"no": "nb"}.get(code, code)).cardinal(number) == right


@pytest.mark.parametrize(
    ("code", "number", "wrong", "right"),
    [
        ("da", 50, "halvtredsende", "halvtredsindstyvende"),
        ("da", 31, "enogtredivete", "enogtredivte"),
        ("da", 1_000, "ettusindte", "tusinde"),
        ("no", 0, "null", "nullte"),
        ("sv", 1_000_000, "en miljonde", "miljonte"),
    ],
)
def test_ordinals_of_num2words_that_are_wrong(code: str, number: int, wrong: str, right: str):
    assert num2words(number, lang=code, to="ordinal") == wrong
    assert numbers({"no": "nb"}.get(code, code)).ordinal(number) == right


@pytest.mark.parametrize("code", CODES)
def test_no_two_numbers_sound_alike(code: str):
    said = {numbers(code).cardinal(number) for number in range(10_000)}
    assert len(said) == 10_000
    said = {numbers(code).ordinal(number) for number in range(10_000)}
    assert len(said) == 10_000


@pytest.mark.parametrize("number", [NUMBER_MAX + 1, -NUMBER_MAX - 1])
def test_numbers_have_an_end(number: int):
    with pytest.raises(PromptError, match="999,999,999,999") as caught:
        numbers("en").cardinal(number)
    assert caught.value.reason is PromptFault.UNSPEAKABLE


def test_nothing_is_minus_first():
    with pytest.raises(PromptError, match="from 0 to"):
        numbers("en").ordinal(-1)
