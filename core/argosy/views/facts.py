"""Facts as they stand: of finished runs, the last of each model, the newest window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.store.facts import Facts
    from argosy.store.state import State

WINDOW = ["window", "window_start", "window_end"]
"""What tells windows apart: a day and a month may have one label."""


def in_order() -> tuple[pl.Expr, ...]:
    """Return what windows are sorted by: their start as an instant, else their number or name.

    >>> batches = pl.DataFrame({"window": ["10", "9", None], "window_start": [None] * 3})
    >>> batches.sort(*in_order(), nulls_last=False)["window"].to_list()
    [None, '9', '10']
    """
    number = pl.col("window").cast(pl.Float64, strict=False).alias("window_number")
    return pl.col("window_start"), number, pl.col("window")


def of_finished(name: str, state: State, store: Facts) -> pl.LazyFrame:
    """One fact table, without the rows of runs that have not finished."""
    finished = state["run"].select("run_id").lazy()
    return store.scan_cited(name, state).join(finished, on="run_id", how="semi")


def incidents(state: State, store: Facts) -> pl.LazyFrame:
    """Every incident as it last stood, open ones first, then the worst."""
    rank = state["run"].select("run_id", run_seq="seq").lazy()
    rows = store.scan_cited("incidents", state).join(rank, on="run_id").sort("run_seq", "place")
    newest = rows.unique("incident", keep="last", maintain_order=True)
    order = [pl.col("state") == "resolved", "many", "severity", "incident"]
    return newest.sort(order, descending=[False, True, True, False]).drop("run_seq", "place")


def of_last_run(rows: pl.LazyFrame, runs: pl.LazyFrame, by: str = "model") -> pl.LazyFrame:
    """Keep the rows of the last run of each model.

    Args:
        rows: of one fact table.
        runs: newest first, as `argosy.views.entities.runs` gives them.
        by: the column that has a last run per value.
    """
    age = runs.select("run_id").with_row_index("age")
    aged = rows.join(age, on="run_id", how="inner")
    last = aged.group_by(by).agg(pl.col("age").min())
    return aged.join(last, on=[by, "age"], how="semi").drop("age")


def all_rows_first(runs: pl.LazyFrame) -> pl.LazyFrame:
    """Put the runs that did not cut rows into windows before those that did.

    So the last run of a model is one over all of its rows, where there is any.

    Args:
        runs: newest first, as `argosy.views.entities.runs` gives them.
    """
    window = pl.col("options").str.json_path_match("$.window")
    cut = window.is_not_null() & (window != "null")
    return runs.sort(cut.fill_null(value=False), maintain_order=True)


def standing(state: State, store: Facts) -> pl.LazyFrame:
    """Every evaluation that stands: the last one per version, dataset, window, slice and metric.

    An evaluation that failed as a whole has no metric; it stands until the version is evaluated
    on that dataset again.
    """
    rank = state["run"].select("run_id", run_seq="seq").lazy()
    rows = store.scan_cited("evaluations", state).join(rank, on="run_id")
    of = ["model", "version", "dataset"]
    last = rows.group_by(of).agg(last_run=pl.col("run_seq").max())
    stale = pl.col("metric").is_null() & (pl.col("run_seq") < pl.col("last_run"))
    kept = rows.join(last, on=of).filter(~stale).sort("run_seq", maintain_order=True)
    unique = kept.unique([*of, *WINDOW, "slice", "metric"], keep="last", maintain_order=True)
    return unique.drop("run_seq", "last_run")


def newest_window(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Keep evaluations of all rows, and beside them those of each version's newest whole window."""
    of = ["model", "version", "dataset", "metric", "slice", "windowed"]
    counts = pl.col("window").is_null() | pl.col("whole").fill_null(value=True)
    ordered = rows.filter(counts).with_columns(windowed=pl.col("window").is_not_null())
    ordered = ordered.sort(*in_order(), nulls_last=False, maintain_order=True)
    return ordered.unique(of, keep="last", maintain_order=True).drop("windowed")


def newest(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Keep the row of the newest window of all, with the columns `by` alone."""
    return rows.select(by).sort(*in_order(), nulls_last=False, maintain_order=True).tail(1)
