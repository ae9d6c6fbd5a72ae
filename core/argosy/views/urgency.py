"""How urgent what triage lists is: a scale from 0 to 100 that spreads the list.

A cause says how bad its trouble is in itself, within its band, growing continuously with how far
or how long it goes:

========  ==========================================================================
 90-100   nobody gets an answer: predictions failed, the version is in quarantine
 80-100   nobody knows how good it is: it could not be evaluated
 75-90    an input is missing, or holds categories that nobody knows
 65-95    it does worse than its past, its gate or its estimate says
 30-65    its data drifted
 40-60    no data since; drift that could not be judged; a gate that it did not pass
 20-45    a new version could not be trained, estimated or compared
 12-30    it was not looked at when it should have been, or has no version
 4-8      it was never looked at
========  ==========================================================================

Triage then weighs this by whom it hurts: by the tier (1 in full, 2 by 0.9, 3 by 0.8, 4 or none by
0.7) and by what the version does (the one that `champion` points at in full, others by 0.9;
without a champion, the newest version counts in full).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import datetime

TIERS = {1: 1.0, 2: 0.9, 3: 0.8, 4: 0.7}
ASIDE = 0.9
_HALF = 3.0
"""After so many days half of the band is reached."""
_DAY = 86_400


def within(low: float, high: float, grade: pl.Expr) -> pl.Expr:
    """Place a grade from 0 to 1 in the band of a cause; one that is not known is at its bottom."""
    return low + (high - low) * grade.fill_null(0.0).clip(0.0, 1.0)


def beyond(times: pl.Expr) -> pl.Expr:
    """Grade how many times a limit is reached: at the limit 0, twice as much 0.5, ever less.

    >>> times = pl.Series("times", [1.0, 2.0, 10.0])
    >>> times.to_frame().select(grade=beyond(pl.col("times")))["grade"].to_list()
    [0.0, 0.5, 0.9]
    """
    return 1 - 1 / times.clip(lower_bound=1.0)


def aged(since: pl.Expr, moment: datetime) -> pl.Expr:
    """Grade how long something has gone on: half after three days, ever less after that."""
    days = (pl.lit(moment, pl.Datetime("us", "UTC")) - since).dt.total_seconds() / _DAY
    lasting = days.clip(lower_bound=0.0)
    return lasting / (lasting + _HALF)


def weight(tier: pl.Expr, aside: pl.Expr) -> pl.Expr:
    """Return by what a severity is weighed.

    Args:
        tier: of the model.
        aside: whether its trouble is of a version beside its champion.
    """
    of_tier = tier.replace_strict(TIERS, default=TIERS[4], return_dtype=pl.Float64)
    return of_tier * pl.when(aside).then(ASIDE).otherwise(1.0)
