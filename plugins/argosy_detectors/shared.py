"""Work that several detectors need of one table, done once; first of all both sides as arrays."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import ref

import numpy as np

from argosy.kernels import Ragged, ragged

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from numpy.typing import NDArray

R = TypeVar("R")
_SIDES = ("ref", "cur")


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
    def remembered(table: pa.Table) -> R:
        key = id(table)
        found = results.get(key)
        if found is None or found[0]() is not table:
            found = ref(table, lambda _: results.pop(key, None)), work(table)
            results[key] = found
        return found[1]

    return remembered


@shared
def sides(table: pa.Table) -> tuple[Ragged, Ragged]:
    """Flatten the reference and the current values of a numeric table.

    Args:
        table: with the lists `reference` and `current`.

    Example:
        >>> import pyarrow as pa
        >>> sides(pa.table({"reference": [[1.0, 2.0]], "current": [[3.0]]}))[1].values.tolist()
        [3.0]
    """
    return ragged(table["reference"]), ragged(table["current"])


def taus(table: pa.Table, name: str = "tau") -> NDArray[np.float64]:
    """Return how many rows count as one, shape (rows,): 1 where they are independent.

    Where lists are shorter than there were values, because these were too many, fewer of them do.

    Example:
        >>> import pyarrow as pa
        >>> taus(pa.table({"tau": [None, 2.5]})).tolist(), taus(pa.table({"n_ref": [9]})).tolist()
        ([1.0, 2.5], [1.0])
    """
    if name not in table.column_names:
        return np.ones(table.num_rows)
    known = table[name].to_numpy().astype(np.float64)
    found = np.where(np.isnan(known), 1.0, known)
    if name != "tau" or not {"reference", "n_ref"} <= set(table.column_names) or (found == 1).all():
        return found
    kept = sum(1 / np.maximum(side.lengths, 1) for side in sides(table))
    there = (table[f"n_{side}"].to_numpy() - table[f"null_{side}"].to_numpy() for side in _SIDES)
    whole = sum(1 / np.maximum(values, 1) for values in there)
    fewer: NDArray[np.float64] = np.maximum(found * np.minimum(whole / kept, 1.0), 1.0)
    return fewer
