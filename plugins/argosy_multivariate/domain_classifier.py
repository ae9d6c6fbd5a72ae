"""How well a classifier tells current rows from reference rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, stdtr

from argosy.types import Detector
from argosy_multivariate.answer import Answer, answers
from argosy_multivariate.blocks import sizes
from argosy_multivariate.discriminant import accuracies
from argosy_multivariate.encoding import encoded
from argosy_multivariate.features import products
from argosy_multivariate.sides import FOLDS, dealt
from argosy_multivariate.student import beyond

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy_multivariate.blocks import Blocks

    Floats = NDArray[np.float64]


def measure(table: pa.Table) -> pa.Table:
    """Train a classifier to tell current rows from reference rows, and see how well it does.

    The statistic is its balanced accuracy on rows that it was not trained on (five folds): 0.5
    where the sides are alike, 1 where each row gives its side away. The effect is what is above
    0.5. The classifier is a regularised linear discriminant over what `features` makes of the
    rows: values, missing ones, categories, and the products of pairs, so that it sees a change
    of what goes with what where no column changed by itself. The p-value is the larger of two:
    that of the accuracy among those for sides dealt at random, and that of a coin being as right.

    Args:
        table: one row per model, with `columns`, `kinds`, `reference` and `current`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says; `detail` names the columns
        that tell most. Undefined where a side has fewer than ten rows.

    Source: Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR (2017); Kim,
    Ramdas, Singh and Wasserman, "Classification accuracy as a proxy for two-sample testing",
    Annals of Statistics 49 (2021).

    Example:
        >>> from argosy.testing.columns import sampled
        >>> found = measure(sampled("joint", moved=True))
        >>> found["statistic"][0].as_py() > 0.8, found["p_value"][0].as_py() < 1e-6
        (True, True)
    """
    return answers(table, 2 * FOLDS, compare)


def compare(
    before: Floats, after: Floats, kinds: Sequence[str], columns: Sequence[str], blocks: Blocks
) -> Answer:
    """Compare two samples of rows, shapes (rows, columns), by their blocks."""
    points = encoded(np.concatenate([before, after]), kinds)
    features = products(points, len(kinds))
    if not features.values.shape[1]:
        return Answer(0.5, 0.0, 1.0, "permutation")
    n, m = len(before), len(after)
    found, gap, weights, right = accuracies(features.values, dealt(n, m, blocks))
    one, other = blocks.weights()
    by_deals, by_coins = beyond(found[0], found[1:]), coins(found[0], n / one, m / other)
    if not blocks.single:
        by_coins = min(by_coins, by_blocks(found[0], right[:n], right[n:], blocks))
    p_value = max(by_deals, by_coins)
    return Answer(
        float(found[0]),
        float(max(found[0] - 0.5, 0.0)),
        p_value,
        "permutation" if by_deals > by_coins else "binomial" if blocks.single else "blocks",
        detail=told(features.shares(gap * weights), columns) if p_value < WORTH else None,
    )


def coins(accuracy: float, n: float, m: float) -> float:
    """Return how likely a coin is as right, out of fold, about n and m rows.

    Two rows that are alike help each other, the first when the second is held out and the
    reverse; so the accuracy varies as if there were half as many rows.

    Args:
        accuracy: balanced.
        n: independent rows of the reference.
        m: those of the current side.

    Example:
        >>> round(coins(0.6, 100, 100), 4)
        0.0228
    """
    return float(ndtr((0.5 - accuracy) / np.sqrt((1 / n + 1 / m) / 8)))


def by_blocks(accuracy: float, before: Floats, after: Floats, blocks: Blocks) -> float:
    """Return how likely an accuracy is that varies as blocks of rows do, about a half.

    Whether rows are told right may depend on each other less than their values do, by whose tau
    blocks are cut; how much, the blocks show, and one more of which a half is right. As with coins,
    the accuracy varies as if there were half as many.

    Args:
        accuracy: balanced.
        before: 1 for reference rows that were told right, else 0.
        after: likewise of the current side.
        blocks: how many rows make a block.

    Example:
        >>> from argosy_multivariate.blocks import Blocks
        >>> right = np.tile(np.repeat([1.0, 1.0, 0.0], 5), 20)
        >>> round(by_blocks(2 / 3, right, right, Blocks(5, 5)), 4)
        0.011
    """
    excess = accuracy - 0.5
    if excess <= 0:
        return 1.0
    variance, many = 0.0, 0
    for side, block in zip((before, after), blocks, strict=True):
        cut = sizes(len(side), block)
        share = np.add.reduceat(side, np.cumsum(cut) - cut) / cut
        variance += np.append(share, 0.5).var(ddof=1) / len(cut)
        many += len(cut)
    variance /= 2 * (1 - blocks.short())
    return float(stdtr(many - 2, -excess / np.sqrt(variance)))


def told(share: Floats, columns: Sequence[str]) -> str | None:
    """Name the columns that tell the sides apart: three at most, or None where none does.

    Args:
        share: how much each tells, shape (columns,).
        columns: their names.

    Example:
        >>> told(np.array([0.1, 0.6, 0.3]), ["age", "size", "colour"])
        "told apart by 'size' and 'colour'"
    """
    if not share.sum():
        return None
    share = np.round(share / share.sum(), 9)  # equal ones keep their order on every processor
    order = np.argsort(-share, kind="stable")[:3]
    told_by = np.cumsum(share[order]) - share[order]  # by those before
    names = [repr(columns[place]) for place in order[told_by < MOST]]
    head = ", ".join(names[:-1])
    return f"told apart by {head} and {names[-1]}" if head else f"told apart by {names[0]}"


WORTH = 0.05
"""The p-value below which it is said what told the sides apart."""
MOST = 0.6
"""The share of what all columns tell that the named ones tell, at least, if three can."""

DETECTOR = Detector(
    name="domain_classifier",
    kinds=frozenset({"joint"}),
    measure=measure,
    floor=0.05,
    effect="accuracy above chance",
    default=False,
    dependence="blocks",
)
"""What the plugin offers."""
