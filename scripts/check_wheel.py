"""Builds the wheel of this checkout and imports every module of it from another folder.

A checkout can be imported by accident: a file left out of the wheel is missed only elsewhere.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"softswitch": ROOT, "softswitch_codecs": ROOT / "codecs"}
IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[2:]:
    package = importlib.import_module(name)
    assert package.__file__.startswith(sys.argv[1]), package.__file__
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        if not module.name.endswith((".__main__", ".probe")):
            importlib.import_module(module.name)
"""


def main() -> None:
    """Build, compare, import; end with the reason when something is missing."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(Path(folder))
        with zipfile.ZipFile(wheel) as archive:
            lacking = files_of_checkout() - set(archive.namelist())
            archive.extractall(Path(folder, "unpacked"))
        if lacking:
            sys.exit(f"{wheel.name} lacks: {', '.join(sorted(lacking))}")
        import_all(Path(folder, "unpacked"))
    sys.stdout.write(f"{wheel.name}: complete, imported from another folder\n")


def build(folder: Path) -> Path:
    """Build the wheel into ``folder``."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True)
    return next(folder.glob("*.whl"))


def files_of_checkout() -> set[str]:
    """What the packages hold here, as paths inside a wheel."""
    return {
        str(path.relative_to(root))
        for name, root in PACKAGES.items()
        for path in (root / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def import_all(folder: Path) -> None:
    """Import every module from ``folder``, and make sure that it comes from there."""
    command = [sys.executable, "-P", "-c", IMPORT_ALL, str(folder), *PACKAGES]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    subprocess.run(command, cwd=folder, env=environment, check=True)


if __name__ == "__main__":
    main()
