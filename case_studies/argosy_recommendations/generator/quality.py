"""How good ranked lists truly are, which only the one who drew the customers can know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy_recommendations.generator.market import SLOTS
from argosy_recommendations.generator.tastes import segments, tastes

if TYPE_CHECKING:
    from argosy_recommendations.generator.market import Market


def true_quality(market: Market, day: int, lists: pl.DataFrame, length: int = 10) -> pl.DataFrame:
    """Return how much each client's customers want what their lists offer, on one day.

    The discounted sum of the probabilities that the next purchase is each item of the list, as a
    share of what the best list of so many items of the catalogue would have; the mean over the
    client's customers.

    Args:
        market: whose customers they are.
        day: whose tastes count.
        lists: a row per customer: `client`, `customer` (as the feeds call them), and `prediction`
            (items, best first).
        length: the places that count.

    Returns:
        One row per client: `client`, `quality`.

    >>> from argosy_recommendations.generator.market import Market
    >>> one = {"client": ["client-0001"], "customer": ["k00000"], "prediction": [["0001-p03"]]}
    >>> bool(0 < true_quality(Market(2, 7), 35, pl.DataFrame(one))["quality"].item() < 1)
    True
    """
    number = lists["client"].str.slice(7).cast(pl.Int64).to_numpy()
    customer = lists["customer"].str.slice(1).cast(pl.Int64).to_numpy()
    likes = tastes(market, slice(0, market.clients), np.array([day]))[:, 0]
    own = likes[number, segments(market, number, customer)]
    discount = 1 / np.log2(np.arange(2, length + 2))
    best = -np.sort(-own, axis=1)[:, :length] @ discount
    long = pl.DataFrame(
        {"row": np.arange(lists.height), "item": lists["prediction"].list.head(length)}
    )
    long = long.explode("item").drop_nulls("item")
    row = long["row"].to_numpy()
    slot = long["item"].str.slice(6).cast(pl.Int64).to_numpy()
    rank = np.arange(row.size) - np.searchsorted(row, row)
    assert int(slot.max(initial=0)) < SLOTS  # noqa: S101 - a stray item would count as another
    gained = np.bincount(row, own[row, slot] * discount[rank], lists.height)
    told = lists.select("client").with_columns(quality=pl.Series(gained / best))
    return told.group_by("client", maintain_order=True).agg(pl.col("quality").mean())
