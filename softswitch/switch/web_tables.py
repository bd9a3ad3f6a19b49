"""``[web]``: call backs ordered on a web page and by programs."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

TOKEN_LENGTH: Final = 20
"""A shorter secret could be guessed: `openssl rand -hex 20` gives a good one."""

ALLOWED_TITLES: Final = 'a table: for each group its name on the page, `{ main = "Reception" }`'
ALLOWED_PREFIXES: Final = 'prefixes of international numbers, such as ["+45", "+46"]'
ALLOWED_TOKEN: Final = f"{TOKEN_LENGTH} characters or more, or `${{NAME}}` of the environment"
ALLOWED_PROXIES: Final = 'addresses such as ["127.0.0.1"]'
ALLOWED_URL: Final = "an address such as https://call.example.org, without a path"

VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@attrs.frozen(kw_only=True)
class WebTable:
    """``[web]``: where call backs are ordered by web, and by whom.

    Attributes:
        port: TCP port to listen at; left out: there is no web service.
        address: IPv4 or IPv6 address to listen at; as it stands, only this machine reaches it.
        certificate: PEM file with a certificate and its chain, for HTTPS.
        key: PEM file with its private key; left out: it stands in the certificate's file.
        groups: groups that can be asked to call, each with its name for people.
        form: whether there is a page, besides what programs use.
        token: secret that programs show; left out: they cannot order.
        token_file: file that the secret stands in, instead of `token`.
        public_url: how the outside reaches the page, where a proxy stands before it.
        proxies: addresses of proxies whose word is taken for who asks (`X-Forwarded-For`).
        country: country whose numbers need no country code; left out: that of the office's
            language.
        allowed: what numbers may begin with; left out: those of `country` alone. Numbers that
            cost more than a call to a person are refused in any case.
        refused: what they may not begin with.
        ahead_days: how far ahead a time can be wished.
        open_orders_max: beyond so many orders that are not over, nobody can order by web.
        orders_per_hour: beyond so many in an hour neither, whoever orders.
        per_client_per_hour: beyond so many orders a client of the page is refused for the hour.
        per_number_per_day: beyond so many orders for one number it is refused for the day.
        requests_per_minute: beyond so many requests a client is refused for the minute.
        body_max: bytes of a request beyond which it is refused.
    """

    port: int | None = attrs.field(default=None, metadata={"range": (0, 65_535)})
    address: str = "127.0.0.1"
    certificate: Path | None = None
    key: Path | None = None
    groups: dict[str, str] = attrs.field(factory=dict, metadata={"allowed": ALLOWED_TITLES})
    form: bool = True
    token: str = attrs.field(default="", repr=False, metadata={"allowed": ALLOWED_TOKEN})
    token_file: Path | None = None
    public_url: str = attrs.field(default="", metadata={"allowed": ALLOWED_URL})
    proxies: tuple[str, ...] = attrs.field(
        default=(), metadata={"length": (0, 20), "allowed": ALLOWED_PROXIES}
    )
    country: str = attrs.field(default="", metadata={"allowed": 'a code such as "DK"'})
    allowed: tuple[str, ...] = attrs.field(
        default=(), metadata={"length": (0, 100), "allowed": ALLOWED_PREFIXES}
    )
    refused: tuple[str, ...] = attrs.field(
        default=(), metadata={"length": (0, 100), "allowed": ALLOWED_PREFIXES}
    )
    ahead_days: int = attrs.field(default=14, metadata={"range": (1, 60)})
    open_orders_max: int = attrs.field(default=200, metadata={"range": (1, 10_000)})
    orders_per_hour: int = attrs.field(default=200, metadata={"range": (1, 10_000)})
    per_client_per_hour: int = attrs.field(default=10, metadata={"range": (1, 1000)})
    per_number_per_day: int = attrs.field(default=3, metadata={"range": (1, 100)})
    requests_per_minute: int = attrs.field(default=60, metadata={"range": (1, 10_000)})
    body_max: int = attrs.field(default=8192, metadata={"range": (1024, 65_536)})

    def within(self, base: Path) -> WebTable:
        """Return the same with paths that count from a folder."""
        return attrs.evolve(
            self,
            certificate=self.certificate and base / self.certificate,
            key=self.key and base / self.key,
            token_file=self.token_file and base / self.token_file,
        )

    @property
    def on(self) -> bool:
        """Whether there is a web service."""
        return self.port is not None

    def secret(self, environment: Mapping[str, str] = os.environ) -> str:
        """Return what programs must show; empty: none may order. Reads `token_file`."""
        if self.token_file is not None:
            try:
                found = self.token_file.read_text(encoding="utf-8").strip()
            except (OSError, ValueError):
                return ""
        else:
            name = VARIABLE.fullmatch(self.token)
            found = environment.get(name[1], "") if name else self.token
        return found if len(found) >= TOKEN_LENGTH else ""
