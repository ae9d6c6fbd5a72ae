"""Choose models by a SQL expression over all that is known of them.

The expression sees every column of the models and of their newest version, tags as `tags.region`,
aliases as `aliases.champion`, the last evaluation as `metrics.accuracy`, and the last drift check
as `drifted`, `q_model` and `worst_column`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.registry.times import in_utc, without_zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.reading import Reading


@dataclass(frozen=True)
class Selection:
    """Models chosen from a fleet; it is looked up anew each time it is used."""

    fleet: Reading
    expression: str | None = None

    def where(self, expression: str) -> Selection:
        """Choose among the chosen."""
        both = f"({self.expression}) AND ({expression})" if self.expression else expression
        return Selection(self.fleet, both)

    def frame(self) -> pl.DataFrame:
        """Return one row per chosen model, with all that the expression can see.

        Raises:
            UnknownName: for a column, tag or alias that does not exist.
            BadInput: for an expression that is no SQL.
        """
        everything = self.fleet.overview(_names_in(self.expression))
        if self.expression is None:
            return everything
        return filtered(everything, self.expression)

    def names(self, *columns: str) -> pl.DataFrame:
        """Return some columns of the chosen models, and look at nothing else.

        Raises:
            UnknownName: for a column, tag or alias that does not exist.
            BadInput: for an expression that is no SQL.
        """
        named = (_names_in(self.expression) or set()) | set(columns)
        chosen = self.fleet.overview(named, aliases=False)
        if self.expression is not None:
            chosen = filtered(chosen, self.expression)
        return chosen.select(columns).sort(columns[0])

    def __len__(self) -> int:
        return self.frame().height


def filtered(frame: pl.DataFrame, expression: str) -> pl.DataFrame:
    """Keep the rows for which a SQL expression is true.

    Raises:
        UnknownName: for a column, tag or alias that does not exist.
        BadInput: for an expression that is no SQL, or no condition.

    >>> filtered(pl.DataFrame({"team": ["risk", "web"]}), "team = 'risk' OR team IS NULL").rows()
    [('risk',)]
    """
    condition = _parsed(expression)
    for name in condition.meta.root_names():
        if name not in frame.columns:
            raise UnknownName.among("column", name, frame.columns)
    try:
        chosen = without_zone(frame).sql(f"SELECT * FROM self WHERE {expression}")  # noqa: S608
        return in_utc(chosen)
    except pl.exceptions.StructFieldNotFoundError as error:
        structs = {
            name: [field.name for field in dtype.fields]
            for name, dtype in frame.schema.items()
            if isinstance(dtype, pl.Struct) and name in condition.meta.root_names()
        }
        fields = [f"{name}.{field}" for name, known in structs.items() for field in known]
        field = str(error).splitlines()[0]
        raise UnknownName.among("tag, alias or metric", field, fields) from error
    except pl.exceptions.PolarsError as error:
        raise BadInput(f"cannot use {expression!r}: {str(error).splitlines()[0]}") from error


def as_struct(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Turn a map column into a struct of all its keys, so that SQL can say `name.key`."""
    keys = (
        frame[name].drop_nulls().map.keys()
        if frame.height
        else pl.Series([], dtype=pl.List(pl.String))
    )
    return _with_fields(frame, name, keys.explode().drop_nulls().unique().sort().to_list())


def _with_fields(frame: pl.DataFrame, name: str, keys: Sequence[str]) -> pl.DataFrame:
    if not keys:
        return frame.drop(name)
    return frame.with_columns(
        pl.struct([pl.col(name).map.get(key).alias(key) for key in keys]).alias(name)
    )


def _names_in(expression: str | None) -> set[str] | None:
    return None if expression is None else set(_parsed(expression).meta.root_names())


def _parsed(expression: str) -> pl.Expr:
    try:
        return pl.sql_expr(expression)
    except pl.exceptions.PolarsError as error:
        raise BadInput(
            f"cannot read the expression {expression!r}: {str(error).splitlines()[0]};"
            " write a SQL condition such as \"team = 'risk' AND tier <= 2\""
        ) from error
