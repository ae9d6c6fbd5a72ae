"""Put both sides of every column beside each other, one table per kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels import sums
from argosy_drift.column_values import GROUP, unfolded
from argosy_drift.spellings import alike
from argosy_drift.taus import with_taus, with_turns
from argosy_drift.worth import TAUS
from argosy_rows.flat_lists import lists
from argosy_rows.groups import grouped

if TYPE_CHECKING:
    from argosy_drift.sides import Side
    from argosy_rows.groups import Grouped

_COUNTED = ("n_ref", "n_cur", "null_ref", "null_cur", "categories", "ref_counts", "cur_counts")
KEYS = ("model", "version", "column", *list(GROUP)[1:])


@dataclass(frozen=True, slots=True)
class Samples:
    """Both sides of every column that has two; see `argosy.types.Detector`."""

    numeric: pl.DataFrame
    categorical: pl.DataFrame
    trouble: pl.DataFrame

    def taus(self) -> pl.DataFrame:
        """Return `GROUP`, `column`, `tau` and `tau_nulls` of every pair that has them."""
        of = [*GROUP, "column", *TAUS]
        return pl.concat([self.numeric.select(of), self.categorical.select(of)]).drop_nulls("tau")


def paired(reference: Side, current: Side, versions: pl.DataFrame, windowed: bool) -> Samples:
    """Put both sides beside each other.

    Args:
        reference: the side that the models know.
        current: the side that they meet.
        versions: gives each `model` its `version`.
        windowed: whether the reference is of windows too; else one serves all of them.
    """
    windows = list(GROUP)[2:]
    group = list(GROUP) if windowed else ["model", "segment"]
    before = reference.numeric, reference.counts
    if not windowed:
        before = before[0].drop(windows), before[1].drop(windows)
    on = [*group, "column"]
    numeric = _numeric(unfolded(before[0]), unfolded(current.numeric), on)
    categorical = _categorical(before[1], current.counts, on)
    trouble = pl.concat([reference.trouble, current.trouble])
    known = reference.dependence if windowed else reference.dependence.drop(windows)
    numeric, categorical = (
        with_turns(with_taus(_versioned(pairs, versions), known, current.dependence, on), known, on)
        for pairs in (numeric, categorical)
    )
    return Samples(numeric, categorical, trouble)


def _versioned(pairs: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    names = pairs.select("model").join(versions, on="model", how="left", maintain_order="left")
    return pairs.with_columns(names["version"]).select(*KEYS, pl.exclude(KEYS))


def _numeric(before: pl.DataFrame, after: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    known = before.select(*on, n_ref="n", null_ref="nulls", reference="values")
    met = after.select(*GROUP, "column", n_cur="n", null_cur="nulls", current="values")
    if known.select(on).equals(met.select(on)):  # lists are not copied
        return met.hstack(known.drop(on))
    return met.join(known, on=on, nulls_equal=True, maintain_order="left")


def _categorical(before: pl.DataFrame, after: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """Count every category that either side has, for every group that both have."""
    group = [*GROUP, "column"]
    before, after = alike(before, after)
    known, met = grouped(before, on), grouped(after, group)
    pairs = (
        _placed(met, "")
        .join(_placed(known, "_ref"), on=on, nulls_equal=True)  # once for every window
        .sort("column", *GROUP)
    )
    both = (
        _taken(known.rows, pairs["start_ref"], pairs["size_ref"])
        .join(
            _taken(met.rows, pairs["start"], pairs["size"]),
            on=["pair", "category"],
            how="full",
            coalesce=True,
            nulls_equal=True,
            suffix="_cur",
        )
        .with_columns(pl.col("count", "count_cur").fill_null(0))
        .sort("pair", "category")
    )
    seen = both.filter(pl.col("category").is_not_null())
    sizes, sizes_seen = (
        np.bincount(part["pair"].to_numpy(), minlength=pairs.height) for part in (both, seen)
    )
    counted: dict[str, pl.Series] = {}
    for side, name in (("ref", "count"), ("cur", "count_cur")):
        counted[f"n_{side}"] = pl.Series(sums(both[name].to_numpy(), sizes))
        counted[f"{side}_counts"] = pl.Series(lists(seen[name].to_numpy(), sizes_seen))
        counted[f"null_{side}"] = counted[f"n_{side}"] - sums(seen[name].to_numpy(), sizes_seen)
    texts = lists(seen["category"].to_arrow(), sizes_seen)
    counted["categories"] = pl.Series(texts, dtype=pl.List(pl.String))
    return pairs.select(*group).with_columns(counted[name].alias(name) for name in _COUNTED)


def _placed(held: Grouped, end: str) -> pl.DataFrame:
    """Say where the rows of each group stand."""
    starts = pl.Series(f"start{end}", np.cumsum(held.lengths) - held.lengths)
    return held.groups.with_columns(starts, pl.Series(f"size{end}", held.lengths))


def _taken(rows: pl.DataFrame, starts: pl.Series, sizes: pl.Series) -> pl.DataFrame:
    """Return the categories and counts that stand at some places, with the number of the pair."""
    first, many = starts.to_numpy(), sizes.to_numpy()
    shift = np.repeat(first - (np.cumsum(many) - many), many)
    pair = pl.Series("pair", np.repeat(np.arange(len(many)), many))
    taken: pl.DataFrame = rows.select("category", "count")[np.arange(len(shift)) + shift]
    return taken.with_columns(pair)
