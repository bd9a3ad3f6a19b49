"""Nodes that ask the caller something: keys, digits, a language, or to speak."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import ClassVar, Final

import attrs

from softswitch.ivr import fields as f
from softswitch.ivr.expressions import Expression, Value
from softswitch.ivr.expressions.types import TEXT, TRUTH
from softswitch.ivr.model import BACK, HANG_UP, Finding, Flow, Node, node_kind
from softswitch.ivr.prompts import ANY_LANGUAGE, Prompt
from softswitch.ivr.sayings import Sayings
from softswitch.ivr.tables import State
from softswitch.ivr.talk import Talk
from softswitch.prompts.messages import SystemMessage
from softswitch.settings.faults import one_of

DIGITS: Final = "0123456789"
KEYS: Final = tuple("0123456789*#ABCD")


@attrs.frozen(kw_only=True)
class Asking(Node):
    """Base of nodes that ask, listen, and ask again when nothing sensible came.

    Attributes:
        prompt: what is asked.
        again: what is asked at the second attempt, the third, and so on, the last one repeated;
            none: the same as at first.
        invalid: heard after an answer that makes no sense; None: the system's own sentence.
        silence: heard after an attempt without an answer; None: nothing.
        attempts: how often it is asked.
        timeout_s: how long the first key is waited for.
        inter_digit_s: how long each further key is waited for.
        barge_in: a key cuts the prompt.
        otherwise: what follows when every attempt failed.
        no_answer: what follows when the last attempt got no answer; empty: `otherwise`.
    """

    listens: ClassVar[bool] = True

    prompt: Prompt | None = f.heard()
    again: tuple[Prompt, ...] = f.heard_in_turn()
    invalid: Prompt | None = f.heard()
    silence: Prompt | None = f.heard()
    attempts: int = f.whole(3, 1, 10)
    timeout_s: float = f.number(5.0, 0.5, 60)
    inter_digit_s: float = f.number(3.0, 0.5, 60)
    barge_in: bool = f.truth(default=True)
    otherwise: str = f.leads_to()
    no_answer: str = f.leads_to()

    def enter(self, talk: Talk) -> None:
        """Ask."""
        talk.visit.attempts = 1
        talk.play(self.prompt, barge_in=self.barge_in, skipped_by_keys=True)

    def heard(self, talk: Talk) -> None:
        """Listen."""
        talk.listen(self.timeout_s)

    def ask_again(self, talk: Talk, *, answered: bool) -> None:
        """Ask once more, or give up."""
        visit = talk.visit
        visit.digits = visit.stage = ""
        talk.forget_keys()
        if visit.attempts >= self.attempts:
            talk.go(self.otherwise if answered else self.no_answer or self.otherwise)
            return
        visit.attempts += 1
        before = (self.invalid or SystemMessage.INVALID_CHOICE) if answered else self.silence
        talk.play(before, self._prompt_of(visit.attempts), barge_in=self.barge_in)

    def findings(self, flow: Flow) -> Iterator[Finding]:  # noqa: ARG002 - as Node
        """Something must be asked, and something must follow when nobody answers."""
        if self.prompt is None:
            yield Finding(("prompt",), "Nothing says what is asked.")
        if not self.otherwise:
            message = "Nothing says where a caller goes who does not answer in time."
            yield Finding(("otherwise",), message, allowed=f"a node, {BACK} or {HANG_UP}")

    def _prompt_of(self, attempt: int) -> Prompt | None:
        if attempt == 1 or not self.again:
            return self.prompt
        return self.again[min(attempt - 2, len(self.again) - 1)]


def _settled(digits: str, known: Iterable[str]) -> bool:
    """Tell whether no further key could make another choice of this one."""
    return not any(one != digits and one.startswith(digits) for one in known)


def _key_findings(setting: str, keys: Iterable[str]) -> Iterator[Finding]:
    for key in keys:
        if not key or any(one not in KEYS for one in key):
            yield Finding((setting, key), "This is no key.", key, " ".join(KEYS))


@node_kind("menu")
@attrs.frozen(kw_only=True)
class Menu(Asking):
    """Lets the caller choose by a key, or by several, or by saying so.

    Attributes:
        choices: for each key what follows.
        spoken: words that choose like a key, where the office makes out words.
        into: variable that gets the keys chosen; empty: none.
    """

    choices: Mapping[str, str] = f.choices()
    spoken: Sayings = f.said()
    into: str = f.sets(gives=TEXT)

    def findings(self, flow: Flow) -> Iterator[Finding]:
        """Choices are by keys that phones have; each word stands for one of them."""
        yield from super().findings(flow)
        yield from _key_findings("choices", self.choices)
        for language, key, _ in self.spoken.everything():
            if key not in self.choices:
                at = ("spoken", language, key) if language != ANY_LANGUAGE else ("spoken", key)
                message = "No choice has this key; what can be said can be pressed too."
                yield Finding(at, message, key, one_of(self.choices))

    def settles(self) -> Collection[Value]:
        """Return the keys."""
        return tuple(self.choices)

    def enter(self, talk: Talk) -> None:
        """Ask, and listen for words from now on."""
        talk.listen_for(self.spoken.words(talk.language))
        super().enter(talk)

    def said(self, talk: Talk, words: str) -> None:
        """Choose what was said; while a prompt plays that no key cuts, once it is over."""
        key = self.spoken.key(words, talk.language)
        if key is None or key not in self.choices:
            self.ask_again(talk, answered=True)
        elif talk.state is State.PLAYING and not talk.barge_in:
            for one in key:
                talk.keep(one)
        else:
            talk.visit.digits = key
            self._choose(talk)

    def uses(self, talk: Talk, key: str) -> bool:
        """Keys that begin, or go on with, a choice."""
        return any(one.startswith(talk.visit.digits + key) for one in self.choices)

    def key(self, talk: Talk, key: str) -> None:
        """Choose, or wait for a further key of a longer choice."""
        visit = talk.visit
        visit.digits += key
        if visit.digits in self.choices and _settled(visit.digits, self.choices):
            self._choose(talk)
        elif any(one.startswith(visit.digits) for one in self.choices):
            talk.listen(self.inter_digit_s)
        else:
            self.ask_again(talk, answered=True)

    def time_over(self, talk: Talk) -> None:
        """Take what was keyed, if that is a choice."""
        if talk.visit.digits in self.choices:
            self._choose(talk)
        else:
            self.ask_again(talk, answered=bool(talk.visit.digits))

    def _choose(self, talk: Talk) -> None:
        digits = talk.visit.digits
        talk.variables["digits"] = digits
        if self.into:
            talk.variables[self.into] = digits
        talk.go(self.choices[digits])


@node_kind("language")
@attrs.frozen(kw_only=True)
class Language(Asking):
    """Changes what the caller hears: to one language, or to the one that the caller chooses.

    Attributes:
        to: the language; empty: the caller is asked.
        languages: the language for each key.
        next: what follows; also after silence, in the language of before.
    """

    to: str = f.text()
    languages: Mapping[str, str] = f.words()
    attempts: int = f.whole(1, 1, 10)
    next: str = f.leads_to()

    def findings(self, flow: Flow) -> Iterator[Finding]:
        """Either a language or a choice between several, all of the flow's."""
        if bool(self.to) is bool(self.languages):
            message = "It must be said either which language, or which keys choose one."
            yield Finding(("to",), message, self.to or None, " or ".join(flow.spoken))
        if self.languages and self.prompt is None:
            yield Finding(("prompt",), "Nothing says what is asked.")
        yield from _key_findings("languages", self.languages)
        named: list[tuple[tuple[str | int, ...], str]] = [(("to",), self.to)] if self.to else []
        named += [(("languages", key), code) for key, code in self.languages.items()]
        for setting, code in named:
            if code not in flow.spoken:
                yield Finding(
                    setting, "The flow does not speak this.", code, " or ".join(flow.spoken)
                )

    def enter(self, talk: Talk) -> None:
        """Ask, where there is something to be asked."""
        if self.to:
            talk.language = self.to
            talk.go(self.next)
        else:
            super().enter(talk)

    def uses(self, talk: Talk, key: str) -> bool:  # noqa: ARG002 - the same for everybody
        """Keys that stand for a language."""
        return key in self.languages

    def key(self, talk: Talk, key: str) -> None:
        """Speak the language chosen."""
        if key not in self.languages:
            self.ask_again(talk, answered=True)
            return
        talk.language = self.languages[key]
        talk.go(self.next)

    def time_over(self, talk: Talk) -> None:
        """Leave the language as it is."""
        self.ask_again(talk, answered=False)

    def ask_again(self, talk: Talk, *, answered: bool) -> None:
        """Ask once more, or go on."""
        if talk.visit.attempts >= self.attempts:
            talk.forget_keys()
            talk.go(self.otherwise or self.next)
        else:
            super().ask_again(talk, answered=answered)


@node_kind("collect")
@attrs.frozen(kw_only=True)
class Collect(Asking):
    """Collects digits: a customer number, a case, a PIN.

    Attributes:
        into: variable that gets them; one that is a number gets a number.
        least, most: how many digits are right.
        terminator: the key that ends them before `most`; empty: only time does.
        valid: a condition on ``digits`` that must hold.
        confirm: says what was keyed and asks whether it is right; None: it is not asked.
        yes, no: the keys that confirm and that begin again.
        next: what follows digits that are right.
    """

    into: str = f.sets()
    least: int = f.whole(1, 1, 64)
    most: int = f.whole(32, 1, 64)
    terminator: str = f.text("#")
    valid: Expression | None = f.expression(gives=TRUTH)
    confirm: Prompt | None = f.heard()
    yes: str = f.text("1")
    no: str = f.text("2")
    next: str = f.leads_to(by_caller=True)

    def findings(self, flow: Flow) -> Iterator[Finding]:
        """Lengths and keys must make sense."""
        yield from super().findings(flow)
        if self.least > self.most:
            yield Finding(("least",), f"This is more than `most`, {self.most}.", self.least)
        for name, key in (("terminator", self.terminator), ("yes", self.yes), ("no", self.no)):
            if key not in KEYS and (key or name != "terminator"):
                yield Finding((name,), "This is no key.", key, " ".join(KEYS))
        if isinstance(flow.variables.get(self.into), bool):
            yield Finding(("into",), "No digits are true or false.", self.into)

    def uses(self, talk: Talk, key: str) -> bool:
        """Digits and the terminator; the two answers where it is asked."""
        if talk.visit.stage == "confirm":
            return key in {self.yes, self.no}
        return key in DIGITS or key == self.terminator

    def heard(self, talk: Talk) -> None:
        """Listen."""
        keyed = talk.visit.digits and talk.visit.stage != "confirm"
        talk.listen(self.inter_digit_s if keyed else self.timeout_s)

    def key(self, talk: Talk, key: str) -> None:
        """Take a digit, or an answer."""
        visit = talk.visit
        if visit.stage == "confirm":
            self._confirmed(talk, key)
        elif key == self.terminator:
            self._complete(talk)
        elif key not in DIGITS:
            self.ask_again(talk, answered=True)
        else:
            visit.digits += key
            if len(visit.digits) >= self.most:
                self._complete(talk)
            else:
                talk.listen(self.inter_digit_s)

    def time_over(self, talk: Talk) -> None:
        """Take what there is."""
        if talk.visit.stage == "confirm" or not talk.visit.digits:
            self.ask_again(talk, answered=False)
        else:
            self._complete(talk)

    def _complete(self, talk: Talk) -> None:
        digits = talk.visit.digits
        talk.variables["digits"] = digits
        fits = self.least <= len(digits) <= self.most and self._value(talk, digits) is not None
        if not fits or not (self.valid is None or talk.holds(self.valid)):
            self.ask_again(talk, answered=True)
        elif self.confirm is not None:
            talk.visit.stage = "confirm"
            talk.play(self.confirm, skipped_by_keys=True)
        else:
            self._accept(talk)

    def _confirmed(self, talk: Talk, key: str) -> None:
        if key == self.yes:
            self._accept(talk)
        elif key == self.no:
            self._start_over(talk)
        else:
            self.ask_again(talk, answered=True)

    def _start_over(self, talk: Talk) -> None:
        """Ask anew: keyed wrongly, and noticed, is no failed attempt."""
        talk.visit.digits = talk.visit.stage = ""
        talk.play(self.prompt, barge_in=self.barge_in, skipped_by_keys=True)

    def _accept(self, talk: Talk) -> None:
        value = self._value(talk, talk.visit.digits)
        if self.into and value is not None:
            talk.variables[self.into] = value
        talk.go(self.next)

    def _value(self, talk: Talk, digits: str) -> Value | None:
        """Return digits as the variable can hold them, or None where it cannot."""
        if not self.into:
            return digits
        as_number = isinstance(talk.variables.get(self.into), int | float)
        return talk.fitted(self.into, int(digits) if as_number else digits)


@node_kind("record")
@attrs.frozen(kw_only=True)
class Record(Node):
    """Records what the caller says.

    Attributes:
        prompt: heard before the tone.
        into: variable that gets the path of the file.
        length_max_s: it ends after so many seconds.
        silence_s: it ends when nothing is said for so long; 0: it does not.
        ends: keys that end it.
        beep: a tone says when to speak.
        next: what follows.
        empty: what follows when nothing was said, or nothing could be recorded; empty: `next`.
    """

    listens: ClassVar[bool] = True

    prompt: Prompt | None = f.heard()
    into: str = f.sets(required=True, gives=TEXT)
    length_max_s: float = f.number(120.0, 1, 3600)
    silence_s: float = f.number(0.0, 0, 60)
    ends: str = f.text("0123456789*#")
    beep: bool = f.truth(default=True)
    next: str = f.leads_to()
    empty: str = f.leads_to()

    def enter(self, talk: Talk) -> None:
        """Say what to do."""
        talk.play(self.prompt)

    def uses(self, talk: Talk, key: str) -> bool:
        """Keys that end the recording."""
        return talk.state is State.RECORDING and key in self.ends

    def key(self, talk: Talk, key: str) -> None:
        """End the prompt or the recording."""
        if talk.state is not State.RECORDING:
            self.heard(talk)
        elif key in self.ends:
            talk.stop_recording()

    def heard(self, talk: Talk) -> None:
        """Record."""
        talk.record(length_max_s=self.length_max_s, silence_s=self.silence_s, beep=self.beep)

    def result(self, talk: Talk, outcome: str, values: Mapping[str, object] | None) -> None:
        """Keep the file."""
        if outcome == "recorded" and values is not None:
            talk.variables[self.into] = str(values["path"])
            talk.go(self.next)
        else:
            talk.go(self.empty or self.next)
