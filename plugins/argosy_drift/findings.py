"""What becomes of findings: opened by an alert, cleared by a later check that asked the same.

A check clears a finding only where it asked the same column, detector and segment, against the same
reference and the same kind of window, with a floor and a level no laxer, of rows no older; and
found the effect below the floor, or the model's own p-value, before the fleet is looked at, not
below the level. A q-value that rose because more models were asked clears nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.tables import DRIFT_FINDINGS
from argosy.views.verdicts import FINDING, QUESTION
from argosy_drift.question import asked_of
from argosy_drift.verdict import decisive, told_of

if TYPE_CHECKING:
    from datetime import datetime

    from argosy_drift.request import Drift

NAMES = [name for name in DRIFT_FINDINGS.names if name not in {"run_id", "at"}]
_BEFORE = ("window_start", "threshold", "level", "opened", "opened_run")


def followed(
    course: pl.DataFrame, known: pl.DataFrame, request: Drift, run_id: str, at: datetime
) -> pl.DataFrame:
    """Return what became of findings in a check, as rows of the table `findings`.

    Args:
        course: the results, window by window, of all columns and detectors that alert or had a
            finding; decided, with `level` and `p_model`, the model's own p-value.
        known: findings that were open before.
        request: what was asked.
        run_id: of the check.
        at: when it began.
    """
    rolling = not request.baseline.fixed
    # windows before are no data of their own: whose they are, the role says
    source = pl.lit("") if rolling else pl.col("reference_id")
    rows = decisive(course).with_columns(**asked_of(request), reference_id=source)
    of = [*FINDING, *QUESTION]
    before = known.select(*of, *(pl.col(name).alias(f"{name}_before") for name in _BEFORE))
    both = rows.join(before, on=of, how="left", nulls_equal=True, maintain_order="left")
    found = both.filter(status="drift").with_columns(
        state=pl.lit("open"),
        opened=pl.coalesce("opened_before", pl.lit(at, pl.Datetime("us", "UTC"))),
        opened_run=pl.coalesce("opened_run_before", pl.lit(run_id)),
        reason=told_of("column"),
    )
    small = pl.col("effect") < pl.col("threshold")
    unsure = pl.col("p_model") >= pl.col("level")
    strict = (pl.col("threshold") <= pl.col("threshold_before")) & (
        pl.col("level") >= pl.col("level_before")
    )
    recent = (pl.col("window_start") >= pl.col("window_start_before")).fill_null(value=True)
    gone = pl.col("opened_before").is_not_null() & (pl.col("status") != "drift")
    cleared = both.filter(gone, small | unsure, strict, recent).with_columns(
        state=pl.lit("cleared"),
        opened=pl.col("opened_before"),
        opened_run=pl.col("opened_run_before"),
        reason=pl.format(
            "a later check found {} of {} below what alerts, or no more than chance",
            "detector",
            pl.col("effect").round(2),
        ),
    )
    became = [part.with_columns(status=pl.lit("ok")) for part in (found, cleared)]
    return pl.concat([part.select(NAMES) for part in became])
