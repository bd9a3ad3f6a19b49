"""Text messages by SMS: whom they can go to, how long they are, and how a provider gets them.

Every provider has an HTTP interface of its own kind; `Provider` says by configuration what a
request to it looks like, `softswitch.sms.request` makes one, `Counter` hands it in. Texts are kept
meanwhile by `softswitch.post`.
"""

from softswitch.sms.delivery import Counter
from softswitch.sms.provider import Provider
from softswitch.sms.rules import TextRules
from softswitch.sms.segments import segments
from softswitch.sms.text import Text

__all__ = ["Counter", "Provider", "Text", "TextRules", "segments"]
