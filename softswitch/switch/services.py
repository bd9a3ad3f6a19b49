"""What callers, members and programs can do without an agent: all of it, put together."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from softswitch.mail import MailServer, Outbox
from softswitch.speech import Recogniser
from softswitch.switch.call_back_orders import CallBackOrders
from softswitch.switch.pins import FOLDER as PIN_FOLDER
from softswitch.switch.pins import Pins
from softswitch.switch.post_office import PostOffice
from softswitch.switch.voicemail_desk import VoicemailDesk

if TYPE_CHECKING:
    from softswitch.switch.house import House

OUTBOX: Final = "outbox"
CALL_BACKS: Final = "call-backs.json"


class Services:
    """Belongs to a house.

    Attributes:
        post: sends letters.
        pins: of boxes and members.
        voicemail: messages.
        call_backs: call backs that are ordered.
        recogniser: makes out what callers say, or None.
    """

    def __init__(self, house: House) -> None:
        """Set up; nothing is read before `open`."""

        def clock() -> datetime:
            return house.clock.at(house.now)

        self._house = house
        self.recogniser: Recogniser | None = None
        folder = house.config.data_dir
        self.post = PostOffice(Outbox(folder / OUTBOX), clock)
        self.pins = Pins(folder / PIN_FOLDER, clock)
        self.voicemail = VoicemailDesk(house, self.post, self.pins)
        self.call_backs = CallBackOrders(house, folder / CALL_BACKS)
        self._use_mail()

    async def open(self) -> None:
        """Read what the last run left; calls do not come yet."""
        await self.voicemail.open()
        await self.call_backs.open()

    async def begin(self) -> None:
        """Phones and mail servers can be reached: send what waits."""
        await self.post.open()
        await self.voicemail.begin()
        self.call_backs.begin()

    def follow(self) -> None:
        """Another office is in force."""
        self._use_mail()
        self.voicemail.follow()

    async def close(self) -> None:
        """Stop; flows have ended."""
        self.call_backs.close()
        await self.post.close()

    def _use_mail(self) -> None:
        mail = self._house.config.mail
        server = MailServer(
            host=mail.host, port=mail.port, tls=mail.tls, user=mail.user, password=mail.password
        )
        self.post.use(server if mail.host else None, mail.sender)
