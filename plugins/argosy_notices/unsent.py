"""Models of which a notice was to tell that no sink has taken."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import ArgosyWarning
from argosy.tables import TROUBLE_DETAILS, TROUBLES
from argosy.types import TriageCause

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_SEVERITY = 25.0


def find(fleet: FleetView) -> pa.Table:
    """Find models whose notice was tried in vain; warn of notices about no model."""
    if fleet.past:
        return TROUBLES.empty_table()
    vain = fleet.notices().filter(pl.col("last_error").is_not_null())
    if vain.height:
        first = vain.row(0, named=True)
        warnings.warn(
            f"{vain.height} notice{'' if vain.height == 1 else 's'} could not be delivered, the"
            f" oldest to the sink {first['sink']!r}: {first['last_error']};"
            " `argosy notices` lists them",
            ArgosyWarning,
            stacklevel=2,
        )
    told = pl.format(
        "nobody was told: the sink {} did not take its notice: {}", "sink", "last_error"
    )
    rows = (
        vain.drop_nulls("model")
        .group_by("model", maintain_order=True)
        .agg(since=pl.col("at").first(), reason=told.first())
        .with_columns(severity=pl.lit(_SEVERITY))
    )
    since = TROUBLE_DETAILS.field("since")
    return rows.select(*TROUBLES.names, "since").to_arrow().cast(TROUBLES.append(since))


UNSENT = TriageCause(
    "unsent notice",
    "A notice about the model was not delivered.",
    "see why: `argosy notices`",
    find,
    state=None,
)
