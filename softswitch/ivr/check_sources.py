"""Sources of look-ups: settings that contradict one another, or that nothing comes of."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from softswitch.errors import Fault
from softswitch.ivr.model import Flow
from softswitch.ivr.sources import ANSWERS, METHODS, Source
from softswitch.settings.faults import ConfigPath, fault, one_of

_FOR_ALL = ("url", "timeout_s", "cache_s", "fallback")


def source_faults(flow: Flow) -> Iterator[Fault]:
    """Find what is wrong with the sources of a flow."""
    for name, source in flow.sources.items():
        path: ConfigPath = ("look_ups", name)
        yield from _function_faults(path, source) if not source.url else _web_faults(path, source)


def _function_faults(path: ConfigPath, source: Source) -> Iterator[Fault]:
    usual = Source()
    for field in attrs.fields(Source):
        if field.name not in _FOR_ALL and getattr(source, field.name) != getattr(usual, field.name):
            message = "This is for web services: without `url`, a function of the program answers."
            yield fault((*path, field.name), message, None, one_of(_FOR_ALL))


def _web_faults(path: ConfigPath, source: Source) -> Iterator[Fault]:
    if source.method not in METHODS:
        yield fault((*path, "method"), "This is no such method.", source.method, one_of(METHODS))
    if source.answer not in ANSWERS:
        yield fault((*path, "answer"), "Answers are not read so.", source.answer, one_of(ANSWERS))
    bodies = [name for name in ("json", "form") if getattr(source, name) is not None]
    if len(bodies) > 1:
        yield fault((*path, "form"), "There is one body: `json` or `form`.")
    if bodies and source.method == "GET":
        yield fault((*path, "method"), f"GET sends no body, and there is `{bodies[0]}`.", "GET")
    if source.path and source.answer == "text":
        yield fault((*path, "path"), "A text has nothing inside that a path could lead to.")
    both = sorted({*source.expected} & {*source.not_found})
    if both:
        message = f"The status {both[0]} is in `expected` too."
        yield fault((*path, "not_found"), message, both[0])
