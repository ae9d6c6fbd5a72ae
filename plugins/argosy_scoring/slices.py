"""Cut the rows of groups into slices: the values of expressions, alone or several together."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels.values import spelling
from argosy_rows import segments
from argosy_scoring.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Codes = NDArray[np.int32]

ALL = "all"
"""What the slice of all rows is called."""
_PREFIX = "argosy_slice "
_TOGETHER = " & "
_MOST = 1000
"""Values that an expression may take in one chunk of models: more are no slices."""
_AT_ONCE = 2**17
"""Rows that are put in order together, or a few more."""


def expression(text: str) -> pl.Expr:
    """Read a SQL expression that cuts rows, as `argosy_rows.segments` does.

    Raises:
        BadInput: if it is none.
    """
    return segments.expression(text, "slice")


def cuts(asked: Sequence[str]) -> dict[str, pl.Expr]:
    """Name the column that holds each slice's value."""
    return {_PREFIX + text: spelling(expression(text)).cast(pl.Categorical) for text in asked}


def needs(asked: Sequence[str]) -> set[str]:
    """Name the columns of the data that slices look at.

    >>> sorted(needs(["region", "age > 30 AND sex = 'f'"]))
    ['age', 'region', 'sex']
    """
    return {name for text in asked for name in expression(text).meta.root_names()}


def cut_by(predictions: Predictions) -> list[str]:
    """Name the columns of rows that hold what they are cut by."""
    return [name for name in predictions.rows.columns if name.startswith(_PREFIX)]


def sliced(predictions: Predictions, depth: int) -> Iterator[Predictions]:
    """Yield the groups again, cut by every expression, and by up to `depth` of them together.

    The groups have the columns `slice`, such as `region=eu & sex=f`, and `slice_key`, such as
    `region & sex`. Rows for which an expression is null are the slice `region is null`.
    """
    named = cut_by(predictions)
    for size in range(1, depth + 1):
        for chosen in combinations(named, size):
            yield _cut(predictions, chosen)


def whole(predictions: Predictions) -> Predictions:
    """Return the groups as they are, without what slices are cut by."""
    names = cut_by(predictions)
    groups = predictions.groups.with_columns(slice=pl.lit(ALL), slice_key=pl.lit(None, pl.String))
    return Predictions(predictions.rows.drop(names), groups, predictions.lengths)


def _cut(predictions: Predictions, names: Sequence[str]) -> Predictions:
    rows, lengths = predictions.rows, predictions.lengths
    codes = np.zeros(rows.height, np.int32)
    labels = [""]
    for name in names:
        each, own = _coded(rows[name], name.removeprefix(_PREFIX))
        codes = codes * len(own) + each
        labels = [f"{one}{_TOGETHER if one else ''}{two}" for one in labels for two in own]
    width = len(labels)
    order, counts = _ordered(codes, lengths, width)
    filled = np.flatnonzero(counts)
    groups = predictions.groups[filled // width].with_columns(
        slice=pl.Series([labels[code] for code in filled % width], dtype=pl.String),
        slice_key=pl.lit(_TOGETHER.join(name.removeprefix(_PREFIX) for name in names)),
        n=pl.Series(counts[filled].astype(np.int64)),
    )
    kept = rows.drop(cut_by(predictions))
    if order is not None:
        kept = kept[order]
    return Predictions(kept, groups, counts[filled].astype(np.int64))


def _ordered(codes: Codes, lengths: Ints, width: int) -> tuple[Ints | None, Ints]:
    """Find the order that puts the rows of each group's slices together, and how many they are.

    Some groups are ordered at a time, as many as stay in the processor's cache and can be told by
    16-bit integers, which NumPy sorts by radix, in linear time.

    Args:
        codes: of every row which slice it is of, less than `width`.
        lengths: how many rows each group has.
        width: how many slices a group may have.

    Returns:
        Places of rows, None if they are in order; and counts of shape (groups times width,).

    Example:
        >>> order, counts = _ordered(np.array([1, 0, 0, 1], np.int32), np.array([2, 2]), 2)
        >>> order.tolist(), counts.tolist()
        ([1, 0, 2, 3], [1, 1, 1, 1])
    """
    ends = np.cumsum(lengths)
    number = np.maximum((ends - lengths) // _AT_ONCE, np.arange(len(lengths)) * width // 2**16)
    heads = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(lengths)]
    orders, counts, sorted_already = [], [], True
    for head, tail in pairwise(heads):
        if head == tail:
            continue
        start, stop = ends[head] - lengths[head], ends[tail - 1]
        first = np.arange(tail - head, dtype=np.int32) * width
        keys = np.repeat(first, lengths[head:tail]) + codes[start:stop]
        most = (tail - head) * width
        counts.append(np.bincount(keys, minlength=most))
        sorted_already &= not (keys[1:] < keys[:-1]).any()
        short = keys.astype(np.uint16) if most <= 2**16 else keys
        orders.append(np.argsort(short, kind="stable") + start)
    order = None if sorted_already else np.concatenate(orders)
    return order, np.concatenate([np.zeros(0, np.int64), *counts])


def _coded(column: pl.Series, text: str) -> tuple[np.ndarray, list[str]]:
    """Return each row's place among the values that occur, and these as labels, in order."""
    values = column.unique().drop_nulls()
    if len(values) > _MOST:
        raise BadInput(
            f"the slice {text!r} has {len(values)} values; cut by something that has fewer"
        )
    words = sorted(values.cast(pl.String).to_list())
    place = {word: number for number, word in enumerate(words)}
    physical = values.to_physical().to_numpy()
    places = np.full(int(physical.max(initial=0)) + 2, len(words), np.int32)
    places[physical] = [place[word] for word in values.cast(pl.String)]
    codes = places[column.to_physical().fill_null(len(places) - 1).to_numpy()]
    labels = [f"{text}={word}" for word in words]
    return codes, [*labels, f"{text} is null"] if column.null_count() else labels
