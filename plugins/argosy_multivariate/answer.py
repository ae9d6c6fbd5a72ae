"""Ask about the rows of one model after another, and gather the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from argosy.kernels import single_threaded
from argosy.tables import ANSWERS, DETAIL
from argosy_multivariate.blocks import LEAST, Blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Compare = Callable[[Floats, Floats, Sequence[str], Sequence[str], Blocks], "Answer"]


class Answer(NamedTuple):
    """What a detector finds out about one model."""

    statistic: float | None = None
    effect: float | None = None
    p_value: float | None = None
    p_method: str | None = None
    reason: str | None = None
    detail: str | None = None


def answers(table: pa.Table, least: int, compare: Compare) -> pa.Table:
    """Compare both sides of every row of a table.

    It is a loop over models, because one of them is milliseconds of matrix products, next to
    which a turn of the loop is nothing. They run in one thread: the chunks of a job share the
    cores already, and more threads than cores take ten times as long.

    Args:
        table: with the lists `columns`, `kinds`, `reference` and `current`, and how many of their
            rows make a block, `block_ref` and `block_cur`.
        least: rows that a side must have.
        compare: takes both sides, shape (rows, columns), kinds and names of the columns, and the
            blocks.

    Returns:
        A table of `argosy.tables.ANSWERS`, with `detail`.
    """
    sides = [_lists(table[name]) for name in ("reference", "current")]
    names = [table[name].to_pylist() for name in ("columns", "kinds")]
    blocks = map(Blocks, *(table[name].to_pylist() for name in ("block_ref", "block_cur")))
    with single_threaded():
        found = [
            _answer(before, after, columns, kinds, least, block, compare)
            for before, after, columns, kinds, block in zip(*sides, *names, blocks, strict=True)
        ]
    answered = list(zip(*found, strict=True)) or [()] * len(Answer._fields)
    schema = ANSWERS.append(DETAIL)
    return pa.table(
        [pa.array(each, field.type) for each, field in zip(answered, schema, strict=True)],
        schema=schema,
    )


def _answer(
    before: Floats,
    after: Floats,
    columns: Sequence[str],
    kinds: Sequence[str],
    least: int,
    blocks: Blocks,
    compare: Compare,
) -> Answer:
    pair = [side.reshape(-1, len(columns)) for side in (before, after)]
    for name, side, block in zip(("reference", "current"), pair, blocks, strict=True):
        many, needed = (len(side), least) if block == 1 else (len(side) // block, LEAST)
        if many < needed:
            what = "row" if block == 1 else f"block of {block} rows"
            several = "rows" if block == 1 else f"blocks of {block} rows"
            told = f"{many} {name} {what if many == 1 else several}; {needed} are needed"
            return Answer(reason=told)
    return compare(pair[0], pair[1], kinds, columns, blocks)


def _lists(column: pa.ChunkedArray) -> list[Floats]:
    flat = column.combine_chunks().flatten().to_numpy()
    lengths = column.combine_chunks().value_lengths().to_numpy()
    return np.split(flat, np.cumsum(lengths)[:-1]) if len(lengths) else []
