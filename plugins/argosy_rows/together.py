"""Read many small files, one model's each, in one pass of the engine for all that are alike.

What is read of a file is what it gives by itself, whatever files stand beside it: those that are
not alike (`argosy.data.files.alike`) are read by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from polars.selectors import by_name

from argosy.data.datasets import FAULTS, MODEL, SHAPE, Dataset, read, wanted
from argosy.data.files import URL, alike, numbers, of_each, of_each_row, taken_out
from argosy.data.sources import RESERVED, by_storage, refuse_reserved, spelling_of
from argosy.data.text_tables import typed_files
from argosy.data.time_readings import readable
from argosy.errors import DataError
from argosy.plugins import installed
from argosy.registry.writing import source_of
from argosy.sql.expression import row_filter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from argosy.store.location import Location
    from argosy.types import SameColumns

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
        met: list[Dataset] = []
        if part.height > _FEW and of_each_row(part["binding"][0]["where"]):
            urls = part["binding"].struct.field("url").unique(maintain_order=True).to_list()
            met = _together(part, urls, location, also)
        yield from met
        have = [name for dataset in met for name in dataset.models["model"]]
        yield from read(part.filter(~pl.col("model").is_in(have)), location, also)


def _formats() -> list[str]:
    return [name for name, source in installed().sources.items() if source.scan_files]


def _together(
    models: pl.DataFrame, urls: list[str], location: Location, also: Collection[str]
) -> list[Dataset]:
    """Read files that are alike; where one of a group is broken, as many as are not beside it."""
    found: list[Dataset] = []
    for group in alike(models["binding"][0], urls, location):
        if len(group.urls) <= _FEW:
            continue
        try:
            found += _read(models, group, location, also)
        except DataError:  # it is so of each of them
            continue
        except FAULTS:  # a stranger's data may raise anything
            half, files = len(group.urls) // 2, list(group.urls)
            for part in (files[:half], files[half:]):
                found += _together(models, part, location, also) if len(part) > _FEW else []
    return found


def _read(
    models: pl.DataFrame, group: SameColumns, location: Location, also: Collection[str]
) -> list[Dataset]:
    binding: dict[str, Any] = models["binding"][0]
    where = binding["where"]
    looked = row_filter(where).meta.root_names() if where else []
    mine = models.filter(pl.col("binding").struct.field("url").is_in(group.urls))
    scan = by_storage(group.rows.lazy())
    schema = scan.collect_schema()
    own = [name for name in schema if not name.startswith(RESERVED)]
    refuse_reserved(binding, schema)
    chosen = wanted(mine, binding, own, also)
    if source_of(binding).scan_text is None:
        scan = scan.filter(row_filter(where)) if where else scan
        rows = scan.select(URL, by_name(chosen)).collect()
        return _owned(mine, taken_out(rows), rows)
    needed = [name for name in own if name in {*chosen, *looked}]
    text = scan.select(URL, by_name(needed)).collect()
    parts = typed_files(text, taken_out(text), spelling_of(binding), where)
    return [
        found
        for runs, rows in parts
        for found in _owned(
            mine.filter(pl.col("binding").struct.field("url").is_in(runs["value"].implode())),
            runs,
            rows.select(by_name(chosen)),
        )
    ]


def _owned(models: pl.DataFrame, runs: pl.DataFrame, rows: pl.DataFrame) -> list[Dataset]:
    """Tell each row whose it is, by the URL of its file."""
    binding: dict[str, Any] = models["binding"][0]
    urls = models["binding"].struct.field("url")
    owners = pl.DataFrame({"value": urls, MODEL: models["model"]})
    places = runs.with_columns(pl.Series(URL, numbers(runs)))
    owned = places.join(owners, on="value", how="left", maintain_order="left")
    if owned[MODEL].null_count():
        return []  # the source calls the files by other names, as after a redirection
    if owned.height > runs.height:  # models share files
        rows = rows.with_columns(of_each(places[URL], runs))
        rows = rows.join(owned.select(URL, MODEL), on=URL, maintain_order="left").drop(URL)
    else:
        rows = rows.with_columns(of_each(owned[MODEL], runs))
    return [Dataset(*alike) for alike in readable(models, binding, rows, MODEL)]
