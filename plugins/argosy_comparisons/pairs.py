"""The rows of all pairs of models as flat arrays: the form in which they are compared at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import ragged

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

CHAMPION, CHALLENGER = 0, 1
SIDES = ("champion", "challenger")


class Pairs(NamedTuple):
    """One list of rows per pair, end to end; where there are two sides, the champion's first."""

    truth: Floats
    weight: Floats
    prediction: Floats
    """Shape (2, rows)."""
    score: Floats
    """Shape (2, rows); NaN where a model gave none."""
    truth_score: Floats
    """Shape (2, rows); NaN where a model gave none."""
    lengths: NDArray[np.int64]
    """How many rows each pair has."""

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where the rows of each pair begin."""
        return np.cumsum(self.lengths) - self.lengths

    @property
    def owners(self) -> NDArray[np.int64]:
        """The pair that each row belongs to."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def each(self, of_rows: NDArray[np.generic]) -> Floats:
        """Add up the last axis by pair; a pair without rows has 0.

        Example:
            >>> none = np.zeros((2, 3))
            >>> two = Pairs(np.zeros(3), np.ones(3), none, none, none, np.array([2, 0, 1]))
            >>> two.each(np.array([1.0, 2.0, 5.0])).tolist()
            [3.0, 0.0, 5.0]
        """
        kept = self.lengths > 0
        found = np.zeros((*of_rows.shape[:-1], len(self.lengths)))
        if kept.any():
            sums = np.add.reduceat(of_rows, self.starts[kept], axis=-1, dtype=np.float64)
            found[..., kept] = sums
        return found

    def some(self, of_rows: Bools) -> Bools:
        """Say of each pair whether it holds for any of its rows."""
        return self.each(of_rows) > 0

    def kept(self, chosen: Bools) -> Pairs:
        """Return the chosen pairs."""
        return self.taken(np.repeat(chosen, self.lengths))._replace(lengths=self.lengths[chosen])

    def taken(self, rows: Bools | NDArray[np.int64]) -> Pairs:
        """Return these rows, or in this order; the lengths are left as they are."""
        return self._replace(
            truth=self.truth[rows],
            weight=self.weight[rows],
            prediction=self.prediction[:, rows],
            score=self.score[:, rows],
            truth_score=self.truth_score[:, rows],
        )


def pairs(table: pa.Table) -> Pairs:
    """Lay out the table that a comparison is handed.

    Example:
        >>> import pyarrow as pa
        >>> lists = {f"{side}_{name}": [[0.5, 0.25]] for side in SIDES
        ...          for name in ("prediction", "score", "truth_score")}
        >>> found = pairs(pa.table({"truth": [[1.0, 0.0]], "weight": [[1.0, 1.0]], **lists}))
        >>> found.score.tolist(), found.lengths.tolist()
        ([[0.5, 0.25], [0.5, 0.25]], [2])
    """
    truth, _, lengths = ragged(table["truth"])
    two = [
        np.stack([_beside(table[f"{side}_{name}"], lengths) for side in SIDES])
        for name in ("prediction", "score", "truth_score")
    ]
    return Pairs(truth, ragged(table["weight"]).values, two[0], two[1], two[2], lengths)


def weighted(given: Pairs) -> Bools:
    """Say of each pair whether its rows count unequally."""
    first = np.zeros(len(given.lengths))
    there = given.lengths > 0
    first[there] = given.weight[given.starts[there]]
    return given.some(given.weight != first[given.owners])


def absent(of_sides: Floats, given: Pairs) -> Bools:
    """Say of each side and pair whether it has rows, and the model gave none of it.

    Example:
        >>> none = np.full((2, 2), np.nan)
        >>> absent(none, Pairs(np.ones(2), np.ones(2), none, none, none, np.array([2, 0]))).tolist()
        [[True, False], [True, False]]
    """
    found: Bools = (given.each(np.isnan(of_sides)) == given.lengths) & (given.lengths > 0)
    return found


def _beside(column: pa.ChunkedArray, lengths: NDArray[np.int64]) -> Floats:
    """Flatten lists that belong to rows of these lengths; NaN where a list is null."""
    own = ragged(column)
    if np.array_equal(own.lengths, lengths):
        return own.values
    there = own.lengths == lengths
    found = np.full(int(lengths.sum()), np.nan)
    found[np.repeat(there, lengths)] = own.values[np.repeat(there, own.lengths)]
    return found
