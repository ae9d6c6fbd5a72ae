"""Where rows come from, and how an artifact becomes a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

Task = Literal["binary", "multiclass", "regression", "ranking"]
"""What a model predicts: one of two classes, one of many, a number, or a list of items."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: one storage format of tables."""

    format: str
    """What users type in a binding; lowercase."""
    suffixes: tuple[str, ...]
    """File endings that mean this format when a binding names none, with the dot."""
    scan: Callable[[str, Mapping[str, str]], pl.LazyFrame]
    """Open a URL (a file, a glob, a folder) lazily, with what polars calls its storage options."""
    scan_files: Callable[[Sequence[str], Mapping[str, str], str], pl.LazyFrame] | None = None
    """Open many files of one shape at once, if the format can.

    The third argument names a column to add: each row's own URL, as it was given.
    """
    spans: Callable[[str, Mapping[str, str], str], pl.DataFrame | None] | None = None
    """Say which rows of a table lie together, without reading them, if the format can.

    The third argument names a column. One row per part that can be read by itself (a row group, a
    file): `rows` (int64), and `low` and `high`, the least and the greatest value of the column
    there, null where that is not known. None where it would have to read the rows.
    """


class Predictor(Protocol):
    """A loaded model, ready to predict."""

    @property
    def task(self) -> Task:
        """What it predicts."""
        ...

    @property
    def classes(self) -> tuple[object, ...]:
        """Class labels in the order of its probabilities; empty for a regression.

        Of a model that ranks, all items that it can rank.
        """
        ...

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Predict every row, in order.

        Returns one column `prediction` and, for a classifier that has them, one column
        `probabilities` (a list of floats in the order of `classes`). A model that ranks answers
        a list of items of each row, best first, and if it likes one column `novelty`: of every
        item the bits of surprise that it is, log2 of one over the share of users who have it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Loader:
    """How an artifact of one format becomes a model."""

    format: str
    """What users type in the `format` column of a registration; lowercase."""
    load: Callable[[bytes], Predictor]
    """Parse content whose digest has been verified. Must never execute code from it."""
