"""Expressions that rows are cut by, and data whose columns or values do not allow them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.data.datasets import FAULTS
from argosy.errors import BadInput
from argosy.kernels.values import spelling
from argosy.registry.condition_faults import in_our_words
from argosy.sql.expression import expression as sql_expression
from argosy.sql.refusal import RefusedSQL, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from argosy.data.datasets import Dataset


def expression(text: str, what: str = "segment") -> pl.Expr:
    """Read a SQL expression that cuts rows; a single word is a column, whatever SQL thinks of it.

    Args:
        text: as it is asked for.
        what: what it is called.

    Raises:
        BadInput: if it is none.

    Example:
        >>> expression("order").meta.root_names()
        ['order']
    """
    if text.isidentifier():
        return pl.col(text)
    try:
        return sql_expression(text)
    except RefusedSQL as error:
        raise BadInput(f"the {what} {shown(text)} is no SQL expression: {error}") from error


def cut_by(dataset: Dataset, text: str) -> pl.Series:
    """Return which segment each row of a dataset is of.

    Raises:
        BadInput: naming the columns, if these or their values do not allow it.
    """
    try:
        return dataset.rows.select(_plain(text)).to_series()
    except FAULTS as error:
        raise BadInput(_told(text, "segment", dataset, str(error))) from error


def fault(dataset: Dataset, text: str, what: str = "segment") -> str | None:
    """Say why an expression cannot be worked out on the rows of a dataset, or None."""
    try:
        dataset.rows.select(_plain(text))
    except FAULTS as error:
        return _told(text, what, dataset, str(error))
    return None


def _plain(text: str) -> pl.Expr:
    return spelling(expression(text)).alias("")


def divided(dataset: Dataset, texts: Collection[str]) -> Iterator[Dataset]:
    """Yield a dataset in parts, so that values of one model stop no other from being cut.

    Args:
        dataset: of any models.
        texts: the expressions that its rows are cut by.
    """
    there = set(dataset.rows.columns)
    asked = [text for text in texts if there.issuperset(expression(text).meta.root_names())]
    asked = [text for text in asked if _fits(text, dataset.rows.clear())]
    yield from _halved(dataset, asked)


def _halved(dataset: Dataset, texts: Collection[str]) -> Iterator[Dataset]:
    if dataset.models.height < 2 or all(_fits(text, dataset.rows) for text in texts):
        yield dataset
        return
    half = dataset.models.height // 2
    for models in (dataset.models[:half], dataset.models[half:]):
        yield from _halved(dataset.of(models), texts)


def _fits(text: str, rows: pl.DataFrame) -> bool:
    try:
        rows.select(_plain(text))
    except FAULTS:
        return False
    return True


def _told(text: str, what: str, dataset: Dataset, engine: str) -> str:
    names = [name for name in expression(text).meta.root_names() if name in dataset.rows.columns]
    of = "the column" if len(names) == 1 else "the columns"
    kinds = ", ".join(f"{name!r} ({_kind(dataset.rows.schema, name)})" for name in names)
    reason = in_our_words(engine) or f"cannot be worked out: {engine.strip().splitlines()[0]}"
    return f"the {what} {text!r} {reason}; {dataset.binding['url']} has {of} {kinds}"


def _kind(schema: Mapping[str, pl.DataType], name: str) -> str:
    return "text" if schema[name] == pl.String else str(schema[name]).lower()
