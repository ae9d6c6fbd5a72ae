"""Lists that may not be served, and what is served in their place, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy_experiments.incoming import refuse_duplicates, validated

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from polars._typing import PolarsDataType

LISTS: Mapping[str, PolarsDataType] = {
    "model": pl.String,
    "customer": pl.String,
    "items": pl.List(pl.String),
    "scores": pl.List(pl.Float64),
}
BOUNDS = {"low": pl.Float64, "high": pl.Float64, "least": pl.Int64}


def guarded(
    lists: pl.DataFrame | pa.Table,
    bounds: pl.DataFrame | pa.Table,
    fallback: pl.DataFrame | pa.Table,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Replace every list that is empty, broken or out of bounds by its model's fallback.

    Args:
        lists: one row per `model` and `customer`: `items`, best first, and their `scores`.
        bounds: one row per `model`: `low` and `high` (of a score; null is none) and `least` (the
            fewest items; null is 1). Models may be missing.
        fallback: one row per `model`: `items`, such as the best sellers. Where a model has none,
            nothing is served.

    Returns:
        The lists in their order, with `fallback` (whether it was replaced); a list that was
        replaced has no scores. And the log: one row per list that was replaced, `model`,
        `customer` and `reason`.

    Raises:
        BadInput: if a column is missing, or a model has two bounds or fallbacks.

    Example:
        >>> lists = pl.DataFrame({"model": "shop", "customer": ["ann", "bob"],
        ...                       "items": [["tea"], ["oil"]], "scores": [[0.4], [7.0]]})
        >>> bounds = pl.DataFrame({"model": ["shop"], "low": [0.0], "high": [1.0]})
        >>> best = pl.DataFrame({"model": ["shop"], "items": [["rice"]]})
        >>> served, log = guarded(lists, bounds, best)
        >>> served["items"].to_list(), log["reason"].to_list()
        ([['tea'], ['rice']], ['a score of 7.0 is above 1.0'])
    """
    given = validated(lists, LISTS, "lists")
    limits = refuse_duplicates(
        validated(bounds, {"model": pl.String}, "bounds", BOUNDS), ["model"], "bounds"
    )
    spare = validated(fallback, {"model": pl.String, "items": pl.List(pl.String)}, "fallbacks")
    spare = refuse_duplicates(spare, ["model"], "fallbacks").select("model", instead="items")
    rows = (
        given.drop("fallback", strict=False)
        .join(limits.select("model", *BOUNDS), on="model", how="left", maintain_order="left")
        .join(spare, on="model", how="left", maintain_order="left")
        .with_columns(reason=_reason())
    )
    replaced = pl.col("reason").is_not_null()
    instead = pl.col("instead").fill_null(pl.lit([], pl.List(pl.String)))
    served = rows.with_columns(
        items=pl.when(replaced).then(instead).otherwise("items"),
        scores=pl.when(~replaced).then("scores"),
        fallback=replaced,
    )
    columns = [name for name in given.columns if name != "fallback"]
    log = rows.filter(replaced).select("model", "customer", "reason")
    return served.select(*columns, "fallback"), log


def _reason() -> pl.Expr:
    items, scores = pl.col("items"), pl.col("scores")
    many = items.list.len().fill_null(0)
    odd = scores.list.eval(~pl.element().is_finite().fill_null(False)).list.any()
    return (
        pl.when(many == 0)
        .then(pl.lit("the list is empty"))
        .when(many < pl.col("least").fill_null(1))
        .then(pl.format("{} items, fewer than {}", many, "least"))
        .when(scores.list.len().fill_null(0) != many)
        .then(pl.lit("there is not one score per item"))
        .when(items.list.n_unique() < many)
        .then(pl.lit("an item stands twice, or has no name"))
        .when(items.list.eval(pl.element().is_null()).list.any())
        .then(pl.lit("an item stands twice, or has no name"))
        .when(odd)
        .then(pl.lit("a score is missing or not finite"))
        .when(scores.list.min() < pl.col("low"))
        .then(pl.format("a score of {} is below {}", scores.list.min(), "low"))
        .when(scores.list.max() > pl.col("high"))
        .then(pl.format("a score of {} is above {}", scores.list.max(), "high"))
    )
