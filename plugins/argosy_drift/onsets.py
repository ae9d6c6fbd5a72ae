"""When the rows began that a check looked at: a change began then, not when somebody looked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.times import instant
from argosy.data.years import within_years
from argosy.errors import BadInput
from argosy_rows.groups import grouped
from argosy_rows.periods import LABELS, is_period

if TYPE_CHECKING:
    from argosy.data.datasets import Dataset
    from argosy_rows.windows import WindowSpec

BEGAN: dict[str, Any] = {
    "model": pl.String,
    "window": pl.String,
    "began": LABELS["window_start"],
}
"""When the first row was of all of a model's, or of those in a window."""
_NEVER = np.iinfo(np.int64).max


def began(dataset: Dataset, cut: WindowSpec) -> pl.DataFrame:
    """Return the time of the first row of every group, as `BEGAN`.

    There is nothing to tell where rows have no time, and of windows of time, which begin when their
    `window_start` says.

    Args:
        dataset: the rows.
        cut: how they are cut into windows.
    """
    time = dataset.binding["timestamp"]
    timed = cut.window is not None and is_period(cut.window)
    if dataset.reason is not None or timed or time not in dataset.rows.columns:
        return pl.DataFrame(schema=BEGAN)
    try:
        rows = cut.rows(dataset)
        began = within_years(instant(rows, dataset.binding))
        moments = rows.select(*cut.by(), moment=began)
    except BadInput:  # whoever compares the rows says what is wrong
        return pl.DataFrame(schema=BEGAN)
    held = grouped(moments, cut.by())
    numbers = held.rows["moment"].dt.epoch("us").fill_null(_NEVER).to_numpy()
    starts = np.cumsum(held.lengths) - held.lengths
    first = np.minimum.reduceat(numbers, starts) if len(starts) else numbers
    moment = pl.Series("began", first).replace(_NEVER, None).cast(BEGAN["began"])
    return cut.named(held.groups).select("model", "window").hstack([moment]).drop_nulls("began")


def told_of(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return what several parts say, each group once."""
    both = pl.concat([pl.DataFrame(schema=BEGAN), *parts])
    return both.unique(["model", "window"], keep="first", maintain_order=True)
