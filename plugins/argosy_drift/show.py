"""Print what a drift check found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, Field

from argosy.views.verdicts import DRIFTED, UNKNOWN
from argosy_cli.exit_codes import FOUND

if TYPE_CHECKING:
    from argosy.types import Printer, Ran

_COLUMNS = ("model", "verdict", "drifted", "q_model", "worst_column", "reason")


class Flags(BaseModel):
    """How the answer is shown."""

    models: bool = Field(False, description="Print one verdict per model.")
    fail_on_drift: bool = Field(
        False, description="Exit with 3 if a model drifted, or an input is missing."
    )


def show(printer: Printer, run: Ran, flags: Flags) -> int | None:
    """Print what a run did and how many incidents are open, or a verdict per model."""
    own = run.view.table("verdicts").filter(run_id=run.id).collect()
    of_run = own.select("model", "version")
    standing = run.view.verdicts().join(of_run, on=["model", "version"], how="semi")
    if flags.models:
        printer.emit(standing.select(*_COLUMNS), _COLUMNS)
    else:
        printer.run(run, "checked")
        if not printer.json:
            _tell(printer, run, own, standing)
    lacking = own.filter(pl.col("missing").list.len() > 0).height
    found = standing.filter(verdict=DRIFTED).height or lacking
    return FOUND if flags.fail_on_drift and found else None


def _tell(printer: Printer, run: Ran, own: pl.DataFrame, standing: pl.DataFrame) -> None:
    """Say what the counts leave open: who is unknown and why, and what was found earlier."""
    unknown = own.filter(verdict=UNKNOWN).join(run.failures(), on="model", how="anti")
    if unknown.height:
        printer.emit(unknown, ["model", "version", "reason"], title="could not be judged", limit=20)
    found = own.filter(verdict=DRIFTED).select("model")
    earlier = standing.filter(verdict=DRIFTED).join(found, on="model", how="anti").height
    if earlier:
        subject = "1 model has" if earlier == 1 else f"{earlier} models have"
        printer.say(f"{subject} an open finding of an earlier check, which this one did not clear")
    incidents = run.view.incidents().filter(pl.col("state") != "resolved").collect().height
    if incidents:
        plural = "s" if incidents != 1 else ""
        printer.say(f"{incidents} open incident{plural}: `argosy incidents` lists them")
