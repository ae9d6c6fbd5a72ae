"""Read data that is too large for memory a few columns at a time.

A column of a hundred million rows takes 0.8 GB, and is kept as ten thousand counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from argosy.data.datasets import FAULTS, opened
from argosy.data.keys import KEY, keyed, members
from argosy.data.sources import RESERVED
from argosy.registry.bindings import named_columns
from argosy_drift.features import features
from argosy_drift.onsets import began, told_of
from argosy_drift.row_samples import merged, sampled
from argosy_drift.sides import Side, joined, side
from argosy_rows.extent import EXTENT, of_own
from argosy_rows.periods import is_period
from argosy_rows.segments import divided
from argosy_rows.together import read_together

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from argosy.data.datasets import Dataset
    from argosy.store.location import Location
    from argosy_rows.windows import WindowSpec

_EXTENTS: dict[str, Any] = {"model": pl.String, "extent": EXTENT}
_LARGE_FILE = 2**29
"""Bytes from which it is worth counting rows."""
_MOST_VALUES = 2**27
"""Values that are read at a time: a gigabyte of them."""


class Gathered(NamedTuple):
    """One side of some models; an element per cut."""

    sides: list[Side]
    """Column by column."""
    columns: list[pl.DataFrame]
    """Which columns there are."""
    rows: list[pl.DataFrame]
    """A sample of rows, where it was asked for (`argosy_drift.row_samples.ROWS`)."""
    extents: pl.DataFrame
    """`model` and the `extent` of its file, where that is its own and windows are of time."""
    began: pl.DataFrame
    """When the rows of each model begin, as `argosy_drift.onsets` says."""


def gathered(
    models: pl.DataFrame,
    location: Location,
    cuts: Sequence[WindowSpec],
    wanted: Sequence[pl.DataFrame] | None,
    name: str,
    rows: bool = False,
    turns: bool = False,
) -> Gathered:
    """Gather one side of some models, once per cut.

    Args:
        models: with the binding of the side in `binding`.
        location: the fleet's.
        cuts: how rows are cut; each gives a side.
        wanted: the columns of each cut (`argosy_drift.features`); defaults to all there are.
        name: what reasons call the side.
        rows: whether a sample of rows is drawn too.
        turns: whether the order of values is kept, where there is one.
    """
    needed = {column for cut in cuts for column in cut.needs()}
    sides: list[list[Side]] = [[] for _ in cuts]
    columns: list[list[pl.DataFrame]] = [[] for _ in cuts]
    drawn: list[list[pl.DataFrame]] = [[] for _ in cuts]
    extents = [pl.DataFrame(schema=_EXTENTS)]
    begins: list[pl.DataFrame] = []
    segments = [cut.segment for cut in cuts if cut.segment is not None]
    window = cuts[0].window
    timed = window if window is not None and is_period(window) else None
    for part, in_turn in _turns(models, location):
        met = [
            some
            for dataset in read_together(part, location, needed)
            for some in divided(dataset, segments)
        ]
        if timed is not None:
            unshared = [dataset for dataset in met if not dataset.binding["key"]]
            extents += [_extents(dataset, timed) for dataset in unshared]
        begins += [began(dataset, cuts[0]) for dataset in met]
        found = features(met)
        for place, cut in enumerate(cuts):
            own = found if wanted is None else wanted[place].filter(in_turn)
            own = own.filter(pl.col("column").ne_missing(pl.lit(cut.partition, pl.String)))
            sides[place].append(side(met, own, name, cut, turns))
            columns[place].append(own)
            if rows:
                drawn[place].append(sampled(met, own, name, cut))
    return Gathered(
        [joined(parts) for parts in sides],
        [pl.concat(parts) for parts in columns],
        [merged(parts) for parts in drawn],
        pl.concat(extents).unique("model", keep="first", maintain_order=True),
        told_of(begins),
    )


def _extents(dataset: Dataset, window: str) -> pl.DataFrame:
    held = pl.Series("extent", [of_own(dataset, window)], dtype=EXTENT)
    return dataset.models.select("model", extent=pl.lit(held).first())


def _turns(models: pl.DataFrame, location: Location) -> Iterator[tuple[pl.DataFrame, pl.Expr]]:
    """Yield models again and again, with a few of their features and what has its turn with them.

    Columns that are wanted and not there have theirs with the first.
    """
    everything = pl.lit(True)
    urls = models["binding"].struct.field("url").unique(maintain_order=True)
    large = [url for url in urls if location.size(url) >= _LARGE_FILE]
    is_large = pl.col("binding").struct.field("url").is_in(large)
    small = models.filter(~is_large)
    if not large:
        yield models, everything
        return
    if small.height:
        yield small, everything
    for part in models.filter(is_large).partition_by("binding", maintain_order=True):
        names, at_once = _columns(part, location)
        if len(names) <= at_once:
            yield part, everything
            continue
        column = pl.col("column")
        yield _narrowed(part, names[:at_once], True), ~column.is_in(names[at_once:])
        for start in range(at_once, len(names), at_once):
            some = names[start : start + at_once]
            yield _narrowed(part, some, False), column.is_in(some)


def _columns(models: pl.DataFrame, location: Location) -> tuple[list[str], int]:
    """Return the features of models that share a large table, and how many can be read at once."""
    binding: dict[str, Any] = models["binding"][0]
    try:
        _, scan = opened(binding, location)
        there = scan.collect_schema().names()
        if binding["key"]:
            kind = scan.collect_schema()[binding["key"]]
            scan = members(scan, binding["key"], keyed(models, kind)[KEY])
        rows = int(scan.select(pl.len()).collect(engine="streaming").item())
    except FAULTS:  # whoever reads it will say what is wrong
        return [], 1
    named = {*named_columns(binding).values(), *(binding["segments"] or ())}
    declared = models["features"].explode().struct.field("name").drop_nulls().unique()
    open_ = [name for name in there if name not in named and not name.startswith(RESERVED)]
    names = declared.sort().to_list() if not models["features"].null_count() else open_
    return names, max(1, _MOST_VALUES // max(rows, 1))


def _narrowed(models: pl.DataFrame, names: list[str], first: bool) -> pl.DataFrame:
    """Keep a few features; what the model answered is compared with the first of them."""
    kind = models.schema["features"]
    chosen = pl.Series([[{"name": name, "type": None, "role": None} for name in names]], dtype=kind)
    own = pl.col("features").list.eval(
        pl.element().filter(pl.element().struct.field("name").is_in(names))
    )
    narrowed = models.with_columns(
        features=pl.when(pl.col("features").is_null()).then(pl.lit(chosen).first()).otherwise(own)
    )
    if first:
        return narrowed
    unsaid = {name: pl.lit(None, pl.String) for name in ("prediction", "score")}
    return narrowed.with_columns(pl.col("binding").struct.with_fields(**unsaid))
