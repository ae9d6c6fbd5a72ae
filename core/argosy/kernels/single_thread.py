"""Linear algebra on one thread, whoever else computes in the process."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_lock = Lock()
_limits: list[Any] = []
_inside = 0


@contextmanager
def single_threaded() -> Iterator[None]:
    """Have NumPy's and SciPy's linear algebra run on one thread inside the block.

    Several threads round as many as there are, and get in the way of the chunks beside. The limit
    belongs to the process, so it is lifted when the last of the blocks that overlap is left, not
    the first. A library that is loaded inside is not limited: import it before.

    Example:
        >>> import numpy as np
        >>> with single_threaded():
        ...     inverse = np.linalg.inv(np.eye(2))
        >>> inverse.tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    from threadpoolctl import threadpool_limits

    global _inside
    with _lock:
        _inside += 1
        _limits.append(threadpool_limits(1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            while not _inside and _limits:
                _limits.pop().restore_original_limits()
