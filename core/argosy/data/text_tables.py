"""Give tables of text types: of one table, or of many files at once, each by itself.

A filter sees numbers in every column of numbers, those too that name something (`Spelling.names`)
and are handed on as they are written.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from argosy.data.text_types import KINDS, Facts, Spelling, converted, exactly, facts
from argosy.sql.expression import row_filter

_KEPT, _OWNER = "argosy_kept {}", "argosy_owner"


def typed_table(
    text: pl.LazyFrame, spelling: Spelling, where: str | None = None, held: bool = True
) -> pl.LazyFrame:
    """Return a table of text with types by all of its values; only what a filter lets pass.

    Args:
        text: the table.
        spelling: how it is written.
        where: the filter, if there is one.
        held: whether it is held in memory between finding its types and reading it.

    Example:
        >>> table = pl.LazyFrame({"id": ["007", "8"], "x": ["1", "2.5"]})
        >>> typed_table(table, Spelling(names=frozenset({"id"})), "id > 7").collect().rows()
        [('8', 2.5)]
    """
    if held:
        whole = text.collect()
        text, found = whole.lazy(), _facts(whole, spelling)
    else:
        found = _streamed(text, spelling)
    plain = replace(spelling, names=frozenset(), labels=frozenset())
    own = {name: _column(name, told, spelling) for name, told in found.items()}
    if where is None:
        return text.select(own.values())
    both = [name for name, told in found.items() if _apart(name, told, spelling, plain)]
    numbers = [_column(name, found[name], plain) for name in both]
    kept = [own.pop(name).alias(_KEPT.format(name)) for name in both]
    rows = text.select(*own.values(), *numbers, *kept).filter(row_filter(where))
    return rows.select(
        exactly(_KEPT.format(name)).alias(name) if name in both else exactly(name) for name in found
    )


def typed_files(
    text: pl.DataFrame, runs: pl.DataFrame, spelling: Spelling, where: str | None
) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
    """Return files of text with types, each with those that it has by itself: runs and their rows.

    Files in which the filter looks at a column that names something are left out where that is no
    number as it is written, and so are files without rows.

    Args:
        text: the rows of all files, those of each together.
        runs: how many rows each file has, `len`, and more that is said of it.
        spelling: how they are written.
        where: the filter, if there is one; of each row by itself.
    """
    text = text.rechunk()
    lengths = runs["len"].to_numpy().astype(np.int64)
    owners = np.repeat(np.arange(runs.height), lengths)
    plain = replace(spelling, names=frozenset(), labels=frozenset())
    looked = set(row_filter(where).meta.root_names()) if where else set()
    names = text.columns
    found = {name: facts(text[name], owners, runs.height, spelling) for name in names}
    kinds = {name: told.kinds(name, spelling) for name, told in found.items()}
    able = np.ones(runs.height, bool)
    for name in looked & set(names):
        able &= kinds[name] == found[name].kinds(name, plain)
    signs = pl.DataFrame({f"kind {name}": kind for name, kind in kinds.items()})
    sign = signs.select(pl.struct(pl.all()).rank("dense") if names else pl.lit(1)).to_series()
    numbers = np.where(able, sign.to_numpy(), 0)
    parts = []
    for number in np.unique(numbers[numbers > 0]):
        mine = numbers == number
        at = int(np.flatnonzero(mine)[0])
        own = pl.Series(np.repeat(mine, lengths))
        rows = text if mine.all() else text.filter(own)
        columns: list[pl.Expr | pl.Series] = []
        for name in names:
            kind, ready = int(kinds[name][at]), found[name].ready
            if ready is not None and ready.dtype == KINDS[kind]:
                columns.append((ready if mine.all() else ready.filter(own)).alias(name))
            else:
                columns.append(converted(name, kind, spelling, bool(found[name].blank.any())))
        typed_rows, own_runs = rows.select(columns), runs.filter(pl.Series(mine))
        parts.append(_filtered(typed_rows, own_runs, where) if where else (typed_rows, own_runs))
    return [(own_runs, typed_rows) for typed_rows, own_runs in parts]


def _filtered(
    rows: pl.DataFrame, runs: pl.DataFrame, where: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    owner = pl.Series(_OWNER, np.repeat(np.arange(runs.height), runs["len"].to_numpy()))
    kept = rows.with_columns(owner).filter(row_filter(where))
    left = np.bincount(kept.drop_in_place(_OWNER), minlength=runs.height)
    return kept, runs.with_columns(pl.Series("len", left))


def _facts(text: pl.DataFrame, spelling: Spelling) -> dict[str, Facts]:
    owners = np.zeros(text.height, np.int64)
    return {column.name: facts(column, owners, 1, spelling) for column in text}


def _streamed(text: pl.LazyFrame, spelling: Spelling) -> dict[str, Facts]:
    found: dict[str, Facts] = {}
    for batch in text.collect_batches():
        for name, told in _facts(batch, spelling).items():
            found[name] = found[name] | told if name in found else told
    return found or _facts(pl.DataFrame(schema=text.collect_schema()), spelling)


def _column(name: str, found: Facts, spelling: Spelling) -> pl.Expr:
    kind = int(found.kinds(name, spelling)[0])
    return converted(name, kind, spelling, bool(found.blank[0]))


def _apart(name: str, found: Facts, spelling: Spelling, plain: Spelling) -> bool:
    return bool(found.kinds(name, spelling)[0] != found.kinds(name, plain)[0])
