"""Contiguous blocks of rows, for rows that depend on each other.

Where tau rows count as one, a block has 2 tau of them (`argosy.types.MeasureDrift` says how many
rows of each sample that is), so that a block is worth two independent rows, whatever the side and
however many of its rows were sampled. All that is dealt to the sides, held out or counted is a
block then. Blocks that follow each other are still alike, though little, so that a side's mean
varies more than that of as many independent blocks: `short` says by how much. A block of one row is
a row, and everything is as for independent rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

LEAST = 10
"""Blocks that a side must have, where a block has several rows."""


class Blocks(NamedTuple):
    """How many rows of the reference, and of the current side, make a block."""

    reference: int = 1
    current: int = 1

    @property
    def single(self) -> bool:
        """Whether rows stand by themselves."""
        return max(self) == 1

    def weights(self) -> tuple[float, float]:
        """Return how many rows of either side count as one.

        >>> Blocks(38, 3).weights(), Blocks().weights()
        ((19.0, 1.5), (1.0, 1.0))
        """
        return max(self.reference / 2, 1.0), max(self.current / 2, 1.0)

    def short(self) -> float:
        """Return what share of the variance of a side's mean is lacking between its blocks.

        Of a first-order autoregression (tau² - 1) / (2 tau b) is, for blocks of b rows: a quarter
        where b is 2 tau. Of days that are alike inside and end within blocks it is two fifths; so
        it is taken to be a third, less where blocks are of few rows.

        >>> Blocks().short(), round(Blocks(40, 3).short(), 4)
        (0.0, 0.3325)
        """
        return 0.0 if self.single else (1 - 4 / max(self) ** 2) / 3


SINGLE = Blocks()
"""Rows stand by themselves."""


def sizes(rows: int, block: int) -> Ints:
    """Cut rows into blocks that are as good as equal, none of them smaller than asked for.

    A last, shorter block would vary more than the others, and no deal were as likely as the sides
    as they are; so its rows are spread over all.

    Args:
        rows: how many there are.
        block: how many make a block, at least.

    Returns:
        How many rows each block has; they differ by one at most.

    Example:
        >>> sizes(11, 3).tolist(), sizes(3, 1).tolist()
        ([3, 4, 4], [1, 1, 1])
    """
    many = max(rows // block, 1)
    return np.diff(np.arange(many + 1) * rows // many)


def between(kernel: Floats, before: Ints, after: Ints) -> Floats:
    """Return how alike blocks are: the mean over the rows of one and the rows of the other.

    Args:
        kernel: how alike rows are, shape (rows, rows).
        before: sizes of the blocks of the first rows.
        after: sizes of those of the rest.

    Example:
        >>> alike = np.arange(16.0).reshape(4, 4)
        >>> between(alike, np.array([2]), np.array([1, 1])).tolist()
        [[2.5, 4.0, 5.0], [8.5, 10.0, 11.0], [12.5, 14.0, 15.0]]
    """
    many = np.concatenate([before, after])
    starts = np.cumsum(many) - many
    sums = np.add.reduceat(np.add.reduceat(kernel, starts, axis=0), starts, axis=1)
    return sums / np.outer(many, many)
