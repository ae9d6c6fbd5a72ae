"""Read many small CSV files of one header as few large ones, with text as it is written."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source
from polars.selectors import Selector, by_name

from argosy.data.datasets import FAULTS
from argosy_files.joined import Batch, batches, count, owned

if TYPE_CHECKING:
    from collections.abc import Iterator


def joined_tables(paths: list[str], header: bytes, separator: str, column: str) -> pl.LazyFrame:
    r"""Return the rows of files, and in a column added at the end the path of each row's file.

    Args:
        paths: of files on this machine; they begin with the same line.
        header: this line.
        separator: that they have.
        column: the name of the column to add.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as name:
        ...     paths = [f"{name}/{number}.csv" for number in range(2)]
        ...     _ = [Path(path).write_text("a,b\n1,x\n") for path in paths]
        ...     joined_tables(paths, b"a,b\n", ",", "path").select("b").collect().rows()
        [('x',), ('x',)]
    """
    names = _opened(header, separator).collect_schema().names()
    kind = pl.Enum(paths)

    def rows(
        columns: list[str] | None, predicate: pl.Expr | None, most: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        asked = [*names, column] if columns is None else columns
        needed = by_name([name for name in names if name in asked] or names[:1])
        first, apart = 0, False
        for batch in batches(paths, len(header)):
            text, lengths = None, batch.lines
            apart = apart or _spills(batch)
            if not apart:
                whole = b"".join([header, *batch.contents])
                with suppress(*FAULTS):  # a file that ends within a line, or one that is broken
                    text = _opened(whole, separator).select(needed).collect()
            if apart or text is None or text.height != lengths.sum():
                apart = True
                text, lengths = _each(batch.paths, separator, needed, column)
            text = text.with_columns(owned(column, kind, first, lengths))
            first += len(lengths)
            text = text if predicate is None else text.filter(predicate)
            yield text.head(most).select(by_name(asked)) if most else text.select(by_name(asked))

    schema = {**dict.fromkeys(names, pl.String()), column: kind}
    return register_io_source(rows, schema=schema)


def _spills(batch: Batch) -> bool:
    """Whether a file has a quote that is not closed, so that it would go on in the next one."""
    return any(b'"' in content and count(content, b'"') % 2 for content in batch.contents)


def _each(
    paths: list[str], separator: str, needed: Selector, column: str
) -> tuple[pl.DataFrame, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Read files as such, where values have more than one line; return the rows of each too."""
    scan = _opened(paths, separator, glob=False, include_file_paths=column)
    text = scan.select(needed, column).collect()
    found = dict(text.drop_in_place(column).value_counts().iter_rows())
    return text, np.array([found.get(path, 0) for path in paths], np.int64)


def _opened(source: object, separator: str, **options: object) -> pl.LazyFrame:
    return pl.scan_csv(source, separator=separator, infer_schema=False, **options)  # type: ignore[arg-type]
