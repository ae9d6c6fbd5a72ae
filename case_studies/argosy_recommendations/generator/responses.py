"""Who calls on a day, and what they buy of what they are shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy_recommendations.generator.draws import hashed, uniform
from argosy_recommendations.generator.feeds import FIRST
from argosy_recommendations.generator.market import WINDOW
from argosy_recommendations.generator.tastes import segments, tastes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_recommendations.generator.market import Market

    Ints = NDArray[np.int64]

CALLS = 0.2
"""The share of known customers who call on a day."""
EAGERNESS = 2.0
"""How much likelier than its share of the purchases an item is bought that stands first."""


def callers(market: Market, day: int) -> pl.DataFrame:
    """Return who calls on a day: `client`, `customer`, `at`, one row each, by client and time."""
    many = market.customers(day)[:, 0]
    client = np.repeat(np.arange(market.clients), many)
    number = np.arange(client.size) - np.repeat(np.cumsum(many) - many, many)
    chosen = uniform(market.seed, 41, day, client, number) < CALLS
    client, number = client[chosen], number[chosen]
    second = (hashed(market.seed, 42, day, client, number) % np.uint64(86_400)).astype(np.int64)
    return pl.DataFrame(
        {
            "client": pl.Series(market.names).gather(client),
            "customer": "k" + pl.Series(number).cast(pl.String).str.zfill(5),
            "at": _times(day, second),
        }
    ).sort("client", "at", "customer")


def responses(market: Market, day: int, shown: pl.DataFrame) -> pl.DataFrame:
    """Return what came of each item that was shown on a day.

    The chance that an item is bought within the hour is its share of the customer's purchases,
    times `EAGERNESS`, discounted by the logarithm of its place, at most 1; and 0 if the customer
    has it, because that would have been bought anyway.

    Args:
        market: whose customers they are.
        day: when they were shown it.
        shown: `client`, `customer`, `at`, `items` (best first) and `history` (items they have).

    Returns:
        One row per item: `client`, `customer`, `item`, `chance`, `bought`, and `at` (when it was,
        or would have been).
    """
    long = _long(shown)
    client, customer, slot = _numbers(long)
    likes = tastes(market, slice(0, market.clients), np.array([day]))[:, 0]
    wanted = likes[client, segments(market, client, customer), slot]
    place = 1 / np.log2(long["rank"].to_numpy() + 2.0)
    chance = np.minimum(1.0, EAGERNESS * wanted * place) * ~long["owned"].to_numpy()
    bought = uniform(market.seed, 43, day, client, customer, slot) < chance
    later = 60 + (hashed(market.seed, 44, day, client, customer, slot) % np.uint64(3_000))
    wait = pl.Series("wait", later.astype(np.int64) * 1_000_000).cast(pl.Duration("us"))
    told = long.with_columns(
        at=pl.col("at") + wait, chance=pl.Series(chance), bought=pl.Series(bought)
    )
    columns = ["client", "customer", "item", "chance", "bought", "at"]
    return told.select(columns).sort("client", "at", "customer", "item")


def _long(shown: pl.DataFrame) -> pl.DataFrame:
    rows = shown.select("client", "customer", "at", "history", item="items").with_row_index("row")
    long = rows.explode("item").drop_nulls("item")
    owned = pl.col("history").list.contains(pl.col("item")).fill_null(value=False)
    rank = pl.int_range(pl.len()).over("row")
    return long.with_columns(owned=owned, rank=rank).drop("row", "history")


def _numbers(long: pl.DataFrame) -> tuple[Ints, Ints, Ints]:
    parts = (long["client"].str.slice(7), long["customer"].str.slice(1), long["item"].str.slice(6))
    client, customer, slot = (part.cast(pl.Int64).to_numpy() for part in parts)
    return client, customer, slot


def _times(day: int, second: Ints) -> pl.Series:
    start = datetime.combine(FIRST + timedelta(days=day - WINDOW), datetime.min.time())
    return (pl.Series(second * 1_000_000).cast(pl.Duration("us")) + start).dt.replace_time_zone(
        "UTC"
    )
