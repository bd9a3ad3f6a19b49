"""The words, against a table that a person has read."""

import string

import pytest

from softswitch.prompts import PromptError, PromptFault, SystemMessage, language, languages


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
        ("da", 3, "Du er nummer 3 i køen."),
        ("nb", 1, "Du er nummer én i køen."),
        ("nb", 12, "Du er nummer 12 i køen."),
        ("sv", 1, "Du är nummer ett i kön."),
        ("sv", 2, "Du är nummer 2 i kön."),
        ("en", 1, "You are number one in the queue."),
        ("en", 9999, "You are number 9999 in the queue."),
    ],
)
def test_positions(code: str, number: int, text: str):
    assert language(code).position(number) == text


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_there_is_no_such_position(number: int):
    with pytest.raises(PromptError, match=f"no place {number} ") as caught:
        language("da").position(number)
    assert caught.value.reason is PromptFault.BAD_POSITION


def test_sentences_are_sentences_and_none_is_shared():
    texts = [text for one in languages().values() for text in one.messages.values()]
    assert len(set(texts)) == len(languages()) * len(SystemMessage)
    for text in texts:
        assert text[0] in string.ascii_uppercase
        assert text.endswith(".")


@pytest.mark.parametrize(
    ("code", "low_s", "high_s", "text"),
    [
        ("en", 0.0, 59.0, "You will probably wait less than one minute."),
        ("en", 10.0, 61.0, "You will probably wait at most 2 minutes."),
        ("en", 59.9, 180.0, "You will probably wait at most 3 minutes."),
        ("en", 60.0, 181.0, "You will probably wait between 1 and 4 minutes."),
        ("da", 125.0, 300.0, "Ventetiden er sandsynligvis mellem 2 og 5 minutter."),
        ("nb", 0.0, 0.0, "Ventetiden er sannsynligvis under ett minutt."),
        ("sv", 0.0, 600.0, "Väntetiden är sannolikt högst 10 minuter."),
    ],
)
def test_an_expected_wait_is_rounded_outwards(code: str, low_s: float, high_s: float, text: str):
    assert language(code).expected_wait(low_s, high_s) == text
