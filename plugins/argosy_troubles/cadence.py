"""How often a model is looked at, and which models were not looked at when they should have been.

The template's `schedule` says how often. Where there is none, it is three times the median of the
last five gaps between looks, at least a day; a model with a single look goes by the median of the
others, and by 31 days where no model has more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.registry.templates import every
from argosy.views.urgency import beyond, within

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_BAND = (12, 30)
"""The least and the highest severity."""
_GAPS, _TIMES = 5, 3
_DAY = 86_400_000_000
_GRACE = 1.1
"""What runs every night does not begin and end to the minute."""
_LEAST, _OTHERWISE = pl.duration(days=1), pl.duration(days=31)


def overdue(view: FleetView, looks: pl.DataFrame) -> pl.DataFrame:
    """Return the models whose last look is older than their cadence.

    Args:
        view: of the fleet; its `moment` is what ages are seen from.
        looks: `model` and `at` of every look that said something, in any order.

    Returns:
        `model`, `last` (the last look), `cadence` (a duration), and `late`: how many times the
        cadence has passed since.
    """
    gaps = (
        looks.unique()
        .sort("model", "at")
        .with_columns(gap=pl.col("at").diff().over("model"))
        .group_by("model")
        .agg(last=pl.col("at").last(), usual=pl.col("gap").tail(_GAPS).median() * _TIMES)
    )
    own = pl.max_horizontal(pl.when(pl.col("usual").is_not_null()).then("usual"), _LEAST)
    known = gaps.with_columns(own=pl.when(pl.col("usual").is_not_null()).then(own))
    models = view.models().select("model", "template").collect()
    cadences = known.join(models, on="model", how="left").join(
        _schedules(view), on="template", how="left"
    )
    usual = pl.lit(known["own"].median(), pl.Duration("us"))
    now = pl.lit(view.moment, pl.Datetime("us", "UTC"))
    judged = cadences.with_columns(
        cadence=pl.coalesce("schedule", "own", usual, _OTHERWISE), age=now - pl.col("last")
    )
    late = pl.col("age").dt.total_microseconds() / pl.col("cadence").dt.total_microseconds()
    return (
        judged.with_columns(late=late)
        .filter(pl.col("late") > 1)
        .select("model", "last", "cadence", "late")
    )


def listed(late: pl.DataFrame, nothing: str) -> pa.Table:
    """Answer as a cause of triage: the longer the cadence has passed, the worse.

    Args:
        late: as `overdue` returns it, perhaps of fewer models.
        nothing: what there is not since the last look, such as `no evaluation with a value`.
    """
    return late.select(
        "model",
        since="last",
        severity=within(*_BAND, beyond(pl.col("late"))),
        reason=pl.format(
            "{} since {}", pl.lit(nothing), pl.col("last").dt.strftime("%A, %Y-%m-%d %H:%M")
        ),
    ).to_arrow()


def _schedules(view: FleetView) -> pl.DataFrame:
    rows = view.state["template"].select("template", "schedule").rows()
    days = [(template, every(schedule)) for template, schedule in rows]
    lengths = pl.DataFrame(days, {"template": pl.String, "days": pl.Float64}, orient="row")
    lengths = lengths.with_columns(span=pl.col("days") * _DAY * _GRACE)
    return lengths.select("template", schedule=pl.duration(microseconds="span"))
