"""What an office does besides its groups, in sentences for people: other numbers, mail, texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from softswitch.switch.config import OfficeConfig
from softswitch.switch.sms_tables import SmsTable, absent_secrets


def number_words(config: OfficeConfig) -> Iterator[tuple[str, str]]:
    """Give numbers that lead to no group, one or several a line, with what they lead to."""
    for flow in config.flows:
        yield "\n".join(flow.numbers) or "none", f"flow {flow.id}: {flow.file}"
    services = {
        config.voicemail.number: "owners hear their messages",
        config.login_number: "members log in, log out and pause",
        config.hotprompt_number: "the announcement in front of everything is switched",
        config.recording_number: "greetings are recorded",
    }
    yield from ((number, what) for number, what in services.items() if number)


def sender_words(config: OfficeConfig) -> Mapping[str, str]:
    """Say by whom mail and texts are sent; nothing of what the office does not send."""
    mail, sms = config.mail, config.sms
    said = {}
    if mail.host:
        said["Mail"] = f"sent by {mail.host}:{mail.port}, {_TLS_WORDS.get(mail.tls, mail.tls)}"
    if sms.url:
        said["Texts by SMS"] = f"sent by {_host(sms.url)}{_sms_extras(sms)}"
    return said


def _sms_extras(sms: SmsTable) -> str:
    national = f"; numbers without country code are those of {sms.country}" if sms.country else ""
    absent = ", ".join(absent_secrets(sms))
    lacks = f"\nno text goes out: the environment does not hold {absent}" if absent else ""
    return national + lacks


_TLS_WORDS: Mapping[str, str] = {
    "starttls": "encrypted (starttls)",
    "tls": "encrypted (tls)",
    "none": "in the clear",
}


def _host(url: str) -> str:
    """Name the host of an address, not its path, in which a secret may stand."""
    return urlsplit(url).netloc
