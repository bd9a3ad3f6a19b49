"""A call flow as data: nodes with names, and where each leads to.

::

    Flow(
        name="Front desk",
        start="welcome",
        nodes={
            "welcome": Say(text="Welcome.", next="menu"),
            "menu": Menu(
                prompt="For sales, press 1.", choices={"1": "sales"}, otherwise="switchboard"
            ),
            "sales": Queue(group="sales"),
            "switchboard": Dial(number="sip:desk@192.0.2.7"),
        },
    )

The same is written in TOML (`softswitch.ivr.loading`), and every node can be used by itself from
an ``async def`` flow (`softswitch.switch.Call.do`). A kind of node is a class: its settings are
fields (`softswitch.ivr.fields`), its behaviour stands beside them. `node_kind` gives it the name
by which flow files know it; programs add their own in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

import attrs

from softswitch.errors import MisuseError
from softswitch.ivr import commands as cmd
from softswitch.ivr import fields as f
from softswitch.ivr.answers import fitted
from softswitch.ivr.expressions import Expression, Type, Value, Vocabulary, expression_of
from softswitch.ivr.expressions.types import KNOWN, type_of_value
from softswitch.ivr.fields import RoleKind, role_of
from softswitch.ivr.sources import Source
from softswitch.settings.faults import one_of

if TYPE_CHECKING:
    from softswitch.ivr.talk import Talk

__all__ = [
    "BACK",
    "HANG_UP",
    "KINDS",
    "RESERVED",
    "Case",
    "Exit",
    "Finding",
    "Flow",
    "Node",
    "OwnNode",
    "OwnResult",
    "Source",
    "node_kind",
]

BACK: Final = "back"
HANG_UP: Final = "hang_up"
RESERVED: Final = (BACK, HANG_UP)
"""Targets that are no nodes: the menu heard before, and the end of the call."""


@attrs.frozen
class Exit:
    """One way out of a node.

    Attributes:
        label: what happened: a key, ``next``, ``no_answer``.
        target: the node that follows, or one of `RESERVED`; empty: the flow ends.
        by_caller: the caller did something; what merely happens does not count.
        setting: path of the setting inside the node.
    """

    label: str
    target: str
    by_caller: bool
    setting: tuple[str | int, ...]


@attrs.frozen
class Finding:
    """Something wrong with a node.

    Attributes:
        setting: path of the setting inside the node.
        message: one sentence for a person.
        value: what was found; None: it is missing.
        allowed: what may stand there, in words.
    """

    setting: tuple[str | int, ...]
    message: str
    value: object = None
    allowed: str = ""


@attrs.frozen
class Case:
    """A condition and where it leads."""

    when: Expression = attrs.field(converter=expression_of)
    to: str


@attrs.frozen(kw_only=True)
class Node:
    """Base of every kind of node. What a node does, it does through `Talk`, and never waits.

    Attributes:
        kind: the name by which flow files know it.
        listens: asks the caller something, so that ``back`` leads here.
        unknown: the settings that say what follows when what the node names is not there, such as
            a group; the first that is set counts.
    """

    kind: ClassVar[str] = ""
    listens: ClassVar[bool] = False
    unknown: ClassVar[tuple[str, ...]] = ()

    def enter(self, talk: Talk) -> None:
        """Begin; the caller has just come here."""
        raise NotImplementedError

    def key(self, talk: Talk, key: str) -> None:
        """Take a key that the caller pressed."""
        talk.keep(key)

    def said(self, talk: Talk, words: str) -> None:
        """Take words that `Talk.listen_for` asked for; empty: some that were not understood."""

    def uses(self, talk: Talk, key: str) -> bool:  # noqa: ARG002 - for those who override it
        """Tell whether a key means something to this node, so that it is not a global one."""
        return False

    def heard(self, talk: Talk) -> None:
        """Go on after a prompt."""
        raise NotImplementedError

    def time_over(self, talk: Talk) -> None:
        """Go on after the time that was asked for."""
        raise NotImplementedError

    def result(self, talk: Talk, outcome: str, values: Mapping[str, object] | None) -> None:
        """Go on with what came of a recording, a look-up, or what the runtime did."""
        raise NotImplementedError

    def settles(self) -> Collection[Value] | None:
        """Return every value that the variable it sets can get; None: any."""
        return None

    def findings(self, flow: Flow) -> Iterator[Finding]:  # noqa: ARG002 - for those who override it
        """Give what is wrong with this node in its flow, beyond what its fields say."""
        return iter(())

    def exits(self) -> Iterator[Exit]:
        """Give every way out, in the order of the settings."""
        for field in attrs.fields(type(self)):
            role, value = role_of(field), getattr(self, field.name)
            if role.kind is RoleKind.TARGET:
                yield Exit(field.name, value, role.by_caller, (field.name,))
            elif role.kind is RoleKind.CHOICES:
                for key, target in value.items():
                    yield Exit(key, target, role.by_caller, (field.name, key))
            elif role.kind is RoleKind.CASES:
                for i, case in enumerate(value):
                    yield Exit(case.when.text, case.to, role.by_caller, (field.name, i, "to"))


@attrs.frozen
class OwnResult:
    """What came of a node that a program runs.

    Attributes:
        outcome: says which way follows.
        values: for the node's variables, by the names in `OwnNode.gives`. Personal data.
    """

    outcome: str
    values: Mapping[str, Value] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class OwnNode(Node):
    """Base of kinds of nodes that a program writes as an async function over the call.

    ::

        @node_kind("lottery")
        @attrs.frozen(kw_only=True)
        class Lottery(OwnNode):
            gives: ClassVar = {"prize": "", "worth": 0}

            async def run(self, call: Call, variables: Mapping[str, Value]) -> str | OwnResult:
                if random.random() < 0.9:
                    return "lost"
                return OwnResult("won", {"prize": "a car", "worth": 20_000})

    In a flow: ``kind = "lottery"``, ``outcomes = { won = "prize", lost = "goodbye" }``, and
    ``into = { present = "prize" }`` for its variable ``present``.

    Attributes:
        gives: what `run` gives besides the outcome, by name, each with a value of its kind.
        outcomes: for each outcome that `run` returns the node that follows.
        into: for each variable the name of a value that `run` gives; one that it does not give
            leaves the variable as it is.
        otherwise: what follows any other outcome, an exception, and a value that does not fit.
    """

    gives: ClassVar[Mapping[str, Value]] = {}

    outcomes: Mapping[str, str] = f.outcomes()
    into: Mapping[str, str] = f.words(sets=True)
    otherwise: str = f.leads_to()

    async def run(self, call: Any, variables: Mapping[str, Value]) -> str | OwnResult:  # noqa: ANN401 - a Call
        """Do it, and return the outcome, perhaps with values; variables are as they stand."""
        raise NotImplementedError

    def findings(self, flow: Flow) -> Iterator[Finding]:
        """Variables get what the kind gives, and can hold it."""
        for variable, name in self.into.items():
            like = flow.variables.get(variable)
            if name not in self.gives:
                message = f"Nodes of kind {self.kind} give nothing of this name."
                allowed = one_of(self.gives) or "nothing: it gives no values"
                yield Finding(("into", variable), message, name, allowed)
            elif like is not None and fitted(self.gives[name], like) is None:
                given, held = type_of_value(self.gives[name]), type_of_value(like)
                message = f"What the node gives is {given}, and the variable holds {held}."
                yield Finding(("into", variable), message, name)

    def enter(self, talk: Talk) -> None:
        """Let the runtime run it."""
        talk.perform(cmd.RunOwn(node=self, variables=dict(talk.variables)))

    def result(self, talk: Talk, outcome: str, values: Mapping[str, object] | None) -> None:
        """Keep what was given, and go where the outcome leads."""
        given = {variable: (values or {}).get(name) for variable, name in self.into.items()}
        there = {variable: value for variable, value in given.items() if value is not None}
        found = {variable: talk.fitted(variable, value) for variable, value in there.items()}
        fitting = {variable: value for variable, value in found.items() if value is not None}
        if len(fitting) < len(found):
            talk.go(self.otherwise)
            return
        talk.variables |= fitting
        talk.go(self.outcomes.get(outcome, self.otherwise))


@attrs.frozen(kw_only=True)
class Flow:
    """A call flow.

    Attributes:
        name: for people to read.
        start: where a call begins.
        nodes: every node by its name.
        language: what callers hear unless they choose another.
        languages: every language that the flow speaks, `language` among them.
        keys: keys that count wherever a node has no use for them: a node's name, or ``back``.
        variables: what a call can remember, with what it is to begin with.
        choices: for variables that are one of a few texts: which.
        sources: where look-ups get their data.
        sub_flows: further plans by the name under which nodes lead there.
        early_media: let callers hear before the call is answered, so that nobody is charged yet;
            it is answered by a node that connects to somebody, or by one of kind ``answer``.
        version: tells versions apart; from a file: a digest of its text.
    """

    name: str
    start: str
    nodes: Mapping[str, Node]
    language: str = "en"
    languages: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    keys: Mapping[str, str] = attrs.field(factory=dict)
    variables: Mapping[str, Value] = attrs.field(factory=dict)
    choices: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    sources: Mapping[str, Source] = attrs.field(factory=dict)
    sub_flows: Mapping[str, Flow] = attrs.field(factory=dict)
    early_media: bool = False
    version: str = ""

    @property
    def spoken(self) -> tuple[str, ...]:
        """Every language that the flow speaks, its own first."""
        return tuple(dict.fromkeys((self.language, *self.languages)))

    def vocabulary(self) -> Vocabulary:
        """Return what may be named in its expressions."""
        own = {
            name: Type(type_of_value(value).kind, choices=self.choices.get(name, ()))
            for name, value in self.variables.items()
            if name not in KNOWN
        }
        language = Type(KNOWN["language"].kind, choices=self.spoken)
        return Vocabulary().knowing({**own, "language": language})


_Kind = TypeVar("_Kind", bound=type[Node])

KINDS: Final[dict[str, type[Node]]] = {}
"""Every kind of node by its name; `node_kind` adds to it."""


def node_kind(name: str) -> Callable[[_Kind], _Kind]:
    """Let flow files know a class of nodes by a name.

    Raises:
        MisuseError: there is another class of this name.
    """

    def register(node: _Kind) -> _Kind:
        known = KINDS.get(name)
        if known is not None and known.__qualname__ != node.__qualname__:
            raise MisuseError(f"there is a kind of node called {name!r} already")
        node.kind = name
        KINDS[name] = node
        return node

    return register
