"""One verdict per model from the rows of a drift check: that of its newest window."""

from __future__ import annotations

import polars as pl

from argosy.plugins import installed
from argosy.tables import ALL_COLUMNS
from argosy.views.health import severity

_MODEL = ("model", "version")
COMPARED = ("ok", "watch", "drift", "insufficient")
_OF_THE_WORST = (
    "detector",
    "effect",
    "threshold",
    "detail",
    "segment_key",
    "segment_value",
    "n_ref",
    "n_cur",
    "null_ref",
    "null_cur",
)


def verdicts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per model, with what `argosy.tables.VERDICTS` has.

    The worst column is the one furthest above its threshold; `drifted` is null where nothing
    could be compared. Of several windows the newest counts, by name.
    """
    newest = pl.col("window").max().over(_MODEL)
    rows = rows.filter(pl.col("window").is_null() | (pl.col("window") == newest))
    # few results alert or fail: what takes time is done to those alone
    summed = rows.group_by(_MODEL).agg(
        q_model=pl.col("q_model").min(),
        window=pl.col("window").max(),
        compared=pl.col("status").is_in(COMPARED).any(),
        tested=(pl.col("status") != "insufficient").any(),
        watched=(pl.col("status") == "watch").any(),
    )
    alerts = (
        rows.filter(status="drift")
        .with_columns(severity=severity())
        .sort("severity", "q_column", descending=[True, False])
        .group_by(_MODEL, maintain_order=True)
        .agg(
            pl.col("severity", *_OF_THE_WORST).first(),
            worst_column=pl.col("column").first(),
            columns=pl.col("column").n_unique(),
            named=pl.col("column").filter(pl.col("column") != ALL_COLUMNS).n_unique(),
        )
    )
    failures = (
        rows.filter(status="failed")
        .group_by(_MODEL, maintain_order=True)
        .agg(
            failure=pl.col("reason").drop_nulls().first(),
            lost=pl.col("column").drop_nulls().n_unique(),
        )
    )
    for part in (alerts, failures):
        summed = summed.join(part, on=_MODEL, how="left", nulls_equal=True)
    drifted = pl.when("compared").then(pl.col("columns").is_not_null())
    return (
        summed.sort(_MODEL)
        .with_columns(drifted=drifted)
        .select(
            *_MODEL,
            "drifted",
            "q_model",
            "worst_column",
            "severity",
            "window",
            reason=pl.when(pl.col("drifted"))
            .then(_told())
            .when(pl.col("drifted").is_null())
            .then(
                pl.format(
                    "drift could not be checked: {}", pl.col("failure").fill_null("no result")
                )
            )
            .when(~pl.col("tested"))
            .then(pl.lit("too few rows to judge drift"))
            .when(pl.col("watched"))
            .then(pl.lit("no drift yet: too few of the last windows agree"))
            .when(pl.col("lost") > 0)
            .then(
                pl.format(
                    "no drift; {} column{} could not be compared: {}",
                    "lost",
                    pl.when(pl.col("lost") > 1).then(pl.lit("s")).otherwise(pl.lit("")),
                    "failure",
                )
            )
            .otherwise(pl.lit("no drift")),
        )
    )


def _told() -> pl.Expr:
    labels = {name: detector.effect for name, detector in installed().detectors.items()}
    together = pl.col("worst_column") == ALL_COLUMNS
    others = pl.col("named") - (~together).cast(pl.Int64)
    nothing = pl.lit("")
    return pl.concat_str(
        pl.format(
            "drift in {}: {} {}, alerts from {}",
            pl.when(together)
            .then(pl.lit("all columns together"))
            .otherwise(pl.format("'{}'", "worst_column")),
            pl.col("detector").replace_strict(labels, default=pl.col("detector")),
            pl.col("effect").round(2).cast(pl.String),
            pl.col("threshold").cast(pl.String),
        ),
        pl.format("; {}", "detail").fill_null(""),
        pl.when(pl.col("segment_key").is_not_null())
        .then(
            pl.format(", where {} is {}", "segment_key", pl.col("segment_value").fill_null("null"))
        )
        .otherwise(nothing),
        pl.when(others > 0)
        .then(
            pl.format(
                " (and {} more column{})",
                others,
                pl.when(others > 1).then(pl.lit("s")).otherwise(nothing),
            )
        )
        .otherwise(nothing),
    )
