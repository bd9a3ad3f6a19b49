"""A flow as a picture: Mermaid text, which many programs draw, and SVG by Graphviz.

Nodes have a colour for what they are about, ways the key or outcome that leads along them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import graphviz

from softswitch.errors import EnvironmentFaultError
from softswitch.ivr.fields import RoleKind, role_of
from softswitch.ivr.model import BACK, HANG_UP, RESERVED, Exit, Flow, Node
from softswitch.ivr.prompts import LibrarySound, Message, Prompt, Sound, Welcome, Words

_LONGEST: Final = 44
_COLOURS: Final = {
    "heard": ("#e8f1fb", "#3a6ea5"),
    "asked": ("#fdf3dc", "#b07d12"),
    "decided": ("#f0eaf8", "#7250a8"),
    "led": ("#e5f5e8", "#2e7d46"),
    "end": ("#f3f3f3", "#777777"),
}
_GROUPS: Final = {
    "asked": ("menu", "collect", "record", "language", "survey"),
    "decided": ("branch", "set", "look_up", "sub_flow", "wait", "answer"),
    "led": ("queue", "dial", "transfer", "voicemail", "call_back", "message"),
    "end": ("hang_up",),
}
_REMEDY: Final = "Install the system package `graphviz`, which has the command `dot`."


@attrs.frozen
class Box:
    """A node as drawn."""

    id: str
    title: str
    lines: tuple[str, ...]
    look: str


@attrs.frozen
class Arrow:
    """A way as drawn; those that merely happen are dashed."""

    source: str
    target: str
    label: str
    by_caller: bool


def boxes(flow: Flow, prefix: str = "") -> Iterator[Box]:
    """Give every node, and the ends that ways lead to."""
    for name, node in flow.nodes.items():
        yield Box(f"{prefix}{name}", name, tuple(_lines(flow, node)), _look(node))


def arrows(flow: Flow, prefix: str = "") -> Iterator[Arrow]:
    """Give every way between nodes; ways of the same sense are drawn as one."""
    for name, node in flow.nodes.items():
        merged: dict[tuple[str, bool], list[str]] = {}
        for exit_ in node.exits():
            if exit_.target:
                label = _label(node, exit_)
                merged.setdefault((exit_.target, exit_.by_caller), []).append(label)
        for (target, by_caller), labels in merged.items():
            where = target if target in RESERVED else f"{prefix}{target}"
            yield Arrow(f"{prefix}{name}", where, ", ".join(filter(None, labels)), by_caller)


def _label(node: Node, exit_: Exit) -> str:
    if exit_.label == "next":
        return ""
    said = " / ".join(_said(node, exit_))
    label = exit_.label.replace("_", " ")
    return _shortened(f"{label} “{said}”" if said else label)


def _said(node: Node, exit_: Exit) -> Iterator[str]:
    """Give the words that choose a way like its key."""
    if exit_.setting[0] == "choices":
        for field in attrs.fields(type(node)):
            if role_of(field).kind is RoleKind.SAYINGS:
                yield from getattr(node, field.name).of_key(exit_.label)


def _look(node: Node) -> str:
    return next((look for look, kinds in _GROUPS.items() if node.kind in kinds), "heard")


def _lines(flow: Flow, node: Node) -> Iterator[str]:
    """Give what a node is, and what it says or whom it is about."""
    yield node.kind.replace("_", " ")
    for field in attrs.fields(type(node)):
        value = getattr(node, field.name)
        if isinstance(value, Prompt) and field.name in {"prompt", "text", "file", "greeting"}:
            yield _shortened(_spoken(value, flow.language))
        elif field.name in {"group", "number", "box", "source", "flow", "survey", "to"} and value:
            yield _shortened(str(getattr(value, "text", value)))
        elif role_of(field).kind is RoleKind.EXPRESSIONS and role_of(field).sets:
            yield from (_shortened(f"{name} = {one.text}") for name, one in value.items())


def _spoken(prompt: Prompt, language: str) -> str:
    texts = []
    for piece in prompt.pieces(language):
        match piece:
            case Sound():
                texts.append(f"[{piece.file.name}]")
            case LibrarySound():
                texts.append(f"[{piece.name}]")
            case Welcome():
                texts.append(f"[{piece.part.value}]")
            case Message():
                texts.append(f"({piece.message.value.replace('_', ' ')})")
            case Words():
                texts.append(piece.text.text)
    return f"“{' '.join(texts)}”"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def mermaid(flow: Flow) -> str:
    """Return a flow as a Mermaid flowchart."""
    return "\n".join(_mermaid(flow)) + "\n"


def _mermaid(flow: Flow) -> Iterator[str]:
    yield "flowchart TD"
    names = {name: f"n{i}" for i, name in enumerate(flow.nodes)}
    for box in boxes(flow):
        lines = "<br/>".join(map(_escaped, (f"<b>{box.title}</b>", *box.lines)))
        yield f'  {names[box.id]}["{lines}"]:::{box.look}'
    yield f"  begin(({_escaped(flow.name)})) --> {names.get(flow.start, 'begin')}"
    for key, target in flow.keys.items():
        yield f'  keys(("anywhere")) -->|"{key}"| {_mermaid_name(target, names)}'
    for arrow in arrows(flow):
        line = "-->" if arrow.by_caller else "-.->"
        label = f'|"{_escaped(arrow.label)}"|' if arrow.label else ""
        yield f"  {names[arrow.source]} {line}{label} {_mermaid_name(arrow.target, names)}"
    for look, (fill, stroke) in _COLOURS.items():
        yield f"  classDef {look} fill:{fill},stroke:{stroke},color:#222"


def _mermaid_name(target: str, names: dict[str, str]) -> str:
    ends = {BACK: 'back(["back"]):::end', HANG_UP: 'hangup(["hang up"]):::end'}
    return ends.get(target) or names[target]


def _escaped(text: str) -> str:
    for sign, code in (("&", "#amp;"), ('"', "#quot;"), ("|", "#124;")):
        text = text.replace(sign, code)
    if text.startswith("<b>") and text.endswith("</b>"):
        return f"<b>{_without_angles(text[3:-4])}</b>"
    return _without_angles(text)


def _without_angles(text: str) -> str:
    return text.replace("<", "#lt;").replace(">", "#gt;")


def svg(flow: Flow) -> str:
    """Return a flow, with the plans that it leads to, as an SVG picture.

    Raises:
        EnvironmentFaultError: Graphviz is not installed.
    """
    if shutil.which("dot") is None:
        raise EnvironmentFaultError("Graphviz is needed to draw.", remedy=_REMEDY)
    return str(_graph(flow).pipe(format="svg", encoding="utf-8"))


def _graph(flow: Flow) -> graphviz.Digraph:
    graph = graphviz.Digraph(
        flow.name,
        graph_attr={
            "rankdir": "TB",
            "nodesep": "0.35",
            "ranksep": "0.45",
            "fontname": _FONT,
            "label": flow.name,
            "labelloc": "t",
            "fontsize": "18",
        },
        node_attr={
            "shape": "box",
            "style": "rounded,filled",
            "fontname": _FONT,
            "fontsize": "11",
            "margin": "0.14,0.08",
        },
        edge_attr={"fontname": _FONT, "fontsize": "10", "color": "#666666", "arrowsize": "0.7"},
    )
    _draw(graph, flow, "")
    return graph


_FONT: Final = "Helvetica,Arial,sans-serif"


def _draw(graph: graphviz.Digraph, flow: Flow, prefix: str) -> None:
    begin = f"{prefix}(begin)"
    graph.node(begin, "", shape="circle", width="0.18", fillcolor="#444444", color="#444444")
    graph.edge(begin, f"{prefix}{flow.start}")
    for box in boxes(flow, prefix):
        fill, stroke = _COLOURS[box.look]
        title = graphviz.escape(box.title)
        graph.node(box.id, _html(box), fillcolor=fill, color=stroke, tooltip=title)
    for key, target in flow.keys.items():
        _draw_anywhere(graph, prefix, key, target)
    for i, arrow in enumerate(arrows(flow, prefix)):
        style = "solid" if arrow.by_caller else "dashed"
        target = arrow.target
        if target in RESERVED:
            target = f"{prefix}({target} {i})"
            _draw_end(graph, target, arrow.target)
        graph.edge(arrow.source, target, label=graphviz.escape(f" {arrow.label}"), style=style)
    for name, node in flow.nodes.items():
        plan = flow.sub_flows.get(getattr(node, "flow", ""))
        if plan is not None and node.kind == "sub_flow":
            _draw_plan(graph, plan, f"{prefix}{name}")


def _draw_plan(graph: graphviz.Digraph, plan: Flow, from_: str) -> None:
    inner = f"{from_}/"
    with graph.subgraph(name=f"cluster {inner}") as cluster:
        cluster.attr(label=plan.name, style="rounded", color="#999999", fontsize="13")
        _draw(cluster, plan, inner)
    graph.edge(from_, f"{inner}(begin)", style="dotted")


def _draw_anywhere(graph: graphviz.Digraph, prefix: str, key: str, target: str) -> None:
    source = f"{prefix}(anywhere {key})"
    fill, stroke = _COLOURS["end"]
    graph.node(source, "anywhere", shape="plaintext", fillcolor=fill, fontcolor=stroke)
    end = f"{prefix}{target}"
    if target in RESERVED:
        end = f"{prefix}({target} {key})"
        _draw_end(graph, end, target)
    graph.edge(source, end, label=f" {key}")


def _draw_end(graph: graphviz.Digraph, name: str, target: str) -> None:
    fill, stroke = _COLOURS["end"]
    graph.node(name, target.replace("_", " "), shape="plaintext", fillcolor=fill, fontcolor=stroke)


def _html(box: Box) -> str:
    """Return the label of a node: its name in bold, and what it does below."""
    rows = [f"<b>{_for_html(box.title)}</b>", *map(_for_html, box.lines)]
    small = (f'<font point-size="10">{row}</font>' for row in rows[1:])
    return f"<{'<br/>'.join([rows[0], *small])}>"


def _for_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def save(flow: Flow, path: Path) -> None:
    """Write the picture to a file: SVG, or Mermaid where it ends in ``.mmd`` or ``.md``."""
    drawn = svg(flow) if path.suffix == ".svg" else mermaid(flow)
    if path.suffix == ".md":
        drawn = f"```mermaid\n{drawn}```\n"
    path.write_text(drawn, encoding="utf-8")
