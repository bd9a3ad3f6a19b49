"""PJSIP's memory lies on huge pages: the kernel's own list says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from softswitch.sip.huge_pages import Stretch

PAGE = 0x20_0000

ASK_AND_LIST = """
from pathlib import Path
from softswitch.sip.huge_pages import use_huge_pages
first, second = use_huge_pages(), use_huge_pages()
print(first, second, sep="\\n")
print(Path("/proc/self/smaps").read_text())
"""
"""In a process of its own: what malloc and the kernel were told cannot be taken back."""


@pytest.mark.parametrize(
    ("start", "end", "whole"),
    [
        (0x40_0000, 0x80_0000, (0x40_0000, 0x80_0000)),
        (0x40_0001, 0x80_0000, (0x60_0000, 0x80_0000)),
        (0x40_0000, 0x7F_FFFF, (0x40_0000, 0x60_0000)),
        (0x40_0001, 0x7F_FFFF, (0x60_0000, 0x60_0000)),
        (0x40_0001, 0x40_0002, (0x60_0000, 0x60_0000)),
    ],
)
def test_whole_pages_within_a_stretch(start: int, end: int, whole: tuple[int, int]) -> None:
    """Hand-worked: the start is rounded up, the end down, and it never ends before it starts."""
    assert Stretch(start=start, end=end).of_whole(PAGE) == Stretch(start=whole[0], end=whole[1])


@pytest.mark.skipif(sys.platform != "linux", reason="the list is Linux's")
def test_the_heap_lies_on_huge_pages() -> None:
    """``hg`` among the flags of the heap (``proc_pid_smaps(5)``), a GiB of it; twice is no harm."""
    done = subprocess.run(
        [sys.executable, "-c", ASK_AND_LIST], capture_output=True, text=True, check=True, timeout=30
    )
    first, second, *listed = done.stdout.splitlines()
    if not Path("/sys/kernel/mm/transparent_hugepage").is_dir():
        assert first == second == "None"
        return
    assert first.startswith("Stretch(")
    assert second.startswith("Stretch(")
    heaps = _flags_and_sizes(listed)
    assert sum(kilobytes for flags, kilobytes in heaps if "hg" in flags) >= 1 << 20


def _flags_and_sizes(listed: list[str]) -> list[tuple[list[str], int]]:
    """Of each part of the heap: its flags, and its size in kilobytes."""
    found, size, inside = [], 0, False
    for line in listed:
        if "-" in line.split(maxsplit=1)[0] if line else False:
            inside = line.endswith("[heap]")
        elif inside and line.startswith("Size:"):
            size = int(line.split()[1])
        elif inside and line.startswith("VmFlags:"):
            found.append((line.split()[1:], size))
    return found
