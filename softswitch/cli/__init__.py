"""The ``softswitch`` command: each sub-command is a plain function in a module beside this one."""

from __future__ import annotations

import typer

from softswitch.cli import explain, flow, messages, office, pjsip, render, say, simulate, sounds

app = typer.Typer(
    name="softswitch",
    help="A telephone switch: hunt groups, queues, prompts and music on PJSIP.",
    no_args_is_help=True,
    add_completion=False,
)
app.command()(office.check)
app.command()(office.run)
app.command()(explain.explain)
app.command()(messages.messages)
app.command()(messages.pin)
app.command()(render.render)
app.command()(say.say)
app.command()(simulate.simulate)
app.command()(simulate.staff)
app.add_typer(flow.app, name="flow")
app.add_typer(pjsip.app, name="pjsip")
app.add_typer(sounds.app, name="sounds")
