"""Metrics of what a classifier decided, whatever scores it decided by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import down
from argosy.kernels import sums as runs
from argosy.plugins import options
from argosy_metrics import agreement
from argosy_metrics.batched_cells import batched_cells
from argosy_metrics.groups import Groups, Number
from argosy_metrics.intervals import fisher, spread, wilson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from argosy_metrics.groups import Flags, Floats, Ints, Recipes

NO_CODES = "some classes are not whole numbers from 0"
ONE_TRUTH = "only one class in the truth"
ONE_PREDICTION = "only one class in the predictions"


def unweighted(groups: Groups) -> tuple[Flags, str]:
    """Return the case in which all weights are zero."""
    return groups.once(weights) == 0, "all weights are zero"


def weights(groups: Groups) -> Floats:
    """Return the sum of the weights of each group."""
    sums, _, _ = groups.once(cells)
    return down(sums)


def cells(groups: Groups) -> tuple[Floats, Floats, Flags]:
    """Return the sums of weights and of their squares in each cell, as `agreement.cells` does."""
    return agreement.cells(*groups.columns, *groups.spans)


def tallied(sums: Floats) -> Groups:
    """Return groups of which nothing is known but the weight in each cell, shape (4, groups)."""
    none, many = np.zeros(0), sums.shape[1]
    groups = Groups.of({"truth": none, "prediction": none, "weight": none}, np.full(many, 4))
    groups.kept[cells] = sums, np.zeros_like(sums), np.ones(many, np.bool_)
    return groups


def _agreement(groups: Groups) -> tuple[Floats, Ints]:
    sums, squares, plain = groups.once(cells)
    rows = *groups.columns, *groups.spans
    return agreement.agreement(*rows, sums, squares, plain, *groups.batches)


def _batched_cells(groups: Groups) -> Floats:
    return batched_cells(*groups.columns, *groups.spans, *groups.batches)


def _of_classes(metric: int) -> Callable[[Groups], Number]:
    """Return the recipe of a share that is defined for any number of classes."""

    def measure(groups: Groups) -> Number:
        found, flags = groups.once(_agreement)
        value, alone, size, batched = found[metric]
        variance, worth = groups.settled(alone, batched)
        cases = [unweighted(groups), ((flags & agreement.NO_CODES) > 0, NO_CODES)]
        if metric == agreement.MCC:
            cases.append(((flags & agreement.ONE_TRUTH) > 0, ONE_TRUTH))
            cases.append(((flags & agreement.ONE_PREDICTION) > 0, ONE_PREDICTION))
            value, error = np.clip(value, -1, 1), spread(variance)
            return Number(value, cases, error, fisher(value, error, groups.quantile), worth)
        value, error = np.clip(value, 0, 1), spread(variance)
        return Number(value, cases, error, wilson(value, error, size, groups.quantile), worth)

    return measure


def ratio(part: Sequence[float], whole: Sequence[float], why: str) -> Callable[[Groups], Number]:
    """Return the recipe of a share of weights: linear in the cells above and below the line.

    Args:
        part: what a row of each cell adds to the numerator, in the order of `agreement.cells`.
        whole: what it adds to the denominator.
        why: the reason where the denominator is zero, so that there is no share.
    """
    return lambda groups: _ratio(groups, np.array(part), np.array(whole), why)


def _ratio(groups: Groups, part: Floats, whole: Floats, why: str) -> Number:
    sums, squares, _ = groups.once(cells)
    part, whole = part[:, None], whole[:, None]
    counted, below = whole > 0, down(whole * sums)
    with np.errstate(all="ignore"):
        value = np.clip(down(part * sums) / below, 0, 1)
        slopes = (part - whole * value) / below
        variance, worth = groups.settled(down(squares * slopes**2), _batched(groups, slopes))
        error = spread(variance)
        size = down(counted * sums) ** 2 / down(counted * squares)
    cases = [unweighted(groups), (below == 0, why)]
    return Number(value, cases, error, wilson(value, error, size, groups.quantile), worth)


def _batched(groups: Groups, slopes: Floats) -> Floats:
    """Return the variance by batches of what is linear in the cells."""
    counts = groups.batches.counts
    owed = down(groups.once(_batched_cells) * np.repeat(slopes, counts, axis=1))
    squares = runs(owed**2, counts)
    return np.where(counts > 1, squares * counts / (counts - 1.0), np.nan)


def _f_beta(groups: Groups) -> Number:
    square = float(options("metrics").beta) ** 2
    return _ratio(
        groups,
        np.array([0, 0, 0, 1 + square]),
        np.array([0, 1, square, 1 + square]),
        NOTHING_TO_FIND,
    )


def _count(cell: int) -> Callable[[Groups], Number]:
    def measure(groups: Groups) -> Number:
        sums, _, _ = groups.once(cells)
        return Number.alone(sums[cell], [unweighted(groups)])

    return measure


NOTHING_TO_FIND = "no positive truths and no positive predictions"

# A row of each cell: neither truth nor prediction is 1, the prediction, the truth, both.
RECIPES: Recipes = {
    "accuracy": _of_classes(agreement.ACCURACY),
    "balanced_accuracy": _of_classes(agreement.BALANCED),
    "f1_macro": _of_classes(agreement.F1_MACRO),
    "mcc": _of_classes(agreement.MCC),
    "precision": ratio([0, 0, 0, 1], [0, 1, 0, 1], "no positive predictions"),
    "recall": ratio([0, 0, 0, 1], [0, 0, 1, 1], "no positive truths"),
    "specificity": ratio([1, 0, 0, 0], [1, 1, 0, 0], "no negative truths"),
    "f1": ratio([0, 0, 0, 2], [0, 1, 1, 2], NOTHING_TO_FIND),
    "fbeta": _f_beta,
    "true_negatives": _count(0),
    "false_positives": _count(1),
    "false_negatives": _count(2),
    "true_positives": _count(3),
}
