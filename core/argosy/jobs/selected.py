"""The models that a job is about: selected, not retired, each with its newest version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy.views.entities import newest
from argosy.views.overview import UNIT
from argosy.views.selection import Selection

if TYPE_CHECKING:
    from argosy.types import FleetView


def selected(
    view: FleetView, selection: Selection | str | None, unversioned: bool = False
) -> pl.DataFrame:
    """Return `model`, `template` and what a job knows of each newest version.

    Args:
        view: of the fleet.
        selection: which models; defaults to every model that is not retired.
        unversioned: include models that have no version yet.

    Raises:
        BadInput: if no model is selected, or this is not a selection.
    """
    if selection is not None and not isinstance(selection, (Selection, str)):
        raise BadInput("a selection is what fleet.where returns, or a SQL expression")
    state = view.state
    live = state["model"].filter(pl.col("retired").ne_missing(True)).select("model", "template")
    versions = newest(state).select(UNIT)
    models = (
        live.join(versions, on="model", how="left")
        if unversioned
        else versions.join(live, on="model", how="inner")
    )
    chosen = view.where(selection) if isinstance(selection, str) else selection
    if chosen is not None:
        models = models.join(chosen.frame().select("model"), on="model", how="semi")
    refuse_empty(models, getattr(chosen, "expression", None))
    return models


def refuse_empty(models: pl.DataFrame, where: str | None) -> None:
    """Raise if a selection holds no model.

    Raises:
        BadInput: naming the expression that selected nothing.
    """
    if models.is_empty():
        why = f"no model matches {where!r}" if where else "the fleet has no models; register some"
        raise BadInput(why)
