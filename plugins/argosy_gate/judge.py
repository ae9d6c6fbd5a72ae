"""Ask every gate about what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import PluginError
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import origin, whole
from argosy.plugins.sound import faults, forgotten, number
from argosy.tables import JUDGED
from argosy_gate.rules import ANSWER, BASE_CASE
from argosy_gate.table import NAIVE, SUBJECT, beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.types import Gate, Metric
    from argosy_gate.request import Gate as Request

_NUMBERS = ("value", "bound")
_SOUND = (
    number("value", "a value"),
    number("bound", "a bound"),
    number("n", "a number of rows", 0),
)
"""What every answer of a gate keeps to."""


def judge(measured: pl.DataFrame, subjects: pl.DataFrame, request: Request) -> pl.DataFrame:
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
            "best": [0.0 if metric.best is not None else metric.perfect for metric in metrics],
        },
        schema_overrides={"best": pl.Float64},
    )
    raw, measured = measured, _sized(measured, metrics)
    own = measured.filter(pl.col("who").is_in([SUBJECT, NAIVE]))
    rows = beside(own, base, traits, request.metrics)
    given = rows.to_arrow(), measured.to_arrow()
    parts = [_answer(gate, rows, *given, request) for gate in installed().gates.values()]
    of = ["model", "version"]
    judged = pl.concat(parts).join(subjects.select(of), on=of, how="semi")
    unmeasured = ((pl.col("gate") == BASE_CASE) & ~pl.col("passed")).any().over(of)
    status = pl.when(unmeasured | pl.col("broken")).then(pl.lit("failed")).otherwise(pl.lit("ok"))
    judged = _as_measured(judged, raw, metrics)
    return judged.sort("model", maintain_order=True).select(*ANSWER, status=status)


def _sized(measured: pl.DataFrame, metrics: Sequence[Metric]) -> pl.DataFrame:
    """Put the distance from its best value in the place of a metric that is best between bounds.

    So less of it is better, as gates take it to be, those of plugins too.
    """
    value = pl.col("value")
    for metric in metrics:
        if metric.best is not None:
            of = pl.col("metric") == metric.name
            value = pl.when(of).then(-metric.goodness(pl.col("value"))).otherwise(value)
    return measured.with_columns(value=value)


def _as_measured(
    judged: pl.DataFrame, measured: pl.DataFrame, metrics: Sequence[Metric]
) -> pl.DataFrame:
    """Give the versions that were judged by a distance the value itself."""
    sized = [metric.name for metric in metrics if metric.best is not None]
    if not sized:
        return judged
    of = ["model", "version", "dataset", "metric"]
    own = measured.filter(pl.col("metric").is_in(sized), who=SUBJECT, status="ok")
    found = judged.join(
        own.select(*of, raw="value").unique(of), on=of, how="left", maintain_order="left"
    )
    return found.with_columns(value=pl.coalesce("raw", "value"))


def _answer(
    gate: Gate, rows: pl.DataFrame, beside: pa.Table, measured: pa.Table, request: Request
) -> pl.DataFrame:
    """Ask a gate; what it leaves open is not passed, and where it fails nobody passes it."""
    try:
        answer = call("gates", gate.name, gate.judge, beside, measured, request, answers=pa.Table)
        judged = pl.DataFrame(whole("gates", gate.name, answer, JUDGED, None))
    except PluginError as error:
        base = rows.filter(dataset=request.data).select("model", "version", "dataset")
        return pl.concat(
            [
                pl.DataFrame(JUDGED.empty_table()),
                base.with_columns(
                    gate=pl.lit(gate.name),
                    passed=pl.lit(False),
                    reason=pl.lit(str(error)),
                    broken=pl.lit(True),
                ),
            ],
            how="diagonal",
        )
    open_ = pl.col("passed").is_null()
    held = judged.with_columns(
        passed=pl.col("passed").fill_null(False),
        reason=pl.when(open_ & pl.col("reason").is_null())
        .then(pl.lit("the gate answered neither that it is passed nor that it is not"))
        .otherwise("reason"),
        broken=pl.lit(False),
    )
    fault = faults(judged, _SOUND, origin("gates", gate.name))
    if fault is None:
        return held
    broken = pl.lit(fault).is_not_null()
    return held.with_columns(
        *forgotten(fault, _NUMBERS),
        # its rows may be called otherwise, but it is the gate that failed
        gate=pl.when(broken).then(pl.lit(gate.name)).otherwise("gate"),
        passed=pl.col("passed") & ~broken,
        reason=pl.coalesce(pl.lit(fault), "reason"),
        broken=broken,
    )
