"""The rows of all pairs of models as flat arrays: the form in which they are compared at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import Batches, Ragged, ragged, sums
from argosy.kernels.batches import read

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

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
    distance: Floats
    """The squared distance of a multiclass model's probabilities of all classes from the truth,
    shape (2, rows); NaN where a model gave none."""
    batches: Batches
    """Of rows that depend on each other."""

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
            >>> alone = Batches(np.zeros(3, int), np.zeros(3, int))
            >>> rows = np.zeros(3), np.ones(3), none, none, none
            >>> two = Pairs(*rows, np.array([2, 0, 1]), none, alone)
            >>> two.each(np.array([1.0, 2.0, 5.0])).tolist()
            [3.0, 0.0, 5.0]
        """
        return sums(of_rows, self.lengths).astype(np.float64, copy=False)

    def some(self, of_rows: Bools) -> Bools:
        """Say of each pair whether it holds for any of its rows."""
        return self.each(of_rows) > 0

    def kept(self, chosen: Bools) -> Pairs:
        """Return the chosen pairs."""
        if chosen.all():
            return self
        kept = self.taken(np.repeat(chosen, self.lengths))
        batches = kept.batches._replace(counts=self.batches.counts[chosen])
        return kept._replace(lengths=self.lengths[chosen], batches=batches)

    def taken(self, rows: Bools | NDArray[np.int64]) -> Pairs:
        """Return these rows, or in this order; the lengths are left as they are."""
        return self._replace(
            truth=self.truth[rows],
            weight=self.weight[rows],
            prediction=self.prediction[:, rows],
            score=self.score[:, rows],
            truth_score=self.truth_score[:, rows],
            distance=self.distance[:, rows],
            batches=self.batches._replace(of=self.batches.of[rows]),
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
    distance = np.stack(
        [
            _distance(probabilities(table, side), lengths, truth, two[2][place])
            for place, side in enumerate(SIDES)
        ]
    )
    weight = ragged(table["weight"]).values
    return Pairs(truth, weight, two[0], two[1], two[2], lengths, distance, read(table, lengths))


def probabilities(table: pa.Table, side: str) -> Ragged:
    """Return the probabilities of all classes, class by class and row by row; none of most tasks.

    Example:
        >>> import pyarrow as pa
        >>> table = pa.table({"truth": [[1.0]], "champion_probabilities": [[0.1, 0.7, 0.2]]})
        >>> [probabilities(table, side).lengths.tolist() for side in SIDES]
        [[3], [0]]
    """
    name = f"{side}_probabilities"
    if name in table.column_names:
        return ragged(table[name])
    nothing = np.zeros(table.num_rows, np.int64)
    return Ragged(np.zeros(0), nothing, nothing)


def widths(given: Ragged, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many probabilities every row has."""
    found: NDArray[np.int64] = np.repeat(given.lengths // np.maximum(lengths, 1), lengths)
    return found


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
        >>> alone = Batches(np.zeros(2, int), np.zeros(2, int))
        >>> rows = np.ones(2), np.ones(2), none, none, none
        >>> two = Pairs(*rows, np.array([2, 0]), none, alone)
        >>> absent(none, two).tolist()
        [[True, False], [True, False]]
    """
    found: Bools = (given.each(np.isnan(of_sides)) == given.lengths) & (given.lengths > 0)
    return found


def _distance(
    given: Ragged, lengths: NDArray[np.int64], truth: Floats, truth_score: Floats
) -> Floats:
    width = widths(given, lengths)
    found = np.full(len(width), np.nan)
    there = width > 0
    if there.any():
        squares = sums(given.values**2, width)[there]
        # a class that the model does not know is none of its classes, and has the probability 0
        known = (truth < width)[there]
        found[there] = squares - 2 * truth_score[there] + known
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
