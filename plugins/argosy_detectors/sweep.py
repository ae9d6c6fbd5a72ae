"""All that is found out about a numeric row while its values are at hand.

Let the path of a row climb by the number m of current values at each reference value, and fall by
the number n of reference values at each current one: divided by n m, its height is the
difference between the two empirical distribution functions. Its greatest height is the
Kolmogorov-Smirnov distance, the area under it along the values is the Wasserstein distance, and
the area under it along the ranks has a distribution that does not depend on the values'.
Beside that walk the rows are counted between the deciles of the reference, and its spread is
taken, a few rows at a time, so that their values come from the processor's cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy_detectors.merge_walk import walk
from argosy_detectors.ranks import ranks
from argosy_detectors.shared import shared, sides
from argosy_detectors.spread import spreads

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


ROOM = 1 << 15
"""Values of a side that are looked at together: with the other side half a megabyte."""


class Sweep(NamedTuple):
    """What was found, one element per row; zeros where a side is empty."""

    n: NDArray[np.int64]
    """How many reference values there are."""
    m: NDArray[np.int64]
    """How many current values there are."""
    gap: NDArray[np.int64]
    """The greatest height of the path."""
    area: NDArray[np.float64]
    """The area under the path's absolute height along the values, divided by n m."""
    rank_area: NDArray[np.float64]
    """The same along the ranks, divided by n m (n + m); straight lines across ties."""
    spread: NDArray[np.float64]
    """The population standard deviation of the reference."""
    before: NDArray[np.int64]
    """How many reference values lie before each decile of the reference, shape (rows, 9)."""
    after: NDArray[np.int64]
    """How many current values do, likewise."""


@shared
def swept(table: pa.Table) -> Sweep:
    """Find out about all rows of a table what is to be known.

    Args:
        table: with the sorted lists `reference` and `current`.

    Returns:
        One element per row. The area is infinite or NaN where one side has more infinite values
        than the other; the gap takes them as they are.

    Example:
        >>> import pyarrow as pa
        >>> found = swept(pa.table({"reference": [[0.0, 1.0]], "current": [[1.0, 5.0]]}))
        >>> int(found.gap[0]), float(found.area[0]), float(found.rank_area[0])
        (2, 2.5, 0.375)
    """
    reference, current = sides(table)
    n, m = reference.lengths, current.lengths
    at_once = int(max(1, ROOM // max(n.max(initial=0), m.max(initial=0), 1)))
    found = []
    for start in range(0, max(len(n), 1), at_once):
        some = slice(start, start + at_once)
        before, after = (
            (side.values, side.starts[some], side.lengths[some]) for side in (reference, current)
        )
        found.append((*walk(*before, *after), spreads(*before), *ranks(*before, *after)))
    return Sweep(n, m, *(np.concatenate(parts) for parts in zip(*found, strict=True)))
