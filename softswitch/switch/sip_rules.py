"""Rules of the SIP side: listeners, trunks, ports, codecs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from softswitch.errors import Fault
from softswitch.settings.faults import ConfigPath, fault, nearest, one_of
from softswitch.sip.config import CODECS, Listener, SipConfig, Transport, Trunk
from softswitch.switch.addresses import (
    ALLOWED_HOST,
    address_fault,
    is_host_port,
    is_ip,
    is_plain_number,
    needs_trunk,
)
from softswitch.switch.config import OfficeConfig
from softswitch.switch.group_rules import dialled_addresses

ALLOWED_IP: Final = "an IPv4 or IPv6 address"


def sip_faults(config: OfficeConfig, *, flows: bool) -> Iterator[Fault]:
    """Find what is wrong with the SIP side.

    Args:
        config: the office.
        flows: whether numbers may lead to flows of a program besides the groups of the office.
    """
    for rule in _RULES:
        yield from rule(config.sip)
    yield from _need_of_trunk_faults(config, flows=flows)


def _listener_faults(sip: SipConfig) -> Iterator[Fault]:
    if not sip.listen:
        yield fault(("sip", "listen"), "No call can come in.", None, "at least one listener")
    seen: set[Listener] = set()
    for i, listener in enumerate(sip.listen):
        path: ConfigPath = ("sip", "listen", i)
        if not is_ip(listener.address):
            yield fault((*path, "address"), "This is no IP address.", listener.address, ALLOWED_IP)
        if listener.port and listener in seen:
            yield fault(path, "This listener is given twice.", None, "each address and port once")
        seen.add(listener)


def _tls_faults(sip: SipConfig) -> Iterator[Fault]:
    needs = any(listener.transport is Transport.TLS for listener in sip.listen)
    if needs and sip.tls.certificate is None:
        message = "A listener uses TLS, which needs a certificate."
        yield fault(("sip", "tls", "certificate"), message, None, "a PEM file")
    if sip.tls.key is not None and sip.tls.certificate is None:
        message = "A private key is of no use without its certificate."
        yield fault(("sip", "tls", "key"), message, sip.tls.key, "nothing, or add a certificate")


def _address_faults(sip: SipConfig) -> Iterator[Fault]:
    addresses: dict[ConfigPath, str] = {("sip", "public_address"): sip.public_address or "::"}
    addresses |= {("sip", "nameservers", i): name for i, name in enumerate(sip.nameservers)}
    for path, address in addresses.items():
        if not is_ip(address):
            yield fault(path, "This is no IP address.", address, ALLOWED_IP)


def _rtp_faults(sip: SipConfig) -> Iterator[Fault]:
    if sip.rtp_port_first >= sip.rtp_port_last:
        message = "The first port for sound must be below the last."
        allowed = f"less than rtp_port_last, which is {sip.rtp_port_last}"
        yield fault(("sip", "rtp_port_first"), message, sip.rtp_port_first, allowed)


def _codec_faults(sip: SipConfig) -> Iterator[Fault]:
    if not sip.codecs:
        yield fault(("sip", "codecs"), "No sound could be agreed on.", None, one_of(CODECS))
    for i, codec in enumerate(sip.codecs):
        path: ConfigPath = ("sip", "codecs", i)
        if codec not in CODECS:
            message = f"This codec is not known.{nearest(codec, CODECS)}"
            yield fault(path, message, codec, one_of(CODECS))
        elif codec in sip.codecs[:i]:
            yield fault(path, "This codec is listed twice.", codec, "each codec once")


def _trunk_faults(sip: SipConfig) -> Iterator[Fault]:
    seen: set[str] = set()
    for i, trunk in enumerate(sip.trunks):
        path: ConfigPath = ("sip", "trunks", i)
        if not trunk.id:
            yield fault((*path, "id"), "A trunk needs a name.", trunk.id, "text in quotes")
        if trunk.id in seen:
            yield fault(
                (*path, "id"), "This trunk is defined twice.", trunk.id, "a name of its own"
            )
        seen.add(trunk.id)
        yield from _one_trunk_faults(path, trunk)


def _way_out_faults(sip: SipConfig) -> Iterator[Fault]:
    """Refuse trunks that no listener can reach: calls go out from the address of one."""
    ways = {(listener.transport, _is_ipv6(listener.address)) for listener in sip.listen}
    for i, trunk in enumerate(sip.trunks):
        ipv6 = _is_ipv6(trunk.server)
        if is_host_port(trunk.server) and (trunk.transport, ipv6) not in ways:
            message = f"No listener has this transport over IPv{6 if ipv6 else 4}."
            allowed = one_of(sorted(t.value for t, v6 in ways if v6 == ipv6) or ["nothing yet"])
            yield fault(("sip", "trunks", i, "transport"), message, trunk.transport, allowed)


def _is_ipv6(host: str) -> bool:
    """Tell whether an address, or a host as URIs have it, is one of IPv6."""
    return host.startswith("[") or host.count(":") > 1


def _one_trunk_faults(path: ConfigPath, trunk: Trunk) -> Iterator[Fault]:
    if not is_host_port(trunk.server):
        yield fault((*path, "server"), "This is no host.", trunk.server, ALLOWED_HOST)
    if trunk.register and not trunk.user:
        message = "Registering needs an account name; set `user`, or `register = false`."
        yield fault((*path, "user"), message, None, "text in quotes")
    if trunk.caller_number and not is_plain_number(trunk.caller_number):
        message = "This is no number to show."
        allowed = "digits with an optional +"
        yield fault((*path, "caller_number"), message, trunk.caller_number, allowed)


def _need_of_trunk_faults(config: OfficeConfig, *, flows: bool) -> Iterator[Fault]:
    """Refuse plain numbers where nothing can carry them."""
    for path, address in dialled_addresses(config, flows=flows):
        if not config.sip.trunks and needs_trunk(address) and not address_fault(address):
            message = "Dialling a number needs a trunk, and there is none under [[sip.trunks]]."
            yield fault(path, message, address, "a SIP URI, or any number once there is a trunk")


_RULES: Final[Iterable[Callable[[SipConfig], Iterator[Fault]]]] = (
    _listener_faults,
    _tls_faults,
    _address_faults,
    _rtp_faults,
    _codec_faults,
    _trunk_faults,
    _way_out_faults,
)
