"""Whether the gap of a slice is chance, tested as the metric allows.

- A share of rows, by Fisher's exact test.
- What is normal on logits, as an area under a curve, by its standard errors there.
- Anything else by permuting which rows are of the slice, and these two as well where rows hang
  together (in an order of time, in clusters) or weights differ.

Most gaps are nothing to permute for: what a normal approximation with the spread of all rows of
the model gives to chance is left at that. In a run of m models a p-value must be below 0.2 / m,
and always below 0.05, to be permuted for. A greater one could be named only where more gaps of the
run are real than four models have altogether, and there the approximation does.

Where fewer than five rows of a class, or of those that a share is of, lie on either side, nothing
can be said: "too few".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.errors import PluginError
from argosy.plugins import call
from argosy_evaluate.base_rates import moved
from argosy_evaluate.complements import spans
from argosy_evaluate.draws import design
from argosy_evaluate.fisher import fisher
from argosy_evaluate.pairs import clusters, dependent, moments, rarest
from argosy_evaluate.permuted import permuted, seed_of
from argosy_scoring.dependence import CLUSTER, TIME
from argosy_scoring.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.types import Metric
    from argosy_evaluate.pairs import Pairs, Side

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

LEAST = 5
"""So many rows of a class, or that a share is of, there must be on either side."""
KEY = ("model", "version", "window", "slice_key")
"""What the draws of a slice depend on: both halves of a partition have the same ones."""


class Tested(NamedTuple):
    """What tests say of gaps, each of shape (metrics, slices)."""

    p_value: Floats
    """NaN where nothing can be said."""
    spread: Floats
    """The standard deviation of permuted gaps, NaN where there are none."""
    reason: pl.Series
    """Why there is no p-value, or what may explain a gap; metric by metric."""


def tested(
    own: Side, rest: Side, gap: Floats, base: Floats, pairs: Pairs, metrics: Sequence[Metric]
) -> Tested:
    """Test every gap."""
    sizes = pairs.cut.lengths[pairs.tested], pairs.others.lengths
    p = _normal(gap, base, *sizes)
    least = np.broadcast_to(rarest(pairs), gap.shape).copy()
    exact = np.zeros(gap.shape, np.bool_)
    free = pairs.rows.alike & ~dependent(pairs)
    for place, metric in enumerate(metrics):
        if metric.counts is not None:
            counts = _counts(metric, pairs)
            if counts is not None:
                least[place] = np.where(pairs.rows.alike, counts[:, 1].min(axis=0), least[place])
                sure = fisher(*counts.reshape(4, -1))
                p[place] = np.where(free, sure, p[place])
                exact[place] = free
        elif metric.on_logits:
            sure = _on_logits(own, rest, place, metric)
            fits = ~dependent(pairs) & ~np.isnan(sure)
            p[place] = np.where(fits, sure, p[place])
            exact[place] = fits
    few = (least < LEAST) & ~np.isnan(gap)
    known = ~np.isnan(gap) & ~few
    open_ = known & ~exact & ~(p > pairs.screen)
    spread = np.full(gap.shape, np.nan)
    for one in np.flatnonzero(open_.any(axis=0)).tolist():
        which = np.flatnonzero(open_[:, one])
        found = _permuted(pairs, one, [metrics[place] for place in which.tolist()])
        p[which, one], spread[which, one] = found
    p = np.where(known, p, np.nan)
    return Tested(p, spread, _reasons(few, least, pairs, metrics, known & np.isnan(p)))


def _normal(gap: Floats, base: Floats, own: Ints, rest: Ints) -> Floats:
    """Return two-sided p-values of gaps if all rows of a model were alike."""
    from scipy.special import erfc

    every = own + rest
    with np.errstate(all="ignore"):
        spread = base * np.sqrt(every / own * (every / rest))
        found: Floats = erfc(np.abs(gap) / spread / np.sqrt(2))
    return found


def _on_logits(own: Side, rest: Side, place: int, metric: Metric) -> Floats:
    from scipy.special import erfc

    low, high = metric.bounds
    with np.errstate(all="ignore"):
        ends = []
        for side in (own, rest):
            share = (side.value[place] - low) / (high - low)
            slope = share * (1 - share) * (high - low)
            ends.append((np.log(share / (1 - share)), side.error[place] / slope))
        (one, one_error), (two, two_error) = ends
        z = np.abs(one - two) / np.hypot(one_error, two_error)
        found: Floats = np.where(np.isfinite(z), erfc(z / np.sqrt(2)), np.nan)
    return found


def _counts(metric: Metric, pairs: Pairs) -> Ints | None:
    """Return the part and the whole of shares, shape (2 sides, 2, slices); None if it fails."""
    import pyarrow as pa

    found = []
    for side in (pairs.cut.only(pairs.tested), pairs.others):
        try:
            asked = side.table(), [metric.name]
            told = call("metrics", metric.name, metric.counts, *asked, answers=pa.Table)  # type: ignore[arg-type]
            answer = pl.DataFrame(told)[metric.name].struct
            found.append([answer.field(name).to_numpy() for name in ("part", "whole")])
        except (PluginError, pl.exceptions.PolarsError, KeyError):
            return None
    return np.array(found, np.int64)


def _permuted(pairs: Pairs, one: int, metrics: Sequence[Metric]) -> tuple[Floats, Floats]:
    """Permute the labels of one slice that is tested."""
    place = np.flatnonzero(pairs.tested)[one]
    first, last = (int(ends[place]) for ends in spans(pairs.every))
    ends = np.cumsum(pairs.cut.lengths)
    starts = ends - pairs.cut.lengths
    head, tail = int(starts[first]), int(ends[last])
    rows = pairs.cut.rows[head:tail]
    groups = pairs.cut.groups[int(place) : int(place) + 1]
    labels = np.zeros(tail - head, np.uint8)
    labels[starts[place] - head : ends[place] - head] = 1
    of = design(labels, moments(rows), clusters(rows))
    if min(of.units) < LEAST:
        nothing = np.full(len(metrics), np.nan)
        return nothing, nothing
    key = [groups[name][0] if name in groups.columns else None for name in KEY]
    plain = rows.drop(TIME, CLUSTER, strict=False)
    group = Predictions(plain, groups, np.array([tail - head]))
    return permuted(group, metrics, of, seed_of(pairs.seed, *key), pairs.screen / 10)


def _reasons(
    few: Flags, least: Ints, pairs: Pairs, metrics: Sequence[Metric], unknown: Flags
) -> pl.Series:
    rates = moved(pairs.rows.classes, pairs.others.groups["task"] == "binary")
    moves = np.repeat([metric.moves_with_base_rate for metric in metrics], few.shape[1])
    told = pl.DataFrame(
        {
            "least": least.ravel(), "few": few.ravel(), "unknown": unknown.ravel(), "moves": moves,
            "rates": pl.concat([rates] * len(metrics)) if len(metrics) else rates,
        }
    )  # fmt: skip
    return told.select(
        pl.when("few")
        .then(
            pl.format(
                "too few: {} rows of a kind on one side, and {} are needed", "least", pl.lit(LEAST)
            )
        )
        .when("unknown")
        .then(pl.lit("too few clusters to permute, or its metric fails on parts of the rows"))
        .when("moves")
        .then("rates")
    ).to_series()
