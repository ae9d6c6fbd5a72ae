"""What a client is: its size, its customers, its catalogue and the life of each item."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy_recommendations.generator.draws import hashed, uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

TRAINED, HELD = 28, 7
"""Days of purchases that a night trains on, and days after them that it judges by."""
WINDOW = TRAINED + HELD
MEDIAN, LEAST, MOST = 1_000, 10, 100_000
"""Interactions of a client in a window."""
PER_CUSTOMER = 12
"""Interactions of a customer in a window, on average."""
SLOTS = 60
"""The most items that a catalogue has; the fewest are 40."""
_SPREAD = 1.3
_GROWTH = 0.01
_FOREVER = 1_000_000


@dataclass(frozen=True)
class Market:
    """A fleet of clients, drawn from a seed.

    Days count from the first of the first night's window; night 0 ends `WINDOW` days.

    >>> market = Market(clients=101, seed=7)
    >>> int(np.median(market.sizes)), market.names[:2]
    (1000, ['client-0000', 'client-0001'])
    """

    clients: int
    seed: int

    @cached_property
    def names(self) -> list[str]:
        """The names of the clients."""
        return [f"client-{number:04}" for number in range(self.clients)]

    @cached_property
    def sizes(self) -> Floats:
        """Interactions of each client in a window: log-normal, by quantile, in random order."""
        share = (np.arange(self.clients) + 0.5) / self.clients
        z = np.array([NormalDist().inv_cdf(each) for each in share.tolist()])
        order = np.argsort(uniform(self.seed, 1, np.arange(self.clients)))
        sizes = np.empty(self.clients)
        sizes[order] = np.clip(MEDIAN * np.exp(_SPREAD * z), LEAST, MOST)
        return sizes

    @cached_property
    def items(self) -> Ints:
        """How many items each client has ever had."""
        drawn = 40 + hashed(self.seed, 2, np.arange(self.clients)) % np.uint64(SLOTS - 39)
        return drawn.astype(np.int64)

    def customers(self, day: Ints | int) -> Ints:
        """How many customers each client has had until a day; one in a hundred more every day.

        Days given as an array run along the second axis.
        """
        days = np.atleast_1d(np.asarray(day, np.int64))
        base = np.maximum(3, self.sizes / PER_CUSTOMER)
        grown: Ints = np.floor(base[:, None] * (1 + _GROWTH * days[None, :])).astype(np.int64)
        return grown

    @cached_property
    def life(self) -> tuple[Ints, Ints]:
        """The days from which and before which each item is in the catalogue (client × slot).

        Seven in ten were there before the first day; three in twenty retire within a quarter.
        """
        client, slot = np.arange(self.clients)[:, None], np.arange(SLOTS)[None, :]
        late = uniform(self.seed, 3, client, slot) > 0.7
        launch = np.where(late, 90 * uniform(self.seed, 4, client, slot), -1).astype(np.int64)
        ends = uniform(self.seed, 5, client, slot) < 0.15
        until = launch + 21 + 90 * uniform(self.seed, 6, client, slot)
        return launch, np.where(ends, until, _FOREVER).astype(np.int64)

    def sold(self, day: int, clients: slice = slice(None)) -> Flags:
        """Which items (client × slot) can be bought on a day: launched, not retired, in season.

        One item in ten is seasonal: half of every ninety days.
        """
        number = np.arange(self.clients)[clients][:, None]
        slot = np.arange(SLOTS)[None, :]
        launch, last = (part[clients] for part in self.life)
        seasonal = uniform(self.seed, 7, number, slot) < 0.1
        phase = 90 * uniform(self.seed, 8, number, slot)
        in_season = (day + phase) % 90 < 45
        there: Flags = (slot < self.items[clients][:, None]) & (launch <= day) & (day < last)
        return there & (in_season | ~seasonal)

    def item_names(self, client: Any, slot: Any) -> pl.Series:  # noqa: ANN401
        """Name items: the number of the client is part of it, so that a stray one is seen."""
        told = pl.DataFrame(
            {"client": client, "slot": slot}, schema=dict.fromkeys(("client", "slot"), pl.Int64)
        )
        digits = [
            pl.col("client").cast(pl.String).str.zfill(4),
            pl.col("slot").cast(pl.String).str.zfill(2),
        ]
        return told.select(pl.concat_str(digits, separator="-p")).to_series()
