"""Sounds for callers: words in four languages, beeps, music, and the office's own files.

Synchronous and safe for threads; nothing here knows a loop, a clock or a network.
"""

from softswitch.prompts.description import (
    Clip,
    Ducked,
    Mix,
    Say,
    Sequence,
    Silence,
    Sound,
    Tone,
)
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.guidance import Guidance
from softswitch.prompts.limits import FileLimits
from softswitch.prompts.messages import Language, SystemMessage, Voice, language, languages
from softswitch.prompts.phrases import Phrases
from softswitch.prompts.playlist import Playlist, Shuffler
from softswitch.prompts.speech import EspeakSpeech, Speech
from softswitch.prompts.store import MUSIC_DBFS, SPEECH_DBFS, SoundStore

__all__ = [
    "MUSIC_DBFS",
    "SPEECH_DBFS",
    "Clip",
    "Ducked",
    "EspeakSpeech",
    "FileLimits",
    "Guidance",
    "Language",
    "Mix",
    "Phrases",
    "Playlist",
    "PromptError",
    "PromptFault",
    "Say",
    "Sequence",
    "Shuffler",
    "Silence",
    "Sound",
    "SoundStore",
    "Speech",
    "SystemMessage",
    "Tone",
    "Voice",
    "language",
    "languages",
]
