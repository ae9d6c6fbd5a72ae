"""Deal rows, or blocks of them, to the sides at random, as often as a p-value needs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy_multivariate.blocks import SINGLE, sizes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_multivariate.blocks import Blocks

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
    weight: float
    """How many rows count as one."""


@lru_cache(maxsize=32)
def dealt(n: int, m: int, blocks: Blocks = SINGLE) -> Dealt:
    """Deal n reference and m current rows to the sides again and again.

    Blocks of rows are dealt whole, within each fold, so that every fold keeps as many of either
    side; where the sides are alike, every deal is as likely as the sides as they are. Folds are
    stretches of blocks that follow each other, but of single rows every fifth one. Models with as
    many rows share their deals.

    Args:
        n: rows of the reference, which come first.
        m: rows of the current side.
        blocks: how many rows make a block.

    Example:
        >>> dealt(15, 10).current[:, [0, 5]].sum(0).tolist()
        [10.0, 10.0]
        >>> from argosy_multivariate.blocks import Blocks
        >>> dealt(40, 40, Blocks(4, 4)).fold[:40].tolist() == np.repeat(range(5), 8).tolist()
        True
    """
    before, after = sizes(n, blocks.reference), sizes(m, blocks.current)
    many = np.concatenate([before, after])
    places = [np.arange(len(each)) for each in (before, after)]
    if blocks.single:
        fold = np.concatenate(places) % FOLDS
    else:
        fold = np.concatenate([place * FOLDS // len(place) for place in places])
    is_current = np.arange(len(many)) >= len(before)
    current = np.repeat(is_current.astype(np.float64)[:, None], 1 + DEALS, axis=1)
    generator = np.random.default_rng([_SEED, n, m])
    for each in range(FOLDS):
        held = np.flatnonzero(fold == each)
        current[held, 1:] = generator.permuted(current[held, 1:], axis=0)
    current, fold = np.repeat(current, many, axis=0), np.repeat(fold, many)
    current.flags.writeable = fold.flags.writeable = False
    weights = blocks.weights()
    weight = (weights[0] / n + weights[1] / m) / (1 / n + 1 / m)
    return Dealt(current, fold, weight)
