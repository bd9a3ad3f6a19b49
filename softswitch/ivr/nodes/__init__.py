"""The kinds of nodes that come with the project; a program adds its own in the same way."""

from __future__ import annotations

from softswitch.ivr.nodes.asking import Collect, Language, Menu, Record
from softswitch.ivr.nodes.deciding import Branch, LookUp, Set, SubFlow
from softswitch.ivr.nodes.leading import (
    CallBack,
    Dial,
    Queue,
    SendMessage,
    Survey,
    Transfer,
    Voicemail,
)
from softswitch.ivr.nodes.speaking import Answer, HangUp, Play, Say, Wait

__all__ = [
    "Answer",
    "Branch",
    "CallBack",
    "Collect",
    "Dial",
    "HangUp",
    "Language",
    "LookUp",
    "Menu",
    "Play",
    "Queue",
    "Record",
    "Say",
    "SendMessage",
    "Set",
    "SubFlow",
    "Survey",
    "Transfer",
    "Voicemail",
    "Wait",
]
