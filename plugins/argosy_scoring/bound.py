"""Data and the labels that belong to it, as models are bound to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.registry.bindings import bound

if TYPE_CHECKING:
    from argosy.types import FleetState

TRUTH = "truth"
"""The role of a table of labels, where it is not named otherwise."""


def with_labels(
    state: FleetState, models: pl.DataFrame, data: str, truth: str | None
) -> pl.DataFrame:
    """Give each model the `binding` of its data and, where it has one, of its `labels`.

    Args:
        state: of the fleet.
        models: with `model` and `template`.
        data: the role of the data.
        truth: the role of a table of labels; defaults to `truth` where something is bound to it.

    Raises:
        UnknownName: for a role that nothing is bound to.
    """
    placed = bound(state, models, data)
    if truth is None and TRUTH not in state["binding"]["role"]:
        return placed.with_columns(labels=pl.lit(None, placed.schema["binding"]))
    labels = bound(state, models, truth or TRUTH)["binding"]
    own = pl.col("binding").struct.field("truth").is_not_null()
    return placed.with_columns(labels=pl.when(~own).then(labels))
