"""A mail server of somebody else's make: aiosmtpd, on loopback."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import attrs

from softswitch.testing.peers.ports import free_port

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from aiosmtpd.smtp import SMTP, AuthResult


@attrs.define(eq=False)
class MailBag:
    """What the server took, and what it answers.

    Attributes:
        letters: each with the addresses that it was for.
        refusals: answers to addresses that it does not take.
        answers: answers to the next letters, before it takes them.
    """

    port: int
    letters: list[tuple[list[str], EmailMessage]] = attrs.field(factory=list)
    refusals: dict[str, str] = attrs.field(factory=dict)
    answers: list[str] = attrs.field(factory=list)
    news: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append((list(envelope.rcpt_tos), letter))
        self.news.set()
        return "250 OK"

    async def until_letters(self, count: int, timeout_s: float = 20.0) -> None:
        """Return when so many letters have come."""
        async with asyncio.timeout(timeout_s):
            while len(self.letters) < count:
                self.news.clear()
                await self.news.wait()


def _knows(_server, _session, _envelope, _mechanism, data) -> AuthResult:
    """Let in who has the one account that there is."""
    known = (data.login, data.password) == (b"switch", b"a secret")
    return AuthResult(success=known, handled=False)


@asynccontextmanager
async def mail_server(
    bag: MailBag | None = None, *, tls: ssl.SSLContext | None = None, at_once: bool = False
) -> AsyncIterator[MailBag]:
    """Take mail on loopback; a bag that is given keeps its port.

    With ``tls`` only who encrypts and logs in is taken; ``at_once``: from the first byte on.
    """
    bag = bag or MailBag(port=free_port())
    loop = asyncio.get_running_loop()
    later = None if at_once else tls
    wants: dict[str, object] = {"authenticator": _knows, "auth_required": True} if tls else {}
    if tls is not None:
        wants |= {"tls_context": later, "require_starttls": not at_once}
        wants |= {"auth_require_tls": not at_once}

    def factory() -> SMTP:
        return SMTP(bag, hostname="mail.example", enable_SMTPUTF8=True, loop=loop, **wants)

    server = await loop.create_server(factory, "127.0.0.1", bag.port, ssl=tls if at_once else None)
    try:
        yield bag
    finally:
        server.close()
        await server.wait_closed()
