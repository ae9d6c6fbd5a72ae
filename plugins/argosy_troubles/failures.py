"""What fails still: since when, how often in a row, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.store.damage import collect
from argosy.views.counts import NOT_APPLICABLE, judged
from argosy.views.entities import in_use
from argosy.views.facts import WINDOW, in_order
from argosy.views.urgency import aged, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from argosy.types import FleetView

FAILED = pl.col("status") == "failed"
WHOLLY = FAILED & pl.col("metric").is_null()
"""Rows of metrics that say that nothing at all could be measured."""
_NOTHING = (
    pl.lit(None, pl.String).alias("reason"),
    pl.lit(None, pl.Datetime("us", "UTC")).alias("since"),
    pl.lit(None, pl.UInt32).alias("times"),
)


def standing_failures(
    view: FleetView, table: str | pl.LazyFrame, of: Sequence[str], failed: pl.Expr = FAILED
) -> pl.DataFrame:
    """Return what failed in the last run that came to it, whatever else succeeded meanwhile.

    Args:
        view: of the fleet.
        table: of facts, with `status` and `reason`; or rows of one, with `run_id` and `at`.
        of: the columns that tell apart what may fail, such as `model`, `version`, `dataset`: a
            failure stands until a later run has done the same without one. With a `version`, only
            versions in use count.
        failed: which rows tell of a failure.

    Returns:
        The columns `of`, `reason` of the last failure, `since` (when the first run ended that
        failed and was followed by no success) and `times`, how many runs failed since.
    """
    rows, columns = (view.table(table) if isinstance(table, str) else table), list(of)
    failing = collect(rows.filter(failed).select(columns).unique(), view.url)
    if "version" in columns:
        failing = failing.join(in_use(view.state), on=["model", "version"], how="semi")
    if failing.is_empty():
        return failing.with_columns(_NOTHING)
    rank = view.state["run"].select("run_id", run_seq="seq").lazy()
    mine = rows.join(failing.lazy(), on=columns, how="semi", nulls_equal=True)
    runs = collect(
        mine.join(rank, on="run_id")
        .group_by(*columns, "run_seq")
        .agg(
            at=pl.col("at").first(),
            broken=failed.any(),
            reason=pl.col("reason").filter(failed).drop_nulls().first(),
        ),
        view.url,
    ).sort(*columns, "run_seq")
    last_well = pl.col("run_seq").filter(~pl.col("broken")).max().over(columns)
    standing = runs.filter(pl.col("broken"), pl.col("run_seq") > last_well.fill_null(-1))
    return standing.group_by(columns, maintain_order=True).agg(
        reason=pl.col("reason").last(), since=pl.col("at").min(), times=pl.len()
    )


def unjudged(rows: pl.LazyFrame, of: Sequence[str], url: str) -> pl.LazyFrame:
    """Say of every run whether it left open what it was to measure: rows for `standing_failures`.

    As in the counts of a run (`argosy.views.counts.missed`), that is so where nothing came out, or
    something failed while other things came out; here of the newest whole window, or the newest
    one where none is whole. What applies to no model is not missed.

    Args:
        rows: of facts with `metric`; those of what failed as a whole do not count.
        of: the columns that tell apart what is measured, such as `model`, `version`, `dataset`.
        url: of the fleet.

    Returns:
        `run_id`, the columns `of`, `at`, `reason`, and `status`: `failed` where it is open. Only
        what was ever open has rows.
    """
    columns = ["run_id", *of]
    asked = rows.filter(pl.col("metric").is_not_null(), pl.col("status") != NOT_APPLICABLE)
    doubtful = collect(asked.filter(~judged()).select(of).unique(), url)
    mine = asked.join(doubtful.lazy(), on=of, how="semi")
    whole = pl.col("whole").fill_null(value=True)
    last = (
        mine.select(*columns, "whole", *WINDOW)
        .unique()
        .sort(whole, *in_order(), nulls_last=False)
        .unique(columns, keep="last", maintain_order=True)
        .select(*columns, *WINDOW)
    )
    newest = mine.join(last, on=[*columns, *WINDOW], how="semi", nulls_equal=True)
    open_ = FAILED.any() | ~judged().any()
    return newest.group_by(columns).agg(
        at=pl.col("at").first(),
        reason=pl.col("reason").filter(~judged()).drop_nulls().first(),
        status=pl.when(open_).then(pl.lit("failed")).otherwise(pl.lit("ok")),
    )


def listed(
    failures: pl.DataFrame, view: FleetView, band: tuple[float, float], told: pl.Expr
) -> pa.Table:
    """Answer as a cause of triage: the longer something fails, the worse.

    Args:
        failures: as `standing_failures` returns them.
        view: of the fleet.
        band: the least and the highest severity.
        told: the reason in words.
    """
    again = pl.when(pl.col("times") > 1).then(pl.format(" ({} times in a row)", "times"))
    version = [name for name in ("version",) if name in failures.columns]
    return failures.select(
        "model",
        *version,
        "since",
        severity=within(*band, aged(pl.col("since"), view.moment)),
        reason=pl.concat_str(told, again.fill_null("")),
    ).to_arrow()
