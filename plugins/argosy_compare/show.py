"""Print what a comparison found: how many verdicts there are, the best challengers, the worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, Field

from argosy_compare.verdict import counted

if TYPE_CHECKING:
    from argosy.types import Printer, Ran

_FEW = 5
_COLUMNS = [
    *("model", "challenger", "comparison", "metric", "champion_value", "challenger_value"),
    *("effect", "lower", "upper", "q_value", "verdict"),
]


class Flags(BaseModel):
    """How the answer is shown."""

    models: bool = Field(False, description="Print one row per challenger and metric.")


def show(printer: Printer, run: Ran, flags: Flags) -> None:
    """Print how many challengers are better and worse, and which are best and worst."""
    rows = run.results()
    counts = counted(rows)
    if flags.models:
        tests = rows if printer.json else rows.filter(pl.col("comparison").is_not_null())
        printer.emit(tests, _COLUMNS, limit=None)
        return
    if printer.json:
        printer.emit({**run.summary, "verdicts": counts.to_dicts()})
        return
    printer.run(run, "compared")
    printer.emit(counts, title="verdicts")
    for verdict, title in (("better", "best challengers"), ("worse", "worst challengers")):
        chosen = rows.filter(verdict=verdict).sort("q_value", "model")
        chosen = chosen.unique(["model", "challenger"], keep="first", maintain_order=True)
        if chosen.height:
            printer.emit(chosen.head(_FEW), _COLUMNS[:-1], title=title)
