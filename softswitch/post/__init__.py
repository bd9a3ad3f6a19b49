"""What is sent from here: kept on disk until somebody has taken it.

`Outbox` is the folder, `Delivered` what came of a try. The rooms `softswitch.mail` and
`softswitch.sms` write letters and texts and hand them in; `softswitch.switch.post_office` does so
at the right time, again and again.
"""

from softswitch.post.delivered import Delivered
from softswitch.post.outbox import Envelope, Item, Outbox

__all__ = ["Delivered", "Envelope", "Item", "Outbox"]
