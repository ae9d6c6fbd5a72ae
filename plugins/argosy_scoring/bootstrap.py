"""Standard errors and intervals of any metric, from resampled rows.

Drawing rows with replacement gives each a number of copies that is nearly Poisson with mean 1, and
independent of the other rows. So a draw multiplies weights, and no row moves. The number of
copies is read off a hash of the seed, the group's key, the draw and the row's place in its group:
whoever measures a group, in whatever chunk, draws the same. Rows that depend on each other are
drawn together, batch by batch.

Source: Efron, Annals of Statistics 7 (1979); Poisson draws: Chamandy, Muralidharan, Najmi and
Naidu, "Estimating uncertainty for massive data streams", 2012; the hash: Steele, Lea and Flood,
"Fast splittable pseudorandom number generators", OOPSLA 2014.
"""

from __future__ import annotations

from hashlib import blake2b
from math import exp, factorial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argosy.kernels import ANSWER, down, ragged
from argosy.kernels.answers import NUMBERS, WORTH
from argosy.kernels.batches import read, student

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from argosy.types import Metric

BLOCK = 1 << 21
"""How many numbers are kept at a time: those of all draws and metrics of a block of groups."""

KNOWN = 0.5
"""The share of draws that must have a value; with fewer there is neither error nor interval."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_COMMON = 7
_SHARES = np.cumsum([exp(-1) / factorial(copies) for copies in range(18)])
_STEPS = (_SHARES * 2.0**64).clip(0, 2.0**64 - 2**11).astype(np.uint64)


def bootstrap(
    groups: pa.Table,
    metrics: Sequence[Metric],
    draws: int = 200,
    seed: int = 0,
    key: Sequence[str] = ("model", "version"),
) -> pa.Table:
    """Measure groups, and how much their values vary if rows are drawn anew.

    Args:
        groups: as a `Metric` is handed them.
        metrics: which to measure; those of a family are asked for together.
        draws: how many times to draw; 200 do for a standard error, 1,000 for an interval.
        seed: another gives other draws.
        key: the columns that tell groups apart, such as the window beside model and version.

    Returns:
        One row per group, in order, with one column per metric: the value and the reason that the
        metric answers for the rows as they are; the standard deviation of the draws as `error`,
        their 2.5 and 97.5 % quantiles as `lower` and `upper`. Draws in which the metric is
        undefined, for want of a class, are left out.

    Raises:
        ValueError: if there are fewer than two draws.

    Example:
        >>> from argosy.kernels import aggregation
        >>> from argosy.types import Metric
        >>> import polars as pl
        >>> mean = (pl.col("truth") * pl.col("weight")).sum() / pl.col("weight").sum()
        >>> metric = Metric(
        ...     "mean", frozenset({"regression"}), aggregation(mean, pl.lit(None, pl.String)),
        ...     higher_is_better=True, bounds=(0, 1),
        ... )
        >>> rows = {"truth": [[0.0, 1.0] * 200], "weight": [[1.0] * 400]}
        >>> table = pa.table({"model": ["m"], "version": ["1"], **rows})
        >>> error = bootstrap(table, [metric])["mean"][0]["error"].as_py()
        >>> abs(error - 0.5 / 400**0.5) < 0.003
        True
    """
    if draws < 2:
        raise ValueError(f"a spread needs two draws at least, not {draws}")
    if not groups.num_rows:
        return pa.table({one.name: pa.array([], ANSWER) for one in metrics})
    size = max(1, BLOCK // (draws * max(1, len(metrics))))
    parts = [
        _measured(groups.slice(start, size), metrics, draws, seed, key)
        for start in range(0, groups.num_rows, size)
    ]
    return pa.concat_tables(parts)


def _measured(
    groups: pa.Table, metrics: Sequence[Metric], draws: int, seed: int, key: Sequence[str]
) -> pa.Table:
    plain = _answers(groups, metrics)
    found = {one.name: np.empty((draws, groups.num_rows)) for one in metrics}
    for draw, redrawn in enumerate(resampled(groups, draws, seed, key)):
        for name, column in _answers(redrawn, metrics).items():
            known = pc.is_null(pc.struct_field(column, "reason"))
            value = pc.if_else(known, pc.struct_field(column, "value"), None)
            found[name][draw] = value.to_numpy(zero_copy_only=False)
    bounds = {one.name: one.bounds for one in metrics}
    counts = read(groups, ragged(groups["weight"]).lengths).counts
    return pa.table(
        {name: _spread(plain[name], found[name], counts, bounds[name]) for name in found}
    )


def _answers(groups: pa.Table, metrics: Sequence[Metric]) -> Mapping[str, pa.StructArray]:
    families: dict[int, list[Metric]] = {}
    for metric in metrics:
        families.setdefault(id(metric.measure), []).append(metric)
    found: dict[str, pa.StructArray] = {}
    for family in families.values():
        names = [one.name for one in family]
        table = family[0].measure(groups, names).combine_chunks()
        found |= {name: table[name].combine_chunks() for name in names}
    return found


def _spread(
    plain: pa.StructArray,
    values: NDArray[np.float64],
    counts: NDArray[np.int64],
    bounds: tuple[float, float],
) -> pa.StructArray:
    """Put together what was measured, and what the draws say of it; they have shape (draws, n).

    Of few batches the draws scatter too little, by (G - 1) / G, and their quantiles say too little:
    there the interval is Student's.
    """
    there = np.isfinite(values)
    many = np.count_nonzero(there, axis=0)
    thin = many < KNOWN * len(values)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        middle = down(np.where(there, values, 0.0)) / many
        squares = down(np.where(there, values - middle, 0.0) ** 2)
        error = np.sqrt(squares / (many - 1))
    values = np.where(there & ~thin, values, np.nan)
    values[:2, thin] = 0.0  # of nothing but NaN there would be a warning
    lower, upper = np.nanquantile(values, (0.025, 0.975), axis=0)
    value, reason = (pc.struct_field(plain, name) for name in ("value", "reason"))
    if counts.any():
        error = error * np.sqrt(counts / np.where(counts > 1, counts - 1.0, np.inf))
        error = np.where(counts > 0, error, np.sqrt(squares / (many - 1)))
        middle = value.cast(pa.float64()).to_numpy(zero_copy_only=False)
        half = student(counts) * error
        lower = np.where(counts > 0, np.clip(middle - half, *bounds), lower)
        upper = np.where(counts > 0, np.clip(middle + half, *bounds), upper)
    known = ~thin & (error > 0) & np.isfinite(error)
    # the value and the reason are the plugin's, and judged as such: they stay as they are
    hidden = ~known | pc.is_valid(reason).to_numpy(zero_copy_only=False)
    ends = (pa.array(number, pa.float64(), mask=hidden) for number in (error, lower, upper))
    if plain.type.get_field_index(WORTH) >= 0:
        worth = plain.field(WORTH)
        arrays = [value.cast(pa.float64()), *ends, worth, reason.cast(pa.string())]
        return pa.StructArray.from_arrays(arrays, [*NUMBERS, WORTH, "reason"])
    return pa.StructArray.from_arrays(
        [value.cast(pa.float64()), *ends, reason.cast(pa.string())], fields=list(ANSWER)
    )


def resampled(
    groups: pa.Table, draws: int, seed: int = 0, key: Sequence[str] = ("model", "version")
) -> Iterator[pa.Table]:
    """Give the table once per draw, its weights multiplied by how often each row was drawn.

    Example:
        >>> table = pa.table({"model": ["m"], "version": ["1"], "weight": [[1.0] * 5]})
        >>> [one["weight"].to_pylist()[0] for one in resampled(table, 2)]
        [[1.0, 1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0, 0.0]]
    """
    weight, starts, lengths = ragged(groups["weight"])
    place = groups.column_names.index("weight")
    ends = pa.array(np.append(0, np.cumsum(lengths)))
    drawn, together = np.arange(len(weight)) - np.repeat(starts, lengths), read(groups, lengths)
    if together.some:
        drawn = np.where(np.repeat(together.counts > 0, lengths), together.of, drawn)
    steps = (drawn + 1).astype(np.uint64) * _GOLDEN
    own = _hashes(groups, seed, key)
    for turn in np.arange(1, draws + 1, dtype=np.uint64) * _GOLDEN:
        begin = _mixed(own + turn)
        copies = _poisson(_mixed(np.repeat(begin, lengths) + steps))
        column = pa.LargeListArray.from_arrays(ends, pa.array(weight * copies))
        yield groups.set_column(place, "weight", column)


def _hashes(groups: pa.Table, seed: int, key: Sequence[str]) -> NDArray[np.uint64]:
    rows = zip(*(groups[name].to_pylist() for name in key), strict=True)
    told = (repr((seed, *row)).encode() for row in rows)
    digests = b"".join(blake2b(text, digest_size=8).digest() for text in told)
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Turn counters into bits that look random, each into other ones."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def _poisson(bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Turn 64 random bits into a Poisson number with mean 1, by its distribution function."""
    copies = np.zeros(len(bits))
    for step in _STEPS[:_COMMON]:
        copies += bits >= step
    rare = np.flatnonzero(bits >= _STEPS[_COMMON - 1])
    copies[rare] = np.searchsorted(_STEPS, bits[rare], "right")
    return copies
