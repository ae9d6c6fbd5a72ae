"""Faults in the feeds of some clients on some nights, which a night must cope with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy_recommendations.generator.draws import uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_recommendations.generator.market import Market

    Flags = NDArray[np.bool_]

BROKEN, SCRAMBLED = 0.01, 0.05
"""The share of clients whose feed has no items on a night, or has them mixed up."""


def broken(market: Market, night: int) -> Flags:
    """Say which clients' feeds lack the items that were bought: none can be trained on."""
    return uniform(market.seed, 31, night, np.arange(market.clients)) < BROKEN


def scrambled(market: Market, night: int) -> Flags:
    """Say which clients' feeds name the wrong items: what is trained on them is worse."""
    drawn = uniform(market.seed, 32, night, np.arange(market.clients))
    found: Flags = (drawn < SCRAMBLED) & ~broken(market, night)
    return found
