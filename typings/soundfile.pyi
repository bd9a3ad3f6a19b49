from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

class LibsndfileError(RuntimeError): ...

class SoundFile:
    samplerate: int
    channels: int
    def __init__(self, file: int, *, closefd: bool = True) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def read(self, frames: int, dtype: str, *, always_2d: bool = False) -> NDArray[np.float32]: ...
