"""Read many small files, one model's each, in one pass of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from polars.selectors import by_name

from argosy.data.datasets import FAULTS, MODEL, RESERVED, SHAPE, Dataset, read, wanted
from argosy.plugins import call, installed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from argosy.store.location import Location

_PATH = "argosy_path"
_FEW = 4
"""Fewer files are read one by one."""


def read_together(
    models: pl.DataFrame, location: Location, also: Collection[str] = ()
) -> Iterator[Dataset]:
    """Read as `argosy.data.datasets.read` does, files of the same shape as one dataset.

    Where they cannot be read together (one is missing, or has other columns) each is read by
    itself, so that only the models of that one fail.
    """
    field = pl.col("binding").struct.field
    alone = field("key").is_not_null() | ~field("format").is_in(_formats())
    yield from read(models.filter(alone), location, also)
    shape = [field(name).alias(f"argosy_{name}") for name in SHAPE]
    for part in (
        models.filter(~alone)
        .with_columns(shape)
        .partition_by(
            [f"argosy_{name}" for name in SHAPE],
            include_key=False,
            maintain_order=True,
        )
    ):
        try:
            found = _together(part, location, also) if part.height > _FEW else None
        except FAULTS:  # a stranger's data and sources may raise anything
            found = None
        yield from [found] if found else read(part, location, also)


def _formats() -> list[str]:
    return [name for name, source in installed().sources.items() if source.scan_files]


def _together(models: pl.DataFrame, location: Location, also: Collection[str]) -> Dataset | None:
    binding: dict[str, Any] = models["binding"][0]
    source = installed().sources[binding["format"]]
    if source.scan_files is None:
        return None
    urls = models["binding"].struct.field("url")
    options = location.table_options(binding["url"])
    scan = call(
        "sources",
        source.format,
        source.scan_files,
        urls.unique(maintain_order=True).to_list(),
        options,
        _PATH,
        answers=pl.LazyFrame,
    )
    if binding["where"]:
        scan = scan.filter(pl.sql_expr(binding["where"]))
    names = [name for name in scan.collect_schema().names() if not name.startswith(RESERVED)]
    chosen = wanted(models, binding, names, also)
    rows = scan.select(pl.col(_PATH).cast(pl.String), by_name(chosen)).collect()
    runs = rows[_PATH].rle().struct.unnest()
    owners = pl.DataFrame({"value": urls, MODEL: models["model"]})
    owned = runs.join(owners, on="value", how="left", maintain_order="left")
    if owned[MODEL].null_count():
        return None  # the source calls the files by other names, as after a redirection
    if owned.height > runs.height:  # models share files
        owners = owners.rename({"value": _PATH})
        return Dataset(
            models, binding, rows.join(owners, on=_PATH, maintain_order="left").drop(_PATH)
        )
    owner = owned[MODEL][np.repeat(np.arange(owned.height), owned["len"].to_numpy())]
    return Dataset(models, binding, rows.drop(_PATH).with_columns(owner))
