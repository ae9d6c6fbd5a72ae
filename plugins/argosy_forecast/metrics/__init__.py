"""How good forecasts are: every metric of many series, methods and groups in one pass.

`score` is the door: `points` lays forecasts out in groups, `sums` and `peaks` add up, `figures`
makes numbers or reasons of it. `dimensions` adds what groups are made of (blocks of horizons,
seasons, hours, days), `scale` MASE's denominator, `naive2` and `owa` what M4 compares with, and
`m4` scores forecasts of its sets.
"""

from argosy_forecast.metrics.dimensions import blocks, horizon_days, local_times
from argosy_forecast.metrics.m4 import M4_SETS, m4
from argosy_forecast.metrics.naive2 import naive2
from argosy_forecast.metrics.owa import owa
from argosy_forecast.metrics.scale import naive_scale
from argosy_forecast.metrics.score import score

__all__ = [
    "M4_SETS",
    "blocks",
    "horizon_days",
    "local_times",
    "m4",
    "naive2",
    "naive_scale",
    "owa",
    "score",
]
