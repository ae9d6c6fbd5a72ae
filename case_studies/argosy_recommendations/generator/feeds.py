"""What a night is given: purchases to train on, purchases to judge by, and whom to rank for."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from argosy_recommendations.generator.baskets import baskets, listed
from argosy_recommendations.generator.draws import hashed
from argosy_recommendations.generator.faults import broken, scrambled
from argosy_recommendations.generator.market import HELD, SLOTS, WINDOW
from argosy_recommendations.generator.purchases import purchases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from argosy.data.beside import Folder
    from argosy_recommendations.generator.market import Market
    from argosy_recommendations.generator.purchases import Purchases

    Ints = NDArray[np.int64]

ANYBODY = "*"
"""The customer whom the default list is for: one whom nobody knows."""
FEEDS = ("training", "holdout", "customers", "catalogue")
FIRST = date(2026, 11, 26)
"""The date of night 0."""
_AT_ONCE = 600_000


@dataclass(frozen=True, slots=True)
class Night:
    """One night of a market."""

    market: Market
    number: int

    @property
    def day(self) -> int:
        """The first day of which nothing is known yet."""
        return WINDOW + self.number

    @property
    def date(self) -> date:
        """The date of the morning after."""
        return FIRST + timedelta(days=self.number)

    @property
    def group(self) -> str:
        """The group of the night's changes and runs."""
        return f"night-{self.date}"


def feed_file(name: str) -> str:
    """Return the name of the file that holds a feed."""
    return f"{name}.parquet"


def write_feeds(night: Night, folder: Folder, done: Callable[[int, int], None]) -> None:
    """Write the feeds of a night into a folder, as Parquet by their names, sorted by client.

    * `training`: `client`, `customer`, `item`, `at` (UTC) of the first 28 days of the window, and
      whether the item is `retired`: not sold now; some feeds are broken or scrambled;
    * `holdout`: a row per customer who bought something new in the 7 days after, `history` (the
      items of the 28 days), `truth` (what was new, and is sold still) and `retired` (all items
      that are not);
    * `customers`: a row per customer with the `history` of all days and the items `retired`, and
      one called `*` of each client, who has no history;
    * `catalogue`: a row per client with its items that are `retired`.

    Memory is bounded: as many clients are drawn at once as have about 600,000 purchases.
    """
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for clients in _slices(night.market):
            for name, table in _drawn(night, clients).items():
                rows = table.to_arrow()
                if name not in writers:
                    file = stack.enter_context(folder.writing(feed_file(name)))
                    opened = pq.ParquetWriter(file, rows.schema, compression="zstd")
                    writers[name] = stack.enter_context(opened)
                writers[name].write_table(rows)
            done(clients.stop, night.market.clients)


def retired(market: Market, day: int, clients: slice = slice(None)) -> pl.DataFrame:
    """Return the items of every client that are not sold on a day: `client`, `retired`."""
    number = np.arange(market.clients)[clients]
    known = np.arange(SLOTS)[None, :] < market.items[clients][:, None]
    gone = known & ~market.sold(day, clients)
    at, slot = np.nonzero(gone)
    told = pl.DataFrame({"client": number[at], "retired": market.item_names(number[at], slot)})
    lists = told.group_by("client", maintain_order=True).agg("retired")
    every = pl.DataFrame({"client": number}).join(
        lists, on="client", how="left", maintain_order="left"
    )
    names = pl.Series(market.names).gather(number)
    return every.select(
        client=names, retired=pl.col("retired").fill_null(pl.lit([], pl.List(pl.String)))
    )


def _slices(market: Market) -> Iterator[slice]:
    """Cut the clients into runs of about as many purchases."""
    piece = np.cumsum(market.sizes) // _AT_ONCE
    starts = np.flatnonzero(np.diff(piece, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], market.clients], strict=True):
        yield slice(int(start), int(stop))


def _drawn(night: Night, clients: slice) -> Mapping[str, pl.DataFrame]:
    market, first = night.market, night.day - WINDOW
    bought = purchases(market, clients, first, WINDOW)
    trained = bought.day < night.day - HELD
    many = market.customers(night.day - 1)[clients, 0]
    offsets = np.concatenate([[0], np.cumsum(many)])
    before = baskets(bought, clients.start, offsets, trained)
    after = baskets(bought, clients.start, offsets, ~trained)
    bit = np.uint64(1) << np.arange(SLOTS, dtype=np.uint64)
    there = market.sold(night.day, clients).astype(np.uint64) @ bit
    slots = np.arange(SLOTS)[None, :] < market.items[clients][:, None]
    gone = slots.astype(np.uint64) @ bit & ~there
    place = np.repeat(np.arange(many.size), many)
    new = after & ~before & there[place]
    number = np.arange(offsets[-1]) - offsets[place]
    names = _Names(market, clients)
    judged, known = np.flatnonzero(new), np.flatnonzero(before | after)
    return {
        "training": _training(night, bought, trained, names),
        "holdout": names.rows(place[judged], number[judged]).with_columns(
            history=names.lists(before[judged], place[judged]),
            truth=names.lists(new[judged], place[judged]),
            retired=names.lists(gone[place[judged]], place[judged]),
        ),
        "customers": _with_anybody(
            names.rows(place[known], number[known]).with_columns(
                history=names.lists((before | after)[known], place[known]),
                retired=names.lists(gone[place[known]], place[known]),
            ),
            names,
            gone,
        ),
        "catalogue": retired(market, night.day, clients),
    }


class _Names:
    """The names of the clients of a slice, of their customers and of their items."""

    def __init__(self, market: Market, clients: slice) -> None:
        self.start = clients.start
        self.client = pl.Series(market.names).slice(clients.start, clients.stop - clients.start)
        number = np.repeat(np.arange(clients.start, clients.stop), SLOTS)
        self.item = market.item_names(number, np.tile(np.arange(SLOTS), len(self.client)))

    def rows(self, place: Ints, customer: Ints) -> pl.DataFrame:
        """Name customers, each beside its client."""
        digits = pl.Series(customer).cast(pl.String).str.zfill(5)
        return pl.DataFrame({"client": self.client.gather(place), "customer": "k" + digits})

    def lists(self, bits: Any, place: Ints) -> pl.Series:  # noqa: ANN401
        """Name the items of customers."""
        return listed(bits, place, self.item, SLOTS)


def _training(night: Night, bought: Purchases, chosen: Any, names: _Names) -> pl.DataFrame:  # noqa: ANN401
    client, customer, slot = bought.client[chosen], bought.customer[chosen], bought.slot[chosen]
    day, second, market = bought.day[chosen], bought.second[chosen], night.market
    wrong = scrambled(market, night.number)[client]
    drawn = hashed(market.seed, 33, night.number, client, np.arange(client.size))
    other = (drawn % market.items[client].astype(np.uint64)).astype(np.int64)
    slot = np.where(wrong, other, slot)
    place = client - names.start
    item = names.item.gather(place * SLOTS + slot)
    sold = market.sold(night.day, slice(names.start, names.start + len(names.client)))
    lost = pl.Series(broken(market, night.number)[client])
    start = datetime.combine(FIRST - timedelta(days=WINDOW), datetime.min.time())
    at = pl.Series(day * 86_400 + second) * 1_000_000
    return names.rows(place, customer).with_columns(
        item=pl.select(pl.when(lost).then(None).otherwise(item)).to_series(),
        at=(pl.lit(start) + at.cast(pl.Duration("us"))).dt.replace_time_zone("UTC"),
        retired=pl.Series(~sold[place, slot]),
    )


def _with_anybody(rows: pl.DataFrame, names: _Names, gone: Any) -> pl.DataFrame:  # noqa: ANN401
    nobody = pl.DataFrame({"client": names.client}).with_columns(
        customer=pl.lit(ANYBODY),
        history=pl.lit([], pl.List(pl.String)),
        retired=names.lists(gone, np.arange(len(names.client))),
    )
    return pl.concat([nobody, rows]).sort("client", maintain_order=True)
