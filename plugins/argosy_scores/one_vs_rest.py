"""The area under the ROC curve of every class against the rest, averaged over classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled, order

if TYPE_CHECKING:
    from argosy_scores.groups import Flags, Floats, Ints


def one_vs_rest(
    truth: Floats, weight: Floats, probabilities: Floats, classes: Ints, lengths: Ints
) -> tuple[Floats, Floats]:
    """Measure the macro average over the classes that occur in the truth, but not alone.

    A step per class, over all groups that have it.

    Args:
        truth: class codes, end to end.
        weight: at least 0.
        probabilities: row-major, `classes` per row; without NaN where the weight is above zero.
        classes: how many each group has; 0 for a group that is not to be measured.
        lengths: how many rows each group has.

    Returns:
        The averages and their variances, NaN where no class can be told from the rest.

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
        return total / counted, squared(slopes, weight, starts, lengths) / counted**2


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
    """Add a class's area to `total` and its derivatives to `slopes`, where it can be told."""
    for group in range(len(lengths)):
        if not use[group]:
            continue
        start, stop = starts[group], starts[group] + lengths[group]
        every_pos = every_neg = 0.0
        for k in range(start, stop):
            if truth[k] == one:
                every_pos += weight[k]
            else:
                every_neg += weight[k]
        if every_pos == 0.0 or every_neg == 0.0:
            continue
        area = 0.0
        # The first walk finds the area, the second how far each row's share of it is away.
        for walk in range(2):
            up = down = 0.0
            auc = area / every_pos / every_neg
            k = start
            while k < stop:
                run, head, p, q = score[places[k]], k, 0.0, 0.0
                if np.isnan(run):
                    k += 1
                    continue
                while k < stop and score[places[k]] == run:
                    row = places[k]
                    if truth[row] == one:
                        p += weight[row]
                    else:
                        q += weight[row]
                    k += 1
                if walk == 0:
                    area += p * (down + q / 2.0)
                else:
                    under = (down + q / 2.0) / every_neg
                    over = (every_pos - up - p / 2.0) / every_pos
                    for j in range(head, k):
                        row = places[j]
                        if truth[row] == one:
                            slopes[row] += (under - auc) / every_pos
                        else:
                            slopes[row] += (over - auc) / every_neg
                up += p
                down += q
        total[group] += area / every_pos / every_neg
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
