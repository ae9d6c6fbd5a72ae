"""What rows hang together: their order and clusters, as metrics and comparisons are handed them.

A binding's `timestamp` orders rows and its `cluster` names those of one customer, device or day.
From either, rows are put into batches (`argosy.kernels.batches`), which stand for independent rows
wherever something says how sure it is. Neither: rows are taken for independent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.kernels.answers import WORTH, settled
from argosy.kernels.batch_cuts import MANY, NO_TIME
from argosy.kernels.batches import Batches, batches
from argosy.kernels.hashing import value_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

TIME, CLUSTER = "argosy_time", "argosy_cluster"
"""When a row was, and what it hangs together with: columns of rows, where their data says so."""
REACH = "reach"
"""How many standard errors the 95 % interval of a group reaches on either side."""
BATCHES, LEAST = "argosy_batches", "argosy_least"
"""The columns that `judged` looks at."""
ROWS = 20
"""So many independent rows must those of a series be worth, and clusters `MANY`."""
_EXACT = np.uint64(11)


def cluster_of(name: str) -> pl.Expr:
    """Read a column that names clusters as numbers, alike where its values are; NaN where null."""
    return pl.col(name).map_batches(_hashed, return_dtype=pl.Float64).alias(CLUSTER)


def _hashed(column: pl.Series) -> pl.Series:
    numbers = (value_hash(column) >> _EXACT).astype(np.float64)
    return pl.Series(column.name, np.where(column.is_null().to_numpy(), np.nan, numbers))


def batches_of(rows: pl.DataFrame, lengths: Ints) -> Batches:
    """Put rows into batches, by whichever of the columns `TIME` and `CLUSTER` they have.

    Args:
        rows: with their `weight`, those of each group together.
        lengths: how many rows each group has.
    """
    time = cluster = None
    if TIME in rows.columns and rows[TIME].null_count() < rows.height:
        time = rows[TIME].dt.epoch("us").fill_null(NO_TIME).to_numpy()
    if CLUSTER in rows.columns:
        cluster = rows[CLUSTER].fill_null(float("nan")).to_numpy()
    return batches(lengths, rows["weight"].to_numpy(), time, cluster)


def least(rows: pl.DataFrame, lengths: Ints) -> Ints:
    """Return how many independent rows those of each group must be worth to be judged."""
    found = np.full(len(lengths), ROWS)
    if CLUSTER in rows.columns:
        cluster = ~np.isnan(rows[CLUSTER].fill_null(float("nan")).to_numpy())
        owners = np.repeat(np.arange(len(lengths)), lengths)
        found[np.bincount(owners, cluster, len(lengths)) > 0] = MANY
    return found


def listed(found: Batches, lengths: Ints) -> pa.LargeListArray:
    """Return the column `batch` that plugins are handed: null where there are no batches."""
    offsets = pa.array(np.append(0, np.cumsum(lengths)), pa.int64())
    mask = pa.array(found.counts == 0)
    return pa.LargeListArray.from_arrays(offsets, pa.array(found.of.astype(np.float64)), mask=mask)


def apart(table: pa.Table, names: Sequence[str]) -> tuple[pa.Table, dict[str, Any]]:
    """Take `n_effective` out of what a plugin answered, where it says so.

    Args:
        table: of structs.
        names: of its columns.

    Returns:
        The table with the fields that every plugin answers, and the numbers by name.
    """
    told = {}
    for name in names:
        if name not in table.column_names:
            continue
        column = table[name].combine_chunks()
        kind = column.type
        if not pa.types.is_struct(kind) or kind.get_field_index(WORTH) < 0:
            continue
        told[name] = column.field(WORTH).cast(pa.float64())
        left = [kind.field(place) for place in range(kind.num_fields)]
        left = [field for field in left if field.name != WORTH]
        arrays = [column.field(field.name) for field in left]
        plain = pa.StructArray.from_arrays(arrays, fields=left)
        table = table.set_column(table.column_names.index(name), name, plain)
    return table, told


def worths(worth: Mapping[str, pa.Array], names: Sequence[str], rows: int) -> pl.Series:
    """Put what `apart` told of several metrics one below the other; null where it told nothing."""
    nothing = pl.Series([None], dtype=pl.Float64).new_from_index(0, rows)
    return pl.concat([pl.Series(worth[name]) if name in worth else nothing for name in names])


def heeded(
    rows: pl.DataFrame, numbers: Sequence[str], batched: bool, whose: str, what: str
) -> pl.DataFrame:
    """Forget how sure a number is where its rows are worth too few, or are wrongly taken for more.

    Args:
        rows: as `judged` looks at them.
        numbers: what is forgotten.
        batched: whether who answered them heeds batches.
        whose: the rows that have a timestamp or cluster, to be read after `of`.
        what: who answered, such as `a comparison`.
    """
    if batched:
        return judged(rows, numbers)
    deaf = (pl.col(BATCHES) > 0) & pl.col("reason").is_null()
    told = (
        f"it takes rows for independent, and the timestamp or cluster of {whose} says that they may"
        f" depend on each other; name {what} that heeds them"
    )
    return rows.with_columns(
        *(pl.when(~deaf).then(pl.col(name)).alias(name) for name in numbers),
        reason=pl.when(deaf).then(pl.lit(told)).otherwise("reason"),
    )


def judged(rows: pl.DataFrame, numbers: Sequence[str], told: str = "") -> pl.DataFrame:
    """Forget how sure a number is where its rows are worth too few, and say so as the reason.

    Args:
        rows: with `n_effective`, how many batches there are (`BATCHES`; 0: none), how many
            independent rows they must be worth (`LEAST`) and `reason`.
        numbers: what is forgotten.
        told: what they are needed for, to be read after `20 are needed`.

    Example:
        >>> rows = pl.DataFrame({"lower": [0.1, 0.2], "n_effective": [9.4, 40.0],
        ...     "argosy_batches": [10, 10], "argosy_least": [20, 20], "reason": [None, None],
        ... }, schema_overrides={"reason": pl.String})
        >>> judged(rows, ("lower",))["reason"].to_list()
        ['its rows are worth 9 independent rows; 20 are needed', None]
    """
    many, least = pl.col(BATCHES), pl.col(LEAST)
    capped = pl.when(many < MANY).then(pl.min_horizontal(WORTH, many.cast(pl.Float64)))
    worth = pl.when(many > 0).then(capped.otherwise(WORTH))
    rows_worth = settled(worth)
    few = (many > 0) & ((many < MANY) | (rows_worth < least)).fill_null(value=False)
    few &= pl.col("reason").is_null()
    words = pl.format(
        "its rows are worth {} independent row{}; {} are needed" + told,
        rows_worth.floor().cast(pl.Int64),
        pl.when(rows_worth.floor() == 1).then(pl.lit("")).otherwise(pl.lit("s")),
        pl.when(many < MANY).then(MANY).otherwise(least),
    )
    return rows.with_columns(
        *(pl.when(~few).then(pl.col(name)).alias(name) for name in numbers),
        worth.alias(WORTH),
        reason=pl.when(few).then(words).otherwise("reason"),
    )
