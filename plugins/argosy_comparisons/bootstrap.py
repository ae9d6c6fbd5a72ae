"""The paired bootstrap, for any metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argosy.kernels import down
from argosy.kernels.answers import WORTH
from argosy.types import Comparison
from argosy_comparisons.answer import (
    FEW_ROWS,
    NO_ROWS,
    NO_VARIANCE,
    ONE_BATCH,
    by_t,
    reasons,
    told,
    unvaried,
)
from argosy_comparisons.losses import few
from argosy_comparisons.pairs import (
    CHALLENGER,
    CHAMPION,
    SIDES,
    absent,
    pairs,
    probabilities,
    widths,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.kernels import Ragged
    from argosy.types import Metric
    from argosy_comparisons.answer import Found
    from argosy_comparisons.pairs import Floats, Pairs

ROWS_AT_ONCE = 2_000_000
MOST_UNDEFINED = 0.05
"""A greater share of resamples without the metric says that it hangs on a few rows."""


def measure(table: pa.Table, metrics: Sequence[str]) -> pa.Table:
    """Test every pair's difference of any metric.

    Each resample gives every row a weight drawn from the Poisson distribution of mean 1, the
    same for both models, times its own weight. The standard error of the difference is its
    standard deviation over the resamples (the option `comparisons.resamples`), and p-value and
    interval are Student's t with one degree of freedom fewer than resamples: a share of
    resamples could not fall below their number's inverse, and a fleet asks for less. Rows that
    are batched are drawn by batch, and Student's t is that of so many batches.

    Args:
        table: one row per pair, as `argosy.types.Comparison` says.
        metrics: of those that are installed.

    Returns:
        One row per pair. Undefined below 20 rows, where the metric is, or where it is undefined
        in more than 5 % of the resamples.

    Source: Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapters 6 and 13;
    Hanley and MacGibbon, "Creating non-parametric bootstrap samples using Poisson frequencies",
    Computer Methods and Programs in Biomedicine 83 (2006).
    """
    from argosy.plugins import installed, options

    asked = options("comparisons")
    known = [installed().metrics[name] for name in metrics]
    return resampled(table, known, asked.resamples, asked.seed)


def resampled(table: pa.Table, metrics: Sequence[Metric], resamples: int, seed: int) -> pa.Table:
    """Test with so many resamples, drawn from a seed."""
    given, several = _ordered(table)
    count, rows = len(given.lengths), len(given.truth)
    told_of = table.select(["model", "task", "classes"])
    whole, why, worth = _measured(given, several, np.ones((1, rows)), told_of, metrics)
    drawn = _drawn(seed, resamples, int(given.lengths.max(initial=0)))
    place, counts = np.arange(rows) - given.starts[given.owners], given.batches.counts
    if counts.any():  # rows that depend on each other are drawn together
        place = np.where(counts[given.owners] > 0, given.batches.of, place)
    at_once = max(1, ROWS_AT_ONCE // max(1, rows))
    values = np.concatenate(
        [
            _measured(given, several, drawn[first : first + at_once, place], told_of, metrics)[0]
            for first in range(0, resamples, at_once)
        ],
        axis=1,
    )
    told_before = [(given.lengths == 0, NO_ROWS), (few(given), FEW_ROWS), (counts == 1, ONE_BATCH)]
    before = reasons(told_before, count)
    found = {}
    for at, metric in enumerate(metrics):
        numbers, still, undefined = _tested(whole[at, 0], values[at], metric, counts)
        after = reasons(
            [
                (undefined > MOST_UNDEFINED, "undefined in too many resamples"),
                (still, NO_VARIANCE),
                (~np.isfinite(numbers.lower), "its variance is too large for a 64-bit number"),
            ],
            count,
        )
        every = zip(before, why[at], after, strict=True)
        words = [one or two or three for one, two, three in every]
        found[metric.name] = told(numbers, words, worth[at])
    return pa.table(found)


def _tested(
    whole: Floats, values: Floats, metric: Metric, counts: NDArray[np.int64]
) -> tuple[Found, NDArray[np.bool_], Floats]:
    """Return the test of every pair, whether it does not vary, and the share of undefined draws."""
    gaps = metric.goodness(values[:, CHALLENGER]) - metric.goodness(values[:, CHAMPION])
    there = np.isfinite(gaps)
    many = np.count_nonzero(there, axis=0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        middle = down(np.where(there, gaps, 0.0)) / many
        squares = (np.where(there, gaps, middle) - middle) ** 2
        error = np.sqrt(down(squares) / (many - 1))
        effect = metric.goodness(whole[CHALLENGER]) - metric.goodness(whole[CHAMPION])
        freedom, there = many - 1.0, counts > 0
        if there.any():  # few batches scatter too little, by (G - 1) / G
            grown = error * np.sqrt(counts / np.where(counts > 1, counts - 1.0, np.nan))
            error = np.where(there, grown, error)
            freedom = np.where(there, np.minimum(freedom, counts - 1.0), freedom)
        found = by_t(whole[CHAMPION], whole[CHALLENGER], effect, error, freedom)
    return found, unvaried(effect, error), 1 - many / len(gaps)


def _ordered(table: pa.Table) -> tuple[Pairs, list[Ragged]]:
    """Order the rows of each pair by what they hold, so that draws do not hang on how they came.

    Returns:
        The pairs, and the probabilities of all classes of either side in the same order.
    """
    given = pairs(table)
    sides = (given.truth_score, given.score, given.prediction)
    keys = [side[at] for at in (CHALLENGER, CHAMPION) for side in sides]
    order = np.lexsort((*keys, given.weight, given.truth, given.owners))
    several = []
    for side in SIDES:
        own = probabilities(table, side)
        width = widths(own, given.lengths)
        starts, size = (np.cumsum(width) - width)[order], width[order]
        places = np.arange(size.sum()) + np.repeat(starts - (np.cumsum(size) - size), size)
        several.append(own._replace(values=own.values[places]))
    return given.taken(order), several


def _drawn(seed: int, resamples: int, rows: int) -> Floats:
    """Draw weights of Poisson's distribution, shape (resamples, rows)."""
    streams = np.random.SeedSequence(seed).spawn(resamples)
    drawn = [np.random.default_rng(one).poisson(1.0, rows) for one in streams]
    return np.stack(drawn).astype(np.float64)


def _measured(
    given: Pairs,
    several: list[Ragged],
    weights: Floats,
    told_of: pa.Table,
    metrics: Sequence[Metric],
) -> tuple[Floats, list[list[str | None]], Floats]:
    """Measure both sides of every pair, its rows weighted in several ways.

    Args:
        given: the pairs.
        several: the probabilities of all classes, of either side.
        weights: of the rows, shape (ways, rows); they multiply the rows' own.
        told_of: `model`, `task` and `classes` of every pair.
        metrics: to measure.

    Returns:
        The values, shape (metrics, ways, 2, pairs), NaN where undefined; for each metric, why a
        pair has none under the first weights, and how many independent rows its rows are worth to
        the side that they are worth less to; NaN where no side says so.
    """
    groups, count = _groups(given, several, weights, told_of), len(given.lengths)
    families: dict[int, list[Metric]] = {}
    for metric in metrics:
        families.setdefault(id(metric.measure), []).append(metric)
    columns: dict[str, pa.ChunkedArray] = {}
    for family in families.values():
        names = [metric.name for metric in family]
        found = family[0].measure(groups, names)
        columns |= {name: found[name] for name in names}
    values = np.full((len(metrics), len(weights), 2, count), np.nan)
    why: list[list[str | None]] = []
    worth = np.full((len(metrics), count), np.nan)
    for at, metric in enumerate(metrics):
        told_by = columns[metric.name].combine_chunks()
        numbers = pc.fill_null(told_by.field("value"), np.nan).to_numpy(zero_copy_only=False)
        values[at] = numbers.reshape(values.shape[1:])
        if told_by.type.get_field_index(WORTH) >= 0:
            sides = told_by.field(WORTH).slice(0, 2 * count).fill_null(np.nan)
            worth[at] = np.fmin(*sides.to_numpy(zero_copy_only=False).reshape(2, count))
        first = told_by.field("reason").slice(0, 2 * count).to_pylist()
        why.append([one or other for one, other in zip(first[:count], first[count:], strict=True)])
    return values, why, worth


def _groups(given: Pairs, several: list[Ragged], weights: Floats, told_of: pa.Table) -> pa.Table:
    """Return the table that a metric is handed: for all weights, sides and pairs one row each."""
    ways = len(weights)
    offsets = pa.array(np.append(0, np.cumsum(np.tile(given.lengths, 2 * ways))), pa.int64())

    def column(of_rows: Floats, missing: NDArray[np.bool_] | None = None) -> pa.Array:
        mask = None if missing is None else pa.array(np.tile(missing.ravel(), ways))
        return pa.LargeListArray.from_arrays(offsets, pa.array(of_rows), mask=mask)

    who = pa.concat_tables([told_of] * (2 * ways))
    groups = pa.table(
        {
            **{name: who[name] for name in who.column_names},
            "version": who["model"],
            "truth": column(np.tile(given.truth, 2 * ways)),
            "weight": column(np.repeat(given.weight * weights, 2, axis=0).ravel()),
            "prediction": column(np.tile(given.prediction.ravel(), ways)),
            "score": column(np.tile(given.score.ravel(), ways), absent(given.score, given)),
            "truth_score": column(
                np.tile(given.truth_score.ravel(), ways), absent(given.truth_score, given)
            ),
        }
    )
    if given.batches.some and ways == 1:
        alone = pa.array(np.tile(given.batches.counts == 0, 2))
        of = pa.array(np.tile(given.batches.of, 2).astype(np.float64))
        column_of_batches = pa.LargeListArray.from_arrays(offsets, of, mask=alone)
        groups = groups.append_column("batch", column_of_batches)
    sizes = np.concatenate([own.lengths for own in several])
    if not sizes.any():
        return groups
    flat = np.tile(np.concatenate([own.values for own in several]), ways)
    ends = pa.array(np.append(0, np.cumsum(np.tile(sizes, ways))), pa.int64())
    mask = pa.array(np.tile(sizes == 0, ways))
    column_of_all = pa.LargeListArray.from_arrays(ends, pa.array(flat), mask=mask)
    return groups.append_column("probabilities", column_of_all)


COMPARISON = Comparison(
    name="bootstrap",
    tasks=frozenset({"binary", "multiclass", "regression"}),
    metrics=None,
    measure=measure,
    default=False,
    batched=True,
)
