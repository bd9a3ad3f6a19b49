"""Sounds for callers: words in four languages, beeps, music, and the office's own files.

Synchronous and safe for threads; nothing here knows a loop, a clock or a network.
"""

from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.messages import Language, SystemMessage, Voice, language, languages
from softswitch.prompts.playlist import Playlist, Shuffler
from softswitch.prompts.speech import EspeakSpeech, Speech
from softswitch.prompts.store import MUSIC_DBFS, SPEECH_DBFS, SoundStore

__all__ = [
    "MUSIC_DBFS",
    "SPEECH_DBFS",
    "EspeakSpeech",
    "Language",
    "Playlist",
    "PromptError",
    "PromptFault",
    "Shuffler",
    "SoundStore",
    "Speech",
    "SystemMessage",
    "Voice",
    "language",
    "languages",
]
