"""PJSIP's memory on huge pages, where Linux with glibc has them.

Every 20 ms the bridge visits each call: some twenty places in memory, far apart. With 800 calls
that is more than the processor's table of addresses holds (the TLB), and most visits begin with a
walk through the page tables. On pages of 2 MB instead of 4 kB the table reaches: a waiting caller
costs about an eighth less.
"""

from __future__ import annotations

import ctypes
import mmap
from pathlib import Path

import attrs

_HEAP_BYTES = 1 << 30
"""Address space for the heap; none of it is memory before it is used."""

_HUGE_PAGE_BYTES = 2 << 20
_LARGEST_BLOCK_BYTES = 32 << 20

# parameters of mallopt(3)
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3


@attrs.frozen(kw_only=True)
class Stretch:
    """A stretch of addresses, in bytes.

    Attributes:
        start, end: the first address, and the first one past it.
    """

    start: int
    end: int

    def of_whole(self, page: int) -> Stretch:
        """What whole pages of that size lie within it; empty if none does."""
        start = -(-self.start // page) * page
        return Stretch(start=start, end=max(start, self.end // page * page))


def use_huge_pages() -> Stretch | None:
    """Lay the heap of this process on huge pages, present and to come.

    glibc's malloc is told to take a GiB of addresses for its heap at once and to keep them, and the
    kernel to back them by huge pages (``MADV_HUGEPAGE``, ``madvise(2)``). Where the C library is
    another, or the kernel has no huge pages, nothing changes. May be called again.

    Returns:
        The addresses now backed by huge pages, or None.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "mallopt"):
        return None
    _widen_heap(libc)
    heap = _heap()
    if heap is None:
        return None
    huge = heap.of_whole(_HUGE_PAGE_BYTES)
    libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    failed = libc.madvise(huge.start, huge.end - huge.start, mmap.MADV_HUGEPAGE)
    return None if failed else huge


def _widen_heap(libc: ctypes.CDLL) -> None:
    """Let malloc reserve the addresses, by a block that does not fit in what it has."""
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = (ctypes.c_size_t,)
    libc.free.argtypes = (ctypes.c_void_p,)
    libc.mallopt(_MMAP_THRESHOLD, _LARGEST_BLOCK_BYTES)
    libc.mallopt(_TRIM_THRESHOLD, 2 * _HEAP_BYTES)
    libc.mallopt(_TOP_PAD, _HEAP_BYTES)
    libc.free(libc.malloc(_LARGEST_BLOCK_BYTES - mmap.PAGESIZE))
    libc.mallopt(_TOP_PAD, _LARGEST_BLOCK_BYTES)


def _heap() -> Stretch | None:
    """Where malloc's heap lies, by the kernel's list (``proc_pid_maps(5)``)."""
    try:
        lines = Path("/proc/self/maps").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.endswith("[heap]"):
            start, end = line.split(maxsplit=1)[0].split("-")
            return Stretch(start=int(start, 16), end=int(end, 16))
    return None
