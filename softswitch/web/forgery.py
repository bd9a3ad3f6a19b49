"""Forms that only our own pages can have sent: signed for one visitor, one purpose, some hours.

Who visits is a random cookie; a form bears a signature of it that another site can neither read
nor make (a signed double submit, as OWASP's cheat sheet on cross-site request forgery has it).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Final

COOKIE: Final = "visitor"
VALID_S: Final = 4 * 3600.0

_VISITOR: Final = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


class Forms:
    """Signs forms. The secret is of one run of the switch: after a restart a form is sent again."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def visitor(self, cookie: str) -> str:
        """Return who visits, by the cookie if it is one of ours in shape; else a new name."""
        return cookie if _VISITOR.fullmatch(cookie) else secrets.token_urlsafe(16)

    def sign(self, visitor: str, purpose: str, now_s: float) -> str:
        """Return what a form bears."""
        issued = f"{int(now_s):x}"
        return f"{issued}-{self._signature(visitor, purpose, issued)}"

    def accepts(self, signed: str, visitor: str, purpose: str, now_s: float) -> bool:
        """Tell whether a form is ours, for this visitor and purpose, and not too old."""
        issued, _, signature = signed.partition("-")
        if not re.fullmatch(r"[0-9a-f]{1,12}", issued, re.ASCII):
            return False
        right = self._signature(visitor, purpose, issued)
        fresh = 0 <= now_s - int(issued, 16) + 1 <= VALID_S
        return hmac.compare_digest(signature.encode(), right.encode()) and fresh

    def _signature(self, visitor: str, purpose: str, issued: str) -> str:
        text = f"{visitor}\n{purpose}\n{issued}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()


def same_origin(origin: str, site: str, host: str, public_url: str) -> bool:
    """Tell whether a browser sends a form from our own page, as far as it says so.

    Args:
        origin: the header `Origin`; empty: the browser does not say.
        site: the header `Sec-Fetch-Site`; empty: the same.
        host: the header `Host`.
        public_url: how the outside reaches us, or empty.
    """
    if site not in ("", "same-origin", "none"):
        return False
    if not origin:
        return True
    ours = {f"http://{host}".lower(), f"https://{host}".lower(), public_url.lower().rstrip("/")}
    return origin.lower() in ours - {""}
