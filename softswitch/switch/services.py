"""What callers, members and programs can do without an agent: all of it, put together."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Final

from softswitch.mail import MailServer, hand_in
from softswitch.post import Outbox
from softswitch.speech import Recogniser
from softswitch.switch.call_back_orders import CallBackOrders
from softswitch.switch.pins import FOLDER as PIN_FOLDER
from softswitch.switch.pins import Pins
from softswitch.switch.post_office import PostOffice
from softswitch.switch.sms_desk import SmsDesk
from softswitch.switch.voicemail_desk import VoicemailDesk

if TYPE_CHECKING:
    from softswitch.switch.house import House
    from softswitch.web import WebServer

OUTBOX: Final = "outbox"
CALL_BACKS: Final = "call-backs.json"


class Services:
    """Belongs to a house.

    Attributes:
        post: sends letters.
        sms: sends texts.
        pins: of boxes and members.
        voicemail: messages.
        call_backs: call backs that are ordered.
        web: where they are ordered by web, or None.
        own_recogniser: what the program gave to make out what callers say, or None.
        recogniser: what does: that of the program, else that of the office, or None.
    """

    def __init__(self, house: House) -> None:
        """Set up; nothing is read before `open`."""

        def clock() -> datetime:
            return house.clock.at(house.now)

        self._house = house
        self.own_recogniser: Recogniser | None = None
        self._recogniser = house.config.speech.ears()
        folder = house.config.data_dir
        self.post = PostOffice(Outbox(folder / OUTBOX), clock, handing_in=hand_in)
        self.sms = SmsDesk(house, clock)
        self.pins = Pins(folder / PIN_FOLDER, clock)
        self.voicemail = VoicemailDesk(house, self.post, self.pins)
        self.call_backs = CallBackOrders(house, folder / CALL_BACKS)
        self.web = _web_server(house) if house.config.web.on else None
        self._use_mail()

    @property
    def recogniser(self) -> Recogniser | None:
        """What makes out what callers say; None: keys alone count."""
        return self.own_recogniser or self._recogniser

    async def open(self) -> None:
        """Read what the last run left; calls do not come yet."""
        await self.voicemail.open()
        await self.call_backs.open()

    async def begin(self) -> None:
        """Phones and mail servers can be reached: send what waits."""
        await self.post.open()
        await self.sms.open()
        await self.voicemail.begin()
        self.call_backs.begin()
        if self.web is not None:
            await self.web.open()

    def follow(self) -> None:
        """Another office is in force."""
        self._use_mail()
        self.sms.follow()
        self.voicemail.follow()
        self._recogniser = self._house.config.speech.ears()

    async def close(self) -> None:
        """Stop; flows have ended."""
        if self.web is not None:
            await self.web.close()
        self.call_backs.close()
        await asyncio.gather(self.post.close(), self.sms.close())

    def _use_mail(self) -> None:
        mail = self._house.config.mail
        server = MailServer(
            host=mail.host, port=mail.port, tls=mail.tls, user=mail.user, password=mail.password
        )
        self.post.use(server if mail.host else None, mail.sender)


def _web_server(house: House) -> WebServer:
    from softswitch.web import WebServer  # noqa: PLC0415 - it stands on what stands on this

    return WebServer(house)
