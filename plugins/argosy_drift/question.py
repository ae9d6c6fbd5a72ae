"""What a check asked, and what an earlier one asked that is still without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import installed
from argosy.views.verdicts import CLEAR, UNKNOWN
from argosy_rows.extent import silent

if TYPE_CHECKING:
    from argosy_drift.request import Drift

_ROLES = ("reference", "current")


def asked_of(request: Drift) -> dict[str, pl.Expr]:
    """Return the columns that say what a check asked, but for whose data it was."""
    said = {
        "reference": request.reference,
        "current": request.current,
        "windows": request.window,
        "against": request.against,
    }
    return {name: pl.lit(value, pl.String) for name, value in said.items()}


def beside(told: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Say beside each verdict what is newer than what decided it.

    A model that has no rows in the newest window of its file, though others have, has stopped.

    Args:
        told: the verdicts of this check, with `last_start` and `last_window`.
        units: `model` and the `extent` of its file, null where that is its own.
    """
    newest = units.select("model", newest=pl.col("extent").struct.field("newest"))
    both = told.join(newest, on="model", how="left", maintain_order="left")
    stopped = pl.col("last_start") < pl.col("newest")
    gone = pl.when(stopped).then(silent(pl.col("last_window")))
    newer = pl.concat_str("newer", gone, separator="; ", ignore_nulls=True).replace("", None)
    rows = both.with_columns(newer=newer).with_columns(
        reason=pl.concat_str("reason", "newer", separator="; ", ignore_nulls=True)
    )
    return rows.drop("last_start", "last_window", "newest")


def carried(told: pl.DataFrame, before: pl.DataFrame, request: Drift) -> pl.DataFrame:
    """Say what was asked, and keep what an earlier check could not judge and this one did not ask.

    A check with fewer detectors, or of other data, says nothing of what the wider one left open:
    its columns stay unjudged until a check that asks as much has judged them.

    Args:
        told: the verdicts of this check.
        before: what the last check of each version said.
        request: of this check.
    """
    names = list(request.detectors or ())
    own = told.with_columns(**asked_of(request), detectors=pl.lit(names, pl.List(pl.String)))
    known = pl.lit(list(installed().detectors), pl.List(pl.String))
    wider = pl.col("detectors").list.set_intersection(known)
    elsewhere = pl.any_horizontal(pl.col(role) != getattr(request, role) for role in _ROLES)
    narrower = wider.list.set_difference(pl.lit(names, pl.List(pl.String))).list.len() > 0
    open_ = before.filter(pl.col("unjudged").list.len() > 0, narrower | elsewhere).select(
        "model", "version", unjudged_before="unjudged", detectors_before=wider
    )
    both = own.join(open_, on=["model", "version"], how="left", maintain_order="left")
    left = pl.col("unjudged_before").is_not_null()
    first = pl.col("unjudged_before").list.first()
    still = pl.format(
        "an earlier check could not judge '{}', and this one did not ask as much", first
    )
    clear = pl.col("verdict") == CLEAR
    return both.with_columns(
        verdict=pl.when(left & clear).then(pl.lit(UNKNOWN)).otherwise("verdict"),
        drifted=pl.when(~(left & clear)).then("drifted"),
        reason=pl.when(left & clear).then(still).otherwise("reason"),
        unjudged=pl.when(left)
        .then(pl.col("unjudged").list.set_union("unjudged_before"))
        .otherwise("unjudged"),
        detectors=pl.when(left)
        .then(pl.col("detectors").list.set_union("detectors_before"))
        .otherwise("detectors"),
    ).drop("unjudged_before", "detectors_before")
