"""Which windows are whole: what is measured of a part says little of the time it is named after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy_rows.extent import EXTENT, of_own, of_shared, whole
from argosy_rows.periods import is_period
from argosy_rows.windows import WindowSpec

if TYPE_CHECKING:
    from datetime import datetime

    from argosy.data.datasets import Dataset
    from argosy.store.location import Location


def extents(bindings: pl.Series, window: str | None, location: Location) -> pl.Series:
    """Return how far the file of each binding goes where models share it, as `extent`."""
    if window is None or not is_period(window):
        return pl.Series("extent", [None] * len(bindings), dtype=EXTENT)
    return of_shared(bindings, window, location)


def whole_windows(
    groups: pl.DataFrame,
    place: pl.Series,
    rows: pl.Series,
    dataset: Dataset,
    window: str | None,
    at: datetime | None = None,
) -> pl.Series:
    """Return which groups are whole windows, as `whole`; null where there are none.

    A window of time is whole where the rows of its file span it, all models together, and it has
    ended; one of so many rows, where it has them all; one that a column names always is.

    Args:
        groups: with the columns of a window.
        place: the number of each group's model in the dataset.
        rows: of each group, labelled or not.
        dataset: whose rows they are; its models may have the `extent` of the file.
        window: how its rows were cut.
        at: when it is, if that is said.
    """
    cut = WindowSpec(window)
    if window is None:
        return pl.Series("whole", [None] * groups.height, dtype=pl.Boolean)
    if not is_period(window):
        return (rows >= (cut.rows_each or 0)).alias("whole")
    shared = "extent" in dataset.models.columns and bool(dataset.binding["key"])
    own = pl.Series([None if shared else of_own(dataset, window)], dtype=EXTENT)
    held = dataset.models["extent"][place] if shared else own.new_from_index(0, groups.height)
    start, end = pl.col("window_start"), pl.col("window_end")
    ended = pl.lit(value=True) if at is None else end <= at
    return groups.with_columns(extent=held).select(
        whole=whole(start, end, pl.col("extent")) & ended
    )["whole"]
