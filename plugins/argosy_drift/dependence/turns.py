"""What lists keep of the order of their values: which of the ascending ones was first, which next.

That is a small whole number per value, from which parts of time can be cut of sorted values
(`argosy_drift.time_parts`); and where a cut may be made, since rows of one time or cluster stay
together. Where a list has more values than are kept of it, so many of them are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.kernels.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_drift.dependence.row_order import RowOrder

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.uint16]
    Places = NDArray[np.int32]
    Found = tuple[Shorts, Ints]

TURNS: dict[str, Any] = {
    "turns": pl.List(pl.UInt16),
    "starts": pl.List(pl.UInt16),
    "levels": pl.List(pl.String),
}
"""What each column of each group keeps where parts of time are asked for, else null: the places of
its values among the ascending ones (of categories, among `levels`), in the order of time; and at
which of them a cut may be made: at each, where none is named."""


def value_turns(values: Floats, order: RowOrder, most: int) -> tuple[Found, Found]:
    """Return `turns` and `starts` of numbers, end to end, each with the lengths of its lists.

    Args:
        values: those of all lists; NaN where one is missing.
        order: how rows stand, and in `units` what must not be cut (`argosy_drift.row_blocks`).
        most: how many values of a list are kept: evenly spaced quantiles, as
            `argosy_drift.histograms.thinned` takes them.

    Example:
        >>> from argosy_drift.dependence.row_order import RowOrder
        >>> order = RowOrder.of(np.array([4]), np.array([3, 2, 2, 1]))
        >>> turns, starts = value_turns(np.array([0.5, 0.1, 0.9, 0.7]), order, 10)
        >>> turns[0].tolist(), starts[0].tolist()
        ([2, 0, 3, 1], [0, 1, 3])
    """
    (turns, kept), starts = _turns(values, order, most, ranked=True)
    return (turns.astype(np.uint16), kept), starts


def level_turns(
    codes: NDArray[np.int32], texts: pl.Series, many: Ints, order: RowOrder, most: int
) -> tuple[Found, Found, tuple[pl.Series, Ints]]:
    """Return `turns`, `starts` and `levels` of categories.

    Args:
        codes: the number of each row's category in its list, -1 where it is missing.
        texts: the categories of all lists.
        many: how many of them each list has.
        order: how rows stand, and in `units` what must not be cut.
        most: how many rows of a list are kept, evenly spaced in their order.

    Example:
        >>> from argosy_drift.dependence.row_order import RowOrder
        >>> order = RowOrder.of(np.array([3]), np.array([1, 2, 3]))
        >>> codes, texts = np.array([0, 1, 0], np.int32), pl.Series(["b", "a"])
        >>> turns, _, levels = level_turns(codes, texts, np.array([2]), order, 10)
        >>> turns[0].tolist(), levels[0].to_list()
        ([1, 0, 1], ['a', 'b'])
    """
    values = np.where(codes < 0, np.nan, codes)
    (own, kept), starts = _turns(values, order, most, ranked=False)
    owner = np.repeat(np.arange(len(kept)), kept)
    first = np.cumsum(many) - many
    rows = pl.DataFrame({"list": owner, "text": texts[first[owner] + own]})
    levels = rows.unique().sort("list", "text")
    levels = levels.with_columns(turn=pl.int_range(pl.len(), dtype=pl.UInt16).over("list"))
    turns = rows.join(levels, on=["list", "text"], how="left", maintain_order="left")["turn"]
    sizes = np.bincount(levels["list"].to_numpy(), minlength=len(kept))
    return (turns.to_numpy(), kept), starts, (levels["text"], sizes)


def _turns(values: Floats, order: RowOrder, most: int, ranked: bool) -> tuple[Any, Found]:
    turns, kept, starts, cuts = _in_time(
        values, order.lengths, order.places, order.units, most, ranked
    )
    return (turns, kept), (starts, cuts)


@compiled
def _in_time(
    values: Floats, lengths: Ints, places: Places, units: Places, most: int, ranked: bool
) -> tuple[Places, Ints, Shorts, Ints]:
    """Go through every list in the order of time.

    Args:
        values: the elements of all lists, NaN where one is missing.
        lengths: how many each has.
        places: where in its list the first row stands, then the second...; empty if as it is.
        units: the number of what each row belongs to, in that order; -1 if to nothing.
        most: how many values of a list are kept.
        ranked: whether a value's place among the ascending ones is meant, or the value itself.

    Returns:
        The places, and how many each list has; where units begin, and how many there are: none if
        they begin everywhere.
    """
    longest = 0
    for length in lengths:
        longest = max(longest, length)
    own, unit = np.empty(longest), np.empty(longest, np.int32)
    mark = np.empty(longest, np.int32)
    turns, starts = np.empty(len(values), np.int32), np.empty(len(values), np.uint16)
    kept, cuts = np.zeros(len(lengths), np.int64), np.zeros(len(lengths), np.int64)
    start = end = last = 0
    for row in range(len(lengths)):
        many = 0
        for k in range(lengths[row]):
            value = values[start + (places[start + k] if len(places) else k)]
            if value == value:
                own[many] = value
                unit[many] = units[start + k] if len(units) else -1
                many += 1
        start += lengths[row]
        kept[row] = min(many, most)
        mark[:many] = -1
        if ranked:
            ascending = np.argsort(own[:many], kind="mergesort")
            for rank in range(kept[row]):
                mark[ascending[(2 * rank + 1) * many // (2 * kept[row])]] = rank
        else:
            for place in range(kept[row]):
                k = (2 * place + 1) * many // (2 * kept[row])
                mark[k] = np.int32(own[k])
        begin, first, before = end, last, np.int32(-1)
        for k in range(many):
            if mark[k] < 0:
                continue
            if unit[k] < 0 or unit[k] != before or end == begin:
                starts[last] = end - begin
                last += 1
            before = unit[k]
            turns[end] = mark[k]
            end += 1
        if last - first == end - begin:
            last = first
        cuts[row] = last - first
    return turns[:end], kept, starts[:last], cuts
