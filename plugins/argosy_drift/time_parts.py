"""Cut the reference of columns into parts of time, each of them against the rest.

Rows that depend on each other make random parts alike: each row has its neighbours in all others.
So a part is one stretch of time, the first of a ninth of the reference, of at most half the length
of the current side, so that its noise is overstated; what count as one, the rows of one time or of
a cluster, stay together. A stretch is thus a block of more than 2 tau wherever either side is worth
twenty rows (`argosy_drift.worth`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.kernels import ragged
from argosy.kernels.compiled import compiled
from argosy_drift.dependence.turns import TURNS
from argosy_rows.flat_lists import lists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def parts_of_time(table: pa.Table, many: int, least: int) -> Iterator[pa.Table]:
    """Yield the table with a part in the place of the current side, and the rest as reference.

    Args:
        table: as a detector is handed it, and `TURNS`.
        many: how many parts.
        least: how many values a part has at least; of rows of which one would have fewer, every
            part is empty.
    """
    numeric = "reference" in table.column_names
    (turns, first, lengths), starts = (_whole(table[name]) for name in ("turns", "starts"))
    known, met = (
        table[f"n_{side}"].to_numpy() - table[f"null_{side}"].to_numpy() for side in ("ref", "cur")
    )
    span = met * lengths // np.maximum(2 * known, 1)  # a list may stand for more rows than it has
    begins, ends = _stretches(lengths, *starts, span, many, least)
    bare = without_turns(table)
    for part in range(many):
        begin, end = begins[part], ends[part]
        inside = end - begin
        sides: dict[str, pa.Array]
        if numeric:
            rest, own = _divided(*ragged(table["reference"]), turns, first, lengths, begin, end)
            sides = {
                "reference": lists(rest, lengths - inside),
                "current": lists(own, inside),
            }
        else:
            levels = table["levels"].combine_chunks()
            sizes = levels.value_lengths().to_numpy().astype(np.int64)
            before, after = _counted(sizes, turns, first, lengths, begin, end)
            sides = {
                "categories": levels,
                "ref_counts": lists(before, sizes),
                "cur_counts": lists(after, sizes),
            }
        sides |= {"n_ref": pa.array(lengths - inside), "n_cur": pa.array(inside)}
        sides |= dict.fromkeys(("null_ref", "null_cur"), pa.array(np.zeros_like(inside)))
        cut = bare
        for name, column in sides.items():
            cut = cut.set_column(cut.schema.get_field_index(name), name, column)
        yield cut


def without_turns(table: pa.Table) -> pa.Table:
    """Return the table as detectors are handed it."""
    return table.drop_columns([name for name in TURNS if name in table.column_names])


def _whole(column: pa.ChunkedArray) -> tuple[Ints, Ints, Ints]:
    """Return the elements of lists of whole numbers, where each list begins, and their lengths."""
    flat, first, lengths = ragged(column)
    return flat.astype(np.int64), first, lengths


@compiled
def _stretches(
    lengths: Ints,
    starts: Ints,
    first_starts: Ints,
    start_lengths: Ints,
    span: Ints,
    many: int,
    least: int,
) -> tuple[Ints, Ints]:
    """Return where the parts of every list begin and end, shape (parts, lists)."""
    begins = np.zeros((many, len(lengths)), np.int64)
    ends = np.zeros((many, len(lengths)), np.int64)
    for row in range(len(lengths)):
        length = lengths[row]
        own = starts[first_starts[row] : first_starts[row] + start_lengths[row]]
        most = min(length // many, span[row])
        enough = most >= least
        for part in range(many):
            low, high = part * length // many, (part + 1) * length // many
            if len(own) == 0:
                begins[part, row], ends[part, row] = low, low + most
                continue
            k = np.searchsorted(own, low)
            begin = end = own[k] if k < len(own) else length
            while k < len(own) and own[k] < high:
                k += 1
                after = own[k] if k < len(own) else length
                if end > begin and after > begin + most:
                    break
                end = after
            begins[part, row], ends[part, row] = begin, end
            enough &= end - begin >= least
        if not enough:
            begins[:, row] = 0
            ends[:, row] = 0
    return begins, ends


@compiled
def _divided(
    values: Floats,
    first_values: Ints,
    value_lengths: Ints,
    turns: Ints,
    first_turns: Ints,
    lengths: Ints,
    begin: Ints,
    end: Ints,
) -> tuple[Floats, Floats]:
    """Return the values outside and inside of a stretch of every list, ascending."""
    rest, own = np.empty(len(turns)), np.empty(len(turns))
    outside = within = longest = 0
    for length in lengths:
        longest = max(longest, length)
    inside = np.zeros(longest, np.bool_)
    for row in range(len(lengths)):
        first = first_turns[row]
        inside[: lengths[row]] = False
        for k in range(begin[row], end[row]):
            inside[turns[first + k]] = True
        for rank in range(lengths[row]):
            value = values[first_values[row] + rank]
            if inside[rank]:
                own[within] = value
                within += 1
            else:
                rest[outside] = value
                outside += 1
    return rest[:outside], own[:within]


@compiled
def _counted(
    sizes: Ints, turns: Ints, first_turns: Ints, lengths: Ints, begin: Ints, end: Ints
) -> tuple[Ints, Ints]:
    """Return how often each level of every list stands outside and inside of a stretch."""
    many = 0
    for size in sizes:
        many += size
    rest, own = np.zeros(many, np.int64), np.zeros(many, np.int64)
    first = 0
    for row in range(len(lengths)):
        for k in range(lengths[row]):
            level = first + turns[first_turns[row] + k]
            if begin[row] <= k < end[row]:
                own[level] += 1
            else:
                rest[level] += 1
        first += sizes[row]
    return rest, own
