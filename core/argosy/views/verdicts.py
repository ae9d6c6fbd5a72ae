"""How the drift of each model stands: drifted, clear, or unknown where nobody could tell.

A verdict belongs to a version and to what was asked. A finding stays open until a later check that
asked the same has judged its column clear, or a person closed it; a model with one is drifted. Else
it is unknown where a column that was asked about could not be judged, or where its newest version
was never checked. Only what was judged and found clear is clear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.store.damage import collect
from argosy.tables import DRIFT_FINDINGS, VERDICTS
from argosy.views import entities

if TYPE_CHECKING:
    from argosy.types import FleetState, FleetView

DRIFTED, CLEAR, UNKNOWN = "drifted", "clear", "unknown"
NEVER = "never checked"
QUESTION = ("reference", "current", "windows", "against", "reference_id")
FINDING = ("model", "version", "segment_key", "segment_value", "column", "detector")
"""What tells findings apart, with the question that found them."""
_UNIT = ["model", "version"]


def severity() -> pl.Expr:
    """How many times an effect is the one that alerts; a threshold of nearly zero is no divisor."""
    return pl.col("effect") / pl.col("threshold").clip(lower_bound=1e-3)


def and_more(others: pl.Expr) -> pl.Expr:
    """Say how many columns there are besides the one that is told; nothing where there is none."""
    plural = pl.when(others > 1).then(pl.lit("s")).otherwise(pl.lit(""))
    told = pl.format(" (and {} more column{})", others, plural)
    return pl.when(others > 0).then(told).otherwise(pl.lit(""))


def open_findings(rows: pl.LazyFrame, state: FleetState, url: str) -> pl.DataFrame:
    """Return every finding that is open, of whatever version, as it was found last.

    Args:
        rows: the table `findings`.
        state: of the fleet.
        url: of the fleet, for the message where a file is damaged.
    """
    ordered = _in_order(rows, state)
    last = ordered.unique([*FINDING, *QUESTION], keep="last", maintain_order=True)
    return collect(last.filter(state="open").select(DRIFT_FINDINGS.names), url)


def looks(rows: pl.LazyFrame, state: FleetState, url: str) -> pl.DataFrame:
    """Return what the last drift check of each version said, and in `judged_at` when one could.

    Args:
        rows: the table `verdicts`.
        state: of the fleet.
        url: of the fleet.
    """
    known = pl.col("verdict") != UNKNOWN
    last = (
        _in_order(rows, state)
        .group_by(_UNIT, maintain_order=True)
        .agg(pl.all().last(), judged_at=pl.col("at").filter(known).last())
    )
    return collect(last, url)


def verdicts(
    state: FleetState, checks: pl.LazyFrame, findings: pl.LazyFrame, url: str
) -> pl.DataFrame:
    """Return the verdict of the newest version of each model that is not retired.

    The columns are those of `VERDICTS` but for the run, and `checked_at` and `judged_at`: when it
    was looked at last, and when it was judged last.

    Args:
        state: of the fleet.
        checks: the table `verdicts`.
        findings: the table `findings`.
        url: of the fleet.
    """
    versions = entities.newest(state).select(_UNIT)
    live = state["model"].filter(pl.col("retired").ne_missing(True)).select("model")
    asked = versions.join(live, on="model", how="semi").sort("model")
    last = looks(checks, state, url)
    checked = asked.join(last, on=_UNIT, how="left", maintain_order="left")
    return merged(checked, open_findings(findings, state, url))


def of_version(fleet: FleetView, model: str, version: str | None) -> dict[str, Any]:
    """Return the verdict of one version, the newest or not."""
    mine = (pl.col("model") == model) & (pl.col("version") == pl.lit(version, pl.String))
    checks, found = (fleet.table(name).filter(mine) for name in ("verdicts", "findings"))
    named = {"model": [model], "version": [version]}
    asked = pl.DataFrame(named, schema=dict.fromkeys(named, pl.String))
    last = looks(checks, fleet.state, fleet.url)
    checked = asked.join(last, on=_UNIT, how="left", maintain_order="left")
    return merged(checked, open_findings(found, fleet.state, fleet.url)).row(0, named=True)


def _in_order(rows: pl.LazyFrame, state: FleetState) -> pl.LazyFrame:
    rank = state["run"].select("run_id", run_seq="seq").lazy()
    return rows.join(rank, on="run_id").sort("run_seq", maintain_order=True).drop("run_seq")


def merged(checked: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """Put the open findings of versions beside what their last check said.

    Args:
        checked: one row per version: the columns of `VERDICTS`, null where it was never checked,
            and `judged_at`.
        findings: that are open.
    """
    worst = (
        findings.with_columns(severity=severity())
        .sort("severity", "q_column", "column", descending=[True, False, False], nulls_last=True)
        .group_by(_UNIT, maintain_order=True)
        .agg(
            found_column=pl.col("column").first(),
            found_severity=pl.col("severity").first(),
            found_q=pl.col("q_model").min(),
            found_window=pl.col("window").first(),
            found_reason=pl.col("reason").first(),
            found_run=pl.col("run_id").first(),
            found_at=pl.col("at").first(),
            others=pl.col("column").n_unique() - 1,
        )
    )
    rows = checked.join(worst, on=_UNIT, how="left", maintain_order="left")
    drifted = pl.col("found_reason").is_not_null()
    unknown = (
        pl.col("verdict").is_null()
        | (pl.col("verdict") == UNKNOWN)
        | (pl.col("unjudged").list.len() > 0)
    )
    verdict = (
        pl.when(drifted)
        .then(pl.lit(DRIFTED))
        .when(unknown)
        .then(pl.lit(UNKNOWN))
        .otherwise(pl.lit(CLEAR))
    )
    stale = pl.when(pl.col("found_run") != pl.col("run_id")).then(
        pl.format(", found on {} and not cleared since", pl.col("found_at").dt.strftime("%Y-%m-%d"))
    )
    nothing = pl.lit("")
    told = pl.concat_str("found_reason", and_more(pl.col("others")), stale.fill_null(nothing))
    closed = pl.when(pl.col("verdict") == DRIFTED).then(
        pl.when(unknown)
        .then(pl.format("'{}' could not be judged", pl.col("unjudged").list.first()))
        .otherwise(pl.lit("no drift: what was found is cleared or closed"))
    )
    newer = pl.format("; {}", "newer").fill_null(nothing)
    return rows.with_columns(
        verdict=verdict,
        drifted=pl.when(verdict != UNKNOWN).then(drifted),
        q_model=pl.when(drifted).then("found_q").otherwise("q_model"),
        worst_column=pl.col("found_column"),
        severity=pl.col("found_severity"),
        window=pl.when(drifted).then("found_window").otherwise("window"),
        reason=pl.when(drifted)
        .then(pl.concat_str(told, newer))
        .otherwise(pl.coalesce(closed, "reason", pl.lit(NEVER))),
    ).select(
        *(name for name in VERDICTS.names if name not in {"run_id", "at"}),
        checked_at="at",
        judged_at="judged_at",
    )
