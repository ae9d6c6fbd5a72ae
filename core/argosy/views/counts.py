"""How many models of a run failed and how many could not be judged, by its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

FAILED, NOT_APPLICABLE = "failed", "not applicable"
UNJUDGED = ("insufficient", "undefined", "unknown")
"""The words of a status that say that nobody could judge; all others are a job's own."""


def judged() -> pl.Expr:
    """Whether a row says what came out."""
    return ~pl.col("status").fill_null(UNJUDGED[0]).is_in([FAILED, NOT_APPLICABLE, *UNJUDGED])


def missed(parts: Iterable[pl.DataFrame]) -> tuple[int, int]:
    """Return how many models failed and how many are unknown.

    All rows of a model that failed are `failed`. One is unknown if some of its rows are, or if all
    are in the words of `UNJUDGED`: what was asked of it did not come out. What applies to no such
    model is not missed.

    Args:
        parts: `model` and `status`.

    >>> rows = {"model": ["a", "a", "b", "c", "d"],
    ...         "status": ["ok", "failed", "failed", "insufficient", "not applicable"]}
    >>> missed([pl.DataFrame(rows)])
    (1, 2)
    """
    status = pl.col("status")
    said = [
        part.lazy()
        .group_by("model")
        .agg(
            failed=status.eq_missing(FAILED).any(),
            wholly=status.eq_missing(FAILED).all(),
            judged=judged().any(),
            apart=status.eq_missing(NOT_APPLICABLE).all(),
        )
        for part in parts
    ]
    if not said:
        return 0, 0
    of_models = (
        pl.concat(said)
        .group_by("model")
        .agg(pl.col("failed", "judged").any(), pl.col("wholly", "apart").all())
    )
    unknown = ~pl.col("wholly") & ~pl.col("apart") & (pl.col("failed") | ~pl.col("judged"))
    counts = of_models.select(pl.col("wholly").sum(), unknown=unknown.sum()).collect()
    failed, open_ = counts.row(0)
    return int(failed or 0), int(open_ or 0)


def independent(bindings: pl.Series) -> int:
    """Count the models whose rows are taken for independent: nothing orders or clusters them.

    Args:
        bindings: of the rows of each model, as structs.

    >>> bound = [{"timestamp": "ts", "cluster": None}, {"timestamp": None, "cluster": None}]
    >>> independent(pl.Series(bound))
    1
    """
    field = bindings.struct.field
    return int((field("timestamp").is_null() & field("cluster").is_null()).sum())
