"""Models that drifted, and those whose drift could not be checked, need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.registry.bindings import bound
from argosy.types import TriageCause
from argosy.views.verdicts import DRIFTED, UNKNOWN

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_MISSING, _UNJUDGED, _NEVER, _LEAST, _SPAN = 80.0, 60.0, 5.0, 40.0, 20.0


def drifted(view: FleetView) -> pa.Table:
    """Find models with an open finding; the further beyond its threshold, the worse."""
    grade = 1 - 1 / pl.col("severity").fill_null(1.0).clip(lower_bound=1.0)
    moved = view.verdicts().filter(verdict=DRIFTED)
    return moved.select("model", severity=_LEAST + _SPAN * grade, reason="reason").to_arrow()


def lacking(view: FleetView) -> pa.Table:
    """Find models with an input that could not be compared."""
    rows = view.verdicts().filter(pl.col("missing").list.len() > 0)
    names = pl.format("the input '{}' could not be compared", pl.col("missing").list.join("', '"))
    said = pl.when(pl.col("verdict") == UNKNOWN).then("reason").otherwise(names)
    return rows.select("model", severity=pl.lit(_MISSING), reason=said).to_arrow()


def unjudged(view: FleetView) -> pa.Table:
    """Find models that were checked, and could not be judged."""
    unknown = view.verdicts().filter(
        pl.col("verdict") == UNKNOWN, pl.col("checked_at").is_not_null()
    )
    return unknown.select("model", severity=pl.lit(_UNJUDGED), reason="reason").to_arrow()


def never(view: FleetView) -> pa.Table:
    """Find models whose newest version was never checked, though they have rows to check."""
    new = view.verdicts().filter(pl.col("checked_at").is_null())
    new = bound(view.state, new.join(_templates(view), on="model", how="left"), "current")
    new = new.filter(pl.col("binding").is_not_null())
    return new.select(
        "model",
        severity=pl.lit(_NEVER),
        reason=pl.format("version {} was never checked for drift", "version"),
    ).to_arrow()


def _templates(view: FleetView) -> pl.DataFrame:
    return view.models().select("model", "template").collect()


DRIFTED_CAUSE = TriageCause(
    "drift",
    "The model's data drifted.",
    "see what moved: `argosy show MODEL --drift`",
    drifted,
)
MISSING_INPUT = TriageCause(
    "missing input",
    "A column that the model needs is gone, empty or of another type.",
    "mend the data, then `argosy drift`; or excuse the column: `argosy put excuse FILE`",
    lacking,
)
UNJUDGED = TriageCause(
    "drift unknown",
    "The model's drift could not be judged.",
    "mend what the reason names, then `argosy drift`",
    unjudged,
)
NEVER_CHECKED = TriageCause(
    "never checked",
    "The newest version was never checked for drift.",
    "`argosy drift`",
    never,
)
CAUSES = (DRIFTED_CAUSE, MISSING_INPUT, UNJUDGED, NEVER_CHECKED)
