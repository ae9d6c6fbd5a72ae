"""Why models failed, in as few rows as a person reads."""

from __future__ import annotations

import polars as pl

from argosy.jobs.tally import kind

FEW = 20
_NAMED = 5


def grouped(failures: pl.DataFrame) -> pl.DataFrame:
    """Return one row per reason: how many `models`, the `reason`, and some of them, `such_as`.

    Where the reasons are many and differ in names and numbers only, one of each kind stands for
    the others.

    Args:
        failures: `model`, `version` and `reason`, as `Run.failures` gives them.

    >>> files = [f"cannot read /data/{place}.parquet: No such file" for place in range(40)]
    >>> lost = pl.DataFrame({"model": [f"m{place}" for place in range(40)], "reason": files})
    >>> grouped(lost).select("models", "reason").rows()
    [(40, 'cannot read /data/0.parquet: No such file')]
    """
    by = pl.col("reason")
    if failures["reason"].n_unique() > FEW:
        by = kind(by)
    return (
        failures.group_by(by.alias("kind"), maintain_order=True)
        .agg(
            models=pl.col("model").drop_nulls().n_unique().cast(pl.Int64),
            reason=pl.col("reason").first(),
            such_as=pl.col("model").drop_nulls().unique(maintain_order=True).head(_NAMED),
        )
        .sort("models", descending=True, maintain_order=True)
        .drop("kind")
    )
