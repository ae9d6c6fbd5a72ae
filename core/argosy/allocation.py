"""Have polars keep the memory of one chunk of work for the next.

Its allocator has several arenas per core, and gives memory back half a second after it was freed,
large blocks at once. The chunks of a job free and take the same memory again and again, and the
system then clears every page anew. With one arena per core that waits three seconds, a drift
check is a tenth faster, and takes no more memory. This must be said before polars is loaded, which
adds it to options of its own, and the environment has the last word.
"""

from __future__ import annotations

import os
import sys

VARIABLE = "_RJEM_MALLOC_CONF"
"""Where the allocator, jemalloc, looks for its options."""
_OPTIONS = "narenas:{},dirty_decay_ms:3000,muzzy_decay_ms:0,oversize_threshold:0"


def keep_memory() -> None:
    """Set the allocator's options, unless they are set or polars is loaded already.

    Source: the manual of jemalloc 5, `opt.narenas`, `opt.dirty_decay_ms`, `opt.muzzy_decay_ms`
    and `opt.oversize_threshold`.
    """
    if "polars" not in sys.modules:
        os.environ.setdefault(VARIABLE, _OPTIONS.format(os.cpu_count() or 1))
