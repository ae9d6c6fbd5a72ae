"""The numbers that a column is followed by: means of its values, shares of its rows.

A numeric column is followed by the mean of its values and by the share of missing ones, a
categorical one by the share of each of its most common categories and of missing rows. Each is a
series of buckets: the reference, then the windows, oldest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from argosy.kernels import across, ragged

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

COIN = 0.5
"""The unit of a share: the largest standard deviation that its rows can have."""


@dataclass(frozen=True, slots=True)
class Series:
    """Series of buckets; those of shorter courses end in empty ones."""

    row: Ints
    """The row of the table that each belongs to, ascending; shape (series,)."""
    what: list[str]
    """What each is, in words."""
    n: Floats
    """Values per bucket, shape (series, buckets); the first is the reference."""
    mean: Floats
    """Their means; 0 in an empty bucket."""
    variance: Floats
    """Their population variances."""
    unit: Floats
    """What an effect is measured in, shape (series,)."""
    reach: Floats
    """How far apart two values can be, shape (series,)."""

    def centred(self) -> Floats:
        """Return the means less that of all, so that sums of them lose no digits."""
        total = np.maximum(across(self.n), 1)
        middle = across(self.n * self.mean) / total
        return np.where(self.n > 0, self.mean - middle[:, None], 0.0)

    def spread(self) -> Floats:
        """Return the population variance of all values, shape (series,)."""
        total = np.maximum(across(self.n), 1)
        squares: Floats = across(self.n * (self.variance + np.square(self.centred()))) / total
        return squares


def series(table: pa.Table) -> Series:
    """Lay out every series of every column.

    Args:
        table: course rows, as `argosy.types.Detector` says.

    Returns:
        The series by row: of numeric columns the mean, where both sides have values, then those
        of shares.
    """
    course = _Course(table)
    missing = course.filled("nulls", "null_ref", course.everyone)
    parts = [
        _values(course, missing),
        _shares(course.everyone, "share of missing values", missing, course.rows),
        *_categories(course, missing),
    ]
    order = np.argsort(np.concatenate([part.row for part in parts]), kind="stable")
    what = [name for part in parts for name in part.what]
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])[order]
        for name in ("row", "n", "mean", "variance", "unit", "reach")
    }
    return Series(what=[what[place] for place in order], **joined)


class _Course:
    """A table of course rows as matrices of shape (rows, buckets)."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.windows = ragged(table["n"]).lengths
        self.buckets = 1 + int(self.windows.max(initial=1))
        self.everyone = np.arange(table.num_rows)
        self.rows = self.filled("n", "n_ref", self.everyone)
        self.numeric = np.array(table["kind"].to_pylist(), object) == "numeric"

    def filled(self, name: str, reference: str, chosen: Ints, empty: float = 0.0) -> Floats:
        """Lay a list out behind the reference's own number."""
        part = self.table.take(chosen)
        flat, _, lengths = ragged(part[name])
        owner = np.repeat(np.arange(len(chosen)), lengths)
        place = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        found = np.full((len(chosen), self.buckets), empty)
        found[owner, 1 + place] = np.nan_to_num(flat, nan=empty, posinf=np.inf, neginf=-np.inf)
        first = part[reference].to_numpy().astype(np.float64)
        found[:, 0] = np.where(np.isnan(first), empty, first)
        return found


def _values(course: _Course, missing: Floats) -> Series:
    chosen = np.flatnonzero(course.numeric)
    n = (course.rows - missing)[chosen]
    both = (n[:, 0] > 0) & (across(n[:, 1:]) > 0)  # else only the missing ones can be compared
    chosen, n = chosen[both], n[both]
    mean, sd = (course.filled(name, f"{name}_ref", chosen) for name in ("mean", "sd"))
    least = course.filled("least", "least_ref", chosen, np.inf).min(1)
    greatest = course.filled("greatest", "greatest_ref", chosen, -np.inf).max(1)
    with np.errstate(invalid="ignore", over="ignore"):
        reach, variance = greatest - least, np.square(sd)
    return Series(chosen, ["mean"] * len(chosen), n, mean, variance, sd[:, 0], reach)


def _shares(row: Ints, what: str | list[str], hits: Floats, of: Floats) -> Series:
    share = np.divide(hits, of, out=np.zeros_like(hits), where=of > 0)
    names = [what] * len(row) if isinstance(what, str) else what
    unit = np.full(len(row), COIN)
    return Series(row, names, of, share, share * (1 - share), unit, np.ones(len(row)))


def _categories(course: _Course, missing: Floats) -> Iterable[Series]:
    """Yield, for the first category of all columns, then the second and so on, their shares."""
    chosen = np.flatnonzero(~course.numeric)
    part: Any = course.table.take(chosen)
    names = part["categories"].to_pylist()
    before, after = ragged(part["ref_counts"]), ragged(part["counts"])
    many, windows = before.lengths, course.windows[chosen]
    known = (course.rows - missing)[chosen]
    for place in range(int(many.max(initial=0))):
        some = np.flatnonzero(many > place)
        hits = np.zeros((len(some), course.buckets))
        hits[:, 0] = before.values[before.starts[some] + place]
        owner = np.repeat(np.arange(len(some)), windows[some])
        first = np.cumsum(windows[some]) - windows[some]
        window = np.arange(len(owner)) - np.repeat(first, windows[some])
        at = after.starts[some][owner] + window * many[some][owner] + place
        hits[owner, 1 + window] = after.values[at]
        what = [f"share of {names[each][place]!r}" for each in some]
        yield _shares(chosen[some], what, hits, known[some])
