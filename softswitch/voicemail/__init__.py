"""Messages that callers leave: what is kept of them, and how it is kept.

`Message` is one message, `MessageBox` a folder of them on disk, `softswitch.voicemail.sound` what
is looked up in recordings: their length, and whether anything is said. Nothing here knows calls:
that is `softswitch.switch.voicemail`.
"""

from softswitch.voicemail.box import MessageBox
from softswitch.voicemail.message import BoxCounts, Message, MessageState, counts

__all__ = ["BoxCounts", "Message", "MessageBox", "MessageState", "counts"]
