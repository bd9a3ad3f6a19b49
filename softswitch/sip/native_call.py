"""PJSIP's call object: its callbacks copy values out and tell the leg; nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.sip.digits import digit_pressed
from softswitch.sip.native import guarded, pj
from softswitch.telephony import TransferProgress

if TYPE_CHECKING:
    from softswitch.sip.leg import SipLeg
    from softswitch.sip.network import SipTelephony


class NativeCall(pj.Call):
    """A `pj.Call` that belongs to a leg.

    Attributes:
        was_heard: the other end has sent something, be it only 100.
        transaction: address of the transaction of our INVITE until then, or 0.
    """

    def __init__(
        self, network: SipTelephony, account: pj.Account, leg: SipLeg, call_id: int
    ) -> None:
        super().__init__(account, call_id)
        self._network = network
        self._account = account
        self._leg = leg
        self.was_heard = call_id != pj.PJSUA_INVALID_ID
        self.transaction = 0

    def _is_of_the_leg(self) -> bool:
        """Whether the leg still has it: a call to ourselves was taken from its legs."""
        return self._leg.native is self

    @guarded
    def onCallState(self, prm: pj.OnCallStateParam) -> None:
        if not self._is_of_the_leg():
            return
        info = self.getInfo()
        state = info.state
        if state == pj.PJSIP_INV_STATE_EARLY:
            self._leg.became_early(info.lastStatusCode)
        elif state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._leg.became_confirmed(_message(prm.e))
        elif state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._leg.became_disconnected(info.lastStatusCode, info.lastReason, _message(prm.e))

    @guarded
    def onCallTsxState(self, prm: pj.OnCallTsxStateParam) -> None:
        if self.was_heard:
            return
        change = prm.e.body.tsxState
        self.was_heard = change.type == pj.PJSIP_EVENT_RX_MSG
        self.transaction = 0 if self.was_heard else int(change.tsx.pjTransaction)

    @guarded
    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: ARG002
        if not self._is_of_the_leg():
            return
        info = self.getInfo()  # kept: SWIG's vectors point into it
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO:
                held = media.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD
                port = self.getAudioMedia(media.index) if media.audioConfSlot >= 0 else None
                self._leg.got_media(port, held_by_peer=held)
                return

    @guarded
    def onStreamDestroyed(self, prm: pj.OnStreamDestroyedParam) -> None:  # noqa: ARG002
        self._leg.media_ends()

    @guarded
    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:
        pressed = digit_pressed(prm)
        if pressed is not None and not self._network.inband.is_double(self._leg, pressed.digit):
            self._leg.post(pressed)

    @guarded
    def onCallTransferRequest(self, prm: pj.OnCallTransferRequestParam) -> None:
        self._network.transfer_requested(self._leg, self._account, prm)

    @guarded
    def onCallTransferStatus(self, prm: pj.OnCallTransferStatusParam) -> None:
        self._leg.post(TransferProgress(status=prm.statusCode, final=prm.finalNotify))

    @guarded
    def onCallReplaceRequest(self, prm: pj.OnCallReplaceRequestParam) -> None:
        self._network.replace_requested(self._account, prm)

    @guarded
    def onCallReplaced(self, prm: pj.OnCallReplacedParam) -> None:
        self._network.replaced(self._leg, prm.newCallId)


def _message(event: pj.SipEvent) -> str:
    """Return the SIP message that brought an event about, or an empty string."""
    if event.type == pj.PJSIP_EVENT_TSX_STATE:
        source = event.body.tsxState
        return str(source.src.rdata.wholeMsg) if source.type == pj.PJSIP_EVENT_RX_MSG else ""
    if event.type == pj.PJSIP_EVENT_RX_MSG:
        return str(event.body.rxMsg.rdata.wholeMsg)
    return ""
