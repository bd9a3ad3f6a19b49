"""What the settings of the web service mean, in sentences for people."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from softswitch.cli.office_words import count
from softswitch.switch.config import OfficeConfig
from softswitch.switch.e164 import country_of


def web_words(config: OfficeConfig) -> Mapping[str, str]:
    """Say where call backs are ordered by web, by whom, and how many."""
    web = config.web
    begin = " or ".join(web.allowed) or f"those of {country_of(config)}"
    groups = [f"{title} ({group_id})" for group_id, title in web.groups.items()]
    limits = (
        f"{count(web.open_orders_max, 'order')} at a time",
        f"{web.orders_per_hour:,} an hour",
        f"{web.per_client_per_hour} an hour of a client of the page",
        f"{web.per_number_per_day} a day for a number",
    )
    return {
        "Listens on": f"{_place(config)}\n{_reach(config)}",
        "Groups": "\n".join(groups),
        "Page": "/call-back" if web.form else "none",
        "Programs": _programs(config),
        "Numbers": f"{begin}; none that cost more than a call to a person",
        "Times": f"while open, up to {count(web.ahead_days, 'day')} ahead",
        "Limits": ", ".join(limits),
    }


def _place(config: OfficeConfig) -> str:
    web = config.web
    host = f"[{web.address}]" if ":" in web.address else web.address
    scheme = "http" if web.certificate is None else "https"
    return f"{scheme}://{host}:{web.port or 'any free port'}"


def _reach(config: OfficeConfig) -> str:
    web = config.web
    if web.public_url:
        return f"reached as {web.public_url}"
    if ipaddress.ip_address(web.address).is_loopback:
        return "reached from this machine alone"
    return (
        "encrypted" if web.certificate else "in the clear: let a proxy with HTTPS stand before it"
    )


def _programs(config: OfficeConfig) -> str:
    if config.web.secret():
        return "/api/call-backs, with the token"
    if config.web.token:
        return "none: the environment does not hold the token, or a short one"
    return "none: there is no token"
