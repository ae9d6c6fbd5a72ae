"""What adds up to what, and forecasts that do.

`kind` keeps hierarchies on the ledger, each edge with its validity in time, and `rules` says which
edges cannot be; `topology` reads them as of an instant and finds when a node changed what it adds
up. `summing` makes a matrix of edges; `covariance` says how errors hang together, `minimum_trace`
makes forecasts of one origin add up, `rolling` those of many, and `levels` says whether it helped.
"""

from argosy_forecast.hierarchy.kind import HIERARCHY
from argosy_forecast.hierarchy.levels import by_level, losers
from argosy_forecast.hierarchy.minimum_trace import METHODS, Reconciled, incoherence, reconcile
from argosy_forecast.hierarchy.rolling import reconcile_origins
from argosy_forecast.hierarchy.summing import Summing, summing
from argosy_forecast.hierarchy.topology import edges_at, segments, topology_events

__all__ = [
    "HIERARCHY",
    "METHODS",
    "Reconciled",
    "Summing",
    "by_level",
    "edges_at",
    "incoherence",
    "losers",
    "reconcile",
    "reconcile_origins",
    "segments",
    "summing",
    "topology_events",
]
