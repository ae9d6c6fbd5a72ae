"""Which models need a person, worst first, each with one plain reason."""

from __future__ import annotations

import polars as pl

_SCHEMA = (
    "model",
    "version",
    "team",
    "owner",
    "tier",
    "severity",
    "drifted",
    "q_model",
    "worst_column",
    "reason",
)
_BROKEN, _CONCEPT, _UNCHECKED, _DRIFTED = 100.0, 75.0, 60.0, 40.0
_LEAST_URGENT_TIER = 4


def triage(
    models: pl.DataFrame,
    verdicts: pl.DataFrame,
    evaluations: pl.DataFrame,
    concept: pl.DataFrame,
) -> pl.DataFrame:
    """Rank the models that are broken, mean something else than they did, or drifted.

    `severity` is 100 for a model that could not be evaluated, 75 for one whose realised
    performance keeps lying beyond what was estimated (concept drift), 60 for one whose drift
    could not be checked, and 40 to 60 for one that drifted, growing with the effect over its
    floor; each step of risk tier above 4 adds 3.

    Args:
        models: `model`, `newest_version`, `team`, `owner`, `tier`.
        verdicts: as `argosy_drift.verdict` gives them.
        evaluations: the rows of each model's last evaluation.
        concept: as `argosy.views.concept_drift.persistent` gives them.
    """
    broken = (
        evaluations.filter(pl.col("metric").is_null(), status="failed")
        .unique("model", keep="first", maintain_order=True)
        .select("model", broken=pl.format("could not be evaluated: {}", "reason"))
    )
    found = verdicts.rename({"reason": "told", "severity": "times_floor"}).drop("version")
    moved = (
        concept.join(models.select("model", newest="newest_version"), on="model", how="left")
        .sort(pl.col("version") != pl.col("newest"))
        .unique("model", keep="first", maintain_order=True)
        .select(
            "model",
            concept=pl.when(pl.col("version") == pl.col("newest"))
            .then("reason")
            .otherwise(pl.format("version {}: {}", "version", "reason")),
        )
    )
    risk = 3.0 * (_LEAST_URGENT_TIER - pl.col("tier").fill_null(_LEAST_URGENT_TIER))
    grade = 20.0 * (1 - 1 / pl.col("times_floor").fill_null(1.0).clip(lower_bound=1.0))
    return (
        models.rename({"newest_version": "version"})
        .join(found, on="model", how="left")
        .join(broken, on="model", how="left")
        .join(moved, on="model", how="left")
        .with_columns(
            severity=pl.when(pl.col("broken").is_not_null())
            .then(_BROKEN + risk)
            .when(pl.col("concept").is_not_null())
            .then(_CONCEPT + risk)
            .when(pl.col("drifted"))
            .then(_DRIFTED + grade + risk)
            .when(pl.col("told").is_not_null() & pl.col("drifted").is_null())
            .then(_UNCHECKED + risk),
            reason=pl.coalesce("broken", "concept", "told"),
        )
        .filter(pl.col("severity").is_not_null())
        .with_columns(pl.col("severity").round(1), pl.col("drifted").fill_null(False))
        .sort("severity", "model", descending=[True, False])
        .select(_SCHEMA)
    )
