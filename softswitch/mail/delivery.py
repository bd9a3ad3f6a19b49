"""Handing a letter to a mail server (SMTP, RFC 5321), once."""

from __future__ import annotations

from typing import Final

import aiosmtplib
import attrs

from softswitch.post import Delivered, Envelope

TIMEOUT_S: Final = 30.0
"""How long the server may take for each step."""

_FOR_GOOD: Final = 500
"""Answers from here on mean that trying again as it is will not help (RFC 5321 section 4.2.1)."""


@attrs.frozen(kw_only=True)
class MailServer:
    """Where letters are handed in.

    Attributes:
        host: name or address.
        port: TCP port.
        tls: ``starttls``, ``tls`` from the first byte on, or ``none``.
        user: name to log in with; empty: no log-in.
        password: that goes with it.
    """

    host: str
    port: int = 587
    tls: str = "starttls"
    user: str = ""
    password: str = attrs.field(default="", repr=False)


async def deliver(server: MailServer, letter: bytes, sender: str, to: tuple[str, ...]) -> Delivered:
    """Hand a letter in. Nothing is raised: whatever goes wrong is told in what is returned."""
    try:
        refused, _ = await aiosmtplib.send(
            letter,
            sender=sender,
            recipients=list(to),
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            timeout=TIMEOUT_S,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [refusal.code for refusal in error.recipients]
        why = "; ".join(f"{one.recipient}: {one.code} {one.message}" for one in error.recipients)
        return Delivered(still=to, why=why, for_good=all(code >= _FOR_GOOD for code in codes))
    except aiosmtplib.SMTPResponseException as error:
        why = f"{error.code} {error.message}"
        return Delivered(still=to, why=why, for_good=error.code >= _FOR_GOOD)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return Delivered(still=to, why=f"{type(error).__name__}: {error}{error.__cause__ or ''}")
    why = "; ".join(f"{address}: {answer.code}" for address, answer in refused.items())
    for_good = bool(refused) and all(answer.code >= _FOR_GOOD for answer in refused.values())
    return Delivered(still=tuple(refused), why=why, for_good=for_good)


async def hand_in(server: MailServer, letter: bytes, envelope: Envelope) -> Delivered:
    """Hand in what an outbox keeps; see `deliver`."""
    return await deliver(server, letter, envelope.sender, envelope.to)
