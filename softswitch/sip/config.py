"""Settings of the SIP side: where to listen, whom to register with, what sound to speak.

Every limit is stated once, in the metadata of its field, and is checked by
`softswitch.switch.rules` together with the rest of the office.
"""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Final

import attrs

CODECS: Final = ("PCMA", "PCMU", "G722", "opus", "GSM", "speex", "L16")
"""Every codec of the server build; an unmodified PJSIP has others too, or lacks some of them."""


class Transport(enum.Enum):
    """How SIP messages travel (RFC 3261 section 18)."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class Srtp(enum.Enum):
    """Whether sound is encrypted (RFC 3711, keys by RFC 4568)."""

    OFF = "off"
    OFFERED = "offered"
    REQUIRED = "required"


class InbandKeys(enum.Enum):
    """Whose sound is listened to for keys."""

    AUTO = "auto"
    OFF = "off"
    ALWAYS = "always"


@attrs.frozen(kw_only=True)
class Listener:
    """One address that the switch listens on.

    Attributes:
        transport: UDP, TCP or TLS.
        address: IPv4 or IPv6 address to bind; ``0.0.0.0`` and ``::`` are all of them.
        port: 0 lets the system choose.
    """

    transport: Transport = Transport.UDP
    address: str = "0.0.0.0"
    port: int = attrs.field(default=5060, metadata={"range": (0, 65535)})


@attrs.frozen(kw_only=True)
class TlsFiles:
    """Certificates for TLS.

    Attributes:
        certificate: PEM file with our certificate and its chain.
        key: PEM file with our private key; None: it stands in the certificate's file.
        authorities: PEM file with the authorities that we trust.
        verify_peers: refuse peers whose certificate we cannot verify.
    """

    certificate: Path | None = None
    key: Path | None = None
    authorities: Path | None = None
    verify_peers: bool = False


@attrs.frozen(kw_only=True)
class Trunk:
    """An account at a provider or a PBX: where plain numbers go out, and calls come in.

    Attributes:
        id: name in the office file.
        server: host, or host:port, that calls go to.
        user: account name, for registration and digest authentication (RFC 7616).
        password: its secret.
        realm: digest realm, ``*`` for any.
        register: whether to register there (RFC 3261 section 10).
        expires_s: registration lifetime asked for.
        transport: how to reach it.
        caller_number: number shown to those we call, where the call does not say otherwise.
        srtp: overrides `SipConfig.srtp` for this trunk.
    """

    id: str
    server: str
    user: str = ""
    password: str = attrs.field(default="", repr=False)
    realm: str = "*"
    register: bool = True
    expires_s: int = attrs.field(default=300, metadata={"range": (60, 86400)})
    transport: Transport = Transport.UDP
    caller_number: str = ""
    srtp: Srtp | None = None


@attrs.frozen(kw_only=True)
class SipConfig:
    """How the switch speaks SIP and RTP.

    Attributes:
        listen: addresses to listen on.
        tls: certificates, needed when a listener or trunk uses TLS.
        srtp: whether sound is encrypted.
        public_address: address that the outside sees when we stand behind NAT, or empty.
        nameservers: DNS servers, by address, that host names and SRV records of addresses are
            looked up with, without anybody waiting (RFC 3263). Empty: the system looks names up
            and every call waits for it, which is right where addresses are numeric.
        trunks: accounts at providers.
        max_calls: most legs at once; None: as many as the running PJSIP can carry.
        retry_after_s: what a caller over capacity is told to wait.
        rtp_port_first, rtp_port_last: UDP ports for sound.
        clock_rate_hz: rate of the conference bridge: 8000 for telephone sound, 16000 for
            wideband, 48000 for full band.
        codecs: what we speak, best first, of `CODECS`; names as in SDP.
        inband_keys: whose sound is listened to for the tones of keys: ``"auto"`` that of phones
            that do not agree to RFC 4733, ``"always"`` that of all, ``"off"`` nobody's.
        session_expires_s: session timer (RFC 4028); 0 switches it off.
        reach_within_s: a phone that we call and that has not sent any response within so long, not
            even 100, cannot be reached (RFC 3261 section 17.2.1 has it send one within 0.2 s).
        media_timeout_s: an answered call from which nothing has been heard for so long is
            taken to be lost; 0 switches it off.
        user_agent: what the User-Agent header says.
        log_level: PJSIP's own log, 0 (silent) to 5 (every message).
    """

    listen: tuple[Listener, ...] = (Listener(),)
    tls: TlsFiles = TlsFiles()
    srtp: Srtp = Srtp.OFF
    public_address: str = ""
    nameservers: tuple[str, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    max_calls: int | None = attrs.field(default=None, metadata={"range": (1, 100_000)})
    retry_after_s: int = attrs.field(default=10, metadata={"range": (1, 3600)})
    rtp_port_first: int = attrs.field(default=10_000, metadata={"range": (1024, 65_000)})
    rtp_port_last: int = attrs.field(default=30_000, metadata={"range": (1024, 65_535)})
    clock_rate_hz: int = attrs.field(default=8000, metadata={"choices": (8000, 16000, 48000)})
    codecs: tuple[str, ...] = ("PCMA", "PCMU", "G722", "opus")
    inband_keys: InbandKeys = InbandKeys.AUTO
    session_expires_s: int = attrs.field(default=1800, metadata={"range": (0, 86_400)})
    reach_within_s: float = attrs.field(default=4.0, metadata={"range": (1, 32)})
    media_timeout_s: float = attrs.field(default=60.0, metadata={"range": (0, 3600)})
    user_agent: str = "softswitch"
    log_level: int = attrs.field(default=0, metadata={"range": (0, 5)})
