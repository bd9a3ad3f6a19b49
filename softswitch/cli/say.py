"""``softswitch say``: words in one of the languages, as a WAV file and as a picture."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Final

import attrs
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from softswitch.cli.output import errors_explained
from softswitch.cli.render import describe
from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.prompts import SoundStore, language
from softswitch.prompts.clips import Clips
from softswitch.prompts.messages import Language
from softswitch.prompts.piper import PiperSpeech
from softswitch.prompts.speech import EspeakSpeech, Speech
from softswitch.prompts.store import RATES_HZ
from softswitch.prompts.wav import read_header, write_wav
from softswitch.prompts.waveform import draw_waveform
from softswitch.simulation.picture import check_picture

Text = Annotated[str | None, typer.Argument(metavar="WORDS", help="What to say.")]
Lang = Annotated[str, typer.Option("--lang", "-l", help="da, nb, sv or en.")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="The WAV file to write.")
]
Rate = Annotated[int, typer.Option(metavar="HZ", help="8000, 16000, 32000 or 48000.")]
Plot = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw a picture: .png or .svg.")]
Recorded = Annotated[
    Path | None, typer.Option("--clips", metavar="FOLDER", help="The office's own recordings.")
]
Piper = Annotated[
    Path | None, typer.Option(metavar="VOICE.ONNX", help="Speak with this voice of Piper.")
]


def _form(option: str, metavar: str, text: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(option, metavar=metavar, help=text)
    return found


def say(
    text: Text = None,
    *,
    lang: Lang = "en",
    output: Output = None,
    plot: Plot = None,
    rate: Rate = 8000,
    clips: Recorded = None,
    piper: Piper = None,
    position: Annotated[str | None, _form("--position", "N", "A place in the queue.")] = None,
    wait: Annotated[str | None, _form("--wait", "LOW-HIGH", "An expected wait in minutes.")] = None,
    time: Annotated[str | None, _form("--time", "HH:MM", "A time of day.")] = None,
    date: Annotated[str | None, _form("--date", "YYYY-MM-DD", "A date.")] = None,
    amount: Annotated[str | None, _form("--amount", "VALUE", 'Money: 2.50 or "2.50 EUR".')] = None,
    telephone: Annotated[str | None, _form("--telephone", "NUMBER", "A telephone number.")] = None,
    digits: Annotated[str | None, _form("--digits", "DIGITS", "Digits one by one.")] = None,
    case: Annotated[str | None, _form("--case", "NUMBER", "A case number: 2023/114.")] = None,
    number: Annotated[str | None, _form("--number", "N", "A number.")] = None,
    ordinal: Annotated[str | None, _form("--ordinal", "N", "A number in a row.")] = None,
    message: Annotated[
        str | None, _form("--message", "NAME", "A message of the system: please_hold.")
    ] = None,
) -> None:
    """Say words, or a value, in one of the languages.

    Prints the words that are said; with -o and --plot writes their sound and a picture of it.
    """
    forms = {
        "text": text,
        "position": position,
        "wait": wait,
        "time": time,
        "date": date,
        "amount": amount,
        "telephone": telephone,
        "digits": digits,
        "case": case,
        "number": number,
        "ordinal": ordinal,
        "message": message,
    }
    with errors_explained():
        spoken = language(lang)
        words = _words(forms, spoken)
        order = _Order(words=words, spoken=spoken, rate_hz=rate, clips=clips, piper=piper)
        order.check(plot)
        summary = _carry_out(order, output, plot) if output or plot else ""
    console = Console()
    console.print(words, highlight=False, markup=False, soft_wrap=True)
    if output:
        console.print(f"{output}: {summary}", highlight=False, markup=False, soft_wrap=True)


@attrs.frozen(kw_only=True)
class _Order:
    """What is to be said, and with what."""

    words: str
    spoken: Language
    rate_hz: int
    clips: Path | None
    piper: Path | None

    def check(self, plot: Path | None) -> None:
        """Refuse what cannot come to anything, before any work is done."""
        if self.rate_hz not in RATES_HZ:
            rates = ", ".join(map(str, RATES_HZ))
            raise MisuseError(f"A sound has {rates} samples a second, not {self.rate_hz}.")
        if plot:
            check_picture(plot)

    def samples(self) -> NDArray[np.int16]:
        """Return the sound, shape ``(samples,)``."""
        sound = Clips(self.clips).sound(self.words, self.spoken.code)
        with tempfile.TemporaryDirectory() as folder:
            store = SoundStore(Path(folder), self.rate_hz, speech=self._speech())
            with store.prompt(sound).open("rb") as file:
                plain = read_header(file)
                assert plain is not None  # noqa: S101 - the store has just written it
                return plain.read(file)[:, 0]

    def _speech(self) -> Speech:
        if self.piper is None:
            return EspeakSpeech()
        return PiperSpeech({self.spoken.voice.name: self.piper})


def _carry_out(order: _Order, output: Path | None, plot: Path | None) -> str:
    samples = order.samples()
    summary = describe(samples, order.rate_hz)
    try:
        if output:
            write_wav(output, samples, order.rate_hz)
        if plot:
            draw_waveform(plot, samples, order.rate_hz, order.words)
    except OSError as error:
        raise EnvironmentFaultError(
            f"{error.filename or output or plot} cannot be written: {error.strerror}.",
            remedy="Check that the folder is there and may be written.",
        ) from error
    return summary


def _words(forms: Mapping[str, str | None], spoken: Language) -> str:
    given = {name: value for name, value in forms.items() if value is not None}
    if len(given) != 1:
        found = " and ".join(given) or "nothing"
        raise MisuseError(f"Say one thing: words or one of the options; found {found}.")
    [(name, value)] = given.items()
    try:
        return _READERS[name](spoken, value)
    except (ValueError, InvalidOperation):
        raise MisuseError(f"--{name} cannot be {value!r}: {_ALLOWED[name]}.") from None


def _wait(spoken: Language, value: str) -> str:
    low, _, high = value.partition("-")
    return spoken.expected_wait(60 * float(low), 60 * float(high or low))


def _amount(spoken: Language, value: str) -> str:
    figure, *currency = value.split()
    return spoken.phrases.amount(Decimal(figure), *currency[:1])


def _message(spoken: Language, value: str) -> str:
    by_name = {message.value: text for message, text in spoken.messages.items()}
    if value not in by_name:
        raise MisuseError(f"There is no message {value!r}; there are: {', '.join(by_name)}.")
    return by_name[value]


_READERS: Final[Mapping[str, Callable[[Language, str], str]]] = {
    "text": lambda _, value: value,
    "position": lambda spoken, value: spoken.position(int(value)),
    "wait": _wait,
    "time": lambda spoken, value: spoken.phrases.time(dt.time.fromisoformat(value)),
    "date": lambda spoken, value: spoken.phrases.date(dt.date.fromisoformat(value)),
    "amount": _amount,
    "telephone": lambda spoken, value: spoken.phrases.telephone_number(value),
    "digits": lambda spoken, value: spoken.phrases.digits(value),
    "case": lambda spoken, value: spoken.phrases.case_number(value),
    "number": lambda spoken, value: spoken.phrases.cardinal(int(value)),
    "ordinal": lambda spoken, value: spoken.phrases.ordinal(int(value)),
    "message": _message,
}
_ALLOWED: Final = {
    "position": "a whole number",
    "wait": "minutes, as 5 or 2-5",
    "time": "a time of day, as 08:05",
    "date": "a date, as 2026-01-31",
    "amount": "an amount with or without its currency, as 2.50 or '2.50 EUR'",
    "number": "a whole number",
    "ordinal": "a whole number",
}
