"""How much of a sound file from outside is taken: settings, with the values that do."""

from __future__ import annotations

from typing import Any

import attrs

from softswitch.errors import MisuseError


def _positive(_: object, field: attrs.Attribute[Any], value: float) -> None:
    if not value > 0:
        raise MisuseError(f"{field.name} must be above 0, not {value!r}.")


@attrs.frozen(kw_only=True)
class FileLimits:
    """What a sound file may be, and what reading it may cost.

    Attributes:
        length_s: longest sound. A header may promise anything, so what is counted is what is
            read.
        file_bytes: largest file: twenty minutes of stereo at 96 kHz in 32 bits are 0.9 GB.
        channels: most channels; they are mixed into one in equal parts.
        rate_min_hz: lowest sample rate.
        rate_max_hz: highest sample rate.
        cpu_s: longest time that a processor may work on a file.
        wall_s: longest time that it may take.
        memory_bytes: most memory that the process may have that reads it.
    """

    length_s: float = attrs.field(default=1_200.0, validator=_positive)
    file_bytes: int = attrs.field(default=1_000_000_000, validator=_positive)
    channels: int = attrs.field(default=2, validator=_positive)
    rate_min_hz: int = attrs.field(default=4_000, validator=_positive)
    rate_max_hz: int = attrs.field(default=192_000, validator=_positive)
    cpu_s: int = attrs.field(default=60, validator=_positive)
    wall_s: float = attrs.field(default=120.0, validator=_positive)
    memory_bytes: int = attrs.field(default=1_000_000_000, validator=_positive)
