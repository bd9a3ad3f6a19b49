"""A text message on its way to one number."""

from __future__ import annotations

from datetime import datetime

import attrs


@attrs.frozen(kw_only=True)
class Text:
    """What is to be sent.

    Attributes:
        id: names the text for ever: providers that know it do not send it twice.
        number: whom it goes to, in E.164 with its ``+``. Personal data.
        text: what it says. Personal data.
    """

    id: str
    number: str
    text: str

    @property
    def to(self) -> tuple[str, ...]:
        """The number."""
        return (self.number,)

    def written(self, sender: str, at: datetime) -> bytes:  # noqa: ARG002 - nothing of a letter's head
        """Return what waits on the disk: the text itself."""
        return self.text.encode()
