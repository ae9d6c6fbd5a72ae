"""Give detectors without a p-value one, from what they answer for parts of the reference itself.

The reference is cut into nine random parts, and each is compared with the other eight. The nine
effects are what a column without drift gives; how far the current effect lies beyond them is a
prediction of one more value from a sample of nine, so that its distribution is Student's with
eight degrees of freedom (Hahn and Meeker, Statistical Intervals, 1991, chapter 4). No part is
larger than the current side, whose noise is then overstated rather than understated. Where rows
depend on each other, and the order of the reference was kept for the detector, the parts are
stretches of time (`argosy_drift.time_parts`), of half the length and with roots of effects: of
stretches as long as the current side, and effects as they are, 4 clean columns of 100 have p < 0.01
(autoregression 0.9 and day effects, 1,000 rows against 9,000). Where no order was kept, nothing is
judged by random parts (`argosy_drift.worth`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.kernels import down
from argosy_drift.time_parts import parts_of_time, without_turns
from argosy_rows.flat_lists import lists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PARTS = 9
METHOD, IN_TIME = "held out", "held out in time"
"""How a p-value came about: by random parts, or by parts of time."""
FAULT = "fault"
"""The column of an answer that says what is unsound about it."""
_SEED = 20070401
_LEAST = 5  # values of a part


def calibrated(
    table: pa.Table,
    answer: pa.Table,
    measure: Callable[[pa.Table], pa.Table],
    in_time: NDArray[np.bool_] | None = None,
) -> pa.Table:
    """Fill in `p_value` and `p_method` where a detector gives an effect alone.

    Args:
        table: what the detector was handed, of either kind.
        answer: what it answered, with the column `fault`.
        measure: the detector; what it answers has that column too.
        in_time: the rows whose reference is cut into parts of time; the table then has
            `argosy_drift.dependence.turns.TURNS`. Defaults to none.

    Returns:
        The answer. Rows whose reference is too small to cut stay without a p-value; what is unsound
        about a part is a fault of its row.
    """
    bare = answer["p_value"].is_null().to_numpy(zero_copy_only=False)
    bare &= answer["effect"].is_valid().to_numpy(zero_copy_only=False)
    if not bare.any():
        return answer
    if in_time is None:
        in_time = np.zeros_like(bare)
    by_chance, by_time = bare & ~in_time, bare & in_time
    if by_chance.any():
        parts = _parts(without_turns(table).filter(pa.array(by_chance)))
        answer = _held_out(answer, by_chance, parts, measure, METHOD)
    if by_time.any():
        stretches = parts_of_time(table.filter(pa.array(by_time)), PARTS, _LEAST)
        answer = _held_out(answer, by_time, stretches, measure, IN_TIME)
    return answer


def _held_out(
    answer: pa.Table,
    bare: NDArray[np.bool_],
    parts: Iterable[pa.Table],
    measure: Callable[[pa.Table], pa.Table],
    by: str,
) -> pa.Table:
    """Fill in the p-values of some rows, each part of which is against the rest."""
    held_out = np.full((PARTS, int(bare.sum())), np.nan)
    spoilt = [pl.Series(answer[FAULT].filter(pa.array(bare)), dtype=pl.String)]
    for part, cut in enumerate(parts):
        told = measure(cut)
        held_out[part] = told["effect"].to_numpy()
        spoilt.append(pl.Series(told[FAULT], dtype=pl.String))
    p_value = answer["p_value"].to_numpy().copy()
    effects = answer["effect"].to_numpy()[bare]
    if by == IN_TIME:  # distances are skew where rows are worth few; their roots hardly are
        effects, held_out = np.sqrt(effects), np.sqrt(held_out)
    p_value[bare] = _beyond(effects, held_out)
    found = ~np.isnan(p_value) & bare
    method = [
        by if new else old for new, old in zip(found, answer["p_method"].to_pylist(), strict=True)
    ]
    answer = answer.set_column(
        answer.schema.get_field_index("p_value"), "p_value", pa.array(p_value, from_pandas=True)
    ).set_column(
        answer.schema.get_field_index("p_method"), "p_method", pa.array(method, pa.string())
    )
    return _with_faults(answer, bare, spoilt)


def _with_faults(answer: pa.Table, bare: NDArray[np.bool_], spoilt: list[pl.Series]) -> pa.Table:
    """Put the faults of parts beside those of the answer itself."""
    if all(faults.null_count() == len(faults) for faults in spoilt):
        return answer
    first = pl.select(pl.coalesce(pl.lit(faults) for faults in spoilt)).to_series()
    whole = pl.Series(answer[FAULT], dtype=pl.String).scatter(np.flatnonzero(bare), first)
    place = answer.schema.get_field_index(FAULT)
    return answer.set_column(place, FAULT, whole.to_arrow().cast(pa.string()))


def _beyond(effects: Floats, held_out: Floats) -> Floats:
    """Probability that one more effect of a column without drift is as large."""
    middle = down(held_out) / PARTS
    spread = np.sqrt(down((held_out - middle) ** 2) / (PARTS - 1))
    step = (effects - middle) / np.where(spread > 0, spread, 1.0)
    p_value = _student(step / np.sqrt(1 + 1 / PARTS))
    # nine equal effects say nothing of how they spread
    return np.where(spread > 0, p_value, np.where(effects <= held_out[0], 1.0, np.nan))


def _student(t: Floats) -> Floats:
    """Probability that Student's t with eight degrees of freedom is larger.

    >>> _student(np.array([0.0, 1.86, 5.04])).round(4).tolist()
    [0.5, 0.05, 0.0005]
    """
    freedom = PARTS - 1
    rest = freedom / (freedom + t * t)
    series = 1 + rest / 2 * (1 + 3 * rest / 4 * (1 + 5 * rest / 6))
    tail: Floats = 0.5 * (1 - np.abs(t) / np.sqrt(freedom + t * t) * series)
    return np.where(t > 0, np.maximum(tail, 1e-15), 1 - tail)


def _parts(table: pa.Table) -> list[pa.Table]:
    numeric = "reference" in table.column_names
    column = table["reference" if numeric else "ref_counts"].combine_chunks()
    flat = column.flatten().to_numpy()
    lengths = column.value_lengths().to_numpy().astype(np.int64)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    if not numeric:  # one element per row of data
        owner, place = np.repeat(owner, flat), np.repeat(place, flat)
    many = np.bincount(owner, minlength=len(lengths))
    within = np.arange(len(owner)) - np.repeat(np.cumsum(many) - many, many)
    # drawn by place in the list, so that the parts do not depend on the lists before
    drawn = np.random.default_rng(_SEED).random(int(many.max(initial=0)))[within]
    rank = np.empty(len(owner), np.int64)
    rank[np.lexsort((drawn, owner))] = within
    size = np.minimum(many // PARTS, table["n_cur"].to_numpy())
    size = np.where(size < _LEAST, 0, size)
    made = []
    for part in range(PARTS):
        inside = (rank >= part * size[owner]) & (rank < (part + 1) * size[owner])
        if numeric:
            sides = [
                lists(flat[chosen], np.bincount(owner[chosen], minlength=len(lengths)))
                for chosen in (~inside, inside)
            ]
            names = ("reference", "current")
        else:
            first = np.cumsum(lengths) - lengths
            sides = [
                lists(np.bincount((first[owner] + place)[chosen], minlength=lengths.sum()), lengths)
                for chosen in (~inside, inside)
            ]
            names = ("ref_counts", "cur_counts")
        cut = table
        for name, values in zip(names, sides, strict=True):
            cut = cut.set_column(cut.schema.get_field_index(name), name, values)
        for name, chosen in (("n_ref", ~inside), ("n_cur", inside)):
            count = np.bincount(owner[chosen], minlength=len(lengths))
            cut = cut.set_column(cut.schema.get_field_index(name), name, pa.array(count))
        for name in ("null_ref", "null_cur"):
            zeros = pa.array(np.zeros(len(lengths), np.int64))
            cut = cut.set_column(cut.schema.get_field_index(name), name, zeros)
        made.append(cut)
    return made
