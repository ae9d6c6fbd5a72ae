"""Which forecast is used: a champion per series, and how far ahead a learned one is worth it.

`losses` adds up errors by origin, the unit of all that is decided; `origins` says how surely a mean
over origins is known, also where they depend on each other; `choose` names champions, `routing` the
horizon up to which a group's forecasts are learned.
"""

from argosy_forecast.champions.choose import choose
from argosy_forecast.champions.losses import origin_losses
from argosy_forecast.champions.routing import learn_or_not, moved_switch

__all__ = ["choose", "learn_or_not", "moved_switch", "origin_losses"]
