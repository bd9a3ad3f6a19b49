"""An ear on one leg: PJSIP writes down what the phone says, and Python reads it a little later.

PJSIP's recorder wants a file by name. This one has none: it is memory that looks like a file
(memfd_create(2)), shown to PJSIP by a link that is gone again before the first sample. So nothing
that was said reaches a disk, nobody else can read it, and nothing is left behind, however the
process ends. What has been read is given back (fallocate(2)): a file never holds more than about
a second.
"""

from __future__ import annotations

import ctypes
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from softswitch.errors import MisuseError
from softswitch.sip.native import misuse_on_error, pj

if TYPE_CHECKING:
    from softswitch.sip.leg import SipLeg
    from softswitch.sip.wiring import Wiring

BLOCKS_PER_S: Final = 50
"""What is read are whole blocks of 20 ms."""

_NOTHING: Final = np.zeros(0, np.int16)
_HEADER_BYTES: Final = 44
_SAMPLE_BYTES: Final = 2
_PAGE_BYTES: Final = 4096
_KEEP_SIZE, _PUNCH_HOLE = 1, 2
"""Flags of fallocate(2)."""


class Ear:
    """Hears one leg, and nothing of what is said to it.

    Args:
        leg: whom to hear, from now on.
        wiring: the connections of the bridge.
        rate_hz: sample rate of the bridge.

    Raises:
        MisuseError: PJSIP has no recorder left, or the system no memory for it.
    """

    def __init__(self, leg: SipLeg, wiring: Wiring, rate_hz: int) -> None:
        self._wiring = wiring
        self._block_bytes = rate_hz // BLOCKS_PER_S * _SAMPLE_BYTES
        self._place = _HEADER_BYTES
        self._given_back = 0
        try:
            self._file = os.memfd_create("softswitch keys", os.MFD_CLOEXEC)
        except OSError as error:
            raise MisuseError(f"listen for keys: {error}") from None
        try:
            self._recorder: pj.AudioMediaRecorder | None = _recorder_into(self._file)
        except BaseException:
            os.close(self._file)
            raise
        wiring.connect(leg, self)

    def port(self) -> pj.AudioMedia | None:
        """Return the port of the recorder."""
        return self._recorder

    def read(self) -> NDArray[np.int16]:
        """Return what was said since the last time, shape ``(samples,)``, whole blocks.

        It comes 0.1 to 0.5 s late, by PJSIP's buffer and that of the C library, in pieces of 2,048
        samples.
        """
        blocks = (os.fstat(self._file).st_size - self._place) // self._block_bytes
        if blocks <= 0:
            return _NOTHING
        data = os.pread(self._file, blocks * self._block_bytes, self._place)
        self._place += len(data)
        self._give_back()
        return np.frombuffer(data, "<i2")

    def _give_back(self) -> None:
        """Return the memory of the pages that have been read whole."""
        length = (self._place - self._given_back) // _PAGE_BYTES * _PAGE_BYTES
        if length:
            _punch(self._file, self._given_back, length)
            self._given_back += length

    def close(self) -> None:
        """End; what has not been read yet is lost."""
        if self._recorder is not None:
            self._wiring.drop(self)
            self._recorder = None
            os.close(self._file)


def _recorder_into(file: int) -> pj.AudioMediaRecorder:
    """Return a recorder that writes WAV to an open file; PJSIP takes only names that end so."""
    recorder = pj.AudioMediaRecorder()
    with tempfile.TemporaryDirectory(prefix="softswitch-") as folder:
        link = Path(folder) / "keys.wav"
        link.symlink_to(f"/proc/self/fd/{file}")
        with misuse_on_error("listen for keys"):
            recorder.createRecorder(str(link))
    return recorder


_libc = ctypes.CDLL(None, use_errno=True)
_libc.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)


def _punch(file: int, start: int, length: int) -> None:
    if _libc.fallocate(file, _PUNCH_HOLE | _KEEP_SIZE, start, length):
        raise OSError(ctypes.get_errno(), "memory that was read cannot be given back")
