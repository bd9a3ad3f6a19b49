"""A listener: PocketSphinx with its American English model, for what our English voices say.

The grammar holds every sentence that may come, so the listener chooses between them all, but it
has to make out each number and day of them.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import attrs
import numpy as np
import soxr
from numpy.typing import NDArray
from pocketsphinx import Config, Decoder, get_model_path

MODEL_HZ = 16_000
LINE_NOISE = 0.001
"""-60 dBFS of noise: no telephone line is as silent as zeros, which the model cannot take."""

GRAMMAR = """#JSGF V1.0;
grammar phrases;
public <phrase> = <position> | <wait> | <opens> | <date> | <amount> | <telephone>;
<unit> = one | two | three | four | five | six | seven | eight | nine;
<teen> = ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen
    | nineteen;
<ten> = twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety;
<below> = <unit> | <teen> | <ten> [<unit>];
<number> = <below> | <unit> hundred [and <below>];
<position> = you are number <number> in the queue;
<wait> = you will probably wait (less than one minute | at most <below> minutes
    | about <below> (minute | minutes) | between <below> and <below> minutes);
<weekday> = monday | tuesday | wednesday | thursday | friday | saturday | sunday;
<minute> = oh <unit> | <teen> | <ten> [<unit>];
<part> = in the (morning | afternoon | evening) | at night;
<opens> = we (open | close) (today | tomorrow | on <weekday>) at
    (midday | midnight | (<unit> | <teen>) [<minute>] [<part>]);
<month> = january | february | march | april | may | june | july | august | september | october
    | november | december;
<ordinal> = first | second | third | fourth | fifth | sixth | seventh | eighth | ninth | tenth
    | eleventh | twelfth | thirteenth | fourteenth | fifteenth | sixteenth | seventeenth
    | eighteenth | nineteenth | twentieth | twenty <small> | thirtieth | thirty first;
<small> = first | second | third | fourth | fifth | sixth | seventh | eighth | ninth;
<date> = <weekday> the <ordinal> of <month>;
<amount> = <number> (pound | pounds) [and <below> (penny | pence)];
<telephone> = we will call you on <digit> <digit>+;
<digit> = oh | <unit>;
"""


def words(text: str) -> list[str]:
    """The words of a text as the grammar writes them."""
    return re.sub(r"[^a-z ]", " ", text.lower()).split()


@attrs.frozen
class Listener:
    """Makes out words."""

    decoder: Decoder

    def hears(self, samples: NDArray[np.int16], rate_hz: int) -> list[str]:
        """Return the words that are heard, none where nothing is made out."""
        heard = soxr.resample(samples / 32768, rate_hz, MODEL_HZ)
        padded = np.pad(heard, MODEL_HZ * 2 // 5)
        noise = np.random.default_rng(1).normal(0.0, LINE_NOISE, len(padded))
        raw = np.clip((padded + noise) * 32767, -32768, 32767).astype("<i2").tobytes()
        self.decoder.start_utt()
        self.decoder.process_raw(raw, no_search=False, full_utt=True)
        self.decoder.end_utt()
        found = self.decoder.hyp()
        return found.hypstr.split() if found else []


def listener(folder: Path) -> Listener:
    """A listener for the grammar, which is written into a folder."""
    grammar = folder / "phrases.gram"
    grammar.write_text(GRAMMAR)
    config = Config(
        hmm=get_model_path("en-us/en-us"),
        dict=get_model_path("en-us/cmudict-en-us.dict"),
        jsgf=str(grammar),
        logfn="/dev/null",
    )
    return Listener(Decoder(config))


@attrs.frozen
class Score:
    """How well a number of sentences was heard.

    Attributes:
        sentences: how many there were.
        exact: how many of them were heard without a fault.
        words: how many words there were.
        errors: words that were missing, added or another (Levenshtein distance).
    """

    sentences: int
    exact: int
    words: int
    errors: int

    @property
    def accuracy(self) -> float:
        """Share of the words that were heard: 1 less the word error rate."""
        return 1 - self.errors / self.words


def score(pairs: Iterable[tuple[list[str], list[str]]]) -> Score:
    """Compare what was said with what was heard."""
    found = list(pairs)
    return Score(
        sentences=len(found),
        exact=sum(said == heard for said, heard in found),
        words=sum(len(said) for said, _ in found),
        errors=sum(distance(said, heard) for said, heard in found),
    )


def distance(said: list[str], heard: list[str]) -> int:
    """Fewest words to change, add or leave out."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, start=1):
        last, row = row, [count]
        for place, other in enumerate(heard):
            row.append(min(last[place] + (word != other), last[place + 1] + 1, row[-1] + 1))
    return row[-1]
