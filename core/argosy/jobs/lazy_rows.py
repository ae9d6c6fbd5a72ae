"""Rows that are made when they are needed, and how many there will be.

Results of a run are decided and written portion by portion, several at a time in threads, so that
neither memory nor a single core limits the size of a run.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from argosy.types import Portion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FILE_ROWS = 250_000
"""Rows in a file: large enough to be worth one, small enough that every core has one to write."""


def sliced(rows: pl.DataFrame) -> list[Portion]:
    """Cut rows that are there into portions of a file each.

    >>> [portion.rows for portion in sliced(pl.DataFrame({"a": range(600_000)}))]
    [250000, 250000, 100000]
    """
    return [
        Portion(min(_FILE_ROWS, rows.height - start), partial(rows.slice, start, _FILE_ROWS))
        for start in range(0, rows.height, _FILE_ROWS)
    ]


def gathered(portions: Iterable[Portion]) -> list[Portion]:
    """Put neighbours together until they are worth a file, and leave out empty ones.

    >>> some = [Portion(rows, partial(pl.DataFrame, {"a": range(rows)})) for rows in (0, 9, 0, 2)]
    >>> [(portion.rows, portion.make().height) for portion in gathered(some)]
    [(11, 11)]
    """
    files: list[list[Portion]] = []
    room = 0
    for portion in portions:
        if not portion.rows:
            continue
        if room <= 0:
            files.append([])
            room = _FILE_ROWS
        files[-1].append(portion)
        room -= portion.rows
    return [Portion(sum(one.rows for one in file), partial(_together, file)) for file in files]


def _together(file: Sequence[Portion]) -> pl.DataFrame:
    return pl.concat([portion.make() for portion in file], how="diagonal_relaxed", rechunk=False)
