"""Who asks, and how often."""

from __future__ import annotations

import hmac
import math
from typing import TYPE_CHECKING, Final

from aiohttp import web

from softswitch.web.allowance import Allowance
from softswitch.web.doors import asking

if TYPE_CHECKING:
    from softswitch.switch.house import House

_MINUTE_S: Final = 60.0
_BEARER: Final = "bearer"


class Visits:
    """Knows clients by their addresses, and programs by the token."""

    def __init__(self, house: House, secret: str) -> None:
        """Set up.

        Args:
            house: whose web service it is.
            secret: what programs must show; empty: there are none.
        """
        self._house = house
        self._secret = secret
        self._requests = Allowance(_MINUTE_S)

    @property
    def programs(self) -> bool:
        """Whether programs may order."""
        return bool(self._secret)

    def client(self, request: web.Request) -> str:
        """Return who asks; through a proxy that is trusted, whom that names."""
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        return asking(request.remote or "", forwarded, self._house.config.web.proxies)

    def secure(self, request: web.Request) -> bool:
        """Tell whether the browser reaches us by HTTPS."""
        return request.secure or self._house.config.web.public_url.lower().startswith("https:")

    def require_patience(self, request: web.Request) -> None:
        """Count a request, unless there are too many of one client.

        Raises:
            HTTPTooManyRequests: there are.
        """
        most = self._house.config.web.requests_per_minute
        wait_s = self._requests.take(self.client(request), most, self._house.now)
        if wait_s > 0:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(math.ceil(wait_s))})

    def knows(self, request: web.Request) -> bool:
        """Tell whether a program shows the token."""
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        right = hmac.compare_digest(
            shown.strip().encode("utf-8", "replace"), self._secret.encode("utf-8")
        )
        return right and scheme.lower() == _BEARER and bool(self._secret)
