"""The loss of a regression, learned as a function of its prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.kernels import Ragged, ragged, sums
from argosy.kernels.batches import read
from argosy.types import Estimator
from argosy_estimators.answer import FEWEST, band, reasons
from argosy_estimators.dependence import inflation, learnt, worths
from argosy_estimators.dependence import told as dependence
from argosy_estimators.ragged import beside, blocks, lists, order

if TYPE_CHECKING:
    from numpy.typing import NDArray

METRICS = ("mae", "mse", "rmse")
BINS = 10


def fit(table: pa.Table) -> pa.Table:
    """Learn the mean loss of every model in bins of its predictions.

    The bins lie between quantiles of the reference's predictions: ten, or fewer where there are
    fewer than 200 rows or predictions coincide.

    Args:
        table: one row per model, with the lists `truth` and `prediction`.

    Returns:
        One row per model: for each bin where it begins (`edges`), how many `rows` it has, the
        mean (`absolute`, `squared`) and the variance (`absolute_spread`, `squared_spread`) of
        both losses; how dependence inflates variances; and `reason`.

    Example:
        >>> row = fit(pa.table({"truth": [[0.0, 2.0] * 10], "prediction": [[1.0] * 20]}))
        >>> row["absolute"][0].as_py(), row["rows"][0].as_py()
        ([1.0], [20.0])
    """
    prediction = ragged(table["prediction"])
    truth = beside(table["truth"], prediction.lengths)
    with np.errstate(over="ignore", invalid="ignore"):
        # A loss counts in the fourth power, and must still be a number then.
        finite = np.isfinite((truth - prediction.values) ** 4)
    owners, count = prediction.owners, len(prediction.lengths)
    wrong = np.bincount(owners[~finite], minlength=count) > 0
    told = reasons(
        [
            (wrong, "some reference errors are not finite"),
            (prediction.lengths < FEWEST, f"fewer than {FEWEST} reference rows"),
        ],
        count,
    )
    sound = np.array([reason is None for reason in told], bool)
    lengths = prediction.lengths[sound]
    batches = read(table, prediction.lengths)
    there = np.repeat(sound, prediction.lengths)
    flat = np.stack([prediction.values, truth, batches.of])[:, there]
    counts = batches.counts[sound]
    parts, done = [], 0
    for models in blocks(lengths):
        size = lengths[models]
        part = flat[:, done : done + size.sum()]
        parts.append(_binned(part[:, order(Ragged.of(part[0], size))], size, counts[models]))
        done += size.sum()
    names = ("edges", "rows", "absolute", "squared", "absolute_spread", "squared_spread")
    bins = np.zeros(count, np.int64)
    bins[sound] = np.concatenate([part[1] for part in parts]) if parts else 0
    found = np.concatenate([np.zeros((6, 0)), *(part[0] for part in parts)], axis=1)
    columns = {name: lists(found[place], bins) for place, name in enumerate(names)}
    grown = np.ones((2, count))
    if parts:
        grown[:, sound] = np.concatenate([part[2] for part in parts], axis=1)
    widened = dependence(grown, np.where(sound, batches.counts, 0))
    return pa.table({**columns, **widened, "reason": pa.array(told, pa.string())})


def estimate(table: pa.Table) -> pa.Table:
    """Estimate the losses of every model for rows whose truth is not known.

    Every row is expected to lose what the reference's rows lost whose prediction lay in its bin.
    The band allows for the luck of the rows here and of those of the reference. Where the
    reference's rows depend on each other, its variance is as much greater as that of their losses,
    and it is Student's.

    Args:
        table: one row per model, with what `fit` answered and the list `prediction`.

    Returns:
        One row per model, and one column per metric, as `argosy.types.Estimator` says.

    Example:
        >>> fitted = fit(pa.table({"truth": [[0.0, 2.0] * 10], "prediction": [[1.0] * 20]}))
        >>> found = estimate(fitted.append_column("prediction", [[[5.0] * 20]]))
        >>> found["mae"][0].as_py()["value"]
        1.0
    """
    prediction = ragged(table["prediction"])
    owners, count = prediction.owners, len(prediction.lengths)
    wrong = np.bincount(owners[~np.isfinite(prediction.values)], minlength=count) > 0
    told = reasons(
        [
            (wrong, "some predictions are not finite"),
            (prediction.lengths < FEWEST, f"fewer than {FEWEST} current rows"),
        ],
        count,
    )
    edges = ragged(table["edges"])
    inside = _bins_of(prediction, edges) + edges.starts[owners]
    shares = np.bincount(inside, minlength=len(edges.values)) / np.repeat(
        np.maximum(prediction.lengths, 1), edges.lengths
    )
    rows = ragged(table["rows"]).values
    n = np.repeat(np.maximum(prediction.lengths, 1), edges.lengths)
    found = {}
    grown, reach = learnt(table, 2)
    many = worths(grown[[0, 1, 1]], table, prediction.lengths)
    for place, loss in enumerate(("absolute", "squared")):
        mean, spread = (ragged(table[name]).values for name in (loss, f"{loss}_spread"))
        # One degree of freedom went into each bin's mean.
        variance = spread * shares * (1 / n + shares / rows)
        value = sums(shares * mean, edges.lengths)
        # Losses are skewed, and what scatters high here scatters more: the band is one of ratios.
        some = np.where(value > 0, value, 1.0)
        error = np.sqrt(sums(variance, edges.lengths) * grown[place])
        ratio = np.exp(reach * error / some)
        found[loss] = (value, value / ratio, value * ratio)
    roots = tuple(np.sqrt(each) for each in found["squared"])
    numbers = (found["absolute"], found["squared"], roots)
    every = zip(METRICS, numbers, many, strict=True)
    return pa.table({name: band(each, told, worth) for name, each, worth in every})


def _binned(
    rows: NDArray[np.float64], lengths: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return what every bin holds, how many bins each model has, and its inflations.

    A bin has an edge, rows, means and variances of both losses; the variances of these are inflated
    by how much the model's rows depend on each other.
    """
    prediction, truth, batch = rows
    starts = np.cumsum(lengths) - lengths
    wanted = np.clip(lengths // FEWEST, 1, BINS)[:, None]
    ranks = lengths[:, None] * np.minimum(np.arange(BINS), wanted) // wanted
    edges = prediction[starts[:, None] + np.minimum(ranks, lengths[:, None] - 1)]
    edges[:, 0] = -np.inf
    first = prediction[starts]
    # An edge that another repeats, or that nothing lies below, begins no bin.
    kept = (np.arange(BINS) < wanted) & (np.diff(edges, axis=1, prepend=np.nan) != 0)
    kept[:, 1:] &= edges[:, 1:] > first[:, None]
    bins = np.count_nonzero(kept, axis=1)
    found = Ragged.of(edges[kept], bins)
    score = Ragged.of(prediction, lengths)
    inside = _bins_of(score, found) + found.starts[score.owners]
    size = np.bincount(inside, minlength=len(found.values)).astype(np.float64)
    errors = np.abs(truth - prediction)
    losses = np.stack([errors, errors**2])
    means = np.stack([np.bincount(inside, loss, len(size)) for loss in losses]) / size
    off = losses - means[:, inside]
    spreads = np.stack([np.bincount(inside, each, len(size)) for each in off**2])
    grown = inflation(off, batch.astype(np.int64), counts, lengths)
    told = np.stack([found.values, size, *means, *(spreads / np.maximum(size - 1, 1))])
    return told, bins, grown


def _bins_of(values: Ragged, edges: Ragged) -> NDArray[np.int64]:
    """Count, for every value, the edges of its model after the first that it reaches."""
    owners = values.owners
    found = np.zeros(len(values.values), np.int64)
    for place in range(1, int(edges.lengths.max(initial=1))):
        has = edges.lengths > place
        # Nothing reaches an edge that is not there, infinity neither.
        edge = np.full(len(has), np.nan)
        edge[has] = edges.values[edges.starts[has] + place]
        found += values.values >= edge[owners]
    return found


ESTIMATOR = Estimator(
    name="direct_loss",
    tasks=frozenset({"regression"}),
    metrics=METRICS,
    fit=fit,
    estimate=estimate,
    batched=True,
)
