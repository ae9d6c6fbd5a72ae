"""Close findings by name: a person says that they no longer matter, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from pydantic import AfterValidator, Field

from argosy.errors import BadInput
from argosy.tables import FACTS
from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy.types.request import Metavar, Names, Request
from argosy.views.verdicts import open_findings
from argosy_drift.findings import NAMES
from argosy_drift.incidents import MISSING, incidents
from argosy_drift.looked import Looked
from argosy_drift.onsets import BEGAN

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from argosy.types import Chunk, FleetView, Tables


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("say why, in a few words")
    return text


class Close(Request):
    """Close open findings of drift: they no longer make a model drifted.

    The reason is kept with each of them. A later check that finds the same again opens it anew.
    """

    why: Annotated[str, Metavar("TEXT"), AfterValidator(_said)] = Field(
        description="Why they no longer matter."
    )
    columns: Names | None = Field(None, description="A column; repeat for several. Else all.")


def units(request: Close, scope: Scope) -> Units:
    """Give each selected model its open findings; leave out those without any.

    Raises:
        BadInput: if no selected model has one.
    """
    view = scope.view
    found = open_findings(view.table("findings"), view.state, view.url)
    mine = found.join(scope.models.select("model"), on="model", how="semi")
    known = mine["column"].unique().sort().to_list()
    if request.columns is not None:
        mine = mine.filter(pl.col("column").is_in(request.columns))
    if mine.is_empty():
        raise _nothing_open(request.columns, known)
    rows = mine.select("model", "version", finding=pl.struct(NAMES))
    ready = rows.group_by("model", "version", maintain_order=True).agg(findings="finding")
    nobody = ready.select("model", "version", reason=pl.lit(None, pl.String)).clear()
    return Units(ready, nobody, reads=())


def _nothing_open(columns: Collection[str] | None, known: Collection[str]) -> BadInput:
    of = f" in the columns {', '.join(columns)}" if columns else ""
    there = f"; open are those in {', '.join(known)}" if known else "; `argosy triage` lists them"
    return BadInput(f"no selected model has an open finding{of}{there}")


def perform(chunk: Chunk) -> Tables:
    """Close the findings of the chunk's models."""
    request: Any = chunk.options["request"]
    held = pl.DataFrame(chunk.models).select(pl.col("findings").explode()).unnest("findings")
    closed = held.with_columns(state=pl.lit("closed"), reason=pl.lit(request.why))
    return {"findings": closed.to_arrow()}


def conclude(_: Close, found: Found) -> Conclusion:
    """Keep what was closed, and end the incidents that have no open finding left."""
    view = found.scope.view
    closed = pl.concat(found.answers.parts("findings"))
    before = open_findings(view.table("findings"), view.state, view.url)
    still = before.join(closed, on=["model", "column"], how="anti")
    return Conclusion(
        {"findings": closed, "incidents": _ended(view, still, found.run_id, found.started)},
        failed=found.lost["model"].n_unique(),
    )


def _ended(view: FleetView, still: pl.DataFrame, run_id: str, at: datetime) -> pl.DataFrame:
    known = view.incidents().filter(pl.col("kind") != MISSING).collect()
    live = view.state["model"].filter(pl.col("retired").ne_missing(True))
    nothing = still.select("model", "window", "window_start").clear()
    looked = Looked(
        still.clear(),
        still.select("model", "column").clear(),
        nothing,
        pl.DataFrame(schema=BEGAN),
        set(still.select("model", "column").iter_rows()),
    )
    units = pl.DataFrame(schema={"model": pl.String, "template": pl.String})
    return incidents(looked, units, known, set(live["model"]), run_id, at)


JOB = Job(
    request=Close,
    tables=(FACTS["findings"], FACTS["incidents"]),
    units=units,
    perform=perform,
    conclude=conclude,
    done="closed",
    doing="closing findings",
)
