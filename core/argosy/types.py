"""Frozen values that cross the hooks: what a plugin offers, and what it is handed.

Every value is whole-table: a detector measures all columns of all models of a chunk at once,
a metric is one expression evaluated over the whole fleet, an executor runs chunks of models.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import click
    import polars as pl
    import pyarrow as pa

Task = Literal["binary", "multiclass", "regression"]
"""What a model predicts: one of two classes, one of many, or a number."""

Kind = Literal["numeric", "categorical"]
"""How a column is compared: by its ordered values, or by the counts of its categories."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: one storage format of tables."""

    format: str
    """What users type in a binding; lowercase."""
    suffixes: tuple[str, ...]
    """File endings that mean this format when a binding names none, with the dot."""
    scan: Callable[[str, Mapping[str, str]], pl.LazyFrame]
    """Open a URL (a file, a glob, a folder) lazily, with what polars calls its storage options."""


class Predictor(Protocol):
    """A loaded model, ready to predict."""

    @property
    def task(self) -> Task:
        """What it predicts."""
        ...

    @property
    def classes(self) -> tuple[object, ...]:
        """Class labels in the order of its probabilities; empty for a regression."""
        ...

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Predict every row, in order.

        Returns one column `prediction` and, for a classifier that has them, one column
        `probabilities` (a list of floats in the order of `classes`).
        """
        ...


@dataclass(frozen=True, slots=True)
class Loader:
    """How an artifact of one format becomes a model."""

    format: str
    """What users type in the `format` column of a registration; lowercase."""
    load: Callable[[bytes], Predictor]
    """Parse content whose digest has been verified. Must never execute code from it."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that says how good predictions are.

    `value` and `undefined` aggregate the rows of one model over the columns `truth`,
    `prediction`, `score`, `truth_score` and `weight`, all float64. For classifiers `truth` and
    `prediction` are class codes (0, 1, ...), `score` is the probability of class 1 of a binary
    model, `truth_score` the probability given to the class that came true.
    `truth`, `prediction` and `weight` are never null; a score is null where the model gave none.
    """

    name: str
    """What users type; lowercase."""
    tasks: frozenset[Task]
    """The tasks it applies to."""
    value: pl.Expr
    """Aggregates to the number."""
    undefined: pl.Expr
    """Aggregates to the reason why the number does not exist, or to null where it does."""
    higher_is_better: bool
    """Its direction."""
    bounds: tuple[float, float]
    """The least and the greatest value it can take."""


@dataclass(frozen=True, slots=True)
class Detector:
    """One drift detector.

    `measure` is handed one row per (model, column) of a chunk and answers one row for each, in
    the same order, with the columns `statistic`, `effect`, `p_value` (float64, null where
    undefined), `p_method` and `reason` (string; the reason is null unless undefined).

    Every row has `model`, `version`, `column`, `n_ref`, `n_cur` (rows, missing ones included),
    `null_ref`, `null_cur` (missing rows: null and NaN). A numeric row also has `reference` and
    `current`: lists of float64, sorted, without missing values. A categorical row has
    `categories` (list of strings, sorted) and `ref_counts`, `cur_counts` (lists of int64).
    """

    name: str
    """What users type; lowercase."""
    kinds: frozenset[Kind]
    """The kinds of column it can measure; one table of one kind is handed over per call."""
    measure: Callable[[pa.Table], pa.Table]
    """Compare reference with current rows."""
    floor: float
    """The smallest effect worth an alert: below it, significance alone is not drift."""
    effect: str
    """What the effect is, in a word or two: it stands before the value in a sentence."""


Tables = dict[str, "pa.Table"]
"""What work gives back: rows by the name of the fact table they belong to."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some models' share of a job: small enough to lose, large enough to be worth sending."""

    id: str
    """Unique within the run."""
    models: pa.Table
    """One row per model version, with all that the work needs to know of it."""
    options: Mapping[str, object] = field(default_factory=dict)
    """What the work needs besides; must be picklable."""
    isolate: bool = False
    """True where the work parses artifacts, so that it must not share the caller's process."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How one chunk ended."""

    chunk: str
    """The chunk's id."""
    tables: Tables | None = None
    """The work's answer, unless it failed."""
    error: str | None = None
    """Why it failed."""
    died: bool = False
    """True where the process died under it: the chunk is then split to find the culprit."""


@dataclass(frozen=True, slots=True)
class Executor:
    """Where the chunks of a job run."""

    name: str
    """What users type; lowercase."""
    run: Callable[[Sequence[Chunk], Callable[[Chunk], Tables]], Iterator[Finished]]
    """Perform every chunk and yield each as it finishes, in any order, exactly once.

    The second argument is importable by name on any worker. An exception in it becomes
    `Finished.error`; closing the iterator stops the work.
    """


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand of `argosy`."""

    name: str
    """What users type; lowercase."""
    summary: str
    """One line for `argosy --help`."""
    load: Callable[[], click.Command]
    """Import and return it; called only when the user asks for it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A worked example that reproduces published figures."""

    name: str
    """What users type after `argosy case run`; lowercase."""
    summary: str
    """One line for `argosy cases`."""
    run: Callable[[str, Path], pl.DataFrame]
    """Play it: the fleet's URL and the data folder in, the figures out.

    The figures have the columns `figure` (string), `expected`, `measured` (float64),
    `tolerance` (float64, relative) and `holds` (bool).
    """
