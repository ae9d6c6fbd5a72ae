"""Tell which column of rows mixes values of several sorts, of which none is silently made."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SORTS = ((bool, "a boolean"), (str, "text"), (Integral, "a number"), (Real, "a number"))


def refuse_mixed(columns: Mapping[str, Sequence[Any]]) -> None:
    """Raise if a column has text and numbers, or booleans beside either.

    Raises:
        BadInput: naming the column and the first two values of different sorts, with their rows.

    Example:
        >>> refuse_mixed({"model": ["a", "b"], "version": ["1", 2]})
        Traceback (most recent call last):
        argosy.errors.BadInput: the column 'version' has text ('1', row 0) and a number (2, row 1);\
 write all of it as text
    """
    for name, values in columns.items():
        if len(set(map(type, values)) - {type(None)}) < 2:
            continue
        first: tuple[str, str] | None = None
        for row, value in enumerate(values):
            sort = _sort(value)
            if sort is None or (first is not None and first[0] == sort):
                continue
            told = f"{sort} ({value!r}, row {row})"
            if first is not None:
                raise BadInput(
                    f"the column {name!r} has {first[1]} and {told}; write all of it as text"
                )
            first = sort, told


def _sort(value: Any) -> str | None:  # noqa: ANN401
    """Name the sort of a plain value; None for one that is missing, or of no plain sort."""
    if value != value:  # NaN stands for what is missing in pandas
        return None
    return next((sort for kind, sort in _SORTS if isinstance(value, kind)), None)


def of_rows(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Return the values of dictionaries by their keys, null where one has none."""
    every = [row for row in rows if isinstance(row, dict)]
    names = dict.fromkeys(name for row in every for name in row)
    return {name: [row.get(name) for row in every] for name in names}


def of_frame(table: Any) -> dict[str, list[Any]]:  # noqa: ANN401
    """Return the values of those columns of a stranger's frame that Arrow cannot hold."""
    found = {}
    for name in getattr(table, "columns", ()):
        if not isinstance(name, str):
            continue
        try:
            pl.DataFrame(table[[name]])
        except (TypeError, ValueError, pl.exceptions.PolarsError):
            found[name] = list(table[name])
    return found
