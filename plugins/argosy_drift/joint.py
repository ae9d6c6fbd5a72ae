"""Put rows of both sides beside each other, for detectors that see columns jointly.

What is handed over is as large as the rows themselves, and one reference may stand beside many
windows. So groups are handed over some at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.tables import ALL_COLUMNS
from argosy_drift.baselines import counterparts
from argosy_drift.column_values import GROUP
from argosy_drift.pairs import KEYS
from argosy_drift.row_samples import MOST, ROWS
from argosy_rows.flat_lists import lists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from argosy_drift.baselines import Baseline

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

APART = "no column that can be compared is on both sides"
_UNKNOWN = pl.lit(None, pl.Int64)
_NUMBERS = 4_000_000
"""How many numbers are handed over at once, at most: 32 MB."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Groups of which both sides have rows."""

    groups: pl.DataFrame
    """`KEYS`, counts, and of either side the columns, and the place of its rows."""
    reference: pl.Series
    """Lists of float64, row after row."""
    current: pl.Series


def beside(
    reference: pl.DataFrame, current: pl.DataFrame, versions: pl.DataFrame, windowed: bool
) -> Pairs:
    """Pair the rows of both sides, group by group; nothing is copied.

    Args:
        reference: the columns of `ROWS`.
        current: the same.
        versions: gives each `model` its `version`.
        windowed: whether the reference is of windows too; else one serves all of them.
    """
    on = list(GROUP) if windowed else ["model", "segment"]
    size = pl.col("rows").list.len().cast(pl.Int64)
    place = pl.int_range(pl.len(), dtype=pl.Int64)
    # a sample of several windows is thinned out (`_matrix`)
    rows = size / pl.col("columns").list.len()
    share = pl.col("share") * pl.min_horizontal(MOST / rows, 1.0)
    before = reference.select(
        *on, "columns", "kinds", n_ref="n", size_ref=size, place_ref=place, share_ref=share
    )
    after = current.select(
        *GROUP, n_cur="n", met="columns", size_cur=size, place_cur=place, share_cur=share
    )
    groups = (
        after.join(before, on=on, nulls_equal=True)
        .join(versions, on="model")
        .with_columns(
            column=pl.lit(ALL_COLUMNS), **dict.fromkeys(("null_ref", "null_cur"), _UNKNOWN)
        )
        .sort(list(GROUP))
        .select(*KEYS, pl.exclude(KEYS))
    )
    return Pairs(groups, reference["rows"], current["rows"])


def earlier_rows(current: pl.DataFrame, baseline: Baseline) -> pl.DataFrame:
    """Return, for every window that has earlier ones, the rows of these together."""
    pairs = counterparts(current.select(list(GROUP)), baseline)
    past = current.drop("window_start", "window_end").rename({"window": "of"})
    return (
        pairs.join(past, on=["model", "segment", "of"], nulls_equal=True)
        .sort(*GROUP, "of")
        .group_by(list(GROUP), maintain_order=True)
        .agg(
            pl.col("n").sum(),
            pl.col("columns", "kinds", "bases").first(),
            pl.col("rows").explode(empty_as_null=False),
            pl.when(pl.col("share").null_count() == 0).then(pl.col("share").max()),
        )
        .select(list(ROWS))
    )


def handed(pairs: Pairs) -> Iterator[pl.DataFrame]:
    """Yield the pairs as `argosy.types.Detector` says, some at a time, with their `row`.

    Each frame is of groups with the same columns; where the sides have none in common, `columns`
    is empty.
    """
    ends = pairs.groups.select(pl.col("size_ref") + pl.col("size_cur")).to_series().cum_sum()
    batches = pairs.groups.with_row_index("row").with_columns(batch=ends // _NUMBERS)
    for some in batches.partition_by("batch", "columns", "met", "kinds", maintain_order=True):
        full = some.select(
            pl.exclude("batch", "^(size|place|share)_(ref|cur)$"),
            pairs.reference[some["place_ref"]].alias("reference"),
            pairs.current[some["place_cur"]].alias("current"),
        )
        yield _shared(full)


def _shared(alike: pl.DataFrame) -> pl.DataFrame:
    """Keep the columns that both sides have, of pairs whose sides have the same columns."""
    first = alike.row(0, named=True)
    own, met = list(first["columns"]), list(first["met"])
    common = [name for name in own if name in met]
    if not common:
        empty = [pl.lit([], alike.schema[name]).alias(name) for name in ("columns", "kinds")]
        bare = [pl.lit([], pl.List(pl.Float64)).alias(side) for side in ("reference", "current")]
        return alike.with_columns(*empty, *bare).drop("met")
    kinds = [first["kinds"][own.index(name)] for name in common]
    before, had = _matrix(alike["reference"], own, common)
    after, have = _matrix(alike["current"], met, common)
    groups = np.arange(alike.height)
    owners = np.repeat(groups, had), np.repeat(groups, have)
    for place, kind in enumerate(kinds):
        if kind == "categorical":
            coded = _codes(before[:, place], after[:, place], *owners)
            before[:, place], after[:, place] = coded[: len(before)], coded[len(before) :]
    wide = len(common)
    return alike.with_columns(
        pl.Series("reference", lists(before.reshape(-1), had * wide)),
        pl.Series("current", lists(after.reshape(-1), have * wide)),
        columns=pl.lit(common, pl.List(pl.String)),
        kinds=pl.lit(kinds, pl.List(pl.String)),
    ).drop("met")


def _matrix(rows: pl.Series, columns: list[str], chosen: list[str]) -> tuple[Floats, Ints]:
    """Return the rows of all groups, at most `MOST` of each, and how many each has."""
    lengths = rows.list.len().to_numpy().astype(np.int64) // len(columns)
    flat = rows.explode(empty_as_null=False).to_numpy().reshape(-1, len(columns))
    taken = np.minimum(lengths, MOST)
    within = np.arange(taken.sum()) - np.repeat(np.cumsum(taken) - taken, taken)
    place = (2 * within + 1) * np.repeat(lengths, taken) // (2 * np.repeat(taken, taken))
    place += np.repeat(np.cumsum(lengths) - lengths, taken)
    return flat[np.ix_(place, [columns.index(name) for name in chosen])], taken


def _codes(before: Floats, after: Floats, owners: Ints, others: Ints) -> Floats:
    """Return the place of each category in its group, the most common of the reference first."""
    both = pl.DataFrame(
        {
            "group": np.concatenate([owners, others]),
            "category": np.concatenate([before, after]),
            "known": np.arange(len(before) + len(after)) < len(before),
        }
    ).with_columns(pl.col("category").cast(pl.Int64, strict=False))
    of = ["group", "category"]
    numbered = (
        both.drop_nulls("category")
        .group_by(of)
        .agg(pl.col("known").sum())
        .sort("group", "known", "category", descending=[False, True, False])
        .with_columns(place=pl.int_range(pl.len()).over("group").cast(pl.Float64))
    )
    placed = both.join(numbered.drop("known"), on=of, how="left", maintain_order="left")
    return placed["place"].fill_null(np.nan).to_numpy()
