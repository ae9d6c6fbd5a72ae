"""Metrics written as polars expressions over the rows of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl
    import pyarrow as pa

_NORMAL = 1.959963984540054  # the 97.5 % quantile of the normal distribution
_PLACE = "__place"
_LISTED = {"probabilities", "items", "hits", "novelty"}
"""Columns of several elements per row, whether the groups at hand show it or not."""


def aggregation(
    value: pl.Expr, undefined: pl.Expr, error: pl.Expr | None = None
) -> Callable[[pa.Table, Sequence[str]], pa.Table]:
    """Turn expressions that aggregate the rows of one group into the `measure` of a metric.

    The rows have the columns `truth`, `prediction`, `score`, `truth_score`, `weight` and, where
    the data has it, `latency`, all float64, and those that their task declares, but for those of
    the kind `elements`. A score that the model did not give is null.
    Beside them stand the columns of the group: `model`, `version`, `task` and `classes`, alike
    in every row. All groups are aggregated in one query, between two rows of nulls that are one
    more group, whose answer is dropped: polars adds in another order where groups are sorted, or
    where no row of any group is null or filtered out, and so none of that is ever the case.

    Args:
        value: the number; what it says is left out where `undefined` gives a reason.
        undefined: the reason why the number does not exist, or null.
        error: the standard error of the number. The 95 % interval is then the value plus and
            minus 1.96 of it.

    Example:
        >>> import polars as pl, pyarrow as pa
        >>> miss = (pl.col("truth") - pl.col("prediction")).abs()
        >>> worst = aggregation(miss.max(), pl.lit(None, pl.String))
        >>> groups = {"truth": [[1.0, 2.0], [0.0]], "prediction": [[1.0, 5.0], [0.5]]}
        >>> found = worst(pa.table(groups), ["worst_error"])
        >>> [answer["value"] for answer in found["worst_error"].to_pylist()]
        [3.0, 0.5]
    """

    def measure(groups: pa.Table, names: Sequence[str]) -> pa.Table:
        import polars as pl
        import polars.selectors as cs
        import pyarrow as pa

        from argosy.kernels.answers import ANSWER

        given = _of_rows(pl.DataFrame(groups))
        columns = [name for name, kind in given.schema.items() if isinstance(kind, pl.List)]
        rows = (
            given.with_row_index(_PLACE)
            .explode(columns)
            .with_columns(cs.by_name("score", "truth_score", require_all=False).fill_nan(None))
        )
        number, spread = value.cast(pl.Float64), pl.lit(None, pl.Float64)
        if error is not None:
            spread = error.cast(pl.Float64)
        nothing = pl.DataFrame([pl.Series(_PLACE, [len(given)], rows.schema[_PLACE])])
        mixed = pl.concat([nothing, rows, nothing], how="diagonal")
        found = mixed.group_by(_PLACE, maintain_order=True).agg(
            value=number, error=spread, reason=undefined.cast(pl.String), seen=pl.lit(True)
        )
        ordered = (
            given.select(pl.row_index(_PLACE))
            .join(found, on=_PLACE, how="left", maintain_order="left")
            .with_columns(
                pl.when(pl.col("seen").is_null())
                .then(pl.lit("there are no rows"))
                .otherwise("reason")
                .alias("reason")
            )
        )
        known = pl.when(pl.col("reason").is_null())
        margin = _NORMAL * pl.col("error")
        answer = pl.struct(
            known.then("value").alias("value"),
            known.then("error").alias("error"),
            known.then(pl.col("value") - margin).alias("lower"),
            known.then(pl.col("value") + margin).alias("upper"),
            "reason",
        )
        answers = ordered.select(answer.alias(name) for name in names).to_arrow()
        return answers.cast(pa.schema([(name, ANSWER) for name in names]))

    return measure


def _of_rows(groups: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of an element per row; a null stands for as many rows as others have."""
    import polars as pl

    sizes, found = groups["truth"].list.len(), []
    for column in groups:
        if not isinstance(column.dtype, pl.List):
            found.append(column)
        elif column.name not in _LISTED and not (column.list.len() != sizes).any():
            inner = column.dtype.inner
            if column.null_count():
                nothing = [[None] * size for size in sizes.to_list()]
                absent = pl.Series(nothing, dtype=pl.List(inner))
                column = column.zip_with(column.is_not_null(), absent)
            found.append(column)
    return pl.DataFrame(found)
