"""Whether reconciling helped: base and reconciled errors of every level, and who lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels import across

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_forecast.hierarchy.summing import Summing

    Floats = NDArray[np.float64]


def by_level(hierarchy: Summing, base: Floats, reconciled: Floats, truth: Floats) -> pl.DataFrame:
    """Compare the pooled WAPE of every level: sums of errors over sums of the truth.

    Args:
        hierarchy: its nodes are the rows of the rest.
        base: forecasts, shape (nodes, ...).
        reconciled: the same, reconciled.
        truth: what came true; points that lack any of the three are left out.

    Returns:
        `level`, `nodes`, `points`, `left_out`, `base`, `reconciled`, `ratio`, `losers` (nodes that
        do worse) and `reason` where there is no figure; a row per level.

    Example:
        >>> from argosy_forecast.hierarchy.summing import summing
        >>> tree = summing(pl.DataFrame({"parent": ["all", "all"], "child": ["a", "b"]}))
        >>> truth, base = np.array([[10.0], [5.0], [5.0]]), np.array([[12.0], [5.0], [5.0]])
        >>> found = by_level(tree, base, truth, truth)
        >>> found.select("level", "base", "reconciled", "losers").rows()
        [(0, 0.2, 0.0, 0), (1, 0.0, 0.0, 0)]
    """
    nodes = _by_node(hierarchy, base, reconciled, truth)
    sums = nodes.group_by("level").agg(
        pl.len().alias("nodes"),
        pl.col("points", "left_out").sum(),
        *(pl.col(name).cum_sum().last() for name in ("off", "off_reconciled", "size")),
        pl.col("worse").sum().alias("losers"),
    )
    there = pl.col("size") > 0
    told = sums.sort("level").with_columns(
        base=pl.when(there).then(pl.col("off") / pl.col("size")),
        reconciled=pl.when(there).then(pl.col("off_reconciled") / pl.col("size")),
        reason=pl.when(pl.col("points") == 0)
        .then(pl.lit("no point has a truth and both forecasts"))
        .when(~there)
        .then(pl.lit("the truth is zero throughout")),
    )
    ratio = pl.when(pl.col("base") > 0).then(pl.col("reconciled") / pl.col("base"))
    return told.with_columns(ratio=ratio).select(
        *("level", "nodes", "points", "left_out", "base", "reconciled", "ratio", "losers"),
        "reason",
    )


def losers(hierarchy: Summing, base: Floats, reconciled: Floats, truth: Floats) -> pl.DataFrame:
    """List the nodes whose errors are larger once they are reconciled, the worst first.

    Returns:
        `node`, `level`, `base`, `reconciled` (mean absolute errors), `ratio` (null where the base
        never errs), `points`.

    Example:
        >>> from argosy_forecast.hierarchy.summing import summing
        >>> tree = summing(pl.DataFrame({"parent": ["all", "all"], "child": ["a", "b"]}))
        >>> truth = np.array([[10.0], [5.0], [5.0]])
        >>> losers(tree, truth + 1, truth + [[0.0], [2.0], [1.0]], truth)["node"].to_list()
        ['a']
    """
    nodes = _by_node(hierarchy, base, reconciled, truth).filter("worse")
    return nodes.select(
        "node",
        "level",
        base=pl.col("off") / pl.col("points"),
        reconciled=pl.col("off_reconciled") / pl.col("points"),
        ratio=pl.when(pl.col("off") > 0).then(pl.col("off_reconciled") / pl.col("off")),
        points="points",
    ).sort(pl.col("ratio").fill_null(np.inf), "node", descending=[True, False])


def _by_node(hierarchy: Summing, base: Floats, reconciled: Floats, truth: Floats) -> pl.DataFrame:
    sides = [one.reshape(len(one), -1) for one in (base, reconciled, truth)]
    used = np.isfinite(sides[0]) & np.isfinite(sides[1]) & np.isfinite(sides[2])
    said, made, seen = (np.where(used, one, 0.0) for one in sides)
    points = np.count_nonzero(used, axis=1)
    return pl.DataFrame(
        {
            "node": hierarchy.nodes,
            "level": hierarchy.level,
            "points": points,
            "left_out": used.shape[1] - points,
            "off": across(np.abs(said - seen)),
            "off_reconciled": across(np.abs(made - seen)),
            "size": across(np.abs(seen)),
        }
    ).with_columns(worse=pl.col("off_reconciled") > pl.col("off") * (1 + 1e-12))
