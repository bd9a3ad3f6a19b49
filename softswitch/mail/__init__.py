"""Letters that the switch sends by e-mail: how they are written, and handed to a mail server.

`softswitch.mail.letter` writes them, `softswitch.mail.delivery` hands them to a mail server. They
are kept meanwhile by `softswitch.post`.
"""

from softswitch.mail.delivery import MailServer, deliver, hand_in
from softswitch.mail.letter import Letter, voicemail_letter, write

__all__ = [
    "Letter",
    "MailServer",
    "deliver",
    "hand_in",
    "voicemail_letter",
    "write",
]
