"""Cut the rows of groups into slices: the values of expressions, alone or several together."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.evaluation.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ALL = "all"
"""What the slice of all rows is called."""
_PREFIX = "argosy_slice "
_TOGETHER = " & "
_MOST = 1000
"""Values that an expression may take in one chunk of models: more are no slices."""


def expression(text: str) -> pl.Expr:
    """Read a SQL expression that cuts rows; a single word is a column, whatever SQL thinks of it.

    Raises:
        BadInput: if it is none.
    """
    if text.isidentifier():
        return pl.col(text)
    try:
        return pl.sql_expr(text)
    except Exception as error:
        raise BadInput(f"the slice {text!r} is no SQL expression: {error}") from error


def cuts(asked: Sequence[str]) -> dict[str, pl.Expr]:
    """Name the column that holds each slice's value."""
    kind = pl.Categorical
    return {_PREFIX + text: expression(text).cast(pl.String).cast(kind) for text in asked}


def needs(asked: Sequence[str]) -> set[str]:
    """Name the columns of the data that slices look at.

    >>> sorted(needs(["region", "age > 30 AND sex = 'f'"]))
    ['age', 'region', 'sex']
    """
    return {name for text in asked for name in expression(text).meta.root_names()}


def sliced(predictions: Predictions, depth: int) -> Iterator[Predictions]:
    """Yield the groups again, cut by every expression, and by up to `depth` of them together.

    The groups have the columns `slice`, such as `region=eu & sex=f`, and `slice_key`, such as
    `region & sex`. Rows for which an expression is null are the slice `region is null`.
    """
    named = [name for name in predictions.rows.columns if name.startswith(_PREFIX)]
    for size in range(1, depth + 1):
        for chosen in combinations(named, size):
            yield _cut(predictions, chosen)


def whole(predictions: Predictions) -> Predictions:
    """Return the groups as they are, without what slices are cut by."""
    names = [name for name in predictions.rows.columns if name.startswith(_PREFIX)]
    groups = predictions.groups.with_columns(slice=pl.lit(ALL), slice_key=pl.lit(None, pl.String))
    return Predictions(predictions.rows.drop(names), groups, predictions.lengths)


def _cut(predictions: Predictions, names: Sequence[str]) -> Predictions:
    rows, lengths = predictions.rows, predictions.lengths
    codes = np.zeros(rows.height, np.int64)
    labels = [""]
    for name in names:
        each, own = _coded(rows[name], name.removeprefix(_PREFIX))
        codes = codes * len(own) + each
        labels = [f"{one}{_TOGETHER if one else ''}{two}" for one in labels for two in own]
    width = len(labels)
    keys = np.repeat(np.arange(len(lengths)) * width, lengths) + codes
    most = len(lengths) * width
    # NumPy sorts 16-bit integers by radix, which is linear
    order = np.argsort(keys.astype(np.uint16) if most <= 2**16 else keys, kind="stable")
    counts = np.bincount(keys, minlength=most)
    filled = np.flatnonzero(counts)
    groups = predictions.groups[filled // width].with_columns(
        slice=pl.Series([labels[code] for code in filled % width], dtype=pl.String),
        slice_key=pl.lit(_TOGETHER.join(name.removeprefix(_PREFIX) for name in names)),
        n=pl.Series(counts[filled].astype(np.int64)),
    )
    kept = rows.drop([name for name in rows.columns if name.startswith(_PREFIX)])
    if not (np.diff(keys) >= 0).all():
        kept = kept[order]
    return Predictions(kept, groups, counts[filled].astype(np.int64))


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
    places = np.full(int(physical.max(initial=0)) + 2, len(words), np.int64)
    places[physical] = [place[word] for word in values.cast(pl.String)]
    codes = places[column.to_physical().fill_null(len(places) - 1).to_numpy()]
    labels = [f"{text}={word}" for word in words]
    return codes, [*labels, f"{text} is null"] if column.null_count() else labels
