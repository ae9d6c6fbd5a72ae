"""Print what a drift check found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, Field

from argosy.cli.exit_codes import FOUND
from argosy_drift.verdict import verdicts

if TYPE_CHECKING:
    from argosy.types import Printer, Ran

_COLUMNS = ("model", "drifted", "q_model", "worst_column", "reason")


class Flags(BaseModel):
    """How the answer is shown."""

    models: bool = Field(False, description="Print one verdict per model.")
    fail_on_drift: bool = Field(False, description="Exit with 3 if any model drifted.")


def show(printer: Printer, run: Ran, flags: Flags) -> int | None:
    """Print what a run did and how many incidents are open, or a verdict per model."""
    drifted = bool(run.summary["drifted"])
    if flags.models:
        printer.emit(verdicts(run.results()), _COLUMNS)
    else:
        printer.run(run, "checked")
        if drifted and not printer.json:
            printer.say(_open(run.view.incidents().collect()))
    return FOUND if flags.fail_on_drift and drifted else None


def _open(incidents: pl.DataFrame) -> str:
    count = incidents.filter(pl.col("state") != "resolved").height
    return f"{count} open incident{'s' if count != 1 else ''}: `argosy incidents` lists them"
