"""Deal rows to the sides at random, as often as a p-value needs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 5
DEALS = 127
"""How often the sides are dealt at random; the sides as they are make it 128."""
_SEED = 20170424


class Dealt(NamedTuple):
    """Which rows are current: as they are, and as dealt at random."""

    current: NDArray[np.float64]
    """1 for current rows, shape (rows, 1 + DEALS); the first is how it is."""
    fold: NDArray[np.int64]
    """The fold that each row is held out with, shape (rows,)."""


@lru_cache(maxsize=32)
def dealt(n: int, m: int) -> Dealt:
    """Deal n reference and m current rows to the sides again and again.

    Rows are dealt within each fold, so that every fold keeps as many of either side; where the
    sides are alike, every deal is as likely as the sides as they are. Models with as many rows
    share their deals.

    Args:
        n: rows of the reference, which come first.
        m: rows of the current side.

    Example:
        >>> dealt(15, 10).current[:, [0, 5]].sum(0).tolist()
        [10.0, 10.0]
    """
    fold = np.concatenate([np.arange(n), np.arange(m)]) % FOLDS
    current = np.repeat((np.arange(n + m) >= n).astype(np.float64)[:, None], 1 + DEALS, axis=1)
    generator = np.random.default_rng([_SEED, n, m])
    for each in range(FOLDS):
        rows = np.flatnonzero(fold == each)
        current[rows, 1:] = generator.permuted(current[rows, 1:], axis=0)
    current.flags.writeable = fold.flags.writeable = False
    return Dealt(current, fold)
