"""Slices that are tested, and the rows beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy_scoring.dependence import CLUSTER, TIME

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from argosy_evaluate.complements import Rows
    from argosy_scoring.predictions import Predictions

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SCREEN, OF_RUN = 0.05, 0.2
"""A gap that a normal approximation finds less remarkable than the first, or than the second by
the number of models, is left at that."""


class Side(NamedTuple):
    """What was measured of slices, or of the rows beside them; each of shape (metrics, slices)."""

    value: Floats
    error: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True)
class Pairs:
    """Slices that are tested, and the rows beside them."""

    cut: Predictions
    """All slices, those of a group together."""
    tested: Flags
    """Which of these are tested; the others are too small."""
    others: Predictions
    """The rows beside the slices that are tested."""
    owner: Ints
    """Which group each slice that is tested is of."""
    every: Ints
    """Which group each slice is of."""
    rows: Rows
    """How many rows of a class there are, of the slices that are tested."""
    models: int
    """How many models the run has."""
    seed: int

    @property
    def screen(self) -> float:
        """The p-value above which there is no permutation."""
        return min(SCREEN, OF_RUN / max(self.models, 1))


def rarest(pairs: Pairs) -> Ints:
    """Return how many rows the rarer class has on the side that has fewer; many elsewhere."""
    tasks = pairs.others.groups["task"]
    least: Ints = pairs.rows.classes.min(axis=(0, 1))
    return np.where((tasks == "binary").to_numpy(), least, np.iinfo(np.int64).max)


def dependent(pairs: Pairs) -> Flags:
    """Say of which slices' groups rows hang together."""
    rows = pairs.others.rows
    found = np.zeros(len(pairs.owner), np.bool_)
    heads = np.cumsum(pairs.others.lengths) - pairs.others.lengths
    for name in (TIME, CLUSTER):
        if name in rows.columns:
            known = rows[name].is_not_null() & rows[name].to_physical().is_not_nan()
            found |= known[heads].to_numpy()
    return found


def moments(rows: pl.DataFrame) -> Ints | None:
    """Return when rows were, None where nobody knows."""
    if TIME not in rows.columns or rows[TIME].null_count() == rows.height:
        return None
    found: Ints = rows[TIME].dt.epoch("us").fill_null(-1).to_numpy()
    return found


def clusters(rows: pl.DataFrame) -> Ints | None:
    """Return the number of each row's cluster, None where there are none; NaN is one of its own."""
    if CLUSTER not in rows.columns:
        return None
    values = rows[CLUSTER].fill_null(float("nan")).to_numpy()
    if np.isnan(values).all():
        return None
    found: Ints = np.unique(values, return_inverse=True, equal_nan=False)[1]
    return found
