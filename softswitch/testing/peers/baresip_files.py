"""What baresip reads: its configuration, and the sound that it says."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.testing.peers.tones import RATE_HZ, sine

SOUND_S = 120.0  # baresip hangs up when its sound ends, so it is made to last
_MODULE_FOLDERS = (
    "/usr/lib/baresip/modules",
    "/usr/lib/x86_64-linux-gnu/baresip/modules",
    "/usr/lib/aarch64-linux-gnu/baresip/modules",
    "/usr/local/lib/baresip/modules",
)

CONFIG = """\
poll_method epoll
sip_listen {listen}
{certificate}
call_max_calls 8
audio_source aufile,{folder}/says.wav
audio_player aubridge,heard
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports 10000-19999
net_interface {host}
statmode_default off
menu_bell no
ringback_disabled yes
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module srtp.so
snd_path {folder}
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {control}
"""
"""A phone without a sound card that says a file and dumps what it hears."""


def module_folder() -> str:
    """Where baresip's modules are.

    Raises:
        EnvironmentFaultError: nowhere that we know of.
    """
    for folder in _MODULE_FOLDERS:
        if Path(folder, "ctrl_tcp.so").is_file():
            return folder
    raise EnvironmentFaultError(
        f"baresip's modules are in none of {', '.join(_MODULE_FOLDERS)}",
        remedy="apt install baresip-core",
    )


def write_sound(path: Path, sound: NDArray[np.int16] | Path | float | None) -> None:
    """Write what a phone says, repeated until it lasts.

    Args:
        path: file to write.
        sound: samples at 8 kHz, a WAV file, the hertz of a tone, or None for silence.

    Raises:
        MisuseError: the WAV file is not 16 bits, one channel, 8 kHz.
    """
    if isinstance(sound, Path):
        with wave.open(str(sound), "rb") as file:
            shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            if shape != (RATE_HZ, 1, 2):
                raise MisuseError(f"{sound} is not 16-bit PCM, one channel, {RATE_HZ} Hz: {shape}")
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
    elif isinstance(sound, np.ndarray):
        samples = sound
    else:
        samples = sine(sound, 1.0) if sound else np.zeros(RATE_HZ, np.int16)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        repeats = 1 + int(SOUND_S * RATE_HZ) // len(samples)
        file.writeframes(np.tile(samples, repeats).astype("<i2").tobytes())
