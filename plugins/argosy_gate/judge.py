"""Ask every gate about what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import PluginError
from argosy.plugins import call, installed
from argosy.plugins.guarded_call import whole
from argosy.tables import JUDGED
from argosy_gate.rules import ANSWER, BASE_CASE
from argosy_gate.table import NAIVE, SUBJECT, beside

if TYPE_CHECKING:
    from argosy.types import Gate
    from argosy_gate.request import Gate as Request


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
            "best": [float(metric.bounds[metric.higher_is_better]) for metric in metrics],
        }
    )
    own = measured.filter(pl.col("who").is_in([SUBJECT, NAIVE]))
    rows = beside(own, base, traits, request.metrics)
    given = rows.to_arrow(), measured.to_arrow()
    parts = [_answer(gate, rows, *given, request) for gate in installed().gates.values()]
    of = ["model", "version"]
    judged = pl.concat(parts).join(subjects.select(of), on=of, how="semi")
    unmeasured = (pl.col("gate") == BASE_CASE) & ~pl.col("passed")
    status = pl.when(unmeasured).then(pl.lit("failed")).otherwise(pl.lit("ok"))
    return judged.sort("model", maintain_order=True).select(*ANSWER, status=status)


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
                    gate=pl.lit(gate.name), passed=pl.lit(False), reason=pl.lit(str(error))
                ),
            ],
            how="diagonal",
        )
    open_ = pl.col("passed").is_null()
    return judged.with_columns(
        passed=pl.col("passed").fill_null(False),
        reason=pl.when(open_ & pl.col("reason").is_null())
        .then(pl.lit("the gate answered neither that it is passed nor that it is not"))
        .otherwise("reason"),
    )
