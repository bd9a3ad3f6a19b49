"""The part of ``wheel.wheelfile`` that writes wheels."""

from pathlib import Path
from zipfile import ZipFile

class WheelFile(ZipFile):
    """A zip file that adds RECORD, with a hash of every member, when it is closed."""

    def __init__(self, file: Path, mode: str = ...) -> None: ...
