"""What is offered without a model: the client's best sellers that the customer lacks."""

from __future__ import annotations

import polars as pl

from argosy.kernels import mean, total


def popularity(
    training: pl.DataFrame, holdout: pl.DataFrame, catalogue: pl.DataFrame, length: int = 10
) -> pl.DataFrame:
    """Return the NDCG that each client's popularity list has on the holdout.

    Items are ranked by how often they were bought, ties by name; a customer's list leaves out what
    they have and what is not sold. No list is written: the place of a relevant item is its rank
    less the items before it that the customer has.

    Args:
        training: purchases, `client`, `item`.
        holdout: customers, `client`, `history`, `truth`.
        catalogue: `client`, `retired`.
        length: the places that count.

    Returns:
        One row per client that has a holdout: `client`, `baseline`, the mean over its rows.

    >>> bought = pl.DataFrame({"client": "a", "item": ["x", "x", "x", "y", "y", "z"]})
    >>> judged = pl.DataFrame({"client": "a", "history": [["x"]], "truth": [["z"]]})
    >>> gone = pl.DataFrame({"client": "a", "retired": [[]]}, schema_overrides={
    ...     "retired": pl.List(pl.String)})
    >>> round(popularity(bought, judged, gone)["baseline"].item(), 3)  # at the second place
    0.631
    """
    gone = catalogue.explode("retired").select("client", item="retired")
    ranks = (
        training.drop_nulls("item")
        .group_by("client", "item")
        .len()
        .join(gone, on=["client", "item"], how="anti")
        .sort(["client", "len", "item"], descending=[False, True, False])
        .select("client", "item", rank=pl.int_range(pl.len()).over("client"))
    )
    rows = holdout.select("client", "history", "truth").with_row_index("row")

    def ranked(column: str) -> pl.DataFrame:
        long = rows.select("row", "client", item=column).explode("item").drop_nulls("item")
        return long.join(ranks, on=["client", "item"]).select("row", "rank")

    truth = ranked("truth")
    had = truth.join(ranked("history"), on="row", suffix="_had")
    before = had.filter(pl.col("rank_had") < pl.col("rank")).group_by("row", "rank").len()
    place = pl.col("rank") - pl.col("len").fill_null(0)
    gained = (
        truth.join(before, on=["row", "rank"], how="left")
        .select("row", place=place)
        .filter(pl.col("place") < length)
        .sort("row", "place")
        .group_by("row")
        .agg(gain=total(_discount(pl.col("place"))))
    )
    best = pl.select(_discount(pl.int_range(length)).cum_sum()).to_series()
    ideal = pl.DataFrame({"most": range(1, length + 1), "best": best}, strict=False)
    most = pl.col("truth").list.len().clip(upper_bound=length).cast(pl.Int64)
    each = rows.with_columns(most=most).join(ideal, on="most").join(gained, on="row", how="left")
    value = (pl.col("gain") / pl.col("best")).fill_null(0.0)
    return each.sort("client", "row").group_by("client").agg(baseline=mean(value)).sort("client")


def _discount(place: pl.Expr) -> pl.Expr:
    return 1 / (place + 2).log(2)
