"""The kinds of settings that nodes have; every node class declares its own with these.

A field carries a `Role`: how it is written in a flow file, how it is read, what it allows. The
loader, the checks, the diagram and the writer know roles and no node, so that a kind of node
added by a program is read, checked and drawn like those that come with the project.

::

    @node_kind("lottery")
    @attrs.frozen(kw_only=True)
    class Lottery(Node):
        chance: float = f.number(0.5, 0, 1)
        prompt: Prompt | None = f.heard()
        won: str = f.leads_to()
        lost: str = f.leads_to()
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from softswitch.ivr.expressions import Expression, Template, Type, expression_of
from softswitch.ivr.prompts import Prompt, prompt_of
from softswitch.ivr.sayings import Sayings, sayings_of

ROLE: Final = "role"


class RoleKind(enum.Enum):
    """What a setting is."""

    TEXT = "text in quotes"
    NUMBER = "a number"
    WHOLE = "a whole number"
    TRUTH = "true or false"
    NAME = "one of several names"
    NAMES = "a list of names in quotes"
    FILES = "a path in quotes, { sound = NAME }, a list of these, or a table by language"
    PROMPT = (
        "a text, { play = FILE }, { sound = NAME }, { message = NAME }, { welcome = true }, "
        "a list of these, or a table by language"
    )
    PROMPTS = "a list of prompts"
    TARGET = "the name of a node in quotes"
    CHOICES = "a table: for each key the name of a node"
    WORDS = "a table of texts"
    SAYINGS = "a table: for each key a text or a list of texts; or such tables by language"
    EXPRESSION = "an expression in quotes"
    EXPRESSIONS = "a table of expressions in quotes"
    TEMPLATE = "a text in quotes, with {values} in braces"
    STATUSES = "a list of HTTP statuses, 200 to 599"
    JSON = "a table"
    PATHS = "a table of paths in quotes"
    ANY = "a value of TOML"
    CASES = 'a list of tables such as { when = "EXPRESSION", to = "NODE" }'


class Thing(enum.Enum):
    """What a setting names that is outside of the flow."""

    GROUP = "group"
    BOX = "voicemail box"
    SURVEY = "survey"
    NUMBER = "number"


@attrs.frozen(kw_only=True)
class Role:
    """What a setting of a node is.

    Attributes:
        kind: how it is written.
        low, high: range of a number.
        names: the only names allowed; none: any.
        by_caller: for a target: the caller has done something when it is reached; what merely
            happens, such as time passing, does not count.
        gives: for an expression: what it must come to; for the name of a variable: what that gets;
            None: anything.
        sets: for a text: it names a variable that is set.
        about: for a template: it names something outside of the flow; None: it does not.
    """

    kind: RoleKind
    low: float | None = None
    high: float | None = None
    names: tuple[str, ...] = ()
    by_caller: bool = False
    gives: Type | None = None
    sets: bool = False
    about: Thing | None = None

    @property
    def allowed(self) -> str:
        """What may stand there, in words."""
        if self.low is not None:
            return f"{self.kind.value} from {self.low:g} to {self.high:g}"
        if self.names:
            *first, last = self.names
            return f"{', '.join(first)} or {last}" if first else last
        return "the name of a variable in quotes" if self.sets else self.kind.value


ANYTHING: Final = Role(kind=RoleKind.ANY)


def role_of(field: attrs.Attribute[Any]) -> Role:
    """Return the role of a node's field; one declared without holds any value."""
    role: Role = field.metadata.get(ROLE, ANYTHING)
    return role


def _field(role: Role, **how: Any) -> Any:  # noqa: ANN401 - attrs' own types
    return attrs.field(metadata={ROLE: role}, **how)


def heard(*, required: bool = False) -> Any:  # noqa: ANN401 - as attrs.field
    """A prompt."""
    role = Role(kind=RoleKind.PROMPT)
    if required:
        return _field(role, converter=prompt_of)
    return _field(role, default=None, converter=attrs.converters.optional(prompt_of))


def heard_in_turn() -> Any:  # noqa: ANN401 - as attrs.field
    """Prompts for one attempt after the other."""
    return _field(Role(kind=RoleKind.PROMPTS), default=(), converter=_prompts)


def _prompts(given: Sequence[object]) -> tuple[Prompt, ...]:
    return tuple(map(prompt_of, given))


def files() -> Any:  # noqa: ANN401 - as attrs.field
    """Sound files, and sounds of the office's library."""
    return _field(Role(kind=RoleKind.FILES), converter=prompt_of)


def leads_to(*, by_caller: bool = False, required: bool = False) -> Any:  # noqa: ANN401 - as attrs.field
    """A node that comes next; empty: the flow ends here."""
    role = Role(kind=RoleKind.TARGET, by_caller=by_caller)
    return _field(role) if required else _field(role, default="")


def choices(*, required: bool = True) -> Any:  # noqa: ANN401 - as attrs.field
    """A node for each key, or sequence of keys, that the caller may press."""
    role = Role(kind=RoleKind.CHOICES, by_caller=True)
    return _field(role) if required else _field(role, factory=dict)


def said() -> Any:  # noqa: ANN401 - as attrs.field
    """What may be said instead of keys: words by the key, or keys, that they stand for."""
    return _field(Role(kind=RoleKind.SAYINGS), default=Sayings(), converter=sayings_of)


def outcomes() -> Any:  # noqa: ANN401 - as attrs.field
    """A node for each outcome of what a program does."""
    return _field(Role(kind=RoleKind.CHOICES), factory=dict)


def cases() -> Any:  # noqa: ANN401 - as attrs.field
    """Conditions with where each leads to."""
    return _field(Role(kind=RoleKind.CASES), converter=tuple)


def number(default: float | None, low: float, high: float) -> Any:  # noqa: ANN401 - as attrs.field
    """A number in a range."""
    return _field(Role(kind=RoleKind.NUMBER, low=low, high=high), default=default)


def whole(default: int | None, low: int, high: int) -> Any:  # noqa: ANN401 - as attrs.field
    """A whole number in a range."""
    return _field(Role(kind=RoleKind.WHOLE, low=low, high=high), default=default)


def truth(*, default: bool) -> Any:  # noqa: ANN401 - as attrs.field
    """True or false."""
    return _field(Role(kind=RoleKind.TRUTH), default=default)


def text(default: str | None = "", *, names: Sequence[str] = ()) -> Any:  # noqa: ANN401 - as attrs.field
    """A text; None as default: it must be given. ``names``: the only ones allowed."""
    role = Role(kind=RoleKind.NAME if names else RoleKind.TEXT, names=tuple(names))
    return _field(role) if default is None else _field(role, default=default)


def texts() -> Any:  # noqa: ANN401 - as attrs.field
    """A list of names."""
    return _field(Role(kind=RoleKind.NAMES), default=(), converter=tuple)


def words(*, sets: bool = False, required: bool = False) -> Any:  # noqa: ANN401 - as attrs.field
    """A table of texts; ``sets``: its keys name variables that are set."""
    role = Role(kind=RoleKind.WORDS, sets=sets)
    return _field(role) if required else _field(role, factory=dict)


def sets(*, required: bool = False, gives: Type | None = None) -> Any:  # noqa: ANN401 - as attrs.field
    """The name of a variable that this node sets; empty: none. ``gives``: what it gets."""
    role = Role(kind=RoleKind.TEXT, sets=True, gives=gives)
    return _field(role) if required else _field(role, default="")


def expression(default: str | None = "", gives: Type | None = None) -> Any:  # noqa: ANN401 - as attrs.field
    """An expression; None as default: it must be given; empty: there is none."""
    role = Role(kind=RoleKind.EXPRESSION, gives=gives)
    if default is None:
        return _field(role, converter=expression_of)
    return _field(
        role,
        default=Expression(default) if default else None,
        converter=attrs.converters.optional(expression_of),
    )


def expressions(*, sets: bool = False) -> Any:  # noqa: ANN401 - as attrs.field
    """A table of expressions; ``sets``: its keys name variables that are set."""
    return _field(Role(kind=RoleKind.EXPRESSIONS, sets=sets), factory=dict, converter=_expressions)


def _expressions(given: Mapping[str, object]) -> dict[str, Expression]:
    return {name: expression_of(one) for name, one in given.items()}  # type: ignore[arg-type] # checked there


def template(default: str | None = "") -> Any:  # noqa: ANN401 - as attrs.field
    """A text with slots; None as default: it must be given."""
    role = Role(kind=RoleKind.TEMPLATE)
    how = {"converter": _template}
    return _field(role, **how) if default is None else _field(role, default=default, **how)


def names(thing: Thing) -> Any:  # noqa: ANN401 - as attrs.field
    """Something outside of the flow by its name, or by a text with slots that comes to it."""
    return _field(Role(kind=RoleKind.TEMPLATE, about=thing), converter=_template)


def _template(given: str | Template) -> Template:
    return given if isinstance(given, Template) else Template(given)
