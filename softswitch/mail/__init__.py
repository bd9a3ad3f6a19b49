"""Letters that the switch sends by e-mail: how they are written, and kept until they are taken.

`softswitch.mail.letter` writes them, `Outbox` keeps them on disk, `softswitch.mail.delivery` hands
them to a mail server. `softswitch.switch.post_office` does so at the right time, again and again.
"""

from softswitch.mail.delivery import Delivered, MailServer, deliver
from softswitch.mail.letter import Letter, voicemail_letter, write
from softswitch.mail.outbox import Envelope, Outbox

__all__ = [
    "Delivered",
    "Envelope",
    "Letter",
    "MailServer",
    "Outbox",
    "deliver",
    "voicemail_letter",
    "write",
]
