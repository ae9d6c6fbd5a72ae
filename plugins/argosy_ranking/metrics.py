"""The metrics of ranked lists: means over rows with their intervals, coverage and novelty."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from argosy.kernels import answer, ragged
from argosy.types import Metric
from argosy_ranking.lists import (
    CUTS,
    MEASURES,
    moments,
    surprise,
    variety,
    worth,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""
_CUTS = np.array(CUTS, np.int64)
_ROUNDING = 1e-12
_WEIGHTLESS = "all weights are zero"


def measure(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """Measure the lists of every group.

    Args:
        table: as `argosy.types.Metric` says of rankings.
        names: of `METRICS`.

    Returns:
        One row per group. Means over rows have the standard error of a mean of independent rows
        (the sandwich, which heeds weights) and Wilson's interval for as many rows as that error
        speaks of; novelty has a normal interval; coverage is no mean, and has none.

    Example:
        >>> lists = {"items": [[0.0, 1.0, 1.0]], "hits": [[0.0, 1.0, 1.0]]}
        >>> rows = {"truth": [[1.0, 2.0]], "prediction": [[2.0, 1.0]], "weight": [[1.0, 1.0]]}
        >>> found = measure(pa.table({**rows, **lists, "classes": [4]}),
        ...                 ["recall_at_10", "mrr_at_10", "coverage_at_10"])
        >>> [found[name][0]["value"].as_py() for name in found.column_names]
        [0.75, 0.75, 0.5]
    """
    relevant, _, groups = ragged(table["truth"])
    weight = ragged(table["weight"]).values
    lengths = ragged(table["prediction"]).values.astype(np.int64)
    empty = ~(_sums(weight, groups) > 0)
    reasons = [_WEIGHTLESS if each else None for each in empty]
    found: dict[str, pa.Array] = {}
    held: dict[str, Any] = {}
    for name in names:
        kind, _, cut = name.rpartition("_at_")
        at = CUTS.index(int(cut))
        if kind == "coverage":
            if kind not in held:
                codes = ragged(table["items"]).values
                catalogue = np.nan_to_num(table["classes"].to_numpy()).astype(np.int64)
                counts = variety(codes, lengths, weight, groups, _CUTS)
                held[kind] = counts / np.maximum(catalogue, 1)
            found[name] = answer(held[kind][at], reasons)
        elif kind == "novelty":
            if kind not in held:
                held[kind] = surprise(_novelty(table, lengths, groups), lengths, _CUTS)
            mean, variance, _ = moments(held[kind][at], weight, groups)
            told = np.where(empty, _WEIGHTLESS, "no list tells how novel its items are")
            why = [
                str(one) if none else None for one, none in zip(told, np.isnan(mean), strict=True)
            ]
            error = _known(np.sqrt(variance), mean)
            found[name] = answer(
                mean, why, error, np.maximum(mean - Z * error, 0), mean + Z * error
            )
        else:
            if "worth" not in held:
                held["worth"] = worth(ragged(table["hits"]).values, lengths, relevant, _CUTS)
            mean, variance, size = moments(held["worth"][at, MEASURES.index(kind)], weight, groups)
            mean = np.clip(mean, 0, 1)
            error = _known(np.sqrt(variance), mean)
            found[name] = answer(mean, reasons, error, *wilson(mean, error, size))
    return pa.table(found)


def _sums(weight: Floats, groups: Ints) -> Floats:
    owners = np.repeat(np.arange(len(groups)), groups)
    found: Floats = np.bincount(owners, weight, len(groups)).astype(np.float64)
    return found


def _novelty(table: pa.Table, lengths: Ints, groups: Ints) -> Floats:
    """Return the novelty of every ranked item, NaN of models that give none."""
    values, _, given = ragged(table["novelty"])
    owners = np.repeat(np.arange(len(groups)), groups)
    wanted = np.bincount(owners, lengths, len(groups)).astype(np.int64)
    if np.array_equal(given, wanted):
        return values
    found = np.full(int(wanted.sum()), np.nan)
    whole = given == wanted
    found[np.repeat(whole, wanted)] = values[np.repeat(whole, given)]
    return found


def _known(error: Floats, scale: Floats) -> Floats:
    """Return standard errors; NaN where they are zero but for rounding."""
    return np.where(error > _ROUNDING * np.maximum(np.abs(scale), _ROUNDING), error, np.nan)


def wilson(share: Floats, error: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Return Wilson's interval of the mean of shares, for p (1 - p) / error² rows.

    Where all rows are alike and so there is no error, `size` stands in: the effective number of
    rows.

    Source: Wilson, JASA 22 (1927); the effective size: Korn and Graubard, Survey Methodology 24
    (1998).

    Example:
        >>> [round(float(end[0]), 3)
        ...  for end in wilson(np.array([1.0]), np.array([np.nan]), np.array([20.0]))]
        [0.839, 1.0]
    """
    with np.errstate(all="ignore"):
        n = np.where(error > 0, share * (1 - share) / error**2, size)
        middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + (Z / (2 * n)) ** 2)
    low = np.clip(np.minimum(middle - half, share), 0, 1)
    high = np.clip(np.maximum(middle + half, share), 0, 1)
    return low, high


def _offered() -> tuple[Metric, ...]:
    ranking: frozenset[str] = frozenset({"ranking"})
    usual = {"recall": CUTS, "ndcg": CUTS, "precision": CUTS, "map": CUTS, "coverage": CUTS,
             "novelty": CUTS, "hit_rate": (), "mrr": ()}  # fmt: skip
    return tuple(
        Metric(
            f"{kind}_at_{cut}",
            ranking,
            measure,
            higher_is_better=True,
            bounds=(0, inf if kind == "novelty" else 1),
            needs=("novelty",) if kind == "novelty" else (),
            default=cut in cuts,
        )
        for kind, cuts in usual.items()
        for cut in CUTS
    )


METRICS = _offered()
"""What the package offers: `recall_at_10`, `ndcg_at_20`, and so on."""
