"""One verdict per model from the rows of a drift check."""

from __future__ import annotations

import polars as pl

from argosy.plugins import installed

_MODEL = ("model", "version")


def verdicts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per model: `model`, `version`, `drifted`, `q_model`, `worst_column`, `reason`.

    The worst column is the one furthest above its detector's floor; `drifted` is null where
    nothing could be compared.
    """
    floors = {name: detector.floor for name, detector in installed().detectors.items()}
    labels = {name: detector.effect for name, detector in installed().detectors.items()}
    floor = pl.col("detector").replace_strict(floors, default=0.1, return_dtype=pl.Float64)
    alert = pl.col("status") == "drift"
    severe = pl.when(alert).then(pl.col("effect") / floor)
    ranked = rows.with_columns(severity=severe).sort(
        *_MODEL,
        "severity",
        pl.col("q_column").neg(),
        descending=[False, False, True, True],
        nulls_last=True,
    )
    compared = pl.col("status").is_in(["ok", "drift", "insufficient"])
    summed = ranked.group_by(_MODEL, maintain_order=True).agg(
        drifted=pl.when(compared.any()).then(alert.any()),
        q_model=pl.col("q_model").min(),
        severity=pl.col("severity").max(),
        columns=pl.col("column").filter(alert).n_unique(),
        failure=pl.col("reason").filter(status="failed").first(),
        tested=(pl.col("status") != "insufficient").any(),
        **{
            name: pl.col(name).filter(alert).first()
            for name in ("detector", "effect", "n_ref", "n_cur", "null_ref", "null_cur")
        },
        worst_column=pl.col("column").filter(alert).first(),
    )
    label = pl.col("detector").replace_strict(labels, default=pl.col("detector"))
    others = pl.col("columns") - 1
    return summed.select(
        *_MODEL,
        "drifted",
        "q_model",
        "worst_column",
        "severity",
        reason=pl.when(pl.col("drifted"))
        .then(
            pl.concat_str(
                pl.format(
                    "drift in '{}': {} {}, alerts from {}",
                    "worst_column",
                    label,
                    pl.col("effect").round(2).cast(pl.String),
                    floor.cast(pl.String),
                ),
                pl.when(others > 0)
                .then(
                    pl.format(
                        " (and {} more column{})",
                        others,
                        pl.when(others > 1).then(pl.lit("s")).otherwise(pl.lit("")),
                    )
                )
                .otherwise(pl.lit("")),
            )
        )
        .when(pl.col("drifted").is_null())
        .then(pl.format("drift could not be checked: {}", pl.col("failure").fill_null("no result")))
        .when(~pl.col("tested"))
        .then(pl.lit("too few rows to judge drift"))
        .otherwise(pl.lit("no drift")),
    )
