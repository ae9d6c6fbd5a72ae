"""Confidence-based performance estimation of binary classifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.kernels import Ragged, ragged, sums
from argosy.kernels.batches import read
from argosy.plugins import options
from argosy.types import Estimator
from argosy_estimators.answer import FEWEST, band, reasons
from argosy_estimators.binary import BOUNDS, HAIR, METRICS, measure
from argosy_estimators.calibration import NAME, binned, calibration_error
from argosy_estimators.dependence import inflation, learnt, worths
from argosy_estimators.dependence import told as dependence
from argosy_estimators.isotonic import Steps, locate, pool
from argosy_estimators.ragged import beside, blocks, lists, order

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVERY = (*METRICS, NAME)
BINS = ("bin_rows", "bin_gaps", "bin_positives")
STEPS = ("low", "high", "positives", "rows")
UNDEFINED = {
    "precision": "no positive predictions",
    "recall": "no positive truths are expected",
    "specificity": "no negative truths are expected",
    "f1": "no positive truths are expected, and no positive predictions",
    "auc": "only one class is expected",
}


def fit(table: pa.Table) -> pa.Table:
    """Calibrate the scores of every model on rows whose truth is known.

    Args:
        table: one row per model, with the lists `truth`, `prediction` and `score`. Rows without
            a finite score are left out.

    Returns:
        One row per model: the steps of its isotonic regression (lists `low` and `high` of
        scores, `positives` and `rows` of counts), for each metric its `optimism` (by how much
        the expected metric exceeds the realised one on these rows), what is in the bins of
        the calibration error, how dependence inflates variances, and `reason`.

    Example:
        >>> half = [[0.0, 1.0] * 10]
        >>> row = fit(pa.table({"truth": half, "prediction": half, "score": [[0.2, 0.7] * 10]}))
        >>> row["low"][0].as_py(), row["positives"][0].as_py()
        ([0.2, 0.7], [0.0, 10.0])
    """
    called = ragged(table["prediction"])
    score, truth = (beside(table[name], called.lengths) for name in ("score", "truth"))
    scored = np.isfinite(score)
    owners, count = called.owners, len(called.lengths)
    rows = np.bincount(owners[scored], minlength=count)
    positives = np.bincount(owners[scored & (truth == 1)], minlength=count)
    told = reasons(
        [
            ((rows == 0) & (called.lengths > 0), "the model gives no scores"),
            (rows < FEWEST, f"fewer than {FEWEST} reference rows"),
            ((positives == 0) | (positives == rows), "only one class in the reference"),
        ],
        count,
    )
    sound = np.array([reason is None for reason in told], bool)
    kept = scored & sound[owners]
    batches = read(table, called.lengths)
    flat = np.stack([score[kept], truth[kept] == 1, called.values[kept] == 1, batches.of[kept]])
    counts = batches.counts[sound]
    bins = int(options("metrics").calibration_bins)
    parts, done = [], 0
    for scores, truths, calls, batch in _blocks(flat, rows[sound]):
        models = slice(done, done + len(scores.lengths))
        parts.append(_calibrated(scores, truths, calls, batch, counts[models], bins))
        done = models.stop
    steps = [
        np.concatenate([np.zeros(0), *(part[0][place] for part in parts)])
        for place in range(len(STEPS))
    ]
    blocks_of, metrics_of = np.zeros(count, np.int64), np.where(sound, len(METRICS), 0)
    blocks_of[sound] = np.concatenate([part[0].lengths for part in parts]) if parts else 0
    optimism = np.concatenate([np.zeros(0), *(part[1].T.ravel() for part in parts)])
    in_bins = np.concatenate([np.zeros((3, 0)), *(part[2] for part in parts)], axis=1)
    grown = np.ones((len(METRICS), count))
    if parts:
        grown[:, sound] = np.concatenate([part[3] for part in parts], axis=1)
    return pa.table(
        {
            **{name: lists(steps[place], blocks_of) for place, name in enumerate(STEPS)},
            "optimism": lists(optimism, metrics_of),
            **{
                name: lists(in_bins[place], np.where(sound, bins, 0))
                for place, name in enumerate(BINS)
            },
            **dependence(grown, np.where(sound, batches.counts, 0)),
            "reason": pa.array(told, pa.string()),
        }
    )


def estimate(table: pa.Table) -> pa.Table:
    """Estimate every metric of every model for rows whose truth is not known.

    The value of a metric is the metric of the calibrated probabilities in place of the truth.
    Its band allows for the luck of the labels here, for that of the reference's labels, and for
    the optimism of isotonic regression: the plugin's README has the formulas. Where the
    reference's rows depend on each other, its variance is as much greater as that of the deviations
    there, and it is Student's.

    Args:
        table: one row per model, with what `fit` answered and the lists `prediction` and `score`.

    Returns:
        One row per model, and one column per metric, as `argosy.types.Estimator` says.

    Source: the expected metrics are those of NannyML 0.13 (`CBPE`), given the probabilities.

    Example:
        >>> half = [[0.0, 1.0] * 50]
        >>> both = {"prediction": half, "score": [[0.2, 0.7] * 50]}
        >>> fitted = fit(pa.table({"truth": [[0.0, 1.0, 1.0, 1.0] * 25], **both}))
        >>> found = estimate(pa.table({**dict(zip(fitted.column_names, fitted.columns)), **both}))
        >>> {name: round(number, 3) for name, number in found["accuracy"][0].as_py().items()
        ...  if name != "reason"}
        {'value': 0.75, 'lower': 0.65, 'upper': 0.85}
    """
    called = ragged(table["prediction"])
    score = beside(table["score"], called.lengths)
    owners, count = called.owners, len(called.lengths)
    scored = np.bincount(owners[np.isfinite(score)], minlength=count)
    improbable = (score < -HAIR) | (score > 1 + HAIR)
    unlikely = np.bincount(owners[improbable], minlength=count) > 0
    fitted_in = ragged(table[BINS[0]]).lengths
    rebinned = (fitted_in > 0) & (fitted_in != int(options("metrics").calibration_bins))
    told = [
        ((scored == 0) & (called.lengths > 0), "the model gives no scores"),
        (scored < called.lengths, "some rows have no score"),
        (called.lengths < FEWEST, f"fewer than {FEWEST} current rows"),
    ]
    sound = np.array([reason is None for reason in reasons(told, count)], bool)
    numbers = np.full((3, len(EVERY), count), np.nan)
    grown, reach = learnt(table, len(METRICS))
    numbers[:, :, sound] = _bands(table, sound, score, called, grown, reach)
    many = worths(grown[[*range(len(METRICS)), 0]], table, called.lengths)
    answer = {}
    for place, name in enumerate(EVERY):
        undefined = UNDEFINED.get(name, "some scores are not probabilities")
        cases = [*told, (np.isnan(numbers[0, place]), undefined)]
        if name not in UNDEFINED and name != "accuracy":
            cases.append((unlikely, undefined))
        if name == NAME:
            cases.append((rebinned, "it was fitted with another number of bins; fit again"))
        answer[name] = band(numbers[:, place], reasons(cases, count), many[place])
    return pa.table(answer)


def _blocks(flat: NDArray[np.float64], lengths: NDArray[np.int64]) -> list[tuple[Ragged, ...]]:
    """Cut the models into blocks, each sorted by score: `score`, and what goes with it."""
    ends = np.cumsum(lengths)
    found = []
    for models in blocks(lengths):
        part = flat[:, ends[models][0] - lengths[models][0] : ends[models][-1]]
        there = order(Ragged.of(part[0], lengths[models]))
        found.append(tuple(Ragged.of(row, lengths[models]) for row in part[:, there]))
    return found


def _calibrated(
    score: Ragged,
    truth: Ragged,
    called: Ragged,
    batch: Ragged,
    counts: NDArray[np.int64],
    bins: int,
) -> tuple[Steps, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    steps = pool(score, truth.values)
    chance = locate(steps, score).mix(steps.rates)
    dependent = bool(counts.any())
    expected, slopes = measure(score, called.values, chance, slopes=dependent)
    owed = np.nan_to_num(slopes * (truth.values - chance)) if dependent else slopes
    grown = inflation(owed, batch.values.astype(np.int64), counts, score.lengths)
    realised = measure(score, called.values, truth.values, slopes=False).values
    optimism = np.nan_to_num(expected - realised, nan=0.0)
    return steps, optimism, binned(score, truth.values, bins), grown


def _bands(
    table: pa.Table,
    sound: NDArray[np.bool_],
    score: NDArray[np.float64],
    called: Ragged,
    grown: NDArray[np.float64],
    reach: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return value, lower and upper of every metric and sound model."""
    grown, reach = grown[:, sound], reach[sound]
    of = {name: ragged(table[name]) for name in (*STEPS, "optimism")}
    steps_of = of["low"].lengths
    kept = np.repeat(sound, steps_of)
    low, high, positives, rows = (of[name].values[kept] for name in STEPS)
    optimism = of["optimism"].values.reshape(-1, len(METRICS)).T
    optimism = optimism[:, sound[of["optimism"].lengths > 0]]
    bins = int(options("metrics").calibration_bins)
    fitted_in = ragged(table[BINS[0]]).lengths
    alike = sound & (fitted_in == bins)
    in_bins = np.zeros((len(BINS), int(sound.sum()) * bins))
    in_bins[:, np.repeat(alike[sound], bins)] = np.stack(
        [ragged(table[name]).values[np.repeat(alike, fitted_in)] for name in BINS]
    )
    there = np.repeat(sound, called.lengths)
    flat = np.stack([score[there], called.values[there] == 1])
    lengths, ends = steps_of[sound], np.cumsum(steps_of[sound])
    found, done = [np.zeros((3, len(EVERY), 0))], 0
    for scores, calls in _blocks(flat, called.lengths[sound]):
        models = slice(done, done + len(scores.lengths))
        own = slice(ends[models][0] - lengths[models][0], ends[models][-1])
        fitted = Steps(low[own], high[own], positives[own], rows[own], lengths[models])
        in_models = in_bins[:, models.start * bins : models.stop * bins]
        own_bands = _estimated(
            fitted,
            scores,
            calls.values,
            optimism[:, models],
            in_models,
            bins,
            (grown[:, models], reach[models]),
        )
        found.append(own_bands)
        done = models.stop
    return np.concatenate(found, axis=2)


def _estimated(
    steps: Steps,
    score: Ragged,
    called: NDArray[np.float64],
    optimism: NDArray[np.float64],
    in_bins: NDArray[np.float64],
    bins: int,
    sure: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    grown, reach = sure
    places, count = locate(steps, score), len(steps.rows)
    chance = places.mix(steps.rates)
    values, slopes = measure(score, called, chance)
    # Half a row of either class more, for the variance only: a block of one class is not certain.
    rate = (steps.positives + 0.5) / (steps.rows + 1)
    spread = rate * (1 - rate)
    n = score.lengths.astype(np.float64)
    weight = places.gather(np.ones(len(score.values)), count) * spread / steps.rows
    squares = slopes**2
    labels = sums(squares * places.mix(spread), score.lengths)
    calibration = np.stack(
        [sums(places.gather(square, count) * weight, steps.lengths) for square in squares]
    )
    half = reach * np.sqrt((labels + calibration) * grown) / n
    middle = values - optimism
    top = BOUNDS[:, None]
    values = values.clip(0, top)
    lower = np.minimum(middle - half, values).clip(0, top)
    upper = np.maximum(middle + half, values).clip(0, top)
    error = calibration_error(score, chance, in_bins, bins, (grown[0], reach))
    return np.concatenate([np.stack([values, lower, upper]), error[:, None]], axis=1)


ESTIMATOR = Estimator(
    name="cbpe",
    tasks=frozenset({"binary"}),
    metrics=EVERY,
    fit=fit,
    estimate=estimate,
    batched=True,
)
