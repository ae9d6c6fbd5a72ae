"""What a report shows of a fleet, as frames that are read from a fleet or made by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import polars as pl

from argosy_report.health import health, last_drift, last_scores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.types import FleetView, Metric

    Schema = Mapping[str, pl.DataType | type[pl.DataType]]

MODELS: Schema = {
    "model": pl.String,
    "team": pl.String,
    "owner": pl.String,
    "template": pl.String,
    "tier": pl.Int64,
    "state": pl.String,
    "excess": pl.Float64,
    "worst_column": pl.String,
    "reason": pl.String,
}
"""One row per model, worst first.

`state` is `failed`, `drifted`, `unknown` or `healthy`. Nobody knows how a model fares that was
never checked, or had too few rows for every test: it is `unknown`, never `healthy`.
`excess` is how many times its worst effect is the effect that its detector alerts at.
`reason` is null unless the model failed or drifted.
"""

DRIFT: Schema = {
    "model": pl.String,
    "column": pl.String,
    "detector": pl.String,
    "effect": pl.Float64,
    "q_column": pl.Float64,
    "status": pl.String,
    "excess": pl.Float64,
}
"""The last drift check of each model: one row per column and detector."""

SCORES: Schema = {
    "model": pl.String,
    "task": pl.String,
    "dataset": pl.String,
    "window": pl.String,
    "window_start": pl.Datetime("us", "UTC"),
    "window_end": pl.Datetime("us", "UTC"),
    "metric": pl.String,
    "value": pl.Float64,
    "better": pl.String,
}
"""The last evaluation of each model: one row per metric, null where it is undefined.

`dataset` is the role of the rows, and `window` which of them: null for all. No slice is among them.

`better` says which direction is good, `higher`, `lower` or `nearer to 0`; it is null where no
plugin knows.
A model that could not be evaluated is one row without a metric.
"""

DISTRIBUTIONS: Schema = {
    "model": pl.String,
    "column": pl.String,
    "kind": pl.String,
    "edges": pl.List(pl.Float64),
    "categories": pl.List(pl.String),
    "ref_counts": pl.List(pl.Int64),
    "cur_counts": pl.List(pl.Int64),
    "null_ref": pl.Int64,
    "null_cur": pl.Int64,
    "detector": pl.String,
    "effect": pl.Float64,
    "q_column": pl.Float64,
}
"""The columns to draw, in order, each with the detector that found it furthest off."""

RUNS: Schema = {
    "run_id": pl.String,
    "kind": pl.String,
    "started": pl.Datetime("us", "UTC"),
    "status": pl.String,
    "models": pl.Int64,
    "ok": pl.Int64,
    "failed": pl.Int64,
    "drifted": pl.Int64,
    "seconds": pl.Float64,
    "executor": pl.String,
}
"""The last runs, newest first."""

INCIDENTS: Schema = {
    "incident": pl.String,
    "state": pl.String,
    "kind": pl.String,
    "cause": pl.String,
    "columns": pl.List(pl.String),
    "many": pl.Int64,
    "onset": pl.String,
}
"""The open incidents, those of most models first."""

_PICTURES = 12
_RUNS = 10


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report shows; every frame has the columns named above."""

    url: str
    """Where the fleet is."""
    at: datetime
    """When the facts were read, in UTC."""
    models: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MODELS))
    drift: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DRIFT))
    scores: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCORES))
    distributions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DISTRIBUTIONS))
    incidents: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=INCIDENTS))
    runs: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RUNS))


_known: WeakKeyDictionary[FleetView, tuple[int, Facts]] = WeakKeyDictionary()


def known(fleet: FleetView) -> Facts:
    """Return the facts of a fleet, collected once for all panels until the fleet changes."""
    seq = fleet.seq
    held = _known.get(fleet)
    if held is None or held[0] != seq:
        held = _known[fleet] = (seq, collect(fleet))
    return held[1]


def collect(fleet: FleetView) -> Facts:
    """Read the facts of a fleet.

    >>> import argosy, tempfile
    >>> fleet = argosy.open(tempfile.mkdtemp() + "/fleet", create=True)
    >>> _ = fleet.register({"model": ["churn"], "version": ["1"]})
    >>> collect(fleet).models["state"].to_list()
    ['unknown']
    """
    drift = last_drift(fleet).select("run_id", "window", *DRIFT).collect()
    scores = _scores(fleet)
    models = health(fleet, drift, scores).select(MODELS.keys())
    return Facts(
        url=fleet.url,
        at=datetime.now(UTC),
        models=models,
        drift=drift.select(DRIFT.keys()),
        scores=scores,
        distributions=_distributions(fleet, drift, models),
        incidents=fleet.incidents()
        .filter(pl.col("state") != "resolved")
        .select(INCIDENTS.keys())
        .collect(),
        runs=fleet.runs().select(RUNS.keys()).head(_RUNS).collect(),
    )


def _scores(fleet: FleetView) -> pl.DataFrame:
    from argosy.plugins import installed

    better = {name: _direction(metric) for name, metric in installed().metrics.items()}
    direction = pl.col("metric").replace_strict(better, default=None, return_dtype=pl.String)
    rows = last_scores(fleet).with_columns(better=direction)
    return rows.select(SCORES.keys()).collect()


def _direction(metric: Metric) -> str:
    if metric.best is not None:
        return f"nearer to {metric.best:g}"
    return "higher" if metric.higher_is_better else "lower"


def _distributions(fleet: FleetView, drift: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    """Choose the columns to draw: each input of a template once, then the next worst."""
    pair = ["model", "column"]
    worst = (
        drift.filter(pl.col("status") == "drift")
        .sort("excess", *pair, descending=[True, False, False], nulls_last=True)
        .unique(pair, keep="first", maintain_order=True)
        .join(models.select("model", "template"), on="model", maintain_order="left")
        .with_columns(again=pl.struct("template", "column").is_first_distinct().not_())
        .sort("again", maintain_order=True)
        .head(_PICTURES)
        .with_row_index("place")
    )
    whole = fleet.table("distributions").filter(pl.col("segment_key").is_null())
    counted = whole.join(worst.lazy(), on=["run_id", "window", *pair], nulls_equal=True)
    return counted.sort("place").select(DISTRIBUTIONS.keys()).collect()
