"""The words, against a table that a person has read."""

import re
import string
import tomllib
from importlib import resources

import pytest

from softswitch import prompts
from softswitch.errors import ConfigurationError
from softswitch.prompts import PromptError, PromptFault, SystemMessage, language, languages
from softswitch.prompts.guidance import Guidance
from softswitch.prompts.messages import parse_language

CODES = ("da", "en", "nb", "sv")


def test_the_four_languages_are_there():
    assert list(languages()) == ["da", "en", "nb", "sv"]
    assert [one.name for one in languages().values()] == [
        "Dansk",
        "English",
        "Norsk bokmål",
        "Svenska",
    ]


@pytest.mark.parametrize(
    ("code", "message", "text"),
    [
        ("da", SystemMessage.PLEASE_HOLD, "Vent venligst."),
        ("en", SystemMessage.PLEASE_HOLD, "Please hold the line."),
        (
            "da",
            SystemMessage.STANDARD,
            "Vi kan desværre ikke besvare dit opkald, prøv venligst igen senere.",
        ),
        ("en", SystemMessage.ANSWERED_ELSEWHERE, "The call has already been answered. Thank you."),
    ],
)
def test_wording_that_is_laid_down(code: str, message: SystemMessage, text: str):
    assert language(code).messages[message] == text


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("da", 1, "Du er nummer ét i køen."),
        ("da", 3, "Du er nummer tre i køen."),
        ("nb", 1, "Du er nummer én i køen."),
        ("nb", 12, "Du er nummer tolv i køen."),
        ("sv", 1, "Du är nummer ett i kön."),
        ("sv", 2, "Du är nummer två i kön."),
        ("en", 1, "You are number one in the queue."),
        ("en", 9999, "You are number nine thousand nine hundred and ninety-nine in the queue."),
    ],
)
def test_positions(code: str, number: int, text: str):
    assert language(code).position(number) == text


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_there_is_no_such_position(number: int):
    with pytest.raises(PromptError, match=f"no place {number} ") as caught:
        language("da").position(number)
    assert caught.value.reason is PromptFault.BAD_POSITION


@pytest.mark.parametrize("code", CODES)
def test_every_message_is_there_and_is_whole_sentences(code: str):
    messages = language(code).messages
    assert set(messages) == {*SystemMessage, *Guidance}
    for text in messages.values():
        assert text[0] in string.ascii_uppercase
        assert text.endswith((".", "?"))
        assert text == " ".join(text.split())


def test_no_message_was_left_in_another_language():
    for message in (*SystemMessage, *Guidance):
        texts = [one.messages[message] for one in languages().values()]
        assert len(set(texts)) == len(texts), message


def test_the_same_keys_are_offered_in_every_language():
    folder = resources.files("softswitch.prompts") / "languages"
    tables = [tomllib.loads((folder / f"{code}.toml").read_text("utf-8")) for code in CODES]
    written = [{**table["messages"], **table["guidance"]} for table in tables]
    for message in (*SystemMessage, *Guidance):
        keys = {tuple(re.findall(r"\d+", texts[message.value])) for texts in written}
        assert len(keys) == 1, message


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("da", "Tryk ét for at bekræfte, eller to for at indtaste et andet nummer."),
        ("en", "Press one to confirm, or two to enter another number."),
        ("nb", "Trykk én for å bekrefte, eller to for å taste inn et annet nummer."),
        ("sv", "Tryck ett för att bekräfta eller två för att slå ett annat nummer."),
    ],
)
def test_keys_are_named_in_words(code: str, text: str):
    assert language(code).messages[Guidance.CALL_BACK_CONFIRM] == text


def test_a_message_that_is_missing_is_named():
    text = (resources.files("softswitch.prompts") / "languages" / "da.toml").read_text("utf-8")
    with pytest.raises(ConfigurationError, match=r"xx\.toml: goodbye is missing"):
        parse_language("xx", text.replace("goodbye =", "farewell ="))
    with pytest.raises(ConfigurationError, match="wekdays") as caught:
        parse_language("xx", text.replace("\nweekdays =", "\nwekdays ="))
    assert "weekdays" in str(caught.value)
    with pytest.raises(ConfigurationError, match=r"xx\.toml: Invalid value"):
        parse_language("xx", "name = ")


def test_a_further_language_is_one_file():
    text = (resources.files("softswitch.prompts") / "languages" / "da.toml").read_text("utf-8")
    other = parse_language("xx", text.replace('name = "Dansk"', 'name = "Andet"'))
    assert (other.code, other.name) == ("xx", "Andet")
    assert other.position(21) == "Du er nummer enogtyve i køen."


@pytest.mark.parametrize(
    ("code", "low_s", "high_s", "text"),
    [
        ("en", 0.0, 59.0, "You will probably wait less than one minute."),
        ("en", 10.0, 61.0, "You will probably wait at most two minutes."),
        ("en", 59.9, 180.0, "You will probably wait at most three minutes."),
        ("en", 60.0, 181.0, "You will probably wait between one and four minutes."),
        ("da", 125.0, 300.0, "Ventetiden er sandsynligvis mellem to og fem minutter."),
        ("nb", 0.0, 0.0, "Ventetiden er sannsynligvis under ett minutt."),
        ("sv", 0.0, 600.0, "Väntetiden är sannolikt högst tio minuter."),
    ],
)
def test_an_expected_wait_is_rounded_outwards(code: str, low_s: float, high_s: float, text: str):
    assert language(code).expected_wait(low_s, high_s) == text


def test_the_function_stays_what_it_is():
    """Its files lie in a package of the same name, which must not take its place."""
    languages()
    assert prompts.languages is languages
