"""The groups that are to be measured, as flat arrays, and how an answer is put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argosy.kernels import answer, ragged, sums
from argosy.kernels.batches import Batches, read, settled, student

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Case = tuple[Flags, str]
    Measure = Callable[[pa.Table, Sequence[str]], pa.Table]
    Recipes = Mapping[str, Callable[["Groups"], "Number"]]


_TOGETHER = 1 << 18
"""Rows that are measured together: a column of them takes two megabytes."""


class Groups:
    """One row per group, its columns flattened when they are first asked for.

    A row of weight zero counts as absent: whatever it holds, no metric and no reason sees it.

    Example:
        >>> found = Groups(pa.table({"truth": [[1.0, 2.0], []], "weight": [[1.0, 0.5], []]}))
        >>> found.lengths.tolist(), found["weight"].tolist()
        ([2, 0], [1.0, 0.5])
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        truth, self.starts, self.lengths = ragged(table["truth"])
        self._columns = {"truth": _fixed(truth)}
        self.kept: dict[Any, Any] = {}
        """What several metrics need, once it has been computed."""

    @classmethod
    def of(cls, columns: Mapping[str, Floats], lengths: Ints) -> Self:
        """Return groups of certain columns, end to end."""
        found = cls(pa.table({"truth": pa.array([], pa.large_list(pa.float64()))}))
        found.starts, found.lengths = np.cumsum(lengths) - lengths, lengths
        found._columns = {name: _fixed(values) for name, values in columns.items()}
        return found

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, name: str) -> Floats:
        """Return a column end to end, read-only; NaN in groups that have none of it."""
        if name not in self._columns:
            self._columns[name] = _fixed(self._laid_out(name))
        found: Floats = self._columns[name]
        return found

    @property
    def columns(self) -> tuple[Floats, Floats, Floats]:
        """`truth`, `prediction` and `weight`."""
        return self["truth"], self["prediction"], self["weight"]

    @property
    def spans(self) -> tuple[Ints, Ints]:
        """Where each group begins, and how many rows it has."""
        return self.starts, self.lengths

    @property
    def batches(self) -> Batches:
        """The batches of rows that depend on each other, of each group none or some."""
        found: Batches = self.once(_batches)
        return found

    @property
    def quantile(self) -> Floats:
        """How many standard errors the 95 % interval of each group reaches on either side."""
        found: Floats = self.once(_quantile)
        return found

    def settled(self, alone: Floats, batched: Floats) -> tuple[Floats, Floats]:
        """Return the variance that holds of each group, and what its rows are worth.

        Args:
            alone: the variance were the rows independent.
            batched: that by batches.

        Returns:
            The second is NaN in groups whose rows are taken for independent.
        """
        counts = self.batches.counts
        if not counts.any():
            return alone, np.full(len(self), np.nan)
        return settled(self.once(_counted), alone, batched, counts)

    def once(self, work: Callable[[Groups], Any]) -> Any:  # noqa: ANN401
        """Return what a function finds out about the groups; it is called once."""
        if work not in self.kept:
            self.kept[work] = work(self)
        return self.kept[work]

    def own(self, name: str) -> tuple[Floats, Ints]:
        """Return a column end to end, read-only, and how many elements each group has of it."""
        if name not in self.table.column_names:
            return _fixed(np.zeros(0)), np.zeros(len(self), np.int64)
        values, _, lengths = ragged(self.table[name])
        return _fixed(values), lengths

    def _laid_out(self, name: str) -> Floats:
        values, lengths = self.own(name)
        if np.array_equal(lengths, self.lengths):
            return values
        there = lengths == self.lengths
        found = np.full(int(self.lengths.sum()), np.nan)
        found[np.repeat(there, self.lengths)] = values[np.repeat(there, lengths)]
        return found


def _batches(groups: Groups) -> Batches:
    found = read(groups.table, groups.lengths)
    return Batches(_fixed(found.of), _fixed(found.counts))


def _quantile(groups: Groups) -> Floats:
    return student(groups.batches.counts)


def _counted(groups: Groups) -> Ints:
    return sums(groups["weight"] > 0, groups.lengths)


def _fixed(values: Any) -> Any:  # noqa: ANN401
    """Return a read-only view: one kind of array, so every loop is compiled once."""
    values = values.view()
    values.flags.writeable = False
    return values


class Number(NamedTuple):
    """What was found of one metric, one element per group."""

    value: Floats
    """NaN where there is a reason."""
    cases: Sequence[Case]
    """What makes it undefined, each with its reason; the first that holds is told."""
    error: Floats
    """The standard error; NaN where unknown."""
    interval: tuple[Floats, Floats]
    """The ends of the 95 % interval; NaN where unknown."""
    worth: Floats | None = None
    """How many independent rows each group's are worth; NaN, or None altogether, where unknown."""

    @classmethod
    def alone(cls, value: Floats, cases: Sequence[Case]) -> Self:
        """Return a value without a standard error and an interval."""
        unknown = np.full(len(value), np.nan)
        return cls(value, cases, unknown, (unknown, unknown))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Put what was found of several parts of the groups one after the other."""
        if len(parts) == 1:
            return parts[0]
        numbers = [(one.value, one.error, *one.interval) for one in parts]
        value, error, *ends = map(np.concatenate, zip(*numbers, strict=True))
        cases = [
            (np.concatenate([mask for mask, _ in alike]), alike[0][1])
            for alike in zip(*(one.cases for one in parts), strict=True)
        ]
        several = [
            np.full(len(one.value), np.nan) if one.worth is None else one.worth for one in parts
        ]
        return cls(value, cases, error, (ends[0], ends[1]), np.concatenate(several))


def family(recipes: Recipes) -> Measure:
    """Return the `measure` that metrics share, from a function for each of their names.

    Groups are measured some at a time, so that what is laid out for their rows stays in the
    processor's cache, and is laid out in memory that was used before: new memory costs more than
    most loops.

    Example:
        >>> rows = lambda groups: Number.alone(groups.lengths, [])
        >>> measure = family({"rows": rows})
        >>> measure(pa.table({"truth": [[1.0, 2.0]]}), ["rows"])["rows"][0]["value"].as_py()
        2.0
    """

    def measure(table: pa.Table, names: Sequence[str]) -> pa.Table:
        found: dict[str, list[Number]] = {name: [] for name in names}
        for start, stop in _neighbours(table["truth"]):
            groups = Groups(table.slice(start, stop - start))
            for name in names:
                found[name].append(recipes[name](groups))
        return pa.table({name: _told(Number.joined(found[name])) for name in names})

    return measure


def _neighbours(rows: pa.ChunkedArray) -> list[tuple[int, int]]:
    """Cut groups into parts of about so many rows; there is one part where there are no groups."""
    sizes = pc.fill_null(pc.list_value_length(rows), 0).to_numpy().astype(np.int64)
    number = (np.cumsum(sizes) - sizes) // _TOGETHER
    cuts = np.flatnonzero(np.diff(number)) + 1
    return list(zip([0, *cuts.tolist()], [*cuts.tolist(), len(sizes)], strict=True))


def _told(found: Number) -> pa.StructArray:
    masks = [mask for mask, _ in found.cases]
    first = np.full(len(found.value), len(masks))
    for place in reversed(range(len(masks))):
        first[masks[place]] = place
    words = pa.array([*(reason for _, reason in found.cases), None], pa.string())
    reasons = pc.take(words, pa.array(first))
    worth = None if found.worth is None or np.isnan(found.worth).all() else found.worth
    return answer(found.value, reasons, found.error, *found.interval, worth)
