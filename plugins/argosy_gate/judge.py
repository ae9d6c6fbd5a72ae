"""Ask every gate about what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import installed
from argosy_gate.rules import ANSWER, BASE_CASE, baseline, suite, suspiciously_perfect
from argosy_gate.table import NAIVE, SUBJECT, beside

if TYPE_CHECKING:
    from argosy_gate.request import Gate


def judge(measured: pl.DataFrame, subjects: pl.DataFrame, request: Gate) -> pl.DataFrame:
    """Return one row per model and gate, by model.

    Args:
        measured: one row per model, case, metric and who was measured.
        subjects: `model` and `version` of those that are judged.
        request: what was asked for.
    """
    base = request.data
    metrics = [installed().metrics[name] for name in request.metrics]
    traits = pl.DataFrame(
        {
            "metric": [metric.name for metric in metrics],
            "sign": [1 if metric.higher_is_better else -1 for metric in metrics],
            "best": [float(metric.bounds[metric.higher_is_better]) for metric in metrics],
        }
    )
    own = measured.filter(pl.col("who").is_in([SUBJECT, NAIVE]))
    rows = beside(own, base, traits, request.metrics)
    parts = [
        suspiciously_perfect(rows, base, request.perfect),
        suite(rows, base, request.tolerance),
    ]
    for name in request.baselines:
        bar = _bar(measured.filter(who=name, dataset=base), rows, base)
        parts.append(baseline(rows, bar, name, base, request.margin, sure=name == NAIVE))
    of = ["model", "version"]
    judged = pl.concat(parts).join(subjects.select(of), on=of, how="semi")
    unmeasured = (pl.col("gate") == BASE_CASE) & ~pl.col("passed")
    status = pl.when(unmeasured).then(pl.lit("failed")).otherwise(pl.lit("ok"))
    return judged.sort("model", maintain_order=True).select(*ANSWER, status=status)


def _bar(against: pl.DataFrame, rows: pl.DataFrame, base: str) -> pl.DataFrame:
    """Return what a baseline reached in the metric of each model, on the same rows."""
    own = rows.filter(dataset=base).select("model", "metric", own="dataset_digest")
    both = own.join(against, on=["model", "metric"], how="left", maintain_order="left")
    failed = against.filter(pl.col("metric").is_null()).select("model", failed="reason")
    other = pl.col("own") != pl.col("dataset_digest")
    return both.join(failed.unique("model"), on="model", how="left", maintain_order="left").select(
        "model",
        "metric",
        value=pl.when(~other).then("value"),
        reason=pl.when(other)
        .then(pl.lit("it was not measured on the same rows"))
        .otherwise(pl.coalesce("reason", "failed")),
    )
