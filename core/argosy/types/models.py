"""Where rows come from, and how an artifact becomes a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl


class ScanTable(Protocol):
    """Open a table lazily."""

    def __call__(self, url: str, storage_options: Mapping[str, str], /) -> pl.LazyFrame:
        """Return the rows.

        Args:
            url: a file, a glob or a folder.
            storage_options: what the store needs to be reached, as polars takes them.
        """
        ...


class ScanFiles(Protocol):
    """Open many files of one shape at once, lazily."""

    def __call__(
        self, urls: Sequence[str], storage_options: Mapping[str, str], url_column: str, /
    ) -> pl.LazyFrame:
        """Return the rows of all files.

        Args:
            urls: of the files.
            storage_options: what the store needs to be reached, as polars takes them.
            url_column: the name of a column to add: each row's own URL, as it was given.
        """
        ...


class FindSpans(Protocol):
    """Find out which rows of a table lie together, without reading them."""

    def __call__(
        self, url: str, storage_options: Mapping[str, str], column: str, /
    ) -> pl.DataFrame | None:
        """Return one row per part that can be read by itself, such as a row group or a file.

        Its columns are `rows` (int64), and `low` and `high`, the least and the greatest value of
        the column there, null if not known. None if it would have to read the rows.

        Args:
            url: of the table.
            storage_options: what the store needs to be reached, as polars takes them.
            column: whose values tell the parts apart.
        """
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: one storage format of tables."""

    format: str
    """What users type in a binding; lowercase."""
    suffixes: tuple[str, ...]
    """File endings that mean this format when a binding names none, with the dot."""
    scan: ScanTable
    """Open a table."""
    scan_files: ScanFiles | None = None
    """Open many files at once, if the format can."""
    spans: FindSpans | None = None
    """Find out which rows lie together, if the format can."""


class Predictor(Protocol):
    """A loaded model, ready to predict."""

    @property
    def task(self) -> str:
        """What it predicts: the name of an installed `TaskKind`."""
        ...

    @property
    def classes(self) -> tuple[object, ...]:
        """Class labels in the order of its probabilities; empty for a regression.

        Of a model that ranks, all items that it can rank.
        """
        ...

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Predict every row, in order.

        Returns one column `prediction` and what else its task asks for (`TaskKind.answers`). A
        classifier may answer one column `probabilities` too (a list of floats in the order of
        `classes`). A model that ranks answers
        a list of items of each row, best first, and if it likes one column `novelty`: of every
        item the bits of surprise that it is, log2 of one over the share of users who have it.
        """
        ...


class LoadModel(Protocol):
    """Turn an artifact into a model."""

    def __call__(self, content: bytes, /) -> Predictor:
        """Parse content whose digest has been verified. Must never execute code from it."""
        ...


@dataclass(frozen=True, slots=True)
class Loader:
    """How an artifact of one format becomes a model."""

    format: str
    """What users type in the `format` column of a registration; lowercase."""
    load: LoadModel
    """Turn an artifact into a model."""
