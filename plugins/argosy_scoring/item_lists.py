"""Lists of items of many rows as flat arrays: numbered, looked up, hashed as sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels import sums
from argosy.kernels.hashing import mixed
from argosy_scoring.labels import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.types import Predictor

    Ints = NDArray[np.int64]
    Hashes = NDArray[np.uint64]
    Mask = NDArray[np.bool_]


class Flat(NamedTuple):
    """Lists end to end."""

    items: pl.Series
    """As text."""
    lengths: Ints
    """Of every row's list."""

    @property
    def rows(self) -> Ints:
        """The row of every item."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)


def sound(model: Predictor, answer: pl.DataFrame) -> pl.DataFrame:
    """Return what a model that ranks answered: its lists as text, and their novelty if given.

    Raises:
        BadInput: if it answered no lists, or the novelty of more or fewer items.
    """
    if not isinstance(answer.schema["prediction"], pl.List | pl.Array):
        kind = answer.schema["prediction"]
        raise BadInput(f"the model answered {kind} where a ranking has lists")
    kinds = {name: kind for name, kind in _RANKED.items() if name in answer.columns}
    found = answer.select(list(kinds))
    if found.schema != kinds:
        found = found.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())
    if len(kinds) > 1:
        sizes = [found[name].list.len() for name in kinds]
        if (sizes[0] != sizes[1]).any():
            raise BadInput("the model gave the novelty of more or fewer items than it ranked")
    return found


_RANKED: dict[str, Any] = {
    "prediction": pl.List(pl.String),
    "novelty": pl.List(pl.Float64),
}


def flat(column: pl.Series, what: str) -> Flat:
    """Lay lists end to end.

    Raises:
        BadInput: if they are none.
    """
    if isinstance(column.dtype, pl.Array):
        column = column.arr.to_list()
    if not isinstance(column.dtype, pl.List):
        raise BadInput(
            f"a ranking's {what} is a list of items, and the column {column.name!r} holds"
            f" {column.dtype}"
        )
    lengths = column.list.len().fill_null(0).to_numpy().astype(np.int64)
    return Flat(as_text(column.explode(empty_as_null=False, keep_nulls=False)), lengths)


def numbered(columns: Sequence[pl.Series]) -> tuple[list[Ints], pl.Series]:
    """Give every word of several columns its number, -1 to a null; and return the words."""
    every = pl.concat([column.rename("word") for column in columns])
    words = every.unique().drop_nulls().sort()
    told = pl.DataFrame({"word": words, "id": np.arange(len(words))})
    joined = every.to_frame().join(told, on="word", how="left", maintain_order="left")
    ids = joined["id"].fill_null(-1).to_numpy()
    ends = np.cumsum([len(column) for column in columns])
    return np.split(ids, ends[:-1]), words


def among(keys: Ints, known: Ints) -> Mask:
    """Say which keys are among some that are in order, each once."""
    if not len(known):
        return np.zeros(len(keys), np.bool_)
    at = np.searchsorted(known, keys)
    at[at == len(known)] = 0
    found: Mask = known[at] == keys
    return found


def of_sets(words: Hashes, sizes: Ints) -> Hashes:
    """Hash sets, whose elements are known by their hashes, whatever their order.

    Example:
        >>> one, other = np.array([1, 2], np.uint64), np.array([2, 1], np.uint64)
        >>> (of_sets(one, np.array([2])) == of_sets(other, np.array([2]))).all()
        np.True_
    """
    total = sums(mixed(words.astype(np.uint64)), sizes)
    return mixed(total ^ mixed(sizes.astype(np.uint64)))
