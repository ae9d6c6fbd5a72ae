"""The area under the ROC curve of every class against the rest, averaged over classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled, order
from argosy.kernels.batches import squared as by_batch

if TYPE_CHECKING:
    from argosy.kernels import Batches
    from argosy_metrics.groups import Flags, Floats, Ints


def one_vs_rest(
    truth: Floats,
    weight: Floats,
    probabilities: Floats,
    classes: Ints,
    lengths: Ints,
    batches: Batches,
) -> tuple[Floats, Floats, Floats]:
    """Measure the macro average over the classes that occur in the truth, but not alone.

    A step per class, over all groups that have it.

    Args:
        truth: class codes, end to end.
        weight: at least 0.
        probabilities: row-major, `classes` per row; without NaN where the weight is above zero.
        classes: how many each group has; 0 for a group that is not to be measured.
        lengths: how many rows each group has.
        batches: of rows that depend on each other.

    Returns:
        The averages, their variances, and these by batches; NaN where no class can be told from
        the rest.

    Source: Hand and Till, Machine Learning 45 (2001), as scikit-learn averages; the variance
    sums w² d² over rows, d being the derivative of the average by the row's weight.
    """
    starts = np.cumsum(lengths) - lengths
    first = np.cumsum(classes * lengths) - classes * lengths
    slopes = np.zeros(len(truth))
    total, counted = np.zeros(len(lengths)), np.zeros(len(lengths))
    for one in range(int(classes.max(initial=0))):
        column = pick(probabilities, first, classes, starts, lengths, one)
        places = order(column, starts, np.where(classes > one, lengths, 0))
        add(
            truth,
            column,
            weight,
            places,
            starts,
            lengths,
            classes > one,
            one,
            slopes,
            total,
            counted,
        )
    with np.errstate(all="ignore"):
        alone = squared(slopes, weight, starts, lengths) / counted**2
        batched = by_batch(slopes * weight, *batches, starts, lengths) / counted**2
        return total / counted, alone, batched


@compiled
def pick(
    probabilities: Floats, first: Ints, classes: Ints, starts: Ints, lengths: Ints, one: int
) -> Floats:
    """Return the probability of one class in every row; 0 in groups that do not have it."""
    column = np.zeros(int(lengths.sum()))
    for group in range(len(lengths)):
        if classes[group] > one:
            for k in range(lengths[group]):
                column[starts[group] + k] = probabilities[first[group] + k * classes[group] + one]
    return column


@compiled
def add(
    truth: Floats,
    score: Floats,
    weight: Floats,
    places: Ints,
    starts: Ints,
    lengths: Ints,
    use: Flags,
    one: int,
    slopes: Floats,
    total: Floats,
    counted: Floats,
) -> None:
    """Add a class's area to `total` and its derivatives to `slopes`, where it is defined.

    The first walk sums up the weights of each run of equal scores, the second tells every row of
    a run how far its share of the area is from the average.
    """
    longest = 1
    for length in lengths:
        longest = max(longest, length)
    pos, neg = np.empty(longest), np.empty(longest)
    run_of, is_pos = np.empty(longest, np.int64), np.empty(longest, np.bool_)
    for group in range(len(lengths)):
        if not use[group]:
            continue
        start, n = starts[group], lengths[group]
        last, runs = np.nan, -1
        for k in range(n):
            row = places[start + k]
            if score[row] != last:
                last = score[row]
                runs += 1
                pos[runs] = neg[runs] = 0.0
            yes = truth[row] == one
            run_of[k], is_pos[k] = runs, yes
            pos[runs] += weight[row] * yes
            neg[runs] += weight[row] * (not yes)
        every_pos, every_neg = pos[: runs + 1].sum(), neg[: runs + 1].sum()
        if every_pos == 0.0 or every_neg == 0.0:
            continue
        up = down = area = 0.0
        for r in range(runs + 1):
            p, q = pos[r], neg[r]
            area += p * (down + q / 2.0)
            pos[r] = (down + q / 2.0) / every_neg  # what a positive of the run beats
            neg[r] = (every_pos - up - p / 2.0) / every_pos  # what beats a negative of it
            up += p
            down += q
        auc = area / every_pos / every_neg
        for k in range(n):
            share = pos[run_of[k]] if is_pos[k] else neg[run_of[k]]
            slopes[places[start + k]] += (share - auc) / (every_pos if is_pos[k] else every_neg)
        total[group] += auc
        counted[group] += 1.0


@compiled
def squared(slopes: Floats, weight: Floats, starts: Ints, lengths: Ints) -> Floats:
    """Return Σ w² d² of each group, with the factor of a sample variance."""
    found = np.zeros(len(lengths))
    for group in range(len(lengths)):
        n = 0
        for k in range(starts[group], starts[group] + lengths[group]):
            if weight[k] > 0.0:
                n += 1
                found[group] += (weight[k] * slopes[k]) ** 2
        found[group] = found[group] * n / (n - 1.0) if n > 1 else np.nan
    return found
