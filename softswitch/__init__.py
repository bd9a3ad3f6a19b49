"""A telephone switch as a Python library."""

from softswitch import machine_code

machine_code.use()
