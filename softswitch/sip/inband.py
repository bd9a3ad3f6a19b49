"""Keys as tones in the sound: heard from phones, and sent to phones, that do not speak RFC 4733.

Such phones are few: old gateways, mostly. Each gets an ear. All ears are read by one timer, and one
detector hears the keys in all of them at once (`softswitch_codecs.dtmf`), 0.1 to 0.6 s after a key
went down.

A press counts once. A phone that tells a key in any other way, by INFO for instance, tells all of
them so: its ear is closed, and keys that it tells after they were heard are known.
"""

from __future__ import annotations

import logging
from asyncio import TimerHandle
from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from softswitch.errors import MisuseError
from softswitch.sip.config import InbandKeys
from softswitch.sip.digit_tones import DigitTones
from softswitch.sip.digits import takes_events
from softswitch.sip.ear import Ear
from softswitch.sip.native import pj
from softswitch.telephony import DigitMethod, DigitPressed
from softswitch_codecs.dtmf import DtmfDetector, KeyDown, KeyUp

if TYPE_CHECKING:
    from softswitch.sip.leg import SipLeg
    from softswitch.sip.studio import Studio

_logger = logging.getLogger("softswitch.sip")

Sound: TypeAlias = NDArray[np.int16]
_NOTHING: Final[Sound] = np.zeros(0, np.int16)

MOST: Final = 500
"""Ears at once; further legs go unheard. PJSIP has 1,024 recorders, which record calls too."""

SAME_PRESS_S: Final = 3.0
"""A key told within this time after its tone was heard is the same press: some phones send INFO
when the key is let go."""

LEAST_PAUSE_S: Final = 0.03
"""A key that comes again sooner was never gone: ITU-T Q.24 has pauses of 30 ms and more."""

ECHO_S: Final = 1.0
"""How long after our own tones their echo may still be read."""


def pause_s(ears: int) -> float:
    """Return how long to wait before ears are read again; each has something new every 0.256 s.

    The more there are the longer: so more of them are heard at once, which costs less for each.
    """
    return min(0.1, 0.02 + 0.001 * ears)


class Phone:
    """What is known of the keys of one leg's phone, from its first sound to its end."""

    def __init__(self, inband: Inband, leg: SipLeg) -> None:
        self.leg = leg
        self.ear: Ear | None = None
        self.slot = -1
        self.deaf_until = 0.0
        self.let_go: KeyUp | None = None
        self.told: list[tuple[float, str]] = []
        self.tells_otherwise = False
        self._inband = inband

    def still_fades(self, key: KeyDown) -> bool:
        """Tell whether a key is the one before, which had become weaker but was never gone.

        So PJSIP conceals that packets are late, or that a phone sends none once the key is let go.
        """
        before = self.let_go
        if before is None or before.key != key.key:
            return False
        return key.start_s < before.end_s + LEAST_PAUSE_S

    def stop(self) -> None:
        """End with the leg."""
        self._inband.forget(self)


class Inband:
    """Listens for keys in sound, and sends keys as sound.

    Args:
        mode: whom to listen to.
        studio: wiring and clock.
    """

    def __init__(self, mode: InbandKeys, studio: Studio) -> None:
        self._mode = mode
        self._studio = studio
        self._detector: DtmfDetector | None = None
        self._phones: dict[SipLeg, Phone] = {}
        self._listening: dict[int, Phone] = {}
        self._free = list(range(MOST))
        self._sending: dict[SipLeg, DigitTones] = {}
        self._timer: TimerHandle | None = None

    # -- whom to hear -----------------------------------------------------------------------------

    def follow(self, leg: SipLeg) -> None:
        """See whether to listen to a leg, whose sound has just been agreed on, or again."""
        wanted = self._wants(leg)
        phone = self._phones.get(leg)
        if wanted and phone is None:
            phone = self._phones[leg] = Phone(self, leg)
            self._studio.keep(leg, phone)
        if phone is not None and wanted and not phone.tells_otherwise:
            self._open(phone)
        elif phone is not None:
            self._close(phone)

    def _wants(self, leg: SipLeg) -> bool:
        native = leg.native
        if self._mode is InbandKeys.OFF or leg.loops_to is not None:
            return False
        if not isinstance(native, pj.Call):
            return False
        return self._mode is InbandKeys.ALWAYS or not takes_events(native)

    def _open(self, phone: Phone) -> None:
        if phone.ear is None and not self._free:
            _logger.warning("%r: keys in its sound are not heard: %d others are", phone.leg, MOST)
        elif phone.ear is None:
            try:
                phone.ear = Ear(phone.leg, self._studio.wiring, self._studio.clock_rate_hz)
            except MisuseError as refused:
                _logger.warning("%r: keys in its sound are not heard: %s", phone.leg, refused)
            else:
                self._begin(phone)

    def _begin(self, phone: Phone) -> None:
        phone.slot = self._free.pop()
        self._listening[phone.slot] = phone
        self._detector = self._detector or DtmfDetector(self._studio.clock_rate_hz, MOST)
        self._detector.forget(phone.slot)
        phone.let_go = None
        if self._timer is None:
            self._listen_soon()

    def _close(self, phone: Phone) -> None:
        if phone.ear is not None:
            phone.ear.close()
            phone.ear = None
            del self._listening[phone.slot]
            self._free.append(phone.slot)

    def forget(self, phone: Phone) -> None:
        """Take leave of the phone of a leg that is over."""
        self._close(phone)
        self._phones.pop(phone.leg, None)
        self._studio.forget(phone.leg, phone)

    def close(self) -> None:
        """End everything, before PJSIP ends."""
        for phone in list(self._phones.values()):
            phone.stop()
        for tones in list(self._sending.values()):
            tones.stop()
        if self._timer is not None:
            self._timer.cancel()

    # -- hearing ----------------------------------------------------------------------------------

    def _listen_soon(self) -> None:
        self._timer = self._studio.call_later(pause_s(len(self._listening)), self._listen)

    def _listen(self) -> None:
        """Read all ears, and hear those of equal length together."""
        self._timer = None
        if self._listening:
            self._listen_soon()
        pieces: defaultdict[int, list[tuple[int, Sound]]] = defaultdict(list)
        for phone in tuple(self._listening.values()):
            sound = self._read(phone)
            pieces[len(sound)].append((phone.slot, sound))
        for length, same in pieces.items():
            if length:
                slots, sounds = zip(*same, strict=True)
                self._hear(slots, np.stack(sounds))

    def _read(self, phone: Phone) -> Sound:
        assert phone.ear is not None  # noqa: S101 - those that listen have one
        try:
            return phone.ear.read()
        except OSError as error:
            _logger.warning("%r: keys in its sound are no longer heard: %s", phone.leg, error)
            self._close(phone)
            return _NOTHING

    def _hear(self, slots: tuple[int, ...], sounds: Sound) -> None:
        assert self._detector is not None  # noqa: S101 - made with the first ear
        for event in self._detector.hear_some(sounds, slots):
            phone = self._listening[event.call]
            if isinstance(event, KeyUp):
                phone.let_go = event
            elif not phone.still_fades(event):
                self._heard(phone, event.key)

    def _heard(self, phone: Phone, key: str) -> None:
        now = self._studio.now()
        if now < phone.deaf_until:
            return
        phone.told = [told for told in phone.told if now - told[0] < SAME_PRESS_S]
        phone.told.append((now, key))
        phone.leg.post(DigitPressed(digit=key, method=DigitMethod.INBAND))

    def is_double(self, leg: SipLeg, key: str) -> bool:
        """Note that a phone told a key by RFC 4733 or INFO; say whether its tone was heard before.

        From now on nobody listens to that phone.
        """
        phone = self._phones.get(leg)
        if phone is None:
            return False
        phone.tells_otherwise = True
        self._close(phone)
        now = self._studio.now()
        for told in phone.told:
            if told[1] == key and now - told[0] < SAME_PRESS_S:
                phone.told.remove(told)
                return True
        return False

    # -- sending ----------------------------------------------------------------------------------

    def send(self, leg: SipLeg, digits: str) -> None:
        """Play keys to a leg, after those under way; their echo is not heard as keys."""
        tones = self._sending.get(leg)
        if tones is None:
            tones = DigitTones(self._studio, leg, lambda: self._sent(leg))
            self._sending[leg] = tones
        tones.add(digits)
        phone = self._phones.get(leg)
        if phone is not None:
            phone.deaf_until = self._studio.now() + tones.left_s + ECHO_S

    def _sent(self, leg: SipLeg) -> None:
        del self._sending[leg]
