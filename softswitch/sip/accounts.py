"""Our addresses and our accounts at providers, as PJSIP accounts."""

from __future__ import annotations

import ssl
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import attrs

from softswitch.errors import MisuseError
from softswitch.sip import targets
from softswitch.sip.config import Listener, SipConfig, Srtp, TlsFiles, Transport, Trunk
from softswitch.sip.native import guarded, misuse_on_error, pj

if TYPE_CHECKING:
    from softswitch.sip.network import SipTelephony

_SRTP: Final = MappingProxyType(
    {
        Srtp.OFF: pj.PJMEDIA_SRTP_DISABLED,
        Srtp.OFFERED: pj.PJMEDIA_SRTP_OPTIONAL,
        Srtp.REQUIRED: pj.PJMEDIA_SRTP_MANDATORY,
    }
)
_TRANSPORTS: Final = MappingProxyType(
    {
        (Transport.UDP, False): pj.PJSIP_TRANSPORT_UDP,
        (Transport.TCP, False): pj.PJSIP_TRANSPORT_TCP,
        (Transport.TLS, False): pj.PJSIP_TRANSPORT_TLS,
        (Transport.UDP, True): pj.PJSIP_TRANSPORT_UDP6,
        (Transport.TCP, True): pj.PJSIP_TRANSPORT_TCP6,
        (Transport.TLS, True): pj.PJSIP_TRANSPORT_TLS6,
    }
)
_PORT_ATTEMPTS: Final = 100
"""How many pairs of ports PJSIP tries before it gives up."""

_MIN_SESSION_S: Final = 90
"""Smallest session interval there is (RFC 4028 section 4)."""


class NativeAccount(pj.Account):
    """A `pj.Account` that hands its incoming calls to the network."""

    def __init__(self, network: SipTelephony, name: str) -> None:
        super().__init__()
        self._network = network
        self.name = name

    @guarded
    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        self._network.incoming(self, prm.callId, prm.rdata.wholeMsg)

    @guarded
    def onRegState(self, prm: pj.OnRegStateParam) -> None:
        self._network.registration_changed(self.name, prm.code, prm.reason, prm.expiration)


def open_listener(endpoint: pj.Endpoint, listener: Listener, config: SipConfig) -> int:
    """Open a SIP transport; return PJSIP's id of it. Raises `MisuseError` when it cannot."""
    settings = pj.TransportConfig()
    settings.port = listener.port
    settings.boundAddress = listener.address
    if config.public_address:
        settings.publicAddress = config.public_address
    if listener.transport is Transport.TLS:
        settings.tlsConfig = _tls(config)
    kind = _TRANSPORTS[listener.transport, targets.is_ipv6(listener.address)]
    where = f"{listener.transport.value}:{listener.address}:{listener.port}"
    with misuse_on_error(f"listen on {where}"):
        return int(endpoint.transportCreate(kind, settings))


def _tls(config: SipConfig) -> pj.TlsConfig:
    files, tls = config.tls, pj.TlsConfig()
    check_tls_files(files)
    tls.proto = pj.PJ_SSL_SOCK_PROTO_TLS1_2 | pj.PJ_SSL_SOCK_PROTO_TLS1_3
    tls.certFile = str(files.certificate or "")
    tls.privKeyFile = str(files.key or files.certificate or "")
    tls.CaListFile = str(files.authorities or "")
    tls.verifyServer = tls.verifyClient = tls.requireClientCert = files.verify_peers
    return tls


def check_tls_files(files: TlsFiles) -> None:
    """Try the certificates now; PJSIP would first open them when somebody connects.

    Raises:
        MisuseError: one is missing, unreadable or does not fit.
    """
    for name, path in attrs.asdict(files, recurse=False).items():
        if isinstance(path, Path) and not path.is_file():
            raise MisuseError(f"TLS {name}: there is no file {path}")
    if files.certificate is None:
        raise MisuseError("a listener for TLS needs a certificate and its key")
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        if files.authorities is not None:
            context.load_verify_locations(files.authorities)
    except (OSError, ssl.SSLError) as error:
        raise MisuseError(
            f"TLS certificate {files.certificate}, key {files.key or 'in it'}: {error}"
        ) from None


def listener_account(
    config: SipConfig, listener: Listener, transport_id: int, uri: str, *, number: int
) -> pj.AccountConfig:
    """Return the account that stands for one of our own addresses; it registers nowhere."""
    account = _common(config, config.srtp, listener.address, number)
    account.idUri = uri
    account.sipConfig.transportId = transport_id
    account.natConfig.contactUseSrcPort = 0  # we are reached where we listen
    account.natConfig.sipOutboundUse = 0
    return account


def trunk_account(
    config: SipConfig, trunk: Trunk, listener: Listener, transport_id: int
) -> pj.AccountConfig:
    """Return the account at a provider, reached by one of our listeners."""
    number = _own_accounts(config) + config.trunks.index(trunk)
    account = _common(config, trunk.srtp or config.srtp, listener.address, number)
    account.sipConfig.transportId = transport_id
    account.idUri = f"<{targets.trunk_uri(trunk, trunk.user or 'softswitch')}>"
    if trunk.register and trunk.user:
        account.regConfig.registrarUri = targets.trunk_uri(trunk)
        account.regConfig.timeoutSec = trunk.expires_s
        account.regConfig.registerOnAdd = True
    if trunk.user:
        credentials = pj.AuthCredInfo("digest", trunk.realm, trunk.user, 0, trunk.password)
        account.sipConfig.authCreds.append(credentials)
    return account


def _own_accounts(config: SipConfig) -> int:
    """Count the accounts of our own addresses: one each, two with TLS (``sip:`` and ``sips:``)."""
    return sum(2 if each.transport is Transport.TLS else 1 for each in config.listen)


def sound_ports(config: SipConfig, number: int) -> tuple[int, int]:
    """Return first and last of the ports for sound of the account with that number, from 0.

    An account takes the port after its last one, and gives up after a hundred that are in use. So
    that it never runs into those of another account, each has a share of its own, unless the
    shares would be so small that a hundred attempts cover them all.
    """
    first, last = config.rtp_port_first, config.rtp_port_last
    accounts = _own_accounts(config) + len(config.trunks)
    share = (last - first + 1) // accounts // 2 * 2
    if share < 2 * _PORT_ATTEMPTS:
        return first, last
    return first + number * share, first + (number + 1) * share - 2


def _common(config: SipConfig, srtp: Srtp, address: str, number: int) -> pj.AccountConfig:
    account = pj.AccountConfig()
    ipv6 = targets.is_ipv6(address)
    sound = account.mediaConfig
    first, last = sound_ports(config, number)
    sound.transportConfig.port, sound.transportConfig.portRange = first, last - first
    sound.transportConfig.randomizePort = True
    if address not in ("0.0.0.0", "::"):
        sound.transportConfig.boundAddress = address
    if config.public_address:
        sound.transportConfig.publicAddress = config.public_address
    sound.srtpUse, sound.srtpSecureSignaling = _SRTP[srtp], 0
    sound.lockCodecEnabled = False
    sound.ipv6Use = pj.PJSUA_IPV6_ENABLED_USE_IPV6_ONLY if ipv6 else pj.PJSUA_IPV6_DISABLED
    account.natConfig.iceEnabled = False
    timers = config.session_expires_s > 0
    account.callConfig.timerUse = (
        pj.PJSUA_SIP_TIMER_OPTIONAL if timers else pj.PJSUA_SIP_TIMER_INACTIVE
    )
    if timers:
        account.callConfig.timerSessExpiresSec = max(_MIN_SESSION_S, config.session_expires_s)
        account.callConfig.timerMinSESec = _MIN_SESSION_S
    return account
