"""Which rows of a table lie together, from what the files say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy_files.paths import found as files
from argosy_files.paths import local
from argosy_files.scanning import PARQUET

if TYPE_CHECKING:
    from collections.abc import Mapping


def parquet(url: str, _options: Mapping[str, str], column: str) -> pl.DataFrame | None:
    """Read the row groups' statistics of a column, of files on this machine.

    Args:
        url: a file, a folder or a glob.
        column: the column.

    Returns:
        `rows`, `low` and `high`, one row per row group; None for files elsewhere.
    """
    from pyarrow.parquet import ParquetFile

    if not local(url):
        return None
    found = []
    for path in files(url, PARQUET.suffixes).paths:
        with ParquetFile(path) as file:
            place = file.schema_arrow.get_field_index(column)
            groups = (file.metadata.row_group(number) for number in range(file.num_row_groups))
            found += [_row(group, place) for group in groups]
    return _frame(found)


def delta(url: str, options: Mapping[str, str], column: str) -> pl.DataFrame:
    """Read the files' statistics of a column from the table's log.

    Returns:
        `rows`, `low` and `high`, one row per file; null where a file has no statistics.
    """
    from deltalake import DeltaTable

    table = DeltaTable(url, storage_options=dict(options) or None)
    actions = pl.DataFrame(table.get_add_actions(flatten=True))
    known = {"rows": "num_records", "low": f"min.{column}", "high": f"max.{column}"}
    nothing = pl.lit(None, pl.String)
    return actions.select(
        (pl.col(name) if name in actions.columns else nothing).alias(own)
        for own, name in known.items()
    )


def _row(group: Any, place: int) -> dict[str, Any]:  # noqa: ANN401  (pyarrow has no types)
    statistics = group.column(place).statistics
    known = statistics is not None and statistics.has_min_max
    low, high = (statistics.min, statistics.max) if known else (None, None)
    return {"rows": group.num_rows, "low": low, "high": high}


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema_overrides={"rows": pl.Int64}, infer_schema_length=None)
