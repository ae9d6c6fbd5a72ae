"""Who bought what, of many clients at once, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels.values import spelling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_recommendations.recommenders.settings import Settings

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Interactions:
    """The distinct pairs of customer and item of some clients, one client after the other."""

    items: pl.Series
    """The items of every client as text, end to end: most buyers first, then by name."""
    buyers: Ints
    """How many customers bought each item."""
    retired: Bools
    """Whether each item is no longer sold."""
    catalogue: Ints
    """How many items each client has."""
    codes: Ints
    """The item of each pair, as its place among the client's items; customer after customer,
    each one's in the order of time, then of chance."""
    baskets: Ints
    """How many items each customer has."""
    customers: Ints
    """How many customers each client has."""

    @property
    def first_items(self) -> Ints:
        """Where the items of each client begin, and where the last end."""
        return np.append(0, np.cumsum(self.catalogue))

    @property
    def clients_of_pairs(self) -> Ints:
        """The client of every pair."""
        of_customers = np.repeat(np.arange(len(self.customers)), self.customers)
        return np.repeat(of_customers, self.baskets)

    def only(self, first: int, last: int) -> Interactions:
        """Keep the clients from one to before another."""
        items = self.first_items
        people = np.append(0, np.cumsum(self.customers))
        pairs = np.append(0, np.cumsum(self.baskets))
        of_items = slice(items[first], items[last])
        of_people = slice(people[first], people[last])
        return Interactions(
            self.items[of_items],
            self.buyers[of_items],
            self.retired[of_items],
            self.catalogue[first:last],
            self.codes[pairs[people[first]] : pairs[people[last]]],
            self.baskets[of_people],
            self.customers[first:last],
        )


def interactions(
    rows: pl.DataFrame, clients: Ints, many: int, seeds: Ints, settings: Settings
) -> Interactions:
    """Lay out interactions.

    A row without a customer or an item says nothing. An item counts once per customer, at its
    newest time, and is retired where any row of the client says so. What is retired still tells
    of the taste of those who bought it.

    Args:
        rows: the interactions of all clients.
        clients: the client of every row, 0 ... many - 1; shape (rows,).
        many: how many clients there are.
        seeds: of every client; shape (many,).
        settings: which columns are looked at.

    Raises:
        BadInput: if a column is not there.
    """
    for name in filter(None, (settings.customer, settings.item, settings.timestamp)):
        if name not in rows.columns:
            raise BadInput(
                f"the interactions have no column {name!r}; name the columns in the template's"
                " params customer, item and timestamp"
            )
    pairs = _pairs(rows, clients, settings)
    known = (
        pairs.group_by(CLIENT, "item")
        .agg(buyers=pl.len().cast(pl.Int64), retired=pl.col("retired").any())
        .filter(pl.col("buyers") >= settings.least_customers)
        .sort(CLIENT, "buyers", "item", descending=[False, True, False])
        .with_columns(code=pl.int_range(pl.len()).over(CLIENT))
        .filter(pl.col("code") < settings.most_items)
    )
    people = (
        pairs.select(CLIENT, "customer")
        .unique()
        .sort(CLIENT, "customer")
        .with_columns(person=pl.int_range(pl.len()).over(CLIENT))
    )
    coded = pairs.join(known.select(CLIENT, "item", "code"), on=[CLIENT, "item"]).join(
        people, on=[CLIENT, "customer"]
    )
    chance = _mixed(coded, seeds)
    coded = coded.with_columns(pl.Series("chance", chance)).sort(CLIENT, "person", "time", "chance")
    baskets = coded.group_by(CLIENT, "person", maintain_order=True).agg(size=pl.len())
    return Interactions(
        known["item"],
        known["buyers"].to_numpy(),
        known["retired"].to_numpy(),
        np.bincount(known[CLIENT].to_numpy(), minlength=many).astype(np.int64),
        coded["code"].to_numpy(),
        baskets["size"].to_numpy().astype(np.int64),
        np.bincount(baskets[CLIENT].to_numpy(), minlength=many).astype(np.int64),
    )


def _pairs(rows: pl.DataFrame, clients: Ints, settings: Settings) -> pl.DataFrame:
    gone = settings.retired in rows.columns
    frame = rows.select(
        pl.Series(CLIENT, clients),
        customer=settings.customer,
        item=spelling(pl.col(settings.item)),
        time=pl.col(settings.timestamp) if settings.timestamp else pl.lit(0),
        retired=pl.col(settings.retired).fill_null(False) if gone else pl.lit(False),
    )
    return (
        frame.drop_nulls(["customer", "item"])
        .group_by(CLIENT, "customer", "item")
        .agg(pl.col("time").max(), pl.col("retired").any())
    )


def _mixed(coded: pl.DataFrame, seeds: Ints) -> NDArray[np.uint64]:
    """Draw a number for each pair that depends on the seed, the customer and the item only.

    Source: the finaliser of SplitMix64, Steele, Lea and Flood, OOPSLA 2014.
    """
    place, person, code = (
        coded[name].to_numpy().astype(np.uint64) for name in (CLIENT, "person", "code")
    )
    found: NDArray[np.uint64] = seeds.astype(np.uint64)[place.astype(np.int64)]
    for part in (person, code):
        found = (found ^ part) + np.uint64(0x9E3779B97F4A7C15)
        found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        found ^= found >> np.uint64(31)
    return found
