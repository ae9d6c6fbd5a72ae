"""Take models in blocks whose rows fit into memory together.

A row takes about a hundred bytes while it is measured. Where a table is small, or each model has
one of its own, all models of a chunk are one block.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.datasets import FAULTS, SHAPE, opened
from argosy.data.keys import KEY, among, keyed
from argosy.kernels.values import spelt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.store.location import Location

_LARGE_FILE = 2**29
"""Bytes from which it is worth counting rows."""
_MOST_ROWS = 2**24
"""Rows that are measured at a time, where they are of several models."""


def blocks(models: pl.DataFrame, location: Location) -> Iterator[pl.DataFrame]:
    """Yield the models, those together whose rows are measured together; every model once.

    Args:
        models: `model`, and their data in `binding`.
        location: the fleet's.
    """
    field = pl.col("binding").struct.field
    source = [field(name).alias(f"argosy_{name}") for name in ("url", *SHAPE)]
    names = [f"argosy_{name}" for name in ("url", *SHAPE)]
    shared = field("key").is_not_null()
    rest = [models.filter(~shared)]
    for part in models.filter(shared).with_columns(source).partition_by(names, maintain_order=True):
        mine = part.drop(names)
        binding: dict[str, Any] = mine["binding"][0]
        if location.size(binding["copy"] or binding["url"]) < _LARGE_FILE:
            rest.append(mine)
        else:
            yield from _cut(mine, binding, location)
    small = pl.concat(rest)
    if small.height:
        yield small


def _cut(models: pl.DataFrame, binding: dict[str, Any], location: Location) -> list[pl.DataFrame]:
    sizes = np.zeros(models.height, np.int64)
    with suppress(*FAULTS):  # whoever reads it will say what is wrong
        _, scan = opened(binding, location)
        kind = scan.collect_schema()[binding["key"]]
        keys = keyed(models, kind)
        met = (
            scan.filter(among(binding["key"], kind, keys[KEY]))
            .group_by(pl.col(binding["key"]).alias(KEY))
            .agg(rows=pl.len().cast(pl.Int64))
            .collect(engine="streaming")
        )
        counted = met.with_columns(spelt(met[KEY])).group_by(KEY).agg(pl.col("rows").sum())
        found = keys.join(counted, on=KEY, how="left", maintain_order="left")
        sizes = found["rows"].fill_null(0).to_numpy()
    number, total, of_block = 0, 0, []
    for size in sizes.tolist():
        if total and total + size > _MOST_ROWS:
            number, total = number + 1, 0
        total += size
        of_block.append(number)
    return models.with_columns(block=pl.Series(of_block)).partition_by(
        "block", include_key=False, maintain_order=True
    )
