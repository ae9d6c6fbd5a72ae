"""The paired t test of two rankings of the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.kernels import ragged, sums
from argosy.kernels.answers import WORTH
from argosy.kernels.batches import read, settled, squared
from argosy.types import Comparison
from argosy_ranking.lists import CUTS, MEASURES, moments, worth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.kernels import Batches

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

FEWEST = 20
"""Means of fewer rows are too far from normal for a test that takes them to be."""
_HAIR = 1e-12
_CONFIDENCE = 0.975
_CUTS = np.array(CUTS, np.int64)


def measure(table: pa.Table, metrics: Sequence[str]) -> pa.Table:
    """Test the mean difference of a metric between two lists of the same row.

    The variance is the sandwich of the weighted mean times n / (n - 1), which without weights is
    Student's; p-value and interval are those of t with n - 1 degrees of freedom. Where rows are
    batched, their differences are added up by batch, and there is one degree fewer than batches.

    Args:
        table: one row per pair, as `argosy.types.Comparison` says of rankings.
        metrics: means over rows, such as `ndcg_at_20`.

    Returns:
        One row per pair. Undefined below 20 rows, or where the difference is the same in every
        row but not 0.

    Source: Student, Biometrika 6 (1908); for rankings: Smucker, Allan and Carterette, CIKM 2007,
    who find that it agrees with the randomisation test.

    Example:
        >>> hits = {"champion": [0.0] * 20, "challenger": [1.0, 0.0] * 10}
        >>> rows = {"truth": [[1.0] * 20], "weight": [[1.0] * 20]}
        >>> sides = {f"{side}_{name}": [of] for side, each in hits.items()
        ...          for name, of in (("hits", each), ("prediction", [1.0] * 20))}
        >>> found = measure(pa.table(rows | sides), ["ndcg_at_10"])["ndcg_at_10"][0].as_py()
        >>> found["effect"], round(found["p_value"], 4)
        (0.5, 0.0003)
    """
    relevant, _, groups = ragged(table["truth"])
    weight, batches = ragged(table["weight"]).values, read(table, groups)
    sides = []
    for side in ("champion", "challenger"):
        lengths = ragged(table[f"{side}_prediction"]).values.astype(np.int64)
        sides.append(worth(ragged(table[f"{side}_hits"]).values, lengths, relevant, _CUTS))
    found = {}
    for name in metrics:
        kind, _, cut = name.rpartition("_at_")
        at = CUTS.index(int(cut)), MEASURES.index(kind)
        found[name] = _tested(sides[0][at], sides[1][at], weight, groups, batches)
    return pa.table(found)


def _tested(
    one: Floats, other: Floats, weight: Floats, groups: Ints, batches: Batches
) -> pa.StructArray:
    from scipy.special import stdtr, stdtrit

    champion, challenger = (moments(side, weight, groups)[0] for side in (one, other))
    effect, variance, _ = moments(other - one, weight, groups)
    freedom = groups - 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(variance * groups / freedom)
        worths = np.full(len(groups), np.nan)
        if batches.some:
            owners = np.repeat(np.arange(len(groups)), groups)
            owed = weight * (other - one - effect[owners]) / sums(weight, groups)[owners]
            batched = squared(owed, *batches, np.cumsum(groups) - groups, groups)
            there = batches.counts > 0
            variance, worths = settled(groups, error**2, batched, batches.counts)
            error = np.where(there, np.sqrt(variance), error)
            freedom = np.where(there, batches.counts - 1.0, freedom)
        same = (effect == 0) & (error == 0)
        p_value = np.where(same, 1.0, 2 * stdtr(freedom, -np.abs(effect) / error))
        half = np.where(same, 0.0, stdtrit(freedom, _CONFIDENCE) * error)
        still = (effect != 0) & (error <= _HAIR * np.abs(effect))
    reasons = [
        "there are no rows" if not rows
        else f"fewer than {FEWEST} rows" if rows < FEWEST
        else "its rows are all of one time or cluster, so nothing says how they vary" if one
        else "the difference is the same in every row, so there is no variance to judge it by"
        if stuck
        else None
        for rows, stuck, one in zip(
            groups.tolist(), still.tolist(), (batches.counts == 1).tolist(), strict=True
        )
    ]  # fmt: skip
    untested = np.array([reason is not None for reason in reasons], np.bool_)
    columns = {
        "champion": (champion, np.isnan(champion)),
        "challenger": (challenger, np.isnan(challenger)),
        "effect": (effect, np.isnan(effect)),
        "lower": (effect - half, untested),
        "upper": (effect + half, untested),
        "p_value": (p_value, untested),
        WORTH: (worths, np.isnan(worths)),
    }
    arrays = [pa.array(numbers, pa.float64(), mask=mask) for numbers, mask in columns.values()]
    return pa.StructArray.from_arrays(
        [*arrays, pa.array(reasons, pa.string())], [*columns, "reason"]
    )


COMPARISON = Comparison(
    name="paired_ranking",
    tasks=frozenset({"ranking"}),
    metrics=tuple(f"{kind}_at_{cut}" for cut in CUTS for kind in MEASURES),
    measure=measure,
    batched=True,
)
