"""PJSIP itself: started and stopped, with its limits read from what runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import ClassVar, Final

from softswitch.errors import MisuseError
from softswitch.sip.capacity import usable_calls
from softswitch.sip.config import SipConfig
from softswitch.sip.etiquette import Etiquette
from softswitch.sip.huge_pages import use_huge_pages
from softswitch.sip.native import (
    guarded,
    misuse_on_error,
    pj,
    quiet_standard_output,
    raise_descriptor_limit,
)

_logger = logging.getLogger("softswitch.pjsip")

_FILES_PER_CALL: Final = 4
_OTHER_FILES: Final = 256
_FRAME_MS: Final = 20
_TOP_PRIORITY: Final = 250


def calls_of_the_build() -> int:
    """Return how many calls the PJSIP that is installed was built for."""
    return int(pj.EpConfig().uaConfig.maxCalls)


def library_capacity() -> int:
    """Return how many legs the PJSIP that is installed is given at most."""
    return usable_calls(calls_of_the_build())


class _LogWriter(pj.LogWriter):
    """Sends PJSIP's log to Python's."""

    def write(self, entry: pj.LogEntry) -> None:
        levels = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO}
        _logger.log(levels.get(entry.level, logging.DEBUG), "%s", entry.msg.rstrip())


class Endpoint(pj.Endpoint):
    """PJSIP's endpoint, which asks us which account an incoming call is for."""

    def __init__(self) -> None:
        super().__init__()
        self.select_account: Callable[[int, str], int] | None = None

    @guarded
    def onSelectAccount(self, prm: pj.OnSelectAccountParam) -> None:  # noqa: N802 - PJSIP's name
        """Replace PJSIP's choice by ours."""
        if self.select_account is not None:
            prm.accountIndex = self.select_account(prm.accountIndex, prm.rdata.wholeMsg)


@cache
def _the_endpoint() -> Endpoint:
    """Return the only endpoint object; a second one aborts the process."""
    return Endpoint()


class Library:
    """PJSIP running, on the thread that will drive it. There is one at a time in a process."""

    _running: ClassVar[bool] = False

    def __init__(self, config: SipConfig, *, on_refusal: Callable[[], None]) -> None:
        """Start it; ``on_refusal`` is called when it refuses a caller for whom it has no room."""
        if Library._running:
            raise MisuseError("PJSIP runs already in this process: one SIP network at a time")
        use_huge_pages()
        self.endpoint = _the_endpoint()
        with quiet_standard_output(), misuse_on_error("start PJSIP"):
            self.endpoint.libCreate()
        Library._running = True
        try:
            self._start(config)
            self.etiquette = Etiquette(retry_after_s=config.retry_after_s, on_refusal=on_refusal)
        except BaseException:
            self.close()
            raise

    def _start(self, config: SipConfig) -> None:
        settings = pj.EpConfig()
        calls = settings.uaConfig.maxCalls = calls_of_the_build()
        raise_descriptor_limit(calls * _FILES_PER_CALL + _OTHER_FILES)
        _set_agent(settings.uaConfig, config)
        _set_media(settings.medConfig, config, calls)
        self._set_log(settings.logConfig, config)
        with quiet_standard_output(), misuse_on_error("start PJSIP"):
            self.endpoint.libInit(settings)
            self.endpoint.libStart()
            self.endpoint.audDevManager().setNullDev()
        _prefer_codecs(self.endpoint, config.codecs)

    def _set_log(self, log: pj.LogConfig, config: SipConfig) -> None:
        log.level = config.log_level
        log.consoleLevel = config.log_level  # the writer stands for the console
        log.msgLogging = 1 if config.log_level >= 4 else 0
        self._writer = _LogWriter() if config.log_level else None
        if self._writer is not None:
            log.writer = self._writer

    def close(self) -> None:
        """Stop PJSIP at once. Every object made by it must be gone."""
        self.endpoint.select_account = None
        with quiet_standard_output():
            self.endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)
        Library._running = False


def _set_agent(agent: pj.UaConfig, config: SipConfig) -> None:
    agent.threadCnt = 0
    agent.mainThreadOnly = True
    agent.userAgent = config.user_agent
    agent.natTypeInSdp = 0
    for server in config.nameservers:
        agent.nameserver.append(server)


def _set_media(media: pj.MediaConfig, config: SipConfig, calls: int) -> None:
    media.clockRate = media.sndClockRate = config.clock_rate_hz
    media.channelCount = 1
    media.audioFramePtime = _FRAME_MS
    media.maxMediaPorts = max(254, calls * 4)
    media.hasIoqueue = True
    media.threadCnt = 1
    media.ecTailLen = 0
    media.noVad = True


def _prefer_codecs(endpoint: pj.Endpoint, wanted: tuple[str, ...]) -> None:
    """Give the codecs that we want falling priorities, and switch off the others."""
    names = [name.lower() for name in wanted]
    for codec in endpoint.codecEnum2():
        name = codec.codecId.partition("/")[0].lower()
        priority = _TOP_PRIORITY - names.index(name) if name in names else 0
        endpoint.codecSetPriority(codec.codecId, priority)
