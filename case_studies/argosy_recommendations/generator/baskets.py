"""Which items each customer has, as one bit per item: a catalogue has at most 60."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_recommendations.generator.purchases import Purchases

    Bits = NDArray[np.uint64]
    Flags = NDArray[np.bool_]
    Ints = NDArray[np.int64]


def baskets(bought: Purchases, first: int, offsets: Ints, chosen: Flags) -> Bits:
    """Return the items of every customer, of the chosen purchases only.

    Args:
        bought: purchases of the clients from number `first` on.
        first: the number of the first client.
        offsets: where each client's customers begin among all.
        chosen: which purchases count.
    """
    customer = offsets[bought.client[chosen] - first] + bought.customer[chosen]
    return _gathered(customer, bought.slot[chosen], int(offsets[-1]))


def listed(bits: Bits, client: Ints, names: pl.Series, width: int) -> pl.Series:
    """Return the items of every customer as a list of names, in the order of the catalogue.

    Args:
        bits: one number per customer.
        client: the place of each customer's client among those of `names`.
        names: of the items of all clients, `width` of each.
        width: the most items of a client.
    """
    slots, ends = _spread(bits)
    item = names.gather(np.repeat(client, np.diff(ends)) * width + slots)
    whole = item.to_arrow()
    import pyarrow as pa

    return pl.Series(pa.LargeListArray.from_arrays(pa.array(ends), whole))


@compiled
def _gathered(customer: Ints, slot: Ints, many: int) -> Bits:
    found = np.zeros(many, np.uint64)
    for place in range(customer.size):
        found[customer[place]] |= np.uint64(1) << np.uint64(slot[place])
    return found


@compiled
def _spread(bits: Bits) -> tuple[Ints, Ints]:
    """Return the places of the bits, and where those of each number begin and end."""
    ends = np.zeros(bits.size + 1, np.int64)
    for row in range(bits.size):
        left, count = bits[row], 0
        while left:
            left &= left - np.uint64(1)
            count += 1
        ends[row + 1] = ends[row] + count
    slots = np.empty(ends[-1], np.int64)
    for row in range(bits.size):
        at, left, slot = ends[row], bits[row], 0
        while left:
            if left & np.uint64(1):
                slots[at] = slot
                at += 1
            left >>= np.uint64(1)
            slot += 1
    return slots, ends
