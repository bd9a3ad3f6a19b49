"""Real SIP phones for tests: SIPp scenarios, baresip as a phone, and RTP ears and mouths.

Nothing here uses PJSIP, so what these peers say about the switch is a second opinion.

::

    async with (
        Baresip("anna", tone_hz=440, answer_after_s=0.2) as anna,
        RtpPhone() as ear,
        Sipp("uac_call", target="127.0.0.1:5060", service="1000", rtp=ear.address) as caller,
    ):
        answer = await caller.message(200, cseq="INVITE")
        heard = await ear.hears(440)
        delay_s = (heard.start_ns - answer.at_ns) / 1e9

All times named ``_ns`` are on the clock of ``time.monotonic_ns``: SIP messages, RTP packets and
events of phones can be compared. SIPp and baresip are programs of their own (Debian: ``apt install
sip-tester baresip-core``).
"""

from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.baresip_control import ControlError, PhoneEvent
from softswitch.testing.peers.certificates import Certificates, make_certificates
from softswitch.testing.peers.ear import Ear, Heard, Reception
from softswitch.testing.peers.malformed import MALFORMED, send_malformed
from softswitch.testing.peers.messages import SipMessage, parse_message
from softswitch.testing.peers.mouth import Pacer, Utterance
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.process import PeerProcessError
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.scenario import scenario_names
from softswitch.testing.peers.sink import PortCount, RtpSink
from softswitch.testing.peers.sipp import Sipp, SippResult
from softswitch.testing.peers.tones import sine, tone_spans

__all__ = [
    "MALFORMED",
    "Baresip",
    "Certificates",
    "ControlError",
    "Ear",
    "Heard",
    "Pacer",
    "PeerProcessError",
    "PhoneEvent",
    "PortCount",
    "Reception",
    "RtpPhone",
    "RtpSink",
    "SipMessage",
    "Sipp",
    "SippResult",
    "Utterance",
    "free_port",
    "make_certificates",
    "parse_message",
    "scenario_names",
    "send_malformed",
    "sine",
    "tone_spans",
]
