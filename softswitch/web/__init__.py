"""Call backs ordered by web: a page for people, JSON for programs, one set of rules for both."""

from softswitch.web.server import WebServer

__all__ = ["WebServer"]
