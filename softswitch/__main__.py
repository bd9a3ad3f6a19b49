"""`python -m softswitch`: the `softswitch` command."""

from softswitch.cli import app

app(prog_name="softswitch")
