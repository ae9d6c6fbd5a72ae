"""Limit work to a share of the memory, so that one model cannot exhaust the machine."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Chunk

_LEAST = 2 * 2**30
"""Bytes that a worker may have in any case: its libraries alone map several hundred million."""
_SHARE = 0.8


@contextmanager
def within(chunk: Chunk) -> Iterator[None]:
    """Limit a chunk that has its own process to its share of the memory.

    Work that asks for more gets a MemoryError, or its process dies; others are not affected. The
    share is what the chunk needs, else the machine's memory divided among its cores. This has an
    effect only on systems that can limit a process (Linux, macOS).
    """
    try:
        import resource
    except ImportError:
        yield
        return
    if not chunk.isolate:
        yield
        return
    kind = resource.RLIMIT_DATA
    before, hard = resource.getrlimit(kind)
    most = _SHARE * _memory()
    share = int(max(_LEAST, min(chunk.needs.get("memory", 0), most), most / _cores()))
    limit = share if hard == resource.RLIM_INFINITY else min(share, hard)
    resource.setrlimit(kind, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (before, hard))


def _cores() -> int:
    return os.cpu_count() or 1


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
