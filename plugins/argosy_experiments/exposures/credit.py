"""What every exposure earned: the purchases that followed it within a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy.kernels import mean
from argosy.registry.times import length
from argosy.types.moments import moment
from argosy_experiments.exposures.log import KEY, TIME, shown, timed
from argosy_experiments.incoming import validated
from argosy_rows.periods import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pyarrow as pa
    from polars._typing import PolarsDataType

PURCHASE: Mapping[str, PolarsDataType] = {
    "model": pl.String,
    "customer": pl.String,
    "item": pl.String,
    "at": TIME,
}


def credited(
    exposures: pl.DataFrame | pa.Table,
    purchases: pl.DataFrame | pa.Table,
    window: str = "7d",
    until: date | str | None = None,
) -> pl.DataFrame:
    """Give every exposure the purchases that followed it.

    A purchase belongs to the last list that showed the item to this customer of this model,
    at most `window` before. Purchases that no list showed belong to none.

    Args:
        exposures: as `record` takes them.
        purchases: `model`, `customer`, `item`, `at`, and optionally `amount` (revenue).
        window: a duration such as `7d` or `36h`.
        until: when purchases are known to the end, as a datetime, a date (its end) or text, in UTC
            unless it has an offset; by default, the newest purchase or exposure.

    Returns:
        The exposures by model, customer and time, with `bought` (purchases), `revenue`,
        `rank` (of the best item bought, from 1; null if none was) and `mature`: whether all of
        the window lies before `until`, without which an exposure had no fair chance.

    Raises:
        BadInput: if a column is missing or a time is null, or for what is no duration or time.

    Example:
        >>> from datetime import UTC, datetime
        >>> def day(number): return datetime(2026, 1, number, tzinfo=UTC)
        >>> shown = pl.DataFrame({"model": "shop", "version": "1", "customer": "ann",
        ...                       "at": [day(1), day(3)], "items": [["tea", "rice"], ["rice"]]})
        >>> bought = pl.DataFrame({"model": "shop", "customer": "ann", "item": ["tea", "rice"],
        ...                        "at": [day(4), day(20)], "amount": [3.0, 9.0]})
        >>> credited(shown, bought).select("bought", "revenue", "rank", "mature").rows()
        [(1, 3.0, 1, True), (0, 0.0, None, True)]
    """
    if not length(window) or counted(window)[0]:  # months have no one length
        raise BadInput(f"the window {window!r} is no duration such as 7d or 36h")
    lists = shown(exposures).sort(KEY).with_row_index("exposure")
    sold = validated(purchases, PURCHASE, "purchases", {"amount": pl.Float64})
    timed(sold, "purchases")
    known = moment(until) if until is not None else pl.concat([lists["at"], sold["at"]]).max()
    listed = lists.select("exposure", "model", "customer", "items", shown_at="at").explode("items")
    listed = (
        listed.filter(pl.col("items").is_not_null())
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over("exposure"))
        .unique(["exposure", "items"], keep="first", maintain_order=True)
        .sort("shown_at", maintain_order=True)
    )
    matched = sold.sort("at", maintain_order=True).join_asof(
        listed,
        left_on="at",
        right_on="shown_at",
        by_left=["model", "customer", "item"],
        by_right=["model", "customer", "items"],
        strategy="backward",
        tolerance=window,
        check_sortedness=False,  # both sides were sorted just now
    )
    earned = (
        matched.filter(pl.col("exposure").is_not_null())
        .group_by("exposure")
        .agg(bought=pl.len(), revenue=pl.col("amount").fill_null(0.0).sum(), rank=pl.min("rank"))
    )
    return (
        lists.join(earned, on="exposure", how="left", maintain_order="left")
        .with_columns(
            pl.col("bought").fill_null(0).cast(pl.Int64),
            pl.col("revenue").fill_null(0.0),
            pl.col("rank").cast(pl.Int64),
            mature=pl.col("at").dt.offset_by(window) <= pl.lit(known, TIME),
        )
        .drop("exposure")
    )


def outcomes(followed: pl.DataFrame) -> pl.DataFrame:
    """Sum up what exposures earned, by model, version, experiment and group.

    Args:
        followed: as `credited` returns it; exposures that are not mature are left out.

    Returns:
        One row each: `exposures`, `conversion` (the share of exposures that something was bought
        of), `revenue` per exposure, `mean_reciprocal_rank` (of the best item bought, 0 if none).

    Example:
        >>> followed = pl.DataFrame({"model": "shop", "version": "1", "experiment": "e",
        ...                          "group": "control", "bought": [2, 0], "revenue": [8.0, 0.0],
        ...                          "rank": [2, None], "mature": True})
        >>> outcomes(followed).rows()
        [('shop', '1', 'e', 'control', 2, 0.5, 4.0, 0.25)]
    """
    keys = ["model", "version", "experiment", "group"]
    return (
        followed.filter("mature")
        .group_by(keys)
        .agg(
            exposures=pl.len(),
            conversion=mean((pl.col("bought") > 0).cast(pl.Float64)),
            revenue=mean(pl.col("revenue")),
            mean_reciprocal_rank=mean((1 / pl.col("rank")).fill_null(0.0)),
        )
        .sort(keys)
    )
