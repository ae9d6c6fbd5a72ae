"""Say what a window is compared with, and make it where that is windows before it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from argosy.errors import BadInput
from argosy.views.facts import in_order
from argosy_drift.column_values import COUNTS, GROUP, NUMERIC, unfolded
from argosy_drift.sides import Side
from argosy_drift.taus import together
from argosy_rows.periods import counted, face, is_period

_SERIES = ["model", "segment"]
_DAY = 24 * 60
_FORM = re.compile(r"rolling\s+(\d+)|seasonal\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a window is compared with: bound reference rows, or windows before it."""

    previous: int = 0
    """How many windows just before it; 0 unless it rolls."""
    season: str | None = None
    """How long before it its counterpart began."""

    @property
    def fixed(self) -> bool:
        """Whether the reference is the rows bound to the role, the same for all windows."""
        return not self.previous and self.season is None


def baseline(text: str | None, window: str | None) -> Baseline:
    """Read `fixed`, `rolling N` or `seasonal PERIOD`.

    Raises:
        BadInput: for anything else, or where there are no windows that it could mean.

    >>> baseline("rolling 4", "1d"), baseline("seasonal 4w", "1d").season
    (Baseline(previous=4, season=None), '4w')
    """
    if text is None or text == "fixed":
        return Baseline()
    found = _FORM.fullmatch(text)
    if not found or (found[2] and not is_period(found[2])) or int(found[1] or 1) == 0:
        raise BadInput(
            f"against: cannot compare with {text!r}; say 'fixed', 'rolling 4' (the four windows"
            " before) or 'seasonal 4w' (the window that began four weeks before)"
        )
    if window is None or (found[2] and not is_period(window)):
        kind = "windows of time" if found[2] else "windows"
        raise BadInput(
            f"against {text!r} compares {kind} with earlier ones; say which, such as '1d'"
        )
    if found[2] and not _meets(window, found[2]):
        raise BadInput(
            f"against: no window of {window!r} begins {found[2]!r} after another, so none could be"
            f" compared with {text!r}; a season is a whole number of windows, counted alike: weeks"
            " or days for windows of weeks ('seasonal 52w'), months or years for windows of months"
            " ('seasonal 12mo')"
        )
    return Baseline(previous=int(found[1] or 0), season=found[2])


def _meets(window: str, season: str) -> bool:
    """Whether what lies a season before the beginning of a window can be one itself.

    >>> [_meets("1w", "52w"), _meets("1d", "1mo"), _meets("1w", "12mo"), _meets("1mo", "52w")]
    [True, True, False, False]
    """
    months, minutes = counted(season)
    window_months, window_minutes = counted(window)
    if (months and minutes) or not (months or minutes):
        return False
    if window_months:
        return not minutes and months % window_months == 0
    if months:  # windows that begin at every midnight
        return _DAY % window_minutes == 0
    return minutes % window_minutes == 0


def earlier(current: Side, baseline: Baseline) -> Side:
    """Return, for every window that has earlier ones, their values together.

    Args:
        current: the windows.
        baseline: which are meant: some just before, or the one a season before.
    """
    parts = [part.select(list(GROUP)) for part in (current.numeric, current.counts)]
    pairs = counterparts(pl.concat(parts), baseline)
    return Side(
        _together(unfolded(current.numeric), pairs),
        _added(current.counts, pairs),
        current.trouble.clear(),
        together(current.dependence, pairs),
    )


def counterparts(groups: pl.DataFrame, baseline: Baseline) -> pl.DataFrame:
    """Pair each window with the earlier ones that it is compared with.

    Args:
        groups: the columns of `GROUP`, in any order, repeated or not.
        baseline: which are meant.

    Returns:
        `GROUP`, and in `of` the name of an earlier window: one row for each.
    """
    windows = groups.unique().sort(*_SERIES, *in_order())
    if baseline.season is None:
        return _before(windows, baseline.previous).select(*GROUP, "of")
    began = face(pl.col("window"))  # by the clock: an hour later or earlier where it was changed
    past = began.dt.offset_by(f"-{baseline.season}")
    known = windows.select(*_SERIES, past=began, of="window")
    pairs = windows.with_columns(past=past).join(known, on=[*_SERIES, "past"], nulls_equal=True)
    return pairs.select(*GROUP, "of")


def _before(windows: pl.DataFrame, many: int) -> pl.DataFrame:
    """Pair each window with those just before it, where there are as many."""
    place = pl.int_range(pl.len()).over(_SERIES)
    numbered = windows.with_columns(place=place)
    steps = pl.DataFrame({"step": range(1, many + 1)}, schema={"step": pl.Int64})
    asked = numbered.filter(pl.col("place") >= many).join(steps, how="cross")
    asked = asked.with_columns(place=pl.col("place") - pl.col("step"))
    known = numbered.select(*_SERIES, "place", of="window")
    return asked.join(known, on=[*_SERIES, "place"], nulls_equal=True)


def _together(numeric: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    values = numeric.drop("window_start", "window_end").rename({"window": "of"})
    return (
        pairs.join(values, on=[*_SERIES, "of"], nulls_equal=True)
        .group_by(*GROUP, "column")
        .agg(
            pl.col("n", "nulls").sum(),
            pl.col("values").explode().drop_nulls().sort(),
            weights=pl.lit(None, pl.List(pl.Int64)).first(),
        )
        .select(list(NUMERIC))
        .sort("column", *GROUP)
    )


def _added(counts: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    known = counts.drop("window_start", "window_end").rename({"window": "of"})
    return (
        pairs.join(known, on=[*_SERIES, "of"], nulls_equal=True)
        .group_by(*GROUP, "column", "category")
        .agg(pl.col("count").sum())
        .select(list(COUNTS))
    )
