"""Our addresses and our accounts at providers, as PJSIP accounts."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from softswitch.sip import headers, targets
from softswitch.sip.config import Listener, SipConfig, Srtp, Transport, Trunk
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
    tls.certFile = str(files.certificate or "")
    tls.privKeyFile = str(files.key or "")
    tls.CaListFile = str(files.authorities or "")
    tls.verifyServer = tls.verifyClient = tls.requireClientCert = files.verify_peers
    return tls


def listener_account(
    config: SipConfig, listener: Listener, transport_id: int, host: str
) -> pj.AccountConfig:
    """Return the account that stands for one of our own addresses; it registers nowhere."""
    ipv6 = targets.is_ipv6(listener.address)
    account = _common(config, config.srtp, listener.address, ipv6=ipv6)
    account.idUri = f"<sip:{host}>"
    account.sipConfig.transportId = transport_id
    return account


def trunk_account(config: SipConfig, trunk: Trunk, listener: Listener) -> pj.AccountConfig:
    """Return the account at a provider."""
    ipv6 = targets.is_ipv6(headers.split_uri(targets.trunk_uri(trunk))[1])
    account = _common(config, trunk.srtp or config.srtp, listener.address, ipv6=ipv6)
    account.idUri = f"<{targets.trunk_uri(trunk, trunk.user or 'softswitch')}>"
    if trunk.register and trunk.user:
        account.regConfig.registrarUri = targets.trunk_uri(trunk)
        account.regConfig.timeoutSec = trunk.expires_s
        account.regConfig.registerOnAdd = True
    if trunk.user:
        credentials = pj.AuthCredInfo("digest", trunk.realm, trunk.user, 0, trunk.password)
        account.sipConfig.authCreds.append(credentials)
    return account


def _common(config: SipConfig, srtp: Srtp, address: str, *, ipv6: bool) -> pj.AccountConfig:
    account = pj.AccountConfig()
    sound = account.mediaConfig
    sound.transportConfig.port = config.rtp_port_first
    sound.transportConfig.portRange = config.rtp_port_last - config.rtp_port_first
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
