"""What runs on the ledger say of the rows that they appended, and whether those are there.

A reader must not take rows that are lost for rows that never were: "no model needs a person" would
be the answer of a folder that an incomplete restore left out. So each table is counted before it
is read, from its log alone where that tells whose its files are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import StoreError
from argosy.store.contents import files_of
from argosy.store.damage import collect
from argosy.store.digests import Digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from deltalake import DeltaTable

    from argosy.store.contents import DataFile
    from argosy.store.delta import Table
    from argosy.store.state import State


def cited(state: State) -> pl.DataFrame:
    """Return what the finished runs cite.

    One row per run and table: `run_id`, `seq` (of the run), `table`, `rows`, `digest` and `gone`.
    """
    runs = state["run"].select("run_id", "seq", "facts")
    return runs.explode("facts").drop_nulls("facts").unnest("facts")


def cited_digest(row: Mapping[str, Any]) -> Digest:
    """Return the digest that a row of `cited` holds."""
    return Digest.read(row["rows"], row["digest"])


def rolled_back(seq: int) -> str:
    """Say how a run is given up."""
    return f"roll the run back with `argosy rollback {seq}`"


def refuse_missing(table: Table, state: State, handle: DeltaTable | None) -> None:
    """Raise if a table lacks rows that a finished run cites.

    Args:
        table: of facts.
        state: of the fleet.
        handle: of the table; None where there is no such table.

    Raises:
        StoreError: naming the run, the table and how many rows are missing.
    """
    wanted = cited(state).filter(pl.col("table") == table.name, pl.col("gone").is_null())
    if wanted.is_empty():
        return
    files = [] if handle is None else files_of(handle)
    if _plainly_whole(files, wanted):
        return
    there = _counted(table, files)
    found = pl.col("run_id").replace_strict(there, default=0, return_dtype=pl.Int64)
    short = wanted.with_columns(found=found).filter(pl.col("found") < pl.col("rows")).sort("seq")
    if short.is_empty():
        return
    worst = short.row(0, named=True)
    lost = worst["rows"] - worst["found"]
    others = f" (and rows of {short.height - 1} other runs)" if short.height > 1 else ""
    gone = ", the whole table is gone" if handle is None else ""
    raise StoreError(
        f"{table.name} of run {worst['run_id']}: {lost} of {worst['rows']} rows are"
        f" missing{others}{gone}; restore {table.url} from a backup, or"
        f" {rolled_back(worst['seq'])}"
    )


def _plainly_whole(files: Sequence[DataFile], wanted: pl.DataFrame) -> bool:
    """Say whether there are as many rows as are cited, and no sign of others among them."""
    known = {*wanted["run_id"]}
    rows = 0
    for file in files:
        if file.rows is None or file.least not in known or file.most not in known:
            return False
        rows += file.rows
    return rows == wanted["rows"].sum()


def _counted(table: Table, files: Sequence[DataFile]) -> dict[str, int]:
    """Count the rows of each run, reading only files that hold rows of several."""
    found: dict[str, int] = {}
    mixed = [file.path for file in files if file.run is None or file.rows is None]
    for file in files:
        if file.run is not None and file.rows is not None:
            found[file.run] = found.get(file.run, 0) + file.rows
    if mixed:
        counts = table.read_lazily(mixed).group_by("run_id").len()
        for run, rows in collect(counts, table.url).rows():
            found[run] = found.get(run, 0) + rows
    return found
