"""What softswitch uses of pjsua2, written by hand: SWIG's own module has no types."""

from collections.abc import Iterator
from typing import Final

PJSUA_INVALID_ID: Final[int]
PJSUA_CALL_UNHOLD: Final[int]
PJSUA_DESTROY_NO_NETWORK: Final[int]
PJSUA_CALL_MEDIA_REMOTE_HOLD: Final[int]
PJSUA_DTMF_METHOD_RFC2833: Final[int]
PJSUA_DTMF_METHOD_SIP_INFO: Final[int]
PJSUA_IPV6_DISABLED: Final[int]
PJSUA_IPV6_ENABLED_USE_IPV6_ONLY: Final[int]
PJSUA_SIP_TIMER_INACTIVE: Final[int]
PJSUA_SIP_TIMER_OPTIONAL: Final[int]
PJSIP_INV_STATE_EARLY: Final[int]
PJSIP_INV_STATE_CONFIRMED: Final[int]
PJSIP_INV_STATE_DISCONNECTED: Final[int]
PJSIP_EVENT_TSX_STATE: Final[int]
PJSIP_EVENT_RX_MSG: Final[int]
PJSIP_TRANSPORT_UDP: Final[int]
PJSIP_TRANSPORT_TCP: Final[int]
PJSIP_TRANSPORT_TLS: Final[int]
PJSIP_TRANSPORT_UDP6: Final[int]
PJ_SSL_SOCK_PROTO_TLS1_2: Final[int]
PJ_SSL_SOCK_PROTO_TLS1_3: Final[int]
PJSIP_TRANSPORT_TCP6: Final[int]
PJSIP_TRANSPORT_TLS6: Final[int]
PJMEDIA_TYPE_AUDIO: Final[int]
PJMEDIA_FILE_NO_LOOP: Final[int]
PJMEDIA_SRTP_DISABLED: Final[int]
PJMEDIA_SRTP_OPTIONAL: Final[int]
PJMEDIA_SRTP_MANDATORY: Final[int]

class Error(Exception):
    status: int
    reason: str

# -- endpoint ---------------------------------------------------------------------------------

class Version:
    full: str

class _StringVector:
    def append(self, text: str) -> None: ...

class UaConfig:
    nameserver: _StringVector
    maxCalls: int
    threadCnt: int
    mainThreadOnly: bool
    userAgent: str
    natTypeInSdp: int

class MediaConfig:
    clockRate: int
    sndClockRate: int
    channelCount: int
    audioFramePtime: int
    maxMediaPorts: int
    hasIoqueue: bool
    threadCnt: int
    ecTailLen: int
    noVad: bool
    jbInit: int
    jbMinPre: int
    jbMaxPre: int
    jbMax: int

class LogEntry:
    level: int
    msg: str

class LogWriter:
    def __init__(self) -> None: ...
    def write(self, entry: LogEntry) -> None: ...

class LogConfig:
    level: int
    consoleLevel: int
    msgLogging: int
    writer: LogWriter

class EpConfig:
    uaConfig: UaConfig
    medConfig: MediaConfig
    logConfig: LogConfig

class CodecInfo:
    codecId: str
    priority: int

class TransportInfo:
    typeName: str
    localName: str

class SrtpCrypto:
    name: str

class AudDevManager:
    def setNullDev(self) -> None: ...

class Endpoint:
    def libCreate(self) -> None: ...
    def libInit(self, config: EpConfig) -> None: ...
    def libStart(self) -> None: ...
    def libDestroy(self, flags: int = 0) -> None: ...
    def libVersion(self) -> Version: ...
    def libHandleEvents(self, msec_timeout: int) -> int: ...
    def libGetSipIoqueueHandle(self) -> int: ...
    def audDevManager(self) -> AudDevManager: ...
    def codecEnum2(self) -> list[CodecInfo]: ...
    def codecSetPriority(self, codec_id: str, priority: int) -> None: ...
    def transportCreate(self, kind: int, config: TransportConfig) -> int: ...
    def transportClose(self, transport_id: int) -> None: ...
    def srtpCryptoEnum(self) -> list[SrtpCrypto]: ...
    def transportGetInfo(self, transport_id: int) -> TransportInfo: ...

# -- accounts ---------------------------------------------------------------------------------

class TlsConfig:
    certFile: str
    privKeyFile: str
    CaListFile: str
    verifyServer: bool
    verifyClient: bool
    requireClientCert: bool
    proto: int

class TransportConfig:
    port: int
    portRange: int
    randomizePort: bool
    boundAddress: str
    publicAddress: str
    tlsConfig: TlsConfig

class AuthCredInfo:
    def __init__(self, scheme: str, realm: str, user: str, data_type: int, data: str) -> None: ...

class _AuthCredInfoVector:
    def append(self, credentials: AuthCredInfo) -> None: ...

class AccountSipConfig:
    transportId: int
    authCreds: _AuthCredInfoVector

class AccountRegConfig:
    registrarUri: str
    timeoutSec: int
    registerOnAdd: bool

class AccountMediaConfig:
    transportConfig: TransportConfig
    lockCodecEnabled: bool
    srtpUse: int
    srtpSecureSignaling: int
    ipv6Use: int

class AccountNatConfig:
    iceEnabled: bool
    contactRewriteUse: int
    viaRewriteUse: int
    sdpNatRewriteUse: int
    contactUseSrcPort: int
    sipOutboundUse: int

class AccountCallConfig:
    timerUse: int
    timerMinSESec: int
    timerSessExpiresSec: int

class AccountConfig:
    idUri: str
    sipConfig: AccountSipConfig
    regConfig: AccountRegConfig
    mediaConfig: AccountMediaConfig
    natConfig: AccountNatConfig
    callConfig: AccountCallConfig

class SipRxData:
    wholeMsg: str
    srcAddress: str

class OnSelectAccountParam:
    rdata: SipRxData
    accountIndex: int

class OnIncomingCallParam:
    callId: int
    rdata: SipRxData

class OnRegStateParam:
    code: int
    reason: str
    expiration: int

class Account:
    def __init__(self) -> None: ...
    def create(self, config: AccountConfig, make_default: bool = False) -> None: ...
    def shutdown(self) -> None: ...
    def getId(self) -> int: ...
    def setRegistration(self, renew: bool) -> None: ...
    def sendRequest(self, prm: SendRequestParam) -> None: ...
    def onIncomingCall(self, prm: OnIncomingCallParam) -> None: ...
    def onRegState(self, prm: OnRegStateParam) -> None: ...

# -- calls ------------------------------------------------------------------------------------

class SipHeader:
    hName: str
    hValue: str

class SipHeaderVector:
    def append(self, header: SipHeader) -> None: ...

class SipTxOption:
    headers: SipHeaderVector
    localUri: str
    targetUri: str
    contentType: str
    msgBody: str

class SendRequestParam:
    method: str
    txOption: SipTxOption

class CallSetting:
    flag: int
    audioCount: int
    videoCount: int
    textCount: int

class CallOpParam:
    opt: CallSetting
    statusCode: int
    reason: str
    txOption: SipTxOption
    def __init__(self, use_default_call_setting: bool = False) -> None: ...

class CallSendDtmfParam:
    method: int
    duration: int
    digits: str

class CallMediaInfo:
    index: int
    type: int
    dir: int
    status: int
    audioConfSlot: int

class _CallMediaInfoVector:
    def __iter__(self) -> Iterator[CallMediaInfo]: ...

class CallInfo:
    callIdString: str
    state: int
    lastStatusCode: int
    lastReason: str
    media: _CallMediaInfoVector

class _TsxSource:
    rdata: SipRxData

class SipTransaction:
    pjTransaction: int

class _TsxStateEvent:
    type: int
    src: _TsxSource
    tsx: SipTransaction

class _RxMsgEvent:
    rdata: SipRxData

class _SipEventBody:
    tsxState: _TsxStateEvent
    rxMsg: _RxMsgEvent

class SipEvent:
    type: int
    body: _SipEventBody

class OnCallStateParam:
    e: SipEvent

class OnCallTsxStateParam:
    e: SipEvent

class OnCallMediaStateParam: ...
class OnStreamDestroyedParam: ...

class OnDtmfDigitParam:
    method: int
    digit: str
    duration: int

class OnCallTransferRequestParam:
    dstUri: str
    statusCode: int
    newCall: Call

class OnCallTransferStatusParam:
    statusCode: int
    reason: str
    finalNotify: bool

class OnCallReplaceRequestParam:
    rdata: SipRxData
    statusCode: int
    newCall: Call

class OnCallReplacedParam:
    newCallId: int

class MathStat:
    n: int
    mean: int

class RtcpStreamStat:
    pkt: int
    loss: int
    updateCount: int
    jitterUsec: MathStat

class RtcpStat:
    txStat: RtcpStreamStat
    rxStat: RtcpStreamStat
    rttUsec: MathStat

class StreamStat:
    rtcp: RtcpStat

class StreamInfo:
    codecName: str
    codecClockRate: int

class Call:
    def __init__(self, account: Account, call_id: int = ...) -> None: ...
    def getId(self) -> int: ...
    def getInfo(self) -> CallInfo: ...
    def getAudioMedia(self, index: int) -> AudioMedia: ...
    def getStreamStat(self, index: int) -> StreamStat: ...
    def getStreamInfo(self, index: int) -> StreamInfo: ...
    def makeCall(self, uri: str, prm: CallOpParam) -> None: ...
    def answer(self, prm: CallOpParam) -> None: ...
    def hangup(self, prm: CallOpParam) -> None: ...
    def setHold(self, prm: CallOpParam) -> None: ...
    def reinvite(self, prm: CallOpParam) -> None: ...
    def xfer(self, destination: str, prm: CallOpParam) -> None: ...
    def xferReplaces(self, destination: Call, prm: CallOpParam) -> None: ...
    def dialDtmf(self, digits: str) -> None: ...
    def sendDtmf(self, prm: CallSendDtmfParam) -> None: ...
    def onCallState(self, prm: OnCallStateParam) -> None: ...
    def onCallTsxState(self, prm: OnCallTsxStateParam) -> None: ...
    def onCallMediaState(self, prm: OnCallMediaStateParam) -> None: ...
    def onStreamDestroyed(self, prm: OnStreamDestroyedParam) -> None: ...
    def onDtmfDigit(self, prm: OnDtmfDigitParam) -> None: ...
    def onCallTransferRequest(self, prm: OnCallTransferRequestParam) -> None: ...
    def onCallTransferStatus(self, prm: OnCallTransferStatusParam) -> None: ...
    def onCallReplaceRequest(self, prm: OnCallReplaceRequestParam) -> None: ...
    def onCallReplaced(self, prm: OnCallReplacedParam) -> None: ...

# -- media ------------------------------------------------------------------------------------

class AudioMedia:
    def startTransmit(self, sink: AudioMedia) -> None: ...
    def stopTransmit(self, sink: AudioMedia) -> None: ...
    def adjustTxLevel(self, level: float) -> None: ...

class AudioMediaPlayer(AudioMedia):
    def __init__(self) -> None: ...
    def createPlayer(self, file_name: str, options: int = 0) -> None: ...
    def getPos(self) -> int: ...
    def setPos(self, samples: int) -> None: ...
    def onEof2(self) -> None: ...

class AudioMediaRecorder(AudioMedia):
    def __init__(self) -> None: ...
    def createRecorder(self, file_name: str) -> None: ...

class ToneDesc:
    freq1: int
    freq2: int
    on_msec: int
    off_msec: int
    volume: int

class ToneDescVector:
    def append(self, tone: ToneDesc) -> None: ...

class ToneDigit:
    digit: str
    on_msec: int
    off_msec: int
    volume: int

class ToneDigitVector:
    def append(self, tone: ToneDigit) -> None: ...

class ToneGenerator(AudioMedia):
    def __init__(self) -> None: ...
    def createToneGenerator(self, clock_rate: int, channel_count: int) -> None: ...
    def play(self, tones: ToneDescVector, loop: bool = False) -> None: ...
    def playDigits(self, digits: ToneDigitVector, loop: bool = False) -> None: ...
