"""Count the rows of bound files that no model is handed, once per file and run.

A chunk reads the rows of its own models, so that none of them sees the rows of nobody. They are
counted where the run is driven: each file in one pass over its key and what its filter looks at.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import FAULTS
from argosy.data.files import URL, alike, of_each, of_each_row, taken_out
from argosy.data.keys import among
from argosy.data.left_out import Cause, merged
from argosy.data.sources import scanned, spelling_of
from argosy.data.text_tables import typed_files
from argosy.kernels.values import beside, spelt
from argosy.registry.bindings import bound
from argosy.registry.writing import WRITING, source_of
from argosy.sql.expression import row_filter
from argosy.tables import BINDING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from argosy.store.location import Location
    from argosy.types import FleetState, SameColumns

    Told = dict[str, dict[str, Any]]

UNOWNED = Cause("unowned", "belong to no model")
FILTERED = Cause("filtered", "are left out by the filter of their binding")
UNREAD = Cause("unread", "cannot be looked at, so that nobody knows how many rows are left out")
_FEW = 4
"""Fewer files are opened one by one."""


def unclaimed(reads: Iterable[pl.Series], state: FleetState, location: Location) -> Told:
    """Count rows that belong to no model at all, and rows that filters leave out.

    A row belongs to a model where the model is bound to the file in any role, selected or not,
    and the row's key is the model's. A row is filtered where none of the bindings by which the
    run reads its file lets it pass; only the others are looked at for an owner.

    Args:
        reads: the bindings by which a run reads.
        state: of the fleet.
        location: of the fleet.

    Returns:
        What was left out, by cause, as `argosy.data.left_out.LeftOut.told` gives it.
    """
    files = _files(reads)
    shared = files.filter(pl.col("keys").list.len() > 0)
    owners = _owners(state, shared["url"]) if shared.height else {}
    parts = [_of_shared(file, owners.get(file["url"], {}), location) for file in shared.to_dicts()]
    own = files.filter(pl.col("keys").list.len() == 0)
    for part in own.partition_by("format", *WRITING, "filters", maintain_order=True):
        parts += _of_own(part.to_dicts(), location)
    return merged(parts)


def _files(reads: Iterable[pl.Series]) -> pl.DataFrame:
    """Return the files of which rows may be left out: `url`, `format`, `keys` and `filters`.

    Where one binding has no key, all rows are its models'; where one has no filter, all rows pass.
    """
    names = ("url", "format", *WRITING, "key", "where")
    fields = [pl.col("binding").struct.field(name) for name in names]
    nothing = pl.DataFrame(BINDING.empty_table()).rename({"key_column": "key"}).select(names)
    named = [each.rename("binding").to_frame().select(fields).unique() for each in reads]
    every = pl.concat([nothing, *named]).filter(pl.col("url").is_not_null()).unique()
    none = pl.lit([], pl.List(pl.String))
    found = every.group_by("url", "format", *WRITING).agg(
        all_owned=pl.col("key").is_null().any(),
        all_pass=pl.col("where").is_null().any(),
        keys=pl.col("key").drop_nulls().unique().sort(),
        filters=pl.col("where").drop_nulls().unique().sort(),
    )
    return (
        found.with_columns(
            keys=pl.when("all_owned").then(none).otherwise("keys"),
            filters=pl.when("all_pass").then(none).otherwise("filters"),
        )
        .filter((pl.col("keys").list.len() > 0) | (pl.col("filters").list.len() > 0))
        .sort("url", "format")
    )


def _owners(state: FleetState, urls: pl.Series) -> dict[str, dict[str, pl.Series] | None]:
    """Return, by file and key column, the keys of all models; None for a file that has no key."""
    models = state["model"].select("model", "template")
    roles = state["binding"].filter(pl.col("url").is_in(urls.unique().implode()))["role"].unique()
    field = pl.col("binding").struct.field
    owned = [
        bound(state, models, role).select(
            field("url"), column=field("key"), key=pl.coalesce(field("key_value"), "model")
        )
        for role in roles.sort()
    ]
    if not owned:
        return {}
    every = pl.concat(owned).filter(pl.col("url").is_in(urls.unique().implode())).unique()
    found: dict[str, dict[str, pl.Series] | None] = {}
    for (url,), part in every.partition_by("url", as_dict=True).items():
        columns = part.partition_by("column", as_dict=True)
        found[str(url)] = (
            None
            if part["column"].null_count()
            else {str(column): rows["key"] for (column,), rows in columns.items()}
        )
    return found


def _of_shared(
    file: Mapping[str, Any], owners: Mapping[str, pl.Series] | None, location: Location
) -> Told:
    """Count rows of a file that several models share."""
    url = file["url"]
    try:
        scan = _opened(file, location, owners or ())
        schema = scan.collect_schema()
        mine = [
            among(column, schema[column], beside(spelt(keys), schema[column]))
            for column, keys in (owners or {}).items()
            if column in schema
        ]
        passes = _passes(file["filters"])
        owned = pl.lit(value=True) if owners is None else pl.any_horizontal(pl.lit(False), *mine)
        if file["filters"] and source_of(file).scan_text:  # it sees numbers where names are text
            parts = [_opened(file, location).select(passes=passes), scan.select(owned=owned)]
            scan = pl.concat(parts, how="horizontal")
            passes, owned = pl.col("passes"), pl.col("owned")
        counted = scan.select(filtered=(~passes).sum(), unowned=(passes & ~owned).sum()).collect(
            engine="streaming"
        )
    except FAULTS:  # whoever reads its rows says what is wrong
        return _told(UNREAD, {url: 0})
    filtered, unowned = counted.row(0)
    return {**_told(FILTERED, {url: filtered}), **_told(UNOWNED, {url: unowned})}


def _of_own(files: list[dict[str, Any]], location: Location) -> list[Told]:
    """Count rows that a filter leaves out of files, of one format, that are a model's own."""
    urls, counted = [file["url"] for file in files], {}
    try:
        passes = _passes(files[0]["filters"])
    except FAULTS:  # it was bound before conditions were parsed there
        return [_told(UNREAD, dict.fromkeys(urls, 0))]
    if len(urls) > _FEW and all(of_each_row(text) for text in files[0]["filters"]):
        for group in alike(files[0], urls, location):
            with suppress(*FAULTS):  # one of them is broken: each by itself
                each = _by_file(group, passes, files[0])
                counted.update(dict.fromkeys(group.urls, 0) | each)
    found = [_told(FILTERED, counted)]
    for file in files:
        if file["url"] in counted:
            continue
        try:
            scan = _opened(file, location)
            rows = scan.select((~passes).sum()).collect(engine="streaming").item()
            found.append(_told(FILTERED, {file["url"]: rows}))
        except FAULTS:
            found.append(_told(UNREAD, {file["url"]: 0}))
    return found


def _by_file(group: SameColumns, passes: pl.Expr, file: Mapping[str, Any]) -> dict[str, int]:
    """Count the rows of each file that no filter lets pass."""
    parts = [group.rows.lazy()]
    if source_of(file).scan_text is not None:
        spelling = spelling_of({name: file[name] for name in WRITING})
        text = group.rows.lazy().collect()
        typed = typed_files(text, taken_out(text), spelling, None)
        parts = [
            rows.with_columns(of_each(runs["value"], runs).alias(URL)).lazy()
            for runs, rows in typed
        ]
    each = [
        part.group_by(pl.col(URL).cast(pl.String)).agg(rows=(~passes).sum()).collect()
        for part in parts
    ]
    return {url: rows for part in each for url, rows in part.iter_rows()}


def _opened(
    file: Mapping[str, Any], location: Location, names: Collection[str] = ()
) -> pl.LazyFrame:
    """Open a file with all of its rows; some of its columns name something."""
    fields = {name: file[name] for name in ("url", "format", *WRITING)}
    return scanned({**fields, "segments": names}, location)


def _passes(filters: list[str]) -> pl.Expr:
    """Whether any filter lets a row pass; without one all do."""
    if not filters:
        return pl.lit(value=True)
    return pl.any_horizontal(row_filter(text).fill_null(value=False) for text in filters)


def _told(cause: Cause, files: dict[str, int]) -> Told:
    kept = {url: rows for url, rows in files.items() if rows or cause is UNREAD}
    count = {"what": cause.what, "rows": 0, "models": 0, "files": kept}
    return {cause.name: count} if kept else {}
