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


@dataclass(frozen=True, slots=True)
class SameColumns:
    """Files whose columns are the very same: their names, their order and their types."""

    urls: tuple[str, ...]
    """The files, as they were given."""
    rows: pl.LazyFrame | pl.DataFrame
    """The rows of all of them and each row's URL; a frame where they had to be read anyway."""


class ScanFiles(Protocol):
    """Open many files at once, those that are alike together."""

    def __call__(
        self, urls: Sequence[str], storage_options: Mapping[str, str], url_column: str, /
    ) -> list[SameColumns]:
        """Return the files by their columns.

        Two files are alike where `Source.scan` gives each of them, by itself, the same columns in
        the same order with the same types (`Source.scan_text`, where the source has it). What is
        read of a file never depends on the files beside it.
        A file that cannot be read, or whose columns cannot be told without reading it by itself, is
        in no part of the answer; it is then read by itself, so that only its own models fail.

        Args:
            urls: of the files; each is one file, whatever letters its name has.
            storage_options: what the store needs to be reached, as polars takes them.
            url_column: the name of a column to add: each row's own URL, as it was given.
        """
        ...


class ExplainFault(Protocol):
    """Say why a table cannot be read, in words that whoever wrote it understands."""

    def __call__(self, url: str, storage_options: Mapping[str, str], error: str, /) -> str | None:
        """Return one line that names the file and the place in it, or None if that is not known.

        Args:
            url: of the table.
            storage_options: what the store needs to be reached, as polars takes them.
            error: what the engine says.
        """
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """How files of text are written, as far as a binding says so."""

    separator: str | None = None
    """What stands between values; None where the file has to tell."""
    encoding: str | None = None
    """How letters are bytes, such as `latin-1`; None for UTF-8."""


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


class KnowWriting(Protocol):
    """Return a source for files that are written in some way."""

    def __call__(self, written: Written, /) -> Source:
        """Return the source of the same format.

        Args:
            written: what a binding says; only the fields in `Source.options` are named.
        """
        ...


class ListColumns(Protocol):
    """Find out which columns a table has, without reading its rows."""

    def __call__(
        self, url: str, storage_options: Mapping[str, str], /
    ) -> Mapping[str, pl.DataType]:
        """Return the type of every column by its name, as opening the table gives them.

        Args:
            url: a file, a glob or a folder, or whatever else the source opens.
            storage_options: what the store needs to be reached, as polars takes them.

        Raises:
            FileNotFoundError: if there is nothing at the URL. Whatever else it raises is told as
                the reason why it cannot be read.
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
    """Open many files at once, if the format can tell which ones are alike."""
    spans: FindSpans | None = None
    """Find out which rows lie together, if the format can."""
    scan_text: ScanTable | None = None
    """Open a table with every column as the text that is written, if the format has no types.

    The columns then get types by all of their values (`argosy.data.text_types`), and `scan_files`
    answers with text too.
    """
    explain: ExplainFault | None = None
    """Say why a table cannot be read, where the engine's words do not."""
    written: KnowWriting | None = None
    """Return this source for files that are written otherwise."""
    options: tuple[str, ...] = ()
    """The fields of `Written` that bindings may name for this format."""
    raises_only: bool = False
    """Whether its reader raises over whatever bytes, and neither panics nor ends the process, as
    readers of text do; other tables are tried in a process of their own before they are read."""
    columns: ListColumns | None = None
    """Find out which columns a table has, if that is faster than opening it. `bind` asks for them,
    and never looks into the file system itself; `scan` must raise FileNotFoundError for what is
    not there where this is None."""


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
