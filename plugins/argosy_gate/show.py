"""Print what gates found: how many models pass every gate, and who does not pass which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, Field

from argosy_cli.exit_codes import FOUND
from argosy_gate.rules import passing

if TYPE_CHECKING:
    from argosy.types import Printer, Ran

_COLUMNS = ["model", "version", "gate", "metric", "value", "bound", "n", "passed", "reason"]


class Flags(BaseModel):
    """How the answer is shown, and what the command exits with."""

    models: bool = Field(False, description="Print one row per model and gate.")
    fail_on_gate: bool = Field(False, description="Exit with 3 if any gate is not passed.")
    limit: int = Field(50, ge=0, description="Most rows shown; 0: all.")


def show(printer: Printer, run: Ran, flags: Flags) -> int | None:
    """Print how many models passed each gate, and each gate that is not passed."""
    rows = run.results()
    refused = rows.filter(~pl.col("passed"))
    counts, passed, limit = _counted(rows), passing(rows).height, flags.limit or None
    if flags.models:
        printer.emit(rows, _COLUMNS, limit=limit)
    elif printer.json:
        gates = {"gates": counts.to_dicts(), "shut": refused.to_dicts()}
        printer.emit({**run.summary, "passed": passed, **gates})
    else:
        printer.say(
            f"run {run.id}: {passed} of {run.summary['models']} models pass every gate,"
            f" {run.summary['seconds']:.1f} s"
        )
        printer.emit(counts, title="gates")
        if refused.height:
            columns = ["model", "gate", "reason"]
            printer.emit(refused, columns, title="not passed", limit=limit)
    return FOUND if flags.fail_on_gate and refused.height else None


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    """Count how many models passed each gate, and how many did not."""
    return (
        rows.group_by("gate")
        .agg(passed=pl.col("passed").sum(), not_passed=(~pl.col("passed")).sum())
        .sort("gate")
    )
