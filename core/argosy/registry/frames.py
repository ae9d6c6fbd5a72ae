"""Turn what a user hands over into a frame of known columns and types, or say what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import BadInput, RowsRefused, UnknownName
from argosy.registry import lossless, text_values
from argosy.registry.mixed import of_frame, of_rows, refuse_mixed
from argosy.registry.names import bad_names, refuse_bad_name, refuse_unclear_cells
from argosy.store.sizes import refuse_large_cells

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["as_frame", "bad_names", "refuse_bad_name", "refuse_bad_rows", "shaped"]

_SHOWN = 5


def as_frame(table: object, what: str) -> pl.DataFrame:
    """Return an Arrow table, a polars frame or rows as a polars frame.

    Raises:
        BadInput: if it is none of these, or a column mixes text with something else.
    """
    if isinstance(table, pl.LazyFrame):
        return table.collect()
    if isinstance(table, pl.DataFrame):
        return table
    try:
        if isinstance(table, (pa.Table, pa.RecordBatch)) or hasattr(table, "__arrow_c_stream__"):
            return pl.DataFrame(table)
        if isinstance(table, list):
            refuse_mixed(of_rows(table))
            return pl.DataFrame(table, infer_schema_length=None)
        if isinstance(table, dict):
            refuse_mixed({name: each for name, each in table.items() if isinstance(each, list)})
            return pl.DataFrame({name: _column(values) for name, values in table.items()})
    except BadInput:
        raise
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        refuse_mixed(of_frame(table))
        first = str(error).splitlines()[0]
        raise BadInput(f"cannot read the table to {what}: {first}") from error
    raise BadInput(
        f"cannot {what} from a {type(table).__name__}; hand over a polars frame or an Arrow table"
    )


def shaped(
    frame: pl.DataFrame, schema: pa.Schema, required: Iterable[str], what: str
) -> pl.DataFrame:
    """Return the frame with exactly the schema's columns and types, missing ones null.

    Raises:
        UnknownName: for a column the schema does not have.
        BadInput: for a missing required column, a value that does not fit its type, a text that is
            too long, and a team, an owner or a key of a map that could be taken for another.
    """
    empty = pl.DataFrame(schema.empty_table())
    for name in frame.columns:
        if name not in empty.columns:
            raise UnknownName.among(f"column of a {what}", name, empty.columns)
    lacking = [name for name in required if name not in frame.columns]
    if lacking:
        raise BadInput(
            f"to {what} you need the column {', '.join(map(repr, lacking))};"
            f" the table has {', '.join(frame.columns) or 'no columns'}"
        )
    columns = []
    for name, dtype in empty.schema.items():
        if name not in frame.columns:
            columns.append(pl.Series(name, [None], dtype=dtype).new_from_index(0, frame.height))
            continue
        try:
            text = text_values.reads(frame[name], dtype)
            columns.append((text_values.read if text else _cast)(frame[name], dtype))
        except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
            first = str(error).splitlines()[0]
            raise BadInput(
                f"the column {name!r} is {frame.schema[name]} and cannot be {dtype}: {first}"
            ) from error
    whole = pl.DataFrame(columns)
    refuse_large_cells(whole, what)
    refuse_unclear_cells(whole, what)
    return whole


def refuse_bad_rows(outcomes: pl.DataFrame, what: str, hint: str = "") -> None:
    """Raise if any row has a reason, listing the first few.

    Raises:
        RowsRefused: with all outcomes attached.
    """
    if outcomes["reason"].null_count() == outcomes.height:
        return
    bad = outcomes.with_row_index("row").filter(pl.col("reason").is_not_null())
    lines = [f"  row {row['row']}: {row['reason']}" for row in bad.head(_SHOWN).to_dicts()]
    if bad.height > _SHOWN:
        lines.append(f"  and {bad.height - _SHOWN} more")
    tail = f"\n{hint}" if hint else ""
    raise RowsRefused(
        f"{bad.height} of {outcomes.height} rows cannot {what}, so nothing was written:\n"
        + "\n".join(lines)
        + tail,
        outcomes.with_columns(
            outcome=pl.when(pl.col("reason").is_null())
            .then(pl.lit("held back"))
            .otherwise(pl.lit("refused"))
        ),
    )


def _column(values: object) -> object:
    """Read dictionaries to the last before their keys are settled: polars looks at the first.

    Numbers are floats where any of them is.
    """
    if not isinstance(values, list) or not any(isinstance(each, dict | float) for each in values):
        return values
    if not any(isinstance(value, dict) for value in values):
        return [float(each) if type(each) is int else each for each in values]
    return pl.DataFrame([{"": value} for value in values], infer_schema_length=None).to_series()


def _cast(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    if column.dtype == dtype:
        return column
    if isinstance(dtype, pl.Map):
        return _as_map(column, dtype)
    if lossless.reads(column, dtype):
        return lossless.read(column, dtype)
    if dtype == pl.String and column.dtype.is_nested():
        raise TypeError("a nested value is no text")
    if dtype == pl.String and column.dtype.is_float():
        raise TypeError("a number with a fraction is no name; write it as text")
    if isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.Struct):
        return _as_structs(column, dtype)
    return column.cast(dtype)


def _as_map(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    if isinstance(column.dtype, pl.Map) or column.dtype == pl.Null:
        return column.cast(dtype)
    if isinstance(column.dtype, pl.List):
        return column.cast(dtype)
    if not isinstance(column.dtype, pl.Struct):
        raise TypeError("a map is written as a struct, a dictionary or a list of key and value")
    value = dtype.value  # type: ignore[attr-defined]
    fields = {  # a key may be "*" or "^a$", which as names of columns would mean others
        field.name: _values(field.alias("value"), value) for field in column.struct.unnest()
    }
    entries = [
        pl.when(field.is_not_null()).then(pl.struct(key=pl.lit(name), value=field))
        for name, field in fields.items()
    ]
    if not entries:
        return pl.Series(column.name, column.to_list(), dtype=dtype)
    kept = pl.concat_list(entries).list.drop_nulls().cast(dtype)
    return pl.select(pl.when(column.is_not_null()).then(kept).alias(column.name)).to_series()


def _values(field: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return one field of a struct as the values of a map: text as Python writes it."""
    if dtype != pl.String:
        if field.dtype == pl.String:
            raise TypeError("a text is no number")
        return field.cast(dtype)
    if field.dtype == pl.String or field.dtype.is_integer():
        return field.cast(dtype)
    told = [None if value is None else str(value) for value in field.to_list()]
    return pl.Series(field.name, told, dtype=dtype)


def _as_structs(column: pl.Series, dtype: pl.List) -> pl.Series:
    inner = dtype.inner
    assert isinstance(inner, pl.Struct)  # noqa: S101  (told to the type checker)
    if column.dtype == pl.List(pl.String):  # plain names
        named = pl.struct(
            pl.element().alias("name"),
            *[pl.lit(None, pl.String).alias(field.name) for field in inner.fields[1:]],
        )
        return (
            column.to_frame().select(pl.col(column.name).list.eval(named)).to_series().cast(dtype)
        )
    if isinstance(column.dtype, pl.List) and isinstance(column.dtype.inner, pl.Struct):
        have = {field.name for field in column.dtype.inner.fields}
        fields = [
            pl.element().struct.field(field.name)
            if field.name in have
            else pl.lit(None, pl.String).alias(field.name)
            for field in inner.fields
        ]
        return (
            column.to_frame()
            .select(pl.col(column.name).list.eval(pl.struct(fields)))
            .to_series()
            .cast(dtype)
        )
    return column.cast(dtype)
