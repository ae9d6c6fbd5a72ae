"""What a plugin answered in a struct per metric, as one table of metrics per row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


def by_metric(
    found: pa.Table, metrics: Sequence[str], numbers: Sequence[str]
) -> list[pl.DataFrame]:
    """Return `metric`, the numbers and `reason`, one table per row of an answer.

    Args:
        found: with a struct per metric, whose fields are the numbers and `reason`.
        metrics: the columns that are looked at.
        numbers: fields that must be floats.

    Example:
        >>> import pyarrow as pa
        >>> found = pa.table({"auc": [{"value": 0.5, "reason": ""}]})
        >>> by_metric(found, ["auc"], ["value"])[0].rows()
        [('auc', 0.5, '')]
    """
    frame = pl.DataFrame(found.select(list(metrics)))
    for metric in metrics:
        kind = frame.schema[metric]
        assert isinstance(kind, pl.Struct), f"{metric} is a struct"
        types = {field.name: field.dtype for field in kind.fields}
        assert {name: types[name] for name in numbers} == dict.fromkeys(numbers, pl.Float64)
        assert types["reason"] == pl.String
    long = frame.with_row_index("row").unpivot(
        index="row", variable_name="metric", value_name="found"
    )
    rows = long.unnest("found").select("row", "metric", *numbers, "reason")
    return rows.partition_by("row", maintain_order=True, include_key=False)
