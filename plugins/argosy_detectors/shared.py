"""Work that several detectors need of one table, done once."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

R = TypeVar("R")


def shared(work: Callable[[pa.Table], R]) -> Callable[[pa.Table], R]:
    """Remember what a function found out about a table for as long as the table lives.

    Detectors are called one after the other with the same table. A table never changes, so its
    identity is key enough; a weak reference forgets the result together with the table, before
    another can take its place.

    Args:
        work: a function of one table.

    Returns:
        The function. Its results are shared: whoever receives one must not change it.

    Example:
        >>> import pyarrow as pa
        >>> table, seen = pa.table({"x": [1, 2]}), []
        >>> look = shared(lambda table: seen.append(table.num_rows))
        >>> look(table), look(table), seen
        (None, None, [2])
    """
    results: dict[int, tuple[ref[pa.Table], R]] = {}

    @wraps(work)
    def once(table: pa.Table) -> R:
        key = id(table)
        found = results.get(key)
        if found is None or found[0]() is not table:
            found = ref(table, lambda _: results.pop(key, None)), work(table)
            results[key] = found
        return found[1]

    return once
