"""Who calls, and what was dialled."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Identity:
    """A party of a call, as the network tells it. Personal data.

    Attributes:
        uri: SIP or tel URI, without angle brackets and header parameters.
        number: its user part as dialled, or empty.
        name: display name, or empty.
        withheld: the party asked not to be shown (RFC 3323 Privacy, anonymous From).
        source: header that told it: ``P-Asserted-Identity``, ``Remote-Party-ID`` or ``From``.
    """

    uri: str
    number: str = ""
    name: str = ""
    withheld: bool = False
    source: str = "From"


@attrs.frozen(kw_only=True)
class Dialled:
    """What the caller dialled, and where the call was sent on from.

    Attributes:
        number: user part of the request URI: the number this call came in on.
        host: host part of the request URI.
        original: number dialled first when the call was diverted on its way, else ``number``
            (RFC 5806 Diversion, RFC 7044 History-Info).
        diverted_by: numbers that sent the call on, the latest first.
        diversion_reason: as the latest diverting party tells it, such as ``no-answer``.
    """

    number: str
    host: str = ""
    original: str = ""
    diverted_by: tuple[str, ...] = ()
    diversion_reason: str = ""
