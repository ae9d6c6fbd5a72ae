"""How old rows are: whether they were known at some time, and old enough to have their label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.times import instant, steps

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]


def later_than(rows: pl.DataFrame, binding: dict[str, Any], at: datetime) -> Mask | None:
    """Which rows are of a time after `at`, when nobody knew of them; None if none are."""
    time = binding["timestamp"]
    if not time or steps(rows, binding):  # which no time is later than
        return None
    moment = pl.lit(at, pl.Datetime("us", "UTC"))
    later = instant(rows, binding) > moment
    found: Mask = rows.select(later.fill_null(value=False)).to_series().to_numpy()
    return found if found.any() else None


def timeless_rows(rows: pl.DataFrame, binding: dict[str, Any]) -> Mask | None:
    """Which rows have no time; None if all have one."""
    time = rows.select(instant(rows, binding)).to_series()
    return time.is_null().to_numpy() if time.null_count() else None


def mature(
    rows: pl.DataFrame,
    place: Ints,
    lengths: Ints,
    binding: dict[str, Any],
    at: datetime | None,
) -> Mask:
    """Which rows are as old as the binding's `label_delay`, by `at` or their model's newest row.

    Args:
        rows: those of all groups, one after the other.
        place: the number of each group's model, shape (groups,).
        lengths: how many rows each has, shape (groups,).
        binding: names the `timestamp` and the delay.
        at: when it is, if that is said.
    """
    time = rows.select(instant(rows, binding)).to_series()
    groups = pl.DataFrame({"place": np.repeat(place, lengths), "time": time})
    now = pl.col("time").max() if at is None else pl.lit(at, pl.Datetime("us", "UTC"))
    delay = f"-{binding['label_delay']}"
    newest = groups.group_by("place").agg(last=now.dt.offset_by(delay))
    cutoffs = np.full(int(place.max(initial=0)) + 1, np.iinfo(np.int64).min)
    cutoffs[newest["place"].to_numpy()] = (
        newest["last"].dt.epoch("us").fill_null(-(2**62)).to_numpy()
    )
    instants = time.dt.epoch("us").fill_null(2**62).to_numpy()
    young: Mask = instants > np.repeat(cutoffs[place], lengths)
    return ~young
