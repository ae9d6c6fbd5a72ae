"""What customers buy, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled
from argosy_recommendations.generator.draws import hashed, uniform
from argosy_recommendations.generator.market import WINDOW
from argosy_recommendations.generator.tastes import segments, tastes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_recommendations.generator.market import Market

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Purchases:
    """Purchases in the order of client, day and time; one element of each array per purchase."""

    client: Ints
    """The number of the client."""
    day: Ints
    customer: Ints
    """The number of the customer at that client."""
    slot: Ints
    """The item's place in the client's catalogue."""
    second: Ints
    """Of the day."""


def purchases(market: Market, clients: slice, first: int, days: int) -> Purchases:
    """Draw the purchases of some clients on some days.

    A day of a client is the same whatever else is drawn with it.

    >>> from argosy_recommendations.generator.market import Market
    >>> whole = purchases(Market(6, seed=7), slice(0, 6), 0, 10)
    >>> part = purchases(Market(6, seed=7), slice(2, 3), 4, 2)
    >>> chosen = (whole.client == 2) & (whole.day >= 4) & (whole.day < 6)
    >>> bool((whole.slot[chosen] == part.slot).all()), len(part.slot) > 0
    (True, True)
    """
    number = np.arange(market.clients)[clients]
    day = np.arange(first, first + days)
    rate = market.sizes[clients][:, None] / WINDOW
    count = np.floor(rate + uniform(market.seed, 21, number[:, None], day[None, :])).astype(int)
    many = count.ravel()
    cell = np.repeat(np.arange(many.size), many)
    at = np.arange(cell.size) - np.repeat(np.cumsum(many) - many, many)
    client, when = number[cell // days], day[cell % days]
    key = hashed(market.seed, 22, client, when, at).view(np.int64)
    pool = market.customers(day)[clients].ravel()[cell]
    customer = (pool * uniform(key, 1) ** 1.3).astype(np.int64)
    cumulated = np.cumsum(tastes(market, clients, day), axis=-1)
    row = cell * cumulated.shape[2] + segments(market, client, customer)
    slot = _picked(cumulated.reshape(-1, cumulated.shape[-1]), row, uniform(key, 2))
    second = np.sort(cell * 86_400 + (86_400 * uniform(key, 3)).astype(np.int64)) % 86_400
    return Purchases(client, when, customer, slot, second)


@compiled
def _picked(cumulated: Floats, row: Ints, drawn: Floats) -> Ints:
    """Draw one column for each wanted row of cumulated probabilities, by bisection."""
    found = np.empty(row.size, np.int64)
    last = cumulated.shape[1] - 1
    for place in range(row.size):
        mine = cumulated[row[place]]
        aim = drawn[place] * mine[last]  # rounding may leave the sum a little below 1
        low, high = 0, last
        while low < high:
            middle = (low + high) // 2
            if mine[middle] > aim:
                high = middle
            else:
                low = middle + 1
        found[place] = low
    return found
