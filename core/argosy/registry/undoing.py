"""Follow entities through the changes that are to be undone, and through those of others.

What is undone is what still stands as we left it. Of an entity that others touched meanwhile,
either a rollback of theirs put it back already, so that nothing is left to undo, or undoing ours
would undo theirs.
All entities are followed at once, one row of each one's history per step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ENTITY = ["kind", "key"]


class Course(NamedTuple):
    """What became of each entity; arrays of shape (entities,)."""

    entities: pl.DataFrame
    """`kind` and `key`."""
    left: NDArray[np.int64]
    """The row of the history in which we left it."""
    base: NDArray[np.int64]
    """The row that it is to be put back to; -1 where it did not exist."""
    undone: NDArray[np.bool_]
    """Whether it stood, since we left it, as before already."""
    intruder: NDArray[np.int64]
    """The row by which somebody else touched it, and which is in the way; -1 if none is."""


def followed(history: pl.DataFrame, own: pl.Series) -> Course:
    """Follow every entity of a history.

    Args:
        history: rows of the ledger, by entity and then in order.
        own: which of them are to be undone; each entity has one.
    """
    entity = history.select(pl.struct(_ENTITY).rle_id()).to_series().to_numpy()
    content, mine = _content(history), own.to_numpy()
    rolled = (history["op"] == "rollback").to_numpy()
    like_ours = rolled & _met(entity, content, mine)
    many = int(entity[-1]) + 1
    starts = np.searchsorted(entity, np.arange(many))
    lengths = np.diff(np.append(starts, len(entity)))
    left, base, intruder = (np.full(many, -1) for _ in range(3))
    undone = np.zeros(many, np.bool_)
    for step in range(int(lengths.max())):
        at = np.flatnonzero(lengths > step)
        row = starts[at] + step
        before = row - 1 if step else np.full(len(at), -1)
        ours, begun = mine[row], left[at] >= 0
        moved = ours & begun & (_of(content, before) != _of(content, left[at]))
        fresh = ours & (~begun | (moved & undone[at]))
        clash = moved & ~undone[at]
        intruder[at[clash]] = before[clash]
        base[at[fresh]] = before[fresh]
        ours |= begun & like_ours[row]  # a part of ours was undone, the rest stands
        left[at[ours]] = row[ours]
        back = content[row] == _of(content, base[at])
        undone[at] = np.where(ours, back, begun & (undone[at] | (back & rolled[row])))
    last = starts + lengths - 1
    late = ~undone & (content[last] != content[left])
    intruder = np.where(late, last, intruder)
    return Course(history.select(_ENTITY)[starts], left, base, undone, intruder)


def _met(
    entity: NDArray[np.int64], content: NDArray[np.int64], mine: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Say of which rows the content is one that we gave the entity."""
    pairs = pl.DataFrame({"entity": entity, "content": content})
    given = pairs.filter(pl.Series(mine)).unique().with_columns(met=True)
    found = pairs.join(given, on=["entity", "content"], how="left", maintain_order="left")
    return found["met"].fill_null(False).to_numpy()


def _content(history: pl.DataFrame) -> NDArray[np.int64]:
    """Return a number for what each row says its entity is, 0 where it is no longer."""
    texts = pl.when(~pl.col("deleted")).then("payload")
    ranks = texts.rank("dense").fill_null(0).cast(pl.Int64)
    return history.select(ranks).to_series().to_numpy()


def _of(content: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(rows >= 0, content[rows], 0)
