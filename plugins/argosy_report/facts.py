"""What a report shows of a fleet, as frames that are read from a fleet or made by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.reading import Reading

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
    "metric": pl.String,
    "value": pl.Float64,
    "better": pl.String,
}
"""The last evaluation of each model: one row per metric, null where it is undefined.

`better` says which direction is good, `higher` or `lower`; it is null where no plugin knows.
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


_known: WeakKeyDictionary[Reading, tuple[int, Facts]] = WeakKeyDictionary()


def known(fleet: Reading) -> Facts:
    """Return the facts of a fleet, collected once for all panels until the fleet changes."""
    seq = fleet.seq
    held = _known.get(fleet)
    if held is None or held[0] != seq:
        held = _known[fleet] = (seq, collect(fleet))
    return held[1]


def collect(fleet: Reading) -> Facts:
    """Read the facts of a fleet.

    >>> import argosy, tempfile
    >>> fleet = argosy.open(tempfile.mkdtemp() + "/fleet", create=True)
    >>> _ = fleet.register({"model": ["churn"], "version": ["1"]})
    >>> collect(fleet).models["state"].to_list()
    ['unknown']
    """
    drift = _drift(fleet)
    scores = _scores(fleet)
    models = _models(fleet, drift, scores)
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


def _last(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the rows of each model's last run."""
    return rows.join(rows.group_by("model").agg(pl.col("at").max()), on=["model", "at"], how="semi")


def _drift(fleet: Reading) -> pl.DataFrame:
    """Take the newest window of each model's last run, all of its rows together."""
    from argosy.drift.verdict import severity

    rows = _last(fleet.drift()).filter(pl.col("segment_key").is_null())
    newest = pl.col("window") == pl.col("window").max().over("model")
    rows = rows.filter(pl.col("window").is_null() | newest)
    return rows.with_columns(excess=severity()).select("run_id", "window", *DRIFT).collect()


def _scores(fleet: Reading) -> pl.DataFrame:
    from argosy.plugins import installed

    better = {
        name: "higher" if metric.higher_is_better else "lower"
        for name, metric in installed().metrics.items()
    }
    direction = pl.col("metric").replace_strict(better, default=None, return_dtype=pl.String)
    whole = pl.col("metric").is_null() | (pl.col("slice") == "all")
    newest = pl.col("window_start") == pl.col("window_start").max().over("model")
    rows = _last(fleet.evaluations()).filter(whole)
    rows = rows.filter(pl.col("window_start").is_null() | newest).with_columns(better=direction)
    return rows.select(SCORES.keys()).collect()


def _models(fleet: Reading, drift: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Give each model its state; what triage ranks comes first and in its order."""
    ranked = (
        fleet.triage().select("model", "drifted", "worst_column", "reason").with_row_index("rank")
    )
    broken = scores.filter(pl.col("metric").is_null()).select("model").unique()
    excess = drift.filter(pl.col("status") == "drift").group_by("model").agg(pl.col("excess").max())
    compared = pl.col("status").is_in(["ok", "watch"])
    sound = drift.group_by("model").agg(compared.any().alias("sound"))
    listed = pl.col("rank").is_not_null()
    state = (
        pl.when(listed & (~pl.col("drifted") | pl.col("broken")))
        .then(pl.lit("failed"))
        .when(listed)
        .then(pl.lit("drifted"))
        .when(pl.col("sound"))
        .then(pl.lit("healthy"))
        .otherwise(pl.lit("unknown"))
    )
    return (
        fleet.models()
        .select("model", "team", "owner", "template", "tier")
        .collect()
        .join(ranked, on="model", how="left")
        .join(broken.with_columns(broken=pl.lit(value=True)), on="model", how="left")
        .join(excess, on="model", how="left")
        .join(sound, on="model", how="left")
        .with_columns(pl.col("broken").fill_null(value=False))
        .with_columns(state.alias("state"))
        .sort("rank", pl.col("state") == "healthy", "model", nulls_last=True)
        .select(MODELS.keys())
    )


def _distributions(fleet: Reading, drift: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
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
    whole = fleet.distributions().filter(pl.col("segment_key").is_null())
    counted = whole.join(worst.lazy(), on=["run_id", "window", *pair], nulls_equal=True)
    return counted.sort("place").select(DISTRIBUTIONS.keys()).collect()
