"""What comparisons say against promoted versions: the verdicts that stand of each pair.

A comparison is of the version and the one that it replaces, whichever of them was the champion
then. Where a test was made again the last one counts; a run that looked at other metrics takes
nothing back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import options
from argosy_checks.subjects import judged, number

if TYPE_CHECKING:
    from argosy.types import FleetView

_PAIR = ("model", "version", "previous")
_TURNED = {"better": "worse", "worse": "better"}
_DECIDED = ("better", "worse", "no difference")


def objections(fleet: FleetView, models: pl.DataFrame) -> pl.DataFrame:
    """Return models that comparisons speak against, or that nobody can tell of: `model`, `reason`.

    Not found are those whose version is better or not different in every metric that it is judged
    by; where its template has a margin, only those that win by it, at the lower end of the
    interval. A version without one before it is not compared.

    Args:
        fleet: to be read.
        models: as `subjects` returns them.
    """
    replaces = pl.col("previous") != pl.col("version")
    pairs = models.filter(pl.col("previous").is_not_null() & replaces)
    every = _compared(fleet, pairs)
    young = every.filter(pl.col("at") >= pl.col("since"))
    asked = judged() & (pl.col("comparison") == pl.coalesce("test", "comparison"))
    tests = young.filter(pl.col("metric").is_not_null(), asked)
    failed = young.filter(pl.col("metric").is_null()).select(
        "model", reason=pl.format("it could not be compared: {}", pl.col("reason").fill_null("?"))
    )
    never = pairs.join(every, on="model", how="anti").select(
        "model",
        reason=pl.format(
            "version {} was never compared with version {}, which it replaces; run"
            " `argosy compare`",
            *("version", "previous"),
        ),
    )
    last = every.group_by("model", maintain_order=True).agg(pl.col("at").max())
    old = last.join(young, on="model", how="anti").select(
        "model",
        reason=pl.format(
            "it was compared last on {}, which is too old; run `argosy compare`",
            pl.col("at").dt.strftime("%Y-%m-%d"),
        ),
    )
    other = pairs.join(young, on="model", how="semi").join(tests, on="model", how="anti")
    untested = other.select(
        "model",
        reason=pl.format(
            "no comparison of it has tested {}; run `argosy compare`",
            pl.coalesce("metric", pl.lit(", ".join(options("checks").metrics) or "any metric")),
        ),
    )
    return pl.concat([failed, _against(tests), never, old, untested])


def _compared(fleet: FleetView, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the tests that stand of each pair, `effect` and `verdict` being of its version.

    A row without a metric says that the last comparison of the pair on its data failed.
    """
    rows = fleet.table("comparisons")
    data = options("checks").data
    if data is not None:
        rows = rows.filter(dataset=data)
    wanted = pairs.lazy().select(*_PAIR, "since", own="metric", test="comparison", least="margin")
    forth = rows.rename({"challenger_version": "version", "champion_version": "previous"})
    back = rows.rename({"champion_version": "version", "challenger_version": "previous"})
    turned = back.with_columns(
        effect=-pl.col("effect"),
        lower=-pl.col("upper"),
        upper=-pl.col("lower"),
        champion_value="challenger_value",
        challenger_value="champion_value",
        verdict=pl.col("verdict").replace(_TURNED),
    )
    both = pl.concat([forth, turned], how="diagonal").join(wanted, on=list(_PAIR)).collect()
    ordered = both.sort("at", maintain_order=True)
    newest = ordered.unique(
        ["model", "dataset", "comparison", "metric"], keep="last", maintain_order=True
    )
    on = pl.col("at").max().over("model", "dataset")
    return newest.filter(pl.col("metric").is_not_null() | (pl.col("at") == on))


def _against(tests: pl.DataFrame) -> pl.DataFrame:
    """Return what the tests of a pair say against it, the worst first: `model` and `reason`."""
    decided = pl.col("verdict").is_in(_DECIDED)
    applies = (
        pl.any_horizontal(pl.col("champion_value", "challenger_value").is_not_null())
        | pl.col("own").is_not_null()
    )
    told = tests.with_columns(
        open=(~decided & applies).all().over("model", "dataset", "metric"),
        lost=(~decided).all().over("model"),
        now=number("challenger_value"),
        before=number("champion_value"),
        q=pl.col("q_value").round(4),
        gained=number("effect"),
        sure=number("lower").cast(pl.String).fill_null("?"),
    )
    win = pl.col("verdict") == "better"
    short = (pl.col("least") > 0) & ~(win & (pl.col("lower") >= pl.col("least")))
    all_short = short.fill_null(False).all().over("model", "dataset", "metric")
    why = pl.coalesce("reason", pl.lit("no test was made"))
    place = (
        pl.when(pl.col("verdict") == "worse")
        .then(0)
        .when(all_short & decided)
        .then(1)
        .when(pl.col("open") | pl.col("lost"))
        .then(2)
    )
    reason = (
        pl.when(pl.col("verdict") == "worse")
        .then(
            pl.format(
                "its {} is worse: {}, it was {} in version {} ({}, q {})",
                *("metric", "now", "before", "previous", "comparison", "q"),
            )
        )
        .when(all_short & decided)
        .then(
            pl.format(
                "its {} does not surely win by the margin of {}: {} by {}, at least {} ({})",
                *("metric", "least", "verdict", "gained", "sure", "comparison"),
            )
        )
        .when(pl.col("open") | pl.col("lost"))
        .then(pl.format("its {} could not be compared: {}", "metric", why))
    )
    found = told.with_columns(place=place, why=reason).drop_nulls("place")
    ordered = found.sort("place", "q_value", "metric", nulls_last=True, maintain_order=True)
    return ordered.select("model", reason="why")
