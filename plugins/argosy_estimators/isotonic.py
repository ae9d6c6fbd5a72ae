"""Isotonic regression of labels on scores, of all models at once.

The usual algorithm walks along one model's scores and pools whatever is out of order. Here all
models are pooled in rounds: in each, every maximal run of blocks whose rates do not rise becomes
one block. Blocks that are out of order share one rate in the solution, so the result is the same.
A round takes a few passes over the blocks that are left, and a dozen rounds are the rule. Rows
can be laid out so that a round pools one pair only; after `ROUNDS`, the models that are not done
are walked along one by one, so the time stays linear.

Source: Barlow et al., "Statistical inference under order restrictions", 1972. The function equals
`sklearn.isotonic.IsotonicRegression(out_of_bounds="clip")`: a constant on each block, straight
lines between blocks, the outermost rates beyond them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy.kernels import Ragged

ROUNDS = 64


class Steps(NamedTuple):
    """The blocks of the fitted functions, those of one model after those of another."""

    low: NDArray[np.float64]
    """The least score of each block."""
    high: NDArray[np.float64]
    """The greatest score of each block."""
    positives: NDArray[np.float64]
    """How many rows of the block are positive."""
    rows: NDArray[np.float64]
    """How many rows it has."""
    lengths: NDArray[np.int64]
    """How many blocks each model has, at least one."""

    @property
    def rates(self) -> NDArray[np.float64]:
        """The share of positive rows in each block: the calibrated probability."""
        return self.positives / self.rows


class _Blocks(NamedTuple):
    owner: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    positives: NDArray[np.float64]
    rows: NDArray[np.float64]


class Places(NamedTuple):
    """Where scores lie among the blocks: `share` of the way from one block to another."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    share: NDArray[np.float64]

    def mix(self, of_blocks: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give every row its share of the values of its two blocks."""
        below, above = of_blocks[self.left], of_blocks[self.right]
        return below + self.share * (above - below)

    def gather(self, of_rows: NDArray[np.float64], blocks: int) -> NDArray[np.float64]:
        """Add up rows by block, each given to its two blocks by its share."""
        to_right = of_rows * self.share
        below = np.bincount(self.left, of_rows - to_right, blocks)
        above = np.bincount(self.right, to_right, blocks)
        return np.add(below, above, dtype=np.float64)


def pool(score: Ragged, truth: NDArray[np.float64]) -> Steps:
    """Fit every model.

    Args:
        score: sorted lists, none empty.
        truth: 0 or 1 for each score.

    Example:
        >>> from argosy.kernels import Ragged
        >>> found = pool(Ragged.of(np.array([0.1, 0.2, 0.3]), np.array([3])), np.array([1.0, 0, 1]))
        >>> found.rates.tolist(), found.low.tolist(), found.high.tolist()
        ([0.5, 1.0], [0.1, 0.3], [0.2, 0.3])
    """
    owners = score.owners
    heads = np.flatnonzero(_new(owners) | _new(score.values))
    ends = np.append(heads[1:], len(owners))
    rows = (ends - heads).astype(np.float64)
    found = _Blocks(
        owners[heads], score.values[heads], score.values[ends - 1], runs(truth, heads), rows
    )
    for _ in range(ROUNDS):
        rising = _rising(found)
        if rising.all():
            break
        found = _merged(found, np.flatnonzero(rising))
    else:
        found = _merged(found, _walked(found))
    return Steps(*found[1:], np.bincount(found.owner, minlength=len(score.lengths)))


def locate(steps: Steps, score: Ragged) -> Places:
    """Find where each score lies among its model's blocks.

    Args:
        steps: the fitted functions.
        score: sorted lists, none empty, as many as functions.

    Example:
        >>> from argosy.kernels import Ragged
        >>> fitted = pool(Ragged.of(np.array([0.0, 1.0]), np.array([2])), np.array([0.0, 1.0]))
        >>> at = locate(fitted, Ragged.of(np.array([-1.0, 0.25, 2.0]), np.array([3])))
        >>> at.mix(fitted.rates).tolist()
        [0.0, 0.25, 1.0]
    """
    knots = np.stack([steps.low, steps.high], axis=1).ravel()
    owner = np.repeat(np.arange(len(steps.lengths)), 2 * steps.lengths)
    last = np.cumsum(2 * steps.lengths)[score.owners] - 1
    first = last + 1 - 2 * steps.lengths[score.owners]
    # A row comes after all knots of the models before its own, and after its own up to its score.
    ahead = _count_below(score, knots, owner) + score.starts[owner]
    passed = np.cumsum(np.bincount(ahead + owner, minlength=len(score.values) + len(score.lengths)))
    left = np.maximum(passed[np.arange(len(score.values)) + score.owners] - 1, first)
    right = np.minimum(left + 1, last)
    width = knots[right] - knots[left]
    share = np.zeros(len(left))
    inside = width > 0
    share[inside] = ((score.values - knots[left])[inside] / width[inside]).clip(0, 1)
    return Places(left // 2, right // 2, share)


def _new(values: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.append(True, values[1:] != values[:-1])


def _rising(found: _Blocks) -> NDArray[np.bool_]:
    """Say of each block whether it begins a model or lies above the block before it."""
    positives, rows = found.positives, found.rows
    # Products of counts are exact where quotients are not.
    higher = positives[1:] * rows[:-1] > positives[:-1] * rows[1:]
    return np.append(True, higher) | _new(found.owner)


def _merged(found: _Blocks, heads: NDArray[np.int64]) -> _Blocks:
    ends = np.append(heads[1:], len(found.owner))
    return _Blocks(
        found.owner[heads],
        found.low[heads],
        found.high[ends - 1],
        runs(found.positives, heads),
        runs(found.rows, heads),
    )


def _walked(found: _Blocks) -> NDArray[np.int64]:
    """Pool one block after another, as the textbook does; return where the pools begin."""
    kept: list[tuple[int, int, float, float]] = []
    columns = (found.owner, found.positives, found.rows)
    for place, (owner, hits, size) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True)
    ):
        head, positives, rows = place, hits, size
        while kept and kept[-1][1] == owner and kept[-1][2] * rows >= positives * kept[-1][3]:
            head, _, more, larger = kept.pop()
            positives, rows = positives + more, rows + larger
        kept.append((head, owner, positives, rows))
    return np.array([head for head, *_ in kept])


def _count_below(
    score: Ragged, knots: NDArray[np.float64], owner: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count the scores of its model that lie below each knot: a binary search, all in step."""
    found = np.zeros(len(knots), np.int64)
    starts, lengths = score.starts[owner], score.lengths[owner]
    step = 1 << int(score.lengths.max(initial=1)).bit_length()
    while step := step >> 1:
        probe = found + step
        fits = probe <= lengths
        place = np.where(fits, starts + probe - 1, 0)
        found = np.where(fits & (score.values[place] < knots), probe, found)
    return found
