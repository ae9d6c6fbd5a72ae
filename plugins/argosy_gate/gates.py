"""The gates that come with the job, offered as anybody's are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.types import Gate
from argosy_gate.rules import baseline, suite, suspiciously_perfect
from argosy_gate.table import NAIVE

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy_gate.request import Gate as Request


def _baselines(rows: pa.Table, measured: pa.Table, request: Request) -> pa.Table:
    frame, everyone = pl.DataFrame(rows), pl.DataFrame(measured)
    parts = []
    for name in request.baselines:
        bar = _bar(everyone.filter(who=name, dataset=request.data), frame, request.data)
        sure = name == NAIVE
        parts.append(baseline(frame, bar, name, request.data, request.margin, sure=sure))
    return pl.concat(parts).to_arrow()


def _perfect(rows: pa.Table, _: pa.Table, request: Request) -> pa.Table:
    return suspiciously_perfect(pl.DataFrame(rows), request.data, request.perfect).to_arrow()


def _suite(rows: pa.Table, _: pa.Table, request: Request) -> pa.Table:
    return suite(pl.DataFrame(rows), request.data, request.tolerance).to_arrow()


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


GATES = (
    Gate(
        "baseline", "Not worse than each baseline, and surely better than a constant.", _baselines
    ),
    Gate("suite", "Measured on the base case, and no fall on any case of the suite.", _suite),
    Gate("suspiciously perfect", "Not too good to be true.", _perfect),
)
