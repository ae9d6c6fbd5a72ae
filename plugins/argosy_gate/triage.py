"""Versions in use that did not pass a gate, or would not pass it any more, need a person."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels.multiplicity import adjusted
from argosy.store.damage import collect
from argosy.tables import TROUBLES
from argosy.types import TriageCause
from argosy.views.entities import in_use
from argosy.views.facts import newest_window, of_last_run
from argosy.views.metrics import goodness
from argosy.views.urgency import beyond, within
from argosy_troubles.failures import listed, standing_failures

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_UNIT = ["model", "version"]
_KEY = [*_UNIT, "metric"]
_LEVEL = 0.01
_BASELINE = "baseline:"
_SURE = 3.0
"""A distance that counts one: so many standard errors."""


def refused(view: FleetView) -> pa.Table:
    """Find versions in use that did not pass some gate when they were held to it last."""
    barred = pl.col("passed").ne_missing(pl.lit(value=True))
    failures = standing_failures(view, "gates", _UNIT, barred)
    told = pl.format("version {} did not pass: {}", "version", pl.col("reason").fill_null("?"))
    return listed(failures, view, (40, 60), told)


def fallen(view: FleetView) -> pa.Table:
    """Find versions in use that are measured below what they had to reach when they passed.

    Only later numbers on the same role count, and only where chance does not explain the distance:
    a one-sided normal test by the number's own standard error, adjusted over the fleet.
    """
    passed = view.table("gates").filter("passed", pl.col("gate").str.starts_with(_BASELINE))
    last = of_last_run(passed.filter(pl.col("bound").is_not_null()), view.runs())
    bounds = last.select(*_KEY, "dataset", "bound", judged="at").collect()
    used = bounds.join(in_use(view.state), on=_UNIT, how="semi")
    if used.is_empty():
        return TROUBLES.empty_table()
    rows = view.standing().filter(pl.col("error") > 0, status="ok", slice="all")
    asked = rows.join(used.lazy(), on=[*_KEY, "dataset"]).filter(pl.col("at") > pl.col("judged"))
    newest = collect(newest_window(asked), view.url).sort("at", maintain_order=True)
    now = newest.unique([*_KEY, "dataset"], keep="last", maintain_order=True)
    lack = goodness(pl.col("bound")) - goodness(pl.col("value"))
    tested = now.with_columns(times=lack / pl.col("error"), since="at").drop_nulls("times")
    p = np.array([1 - NormalDist().cdf(each) for each in tested["times"]], np.float64)
    q = adjusted(p, np.zeros(len(p), np.int64)) if len(p) else p
    where = pl.format(" in the window {}", "window").fill_null("")
    return (
        tested.filter(pl.Series(q) < _LEVEL)
        .select(
            *_UNIT,
            "since",
            severity=within(65, 90, beyond(pl.col("times") / _SURE)),
            reason=pl.format(
                "{} {}{} on '{}', worse than the {} that its gate asks for",
                *("metric", pl.col("value").round_sig_figs(3), where, "dataset"),
                pl.col("bound").round_sig_figs(3),
            ),
        )
        .to_arrow()
    )


_SEE = "see them: `argosy sql \"SELECT * FROM gates WHERE model = 'MODEL'\"`"

REFUSED = TriageCause("gate not passed", "A version in use did not pass a gate.", _SEE, refused)
FALLEN = TriageCause(
    "below its gate", "A version in use is worse than the gate asks that it passed.", _SEE, fallen
)
CAUSES = (REFUSED, FALLEN)
