"""What one drift check says of each model: drifted, clear, or unknown with the reason.

Of several windows the newest that is whole and could be judged decides, column by column and
detector by detector; what is newer is told beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import installed
from argosy.tables import ALL_COLUMNS
from argosy.views.facts import in_order
from argosy.views.verdicts import CLEAR, DRIFTED, UNKNOWN, and_more, severity

if TYPE_CHECKING:
    from collections.abc import Iterable

UNIT = ["model", "version"]
KEY = [*UNIT, "segment_key", "segment_value", "column", "detector"]
"""What tells findings of one check apart."""
JUDGED = ("ok", "watch", "drift")
_NOTHING = pl.lit("")


def newest(rows: pl.DataFrame, by: Iterable[str]) -> pl.DataFrame:
    """Keep the row of the newest window of each group."""
    return rows.sort(*in_order(), nulls_last=False, maintain_order=True).unique(
        list(by), keep="last", maintain_order=True
    )


def decisive(course: pl.DataFrame) -> pl.DataFrame:
    """Return of each column and detector what the newest window says that could be judged."""
    return newest(course.filter(pl.col("status").is_in(JUDGED)), KEY)


def verdicts(rows: pl.DataFrame, course: pl.DataFrame, excused: pl.DataFrame) -> pl.DataFrame:
    """Return one row per model: the verdict of this check, with what `VERDICTS` has of it.

    Args:
        rows: all results, decided or not, with `partial` where their window is not whole.
        course: the results, window by window, of every column and detector that alerts somewhere.
        excused: the `model` and `column` of what need not be judged.
    """
    units = rows.group_by(UNIT, maintain_order=True).agg(q_model=pl.col("q_model").min())
    every = missing(rows)
    gone = every.join(excused, on=["model", "column"], how="anti", maintain_order="left")
    parts = (
        _alerting(course),
        _unjudged(rows, excused, every),
        gone.group_by(UNIT, maintain_order=True).agg(missing=pl.col("column").sort()),
        _windows(rows),
        _watched(rows),
    )
    for part in parts:
        units = units.join(part, on=UNIT, how="left", maintain_order="left", nulls_equal=True)
    empty = pl.lit([], pl.List(pl.String))
    unjudged = pl.col("unjudged").fill_null(empty)
    drifted = pl.col("columns").is_not_null()
    verdict = (
        pl.when(drifted)
        .then(pl.lit(DRIFTED))
        .when(unjudged.list.len() > 0)
        .then(pl.lit(UNKNOWN))
        .otherwise(pl.lit(CLEAR))
    )
    many = unjudged.list.len()
    lacking = pl.when(many > 0).then(
        pl.concat_str(
            pl.when(unjudged.list.first() == ALL_COLUMNS)
            .then(pl.format("drift could not be checked: {}", "why"))
            .otherwise(pl.format("'{}' could not be judged: {}", unjudged.list.first(), "why")),
            and_more(many - 1),
        )
    )
    clear = (
        pl.when("watched")
        .then(pl.lit("no drift yet: too few of the last windows agree"))
        .otherwise(pl.lit("no drift"))
    )
    told = (
        pl.when(drifted)
        .then(
            pl.concat_str(
                told_of("worst_column"),
                and_more(pl.col("columns") - 1),
                pl.format("; {}", lacking).fill_null(_NOTHING),
            )
        )
        .otherwise(pl.coalesce(lacking, clear))
    )
    return units.with_columns(verdict=verdict, unjudged=unjudged).select(
        *UNIT,
        "verdict",
        "q_model",
        "worst_column",
        "severity",
        "window",
        "unjudged",
        "newer",
        "last_start",
        "last_window",
        excused=pl.col("excused").fill_null(empty),
        missing=pl.col("missing").fill_null(empty),
        drifted=pl.when(pl.col("verdict") != UNKNOWN).then(drifted),
        reason=told,
    )


def told_of(column: str) -> pl.Expr:
    """Say what a detector found of what a column names."""
    labels = {name: detector.effect for name, detector in installed().detectors.items()}
    together = pl.col(column) == ALL_COLUMNS
    return pl.concat_str(
        pl.format(
            "drift in {}: {} {}, alerts from {}",
            pl.when(together)
            .then(pl.lit("all columns together"))
            .otherwise(pl.format("'{}'", column)),
            pl.col("detector").replace_strict(labels, default=pl.col("detector")),
            pl.col("effect").round(2).cast(pl.String),
            pl.col("threshold").cast(pl.String),
        ),
        pl.format("; {}", "detail").fill_null(""),
        pl.when(pl.col("segment_key").is_not_null())
        .then(
            pl.format(", where {} is {}", "segment_key", pl.col("segment_value").fill_null("null"))
        )
        .otherwise(_NOTHING),
    )


def missing(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `model`, `version`, `column` and `reason` of inputs that are not what they were.

    They are gone, of another type, have no value in the newest window, though the reference has
    some, or hold categories there that the reference never had (`call_detectors.strange`).
    """
    named = pl.col("column").is_not_null() & (pl.col("column") != ALL_COLUMNS)
    gone = rows.filter(named, pl.col("detector").is_null(), status="failed")
    newest_rows = _of_newest(rows.filter(named, pl.col("segment_key").is_null()))
    empty = newest_rows.filter(
        pl.col("n_cur") > 0,
        pl.col("null_cur") == pl.col("n_cur"),
        pl.col("null_ref") < pl.col("n_ref"),
    ).with_columns(reason=pl.format("all of its {} current values are missing", "n_cur"))
    values = pl.col("n_cur") - pl.col("null_cur")
    new = newest_rows.filter(pl.col("strange").fill_null(value=False)).with_columns(
        reason=pl.format(
            "{} of its {} current values lie in categories that the reference never had",
            (pl.col("unseen_share") * values).round().cast(pl.Int64),
            values,
        )
    )
    of = [*UNIT, "column"]
    both = pl.concat([part.select(*of, "reason") for part in (gone, empty, new)])
    return both.unique(of, keep="first", maintain_order=True)


def _alerting(course: pl.DataFrame) -> pl.DataFrame:
    """Return the worst finding of each model, and in how many columns it has any."""
    alerts = decisive(course).filter(status="drift").with_columns(severity=severity())
    alerts = alerts.rename({"column": "worst_column"})
    ordered = alerts.sort("severity", "q_column", descending=[True, False], nulls_last=True)
    of_worst = ("worst_column", "severity", "detector", "effect", "threshold", "detail")
    return ordered.group_by(UNIT, maintain_order=True).agg(
        pl.col(*of_worst, "segment_key", "segment_value").first(),
        columns=pl.col("worst_column").n_unique(),
    )


def _unjudged(rows: pl.DataFrame, excused: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of each model that could not be judged, and why the first could not.

    A column is judged where some detector could, of all rows together, in some window; and where
    none that was asked failed, and where the input is what it was. All columns together are one
    where nothing else was judged. Small segments are no reason to know nothing of a model.

    Args:
        rows: all results.
        excused: what need not be judged.
        gone: inputs that are missing, as `missing` returns them.
    """
    whole = rows.filter(pl.col("segment_key").is_null())
    known = pl.col("status").is_in(JUDGED)
    doubtful = whole.filter(~known).with_columns(pl.col("column").fill_null(ALL_COLUMNS))
    of = [*UNIT, "column"]
    failed = doubtful.filter(status="failed").select(*of, "reason")
    # that none of its values is missing is no judgement of a column of too few independent ones
    idle = pl.col("slow").fill_null(value=False) & (pl.col("status") == "ok")
    judged = whole.filter(known & ~idle).select(of).unique()
    single = pl.col("column") != ALL_COLUMNS
    few = doubtful.filter(single).join(judged, on=of, how="anti")
    nothing = doubtful.filter(~single).join(judged, on=UNIT, how="anti")
    lacking = pl.concat([part.select(*of, "reason") for part in (failed, few, nothing, gone)])
    first = lacking.unique(of, keep="first", maintain_order=True)
    first = first.join(
        excused.with_columns(excused=pl.lit(value=True)), on=["model", "column"], how="left"
    )
    marked = gone.select(*of, gone=pl.lit(value=True))
    ranked = first.join(marked, on=of, how="left").sort(
        pl.col("column") != ALL_COLUMNS, pl.col("gone").is_null(), "column"
    )
    counts = pl.col("excused").is_null()
    return ranked.group_by(UNIT, maintain_order=True).agg(
        unjudged=pl.col("column").filter(counts),
        excused=pl.col("column").filter(~counts),
        why=pl.col("reason").filter(counts).first(),
    )


def _of_newest(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows of each model's newest whole window."""
    whole = rows.filter(~pl.col("partial").fill_null(value=False))
    last = newest(whole.select(*UNIT, "window", "window_start").unique(maintain_order=True), UNIT)
    return whole.join(
        last.select(*UNIT, "window"), on=[*UNIT, "window"], how="semi", nulls_equal=True
    )


def _windows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the newest window of each model that could be judged, and what is newer.

    `last_window` is its newest window with rows, judged or not, and `last_start` when it begins.
    """
    cut = rows.filter(pl.col("window").is_not_null(), ~pl.col("partial").fill_null(value=False))
    names = [*UNIT, "window", "window_start"]
    judged = newest(cut.filter(pl.col("status").is_in(JUDGED)).select(names).unique(), UNIT)
    last = newest(cut.select(*names, "reason"), UNIT)
    both = last.rename({"window": "last", "window_start": "last_start"}).join(
        judged, on=UNIT, how="left", maintain_order="left"
    )
    known = pl.col("window").is_not_null()
    later = known & pl.col("last").ne_missing(pl.col("window"))
    newer = pl.format("the newer window {} could not be judged: {}", "last", "reason")
    return both.select(
        *UNIT, "window", "last_start", last_window="last", newer=pl.when(later).then(newer)
    )


def _watched(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by(UNIT).agg(watched=(pl.col("status") == "watch").any())
