"""The promoted versions were evaluated without failure, and are not worse than those before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import options
from argosy.types import Check
from argosy.views.metrics import goodness
from argosy_checks.subjects import judged, number, subjects, told
from argosy_checks.verdicts import objections

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_ROWS = ("model", "dataset", "dataset_digest", "metric", "window")


def look(fleet: FleetView, moved: pa.Table) -> pa.Table:
    """Find versions that were not evaluated, failed, or are worse than those that they replace.

    Where the template of a model has a metric and a margin, and both versions were measured on the
    very same rows, the new one must win by the margin. Elsewhere the comparison of the two decides.
    """
    models = subjects(fleet, moved)
    measured = _by_margin(fleet, models)
    others = models.join(measured, on="model", how="anti", maintain_order="left")
    short = measured.filter(pl.col("gain") < pl.col("margin")).select(
        "model",
        reason=pl.format(
            "its {} is {}, it was {} in version {}: that is not better by the margin of {}",
            *("metric", number("value"), number("old"), "previous", "margin"),
        ),
    )
    return told(unmeasured(fleet, models), short, objections(fleet, others), decline(fleet, models))


def unmeasured(fleet: FleetView, models: pl.DataFrame) -> pl.DataFrame:
    """Return models whose version was not evaluated, not of late, or failed: `model`, `reason`.

    Args:
        fleet: to be read.
        models: as `subjects` returns them.
    """
    own = _standing(fleet, models)
    sound = own.filter(status="ok")
    young = sound.filter(pl.col("at") >= pl.col("since"))
    stale = sound.join(young, on="model", how="anti").group_by("model", maintain_order=True)
    old = stale.agg(pl.col("at").max(), pl.col("version").first()).select(
        "model",
        reason=pl.format(
            "its version {} was evaluated last on {}, which is too old; run `argosy evaluate`",
            *("version", pl.col("at").dt.strftime("%Y-%m-%d")),
        ),
    )
    absent = models.join(sound, on="model", how="anti", maintain_order="left")
    what = pl.when(pl.col("metric").is_not_null()).then(pl.format(" by {}", "metric"))
    never = absent.select(
        "model",
        reason=pl.format("its version {} was not evaluated{}", "version", what.fill_null("")),
    )
    return pl.concat([_failed(own), never, old])


def failing(fleet: FleetView, models: pl.DataFrame) -> pl.DataFrame:
    """Return models whose version failed in its last evaluation: `model` and `reason`."""
    return _failed(_standing(fleet, models))


def _failed(own: pl.DataFrame) -> pl.DataFrame:
    return own.filter(status="failed").select(
        "model", reason=pl.format("its evaluation failed: {}", pl.col("reason").fill_null("?"))
    )


def decline(fleet: FleetView, models: pl.DataFrame) -> pl.DataFrame:
    """Return models whose version was measured again and is surely worse than it was.

    It is judged in the metric of its template, else in those that `checks.metrics` names, on the
    same data: worse where the 95 % intervals of its last evaluation and the one before lie apart.

    Returns:
        `model` and `reason`.
    """
    wanted = models.lazy().select("model", "version", own="metric")
    rows = fleet.evaluations().join(wanted, on=["model", "version"])
    named = pl.col("own").is_not_null() | pl.lit(bool(options("checks").metrics))
    rows = _whole(rows).filter(named, judged(), status="ok")
    ordered = rows.sort("at", "window_start", maintain_order=True).collect()
    of = ["model", "dataset", "metric"]
    ends = ordered.unique([*of, "run_id"], keep="last", maintain_order=True)
    was = {f"was_{name}": pl.col(name).shift().over(of) for name in ("value", "lower", "upper")}
    pairs = ends.with_columns(**was).unique(of, keep="last", maintain_order=True)
    worse = goodness(pl.col("value")) < goodness(pl.col("was_value"))
    apart = (pl.col("lower") > pl.col("was_upper")) | (pl.col("upper") < pl.col("was_lower"))
    return pairs.filter(worse, apart).select(
        "model",
        reason=pl.format(
            "its {} has become worse: {}, it was {}", "metric", number("value"), number("was_value")
        ),
    )


def _whole(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Leave out slices, and other roles than the one that is looked at."""
    data = options("checks").data
    rows = rows.filter(pl.col("slice").is_null() | (pl.col("slice") == "all"))
    return rows if data is None else rows.filter(dataset=data)


def _standing(fleet: FleetView, models: pl.DataFrame) -> pl.DataFrame:
    """Return how the versions stand: their evaluations of all rows, and what judges them."""
    wanted = models.lazy().select("model", "version", "since", own="metric")
    rows = _whole(fleet.standing()).join(wanted, on=["model", "version"])
    return rows.filter(pl.col("metric").is_null() | judged()).collect()


def _by_margin(fleet: FleetView, models: pl.DataFrame) -> pl.DataFrame:
    """Return models with a metric and a margin of their own, measured on the rows of both versions.

    `value` is of the new version, `old` of the one before, `gain` how much better it is.
    """
    own = models.filter(pl.col("margin") > 0, pl.col("metric").is_not_null())
    rows = _whole(fleet.standing()).filter(status="ok")
    both = []
    for side, value in (("version", "value"), ("previous", "old")):
        wanted = own.lazy().select("model", "metric", "since", version=side)
        found = rows.join(wanted, on=["model", "metric", "version"])
        found = found.filter(pl.col("at") >= pl.col("since"))
        good = {f"good_{value}": goodness(pl.col("value"))}
        both.append(found.select(*_ROWS, pl.col("value").alias(value), **good).collect())
    joined = both[0].join(both[1], on=_ROWS, nulls_equal=True, maintain_order="left")
    gained = joined.with_columns(gain=pl.col("good_value") - pl.col("good_old"))
    worst = gained.sort("gain", maintain_order=True).unique("model", keep="first")
    return worst.join(own.select("model", "previous", "margin"), on="model")


CHECK = Check(
    name="evaluation",
    summary="The promoted versions were evaluated, and are not worse than those before.",
    look=look,
    reads=("evaluations",),
    next_step="argosy evaluate",
)
