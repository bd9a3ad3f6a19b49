"""A telephone switch as a Python library."""
