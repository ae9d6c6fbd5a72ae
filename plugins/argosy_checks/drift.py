"""The promoted versions were checked for drift, and are clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.types import Check
from argosy.views.verdicts import CLEAR, DRIFTED, looks, merged, open_findings
from argosy_checks.subjects import subjects, told

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_UNIT = ["model", "version"]


def look(fleet: FleetView, moved: pa.Table) -> pa.Table:
    """Find versions that drift, or of which nobody can tell: never or long ago judged, or unknown.

    What is known of the version before says nothing of theirs.
    """
    models = subjects(fleet, moved)
    mine = models.lazy().select(_UNIT)
    checks, found = (
        fleet.table(name).join(mine, on=_UNIT, how="semi") for name in ("verdicts", "findings")
    )
    last = looks(checks, fleet.state, fleet.url)
    checked = models.select(_UNIT).join(last, on=_UNIT, how="left", maintain_order="left")
    standing = merged(checked, open_findings(found, fleet.state, fleet.url))
    told_of = standing.join(models.select(*_UNIT, "since"), on=_UNIT, maintain_order="left")
    why = pl.col("reason").fill_null("no reason was told")
    reason = (
        pl.when(pl.col("verdict") == DRIFTED)
        .then(pl.format("it drifts: {}", why))
        .when(pl.col("verdict") != CLEAR)
        .then(
            pl.format(
                "whether its version {} drifts is unknown: {}; run `argosy drift`", "version", why
            )
        )
        .when(pl.col("judged_at") < pl.col("since"))
        .then(
            pl.format(
                "its version {} was judged last on {}, which is too old; run `argosy drift`",
                *("version", pl.col("judged_at").dt.strftime("%Y-%m-%d")),
            )
        )
    )
    return told(told_of.select("model", reason=reason).drop_nulls("reason"))


CHECK = Check(
    name="drift",
    summary="The promoted versions were checked for drift, and are clear.",
    look=look,
    reads=("verdicts",),
    next_step="argosy drift",
)
