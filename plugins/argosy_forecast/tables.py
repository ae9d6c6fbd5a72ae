"""The tables that the jobs of this package append to."""

from __future__ import annotations

import pyarrow as pa

from argosy.types import FactTable

TIME = pa.timestamp("us", tz="UTC")
_RUN = [("run_id", pa.string()), ("at", TIME), ("model", pa.string()), ("version", pa.string())]
_END = [("status", pa.string()), ("reason", pa.string())]
_QUANTILES = [("levels", pa.list_(pa.float64())), ("quantiles", pa.list_(pa.float64()))]

FORECASTS = FactTable(
    name="forecasts",
    schema=pa.schema(
        [
            *_RUN,
            ("series", pa.string()),
            ("dataset", pa.string()),
            ("origin", TIME),
            ("time", TIME),
            ("horizon", pa.int32()),
            ("value", pa.float64()),
            *_QUANTILES,
            ("flag", pa.string()),
            *_END,
        ]
    ),
    summary="A row per model and time ahead: what was forecast, from which origin, and how.",
    part="time",
)
"""`origin` is the instant up to which values were known, `horizon` the steps after the last of
their times. `flag` is `model`, or `fallback` where the model failed, its data had not come, or it
was not ready in time: `status` is `failed` then, `reason` says why, and `value` is the newest known
value of the same time of the season, null where there is not even that.
"""

BACKTESTS = FactTable(
    name="backtests",
    schema=pa.schema(
        [
            *_RUN,
            ("dataset", pa.string()),
            ("first_origin", TIME),
            ("last_origin", TIME),
            ("origins", pa.int64()),
            ("block", pa.int64()),
            ("season", pa.string()),
            ("hour", pa.int64()),
            ("metric", pa.string()),
            ("level", pa.float64()),
            ("value", pa.float64()),
            ("naive", pa.float64()),
            ("skill", pa.float64()),
            ("n", pa.int64()),
            ("left_out", pa.int64()),
            *_END,
        ]
    ),
    summary="A row per model, group of forecasts and metric: how good they would have been.",
    part="metric",
    offered="metric",
)
"""`block` is the last horizon of a block, in steps, null for all; `season` and `hour` (of the
clock of the series' zone) likewise. `naive` is the metric of the season before on the points that
both have, `skill` one less the ratio of the two. `left_out` points had no truth or no forecast.
"""

POINTS = FactTable(
    name="backtest_points",
    schema=pa.schema(
        [
            *_RUN,
            ("series", pa.string()),
            ("dataset", pa.string()),
            ("origin", TIME),
            ("time", TIME),
            ("horizon", pa.int32()),
            ("truth", pa.float64()),
            ("known", TIME),
            ("value", pa.float64()),
            ("naive", pa.float64()),
            ("quantiles", pa.list_(pa.float64())),
            *_END,
        ]
    ),
    summary="A row per model, origin and time: what it would have said, beside what came true.",
    detail="backtests",
)
"""`known` says since when the truth was."""

RECONCILED = FactTable(
    name="reconciled",
    schema=pa.schema(
        [
            *_RUN,
            ("hierarchy", pa.string()),
            ("series", pa.string()),
            ("dataset", pa.string()),
            ("level", pa.int64()),
            ("origin", TIME),
            ("time", TIME),
            ("horizon", pa.int32()),
            ("value", pa.float64()),
            ("base", pa.float64()),
            ("method", pa.string()),
            ("origins", pa.int64()),
            *_END,
        ]
    ),
    summary="A row per model and time ahead: its forecast, so that children add up to parents.",
    part="time",
)
"""`base` is the forecast as the model made it, `level` how far the node is from its root, `origins`
of how many earlier backtests errors were known. `reason` says of a node that is reconciled only in
part why that is so; `status` is `unknown` then.
"""
