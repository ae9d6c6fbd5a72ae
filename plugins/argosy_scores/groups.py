"""The groups that are to be measured, as flat arrays, and how an answer is put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argosy.kernels import answer, ragged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Case = tuple[Flags, str]
    Measure = Callable[[pa.Table, Sequence[str]], pa.Table]


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

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, name: str) -> Floats:
        """Return a column end to end, read-only; NaN in groups that have none of it."""
        if name not in self._columns:
            self._columns[name] = _fixed(self._laid_out(name))
        return self._columns[name]

    @property
    def columns(self) -> tuple[Floats, Floats, Floats]:
        """`truth`, `prediction` and `weight`."""
        return self["truth"], self["prediction"], self["weight"]

    @property
    def spans(self) -> tuple[Ints, Ints]:
        """Where each group begins, and how many rows it has."""
        return self.starts, self.lengths

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


def _fixed(values: Floats) -> Floats:
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

    @classmethod
    def alone(cls, value: Floats, cases: Sequence[Case]) -> Self:
        """Return a value of which nobody knows how sure it is."""
        unknown = np.full(len(value), np.nan)
        return cls(value, cases, unknown, (unknown, unknown))


def family(recipes: Mapping[str, Callable[[Groups], Number]]) -> Measure:
    """Return the `measure` that metrics share, from a function for each of their names.

    Example:
        >>> rows = lambda groups: Number.alone(groups.lengths, [])
        >>> measure = family({"rows": rows})
        >>> measure(pa.table({"truth": [[1.0, 2.0]]}), ["rows"])["rows"][0]["value"].as_py()
        2.0
    """

    def measure(table: pa.Table, names: Sequence[str]) -> pa.Table:
        groups = Groups(table)
        return pa.table({name: _told(recipes[name](groups)) for name in names})

    return measure


def _told(found: Number) -> pa.StructArray:
    masks = [mask for mask, _ in found.cases]
    first = np.full(len(found.value), len(masks))
    for place in reversed(range(len(masks))):
        first[masks[place]] = place
    words = pa.array([*(reason for _, reason in found.cases), None], pa.string())
    return answer(found.value, pc.take(words, pa.array(first)), found.error, *found.interval)
