"""What the customers of a client like on a day, which is what no recommender is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy_recommendations.generator.draws import hashed, normal, uniform
from argosy_recommendations.generator.market import SLOTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_recommendations.generator.market import Market

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SEGMENTS = 4
_AT_RANDOM = 0.1


def segments(market: Market, client: Ints, customer: Ints) -> Ints:
    """Return which segment a customer belongs to; it never changes."""
    found = hashed(market.seed, 11, client, customer) % np.uint64(SEGMENTS)
    return found.astype(np.int64)


def tastes(market: Market, clients: slice, days: Ints) -> Floats:
    """Return how likely the next purchase is of each item: client × day × segment × slot.

    What every customer likes, what the segment likes besides, and a wave of each of those that
    takes 20 to 80 days make up a logit; what is not sold has probability 0. One purchase in ten
    is any item that is sold.

    >>> from argosy_recommendations.generator.market import Market
    >>> found = tastes(Market(3, seed=7), slice(0, 2), np.arange(5))
    >>> found.shape, bool(np.allclose(found.sum(-1), 1))
    ((2, 5, 4, 60), True)
    """
    number = np.arange(market.clients)[clients][:, None, None]
    segment, slot = np.arange(SEGMENTS)[None, :, None], np.arange(SLOTS)[None, None, :]
    names = (market.seed, 12, number, segment, slot)
    fixed = normal(market.seed, 13, number, 0 * segment, slot) + 1.6 * normal(*names, 1)
    period, phase = 20 + 60 * uniform(*names, 2), uniform(*names, 3)
    turn = days[None, :, None, None] / period[:, None] + phase[:, None]
    logit = fixed[:, None] + 0.9 * np.sin(2 * np.pi * turn)
    sold = np.stack([market.sold(int(day), clients) for day in days], axis=1)[:, :, None, :]
    weight = np.where(sold, np.exp(logit), 0.0)
    chosen = weight / weight.sum(-1, keepdims=True)
    any_item = sold / sold.sum(-1, keepdims=True)
    mixed: Floats = (1 - _AT_RANDOM) * chosen + _AT_RANDOM * any_item
    return mixed
