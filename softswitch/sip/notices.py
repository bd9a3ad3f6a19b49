"""News for phones outside of any call: a NOTIFY that nobody has subscribed to.

RFC 6665 wants a subscription first; for messages that wait (RFC 3842) phones have taken it without
one for longer than there are RFCs, where the provider knows them: RFC 6665 section 8.2.1 calls that
an implicit subscription. A phone that does not want it answers 481 or 489, and that is all.
"""

from __future__ import annotations

from softswitch.sip.native import header_vector, pj


def send_notice(
    account: pj.Account, uri: str, contact: str, *, event: str, content_type: str, body: str
) -> None:
    """Send one; PJSIP repeats it until the phone has answered, or half a minute has passed.

    Args:
        account: whose address stands in From.
        uri: where it goes.
        contact: our host and port; empty: as the account says.
        event: the package.
        content_type: of the body.
        body: what is new.
    """
    headers = {"Event": event, "Subscription-State": "active"}
    if contact:
        headers["Contact"] = f"<{'sips' if uri[:5].lower() == 'sips:' else 'sip'}:{contact}>"
    request = pj.SendRequestParam()
    request.method = "NOTIFY"
    request.txOption.targetUri = uri
    request.txOption.headers = header_vector(headers)
    request.txOption.contentType = content_type
    request.txOption.msgBody = body
    account.sendRequest(request)
