"""How often a model is looked at, and which models were not looked at when they should have been.

The template's `schedule` says how often. Where there is none, it is three times the median of the
last five gaps between looks, at least a day; a model with a single look goes by the median of the
others, and by 31 days where no model has more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.registry.templates import every

if TYPE_CHECKING:
    from argosy.types import FleetView

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


def _schedules(view: FleetView) -> pl.DataFrame:
    rows = view.state["template"].select("template", "schedule").rows()
    days = [(template, every(schedule)) for template, schedule in rows]
    lengths = pl.DataFrame(days, {"template": pl.String, "days": pl.Float64}, orient="row")
    lengths = lengths.with_columns(span=pl.col("days") * _DAY * _GRACE)
    return lengths.select("template", schedule=pl.duration(microseconds="span"))
