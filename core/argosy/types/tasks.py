"""What models predict: how truth and prediction of a kind of task are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from argosy.types.models import Predictor

    Hashes = NDArray[np.uint64]
    Ints = NDArray[np.int64]


class Alike(NamedTuple):
    """Hashes of a column whose values are few: what each value has, and whose is which."""

    hashes: Hashes
    """Of every value; two of them where `which` is a truth per row."""
    which: NDArray[np.bool_] | Ints
    """Which value each row has."""

    def of_rows(self, hashes: Hashes) -> Hashes:
        """Give every row what its value has."""
        import numpy as np

        two = self.which.dtype == np.bool_
        found: Hashes = np.where(self.which, hashes[1], hashes[0]) if two else hashes[self.which]
        return found


@dataclass(frozen=True, slots=True)
class TaskColumn:
    """One column that metrics of a task are handed, besides those that every task has."""

    name: str
    """Tasks that have a column of one name have it of one kind, which is checked at load. It is
    none that every task has (`argosy.plugins.task_columns.RESERVED`)."""
    of: Literal["truth", "prediction"]
    """Columns of the truth are part of a dataset's digest; those of a prediction are not."""
    kind: Literal["number", "time", "text", "list", "elements"] = "number"
    """What a row has: one float64, one time in UTC, one string, or a list of float64.

    A metric is handed the numbers, times and texts of a group as one list. Of lists of float64 it
    is handed a list of a list per row (`list`), or all of them end to end (`elements`).
    """


@dataclass(frozen=True, slots=True)
class TaskRows:
    """Rows of the models of one dataset that have a truth and count; all models of one task."""

    rows: pl.DataFrame
    """Those of each model are neighbours, in any order; columns that nobody asks for are absent."""
    models: pl.DataFrame
    """One row per model: `model`, `version`, `task` (null where the version names none) ..."""
    binding: Mapping[str, Any]
    """The columns of the data by what they are: `truth`, `prediction`, `score`, null where
    nothing is bound; and `positive`, the label of class 1."""
    owners: Ints
    """The number of the model of each run of rows: which row of `models`."""
    lengths: Ints
    """How many rows each run has."""

    @property
    def place(self) -> Ints:
        """The number of each row's model; shape (rows,)."""
        import numpy as np

        return np.repeat(self.owners, self.lengths)


class Answered(NamedTuple):
    """What one model predicted here."""

    place: int
    """Its number: which row of `TaskRows.models`."""
    model: Predictor
    """Its `task` and `classes`."""
    rows: pl.DataFrame
    """The columns of its answer that `TaskKind.sound` let through, one row per row of the model."""


@dataclass(frozen=True, slots=True)
class Readout:
    """Truth beside prediction, as one task reads them."""

    rows: pl.DataFrame
    """One row per row that was handed over, in order: `truth` and `prediction` (float64), `score`
    and `truth_score` where the task has them, columns that the task declares, and if it likes
    `reason`: why a row cannot be read, null where it can.

    A model with a row that cannot be read fails, for the commonest of its rows' reasons. So does
    one whose truth or prediction is missing.
    """
    reasons: Mapping[int, str] = field(default_factory=dict)
    """Why models cannot be read at all, by their number."""
    labels: Sequence[Sequence[str]] | None = None
    """The class labels of every model, in the order of their codes, where it has any."""
    classes: Sequence[int] | None = None
    """How many classes every model knows; defaults to the number of its labels."""
    tasks: Sequence[str] | None = None
    """The task of every model, where several share a function and it tells which."""
    truth: Hashes | Alike | None = None
    """A hash of every row's truth; defaults to one of its columns of the truth."""


class Settled(NamedTuple):
    """Which task each model of a log is of."""

    tasks: Sequence[str | None]
    """Of every model, None where it has no rows or a reason."""
    reasons: Mapping[int, str]
    """Why models are of none, by their number."""


class ReadLog(Protocol):
    """Read what a log says that models predicted."""

    def __call__(self, handed: TaskRows, /) -> Readout:
        """Return truth and prediction of every row, in order.

        Raises:
            BadInput: why all models that were handed over fail.
        """
        ...


class ReadAnswers(Protocol):
    """Read what models predicted here."""

    def __call__(self, handed: TaskRows, answers: Sequence[Answered], /) -> Readout:
        """Return truth and prediction of every row, in order.

        Args:
            handed: the rows.
            answers: one per model that has rows, in the order in which these lie.

        Raises:
            BadInput: why all models that were handed over fail.
        """
        ...


class HoldAnswer(Protocol):
    """Hold what a model answered to what it must be."""

    def __call__(self, model: Predictor, answer: pl.DataFrame, /) -> pl.DataFrame:
        """Return the columns that are kept, the same ones of every batch of rows.

        Args:
            model: its `task` and `classes`.
            answer: a row per row that it was asked for, with the columns of `TaskKind.answers`.

        Raises:
            BadInput: why the model fails.
        """
        ...


class RecogniseLog(Protocol):
    """Tell by its columns whether a log is of a task."""

    def __call__(self, binding: Mapping[str, Any], schema: Mapping[str, pl.DataType], /) -> bool:
        """Return whether it is.

        Args:
            binding: which columns hold what, as `TaskRows.binding`.
            schema: the type of every column.
        """
        ...


class SettleTask(Protocol):
    """Tell by its values of which of several tasks a log is, whose columns may be of any of them.

    What is told of a model must not depend on the others.
    """

    def __call__(self, handed: TaskRows, /) -> Settled:
        """Return the task of every model, or why it is of none."""
        ...


class PredictConstant(Protocol):
    """Predict as well as somebody can who knows the truth of all rows but no feature."""

    def __call__(self, rows: pl.DataFrame, lengths: Ints, /) -> pl.DataFrame:
        """Return the rows with one prediction for all rows of a group, the best that there is.

        Args:
            rows: as they were read, with their `weight`; those of each group together.
            lengths: how many rows each group has.
        """
        ...


@dataclass(frozen=True, slots=True)
class TaskKind:
    """One kind of task: what a model of it predicts, and how that is read beside the truth.

    What is read of a row must not depend on the other rows, nor on their order, and what is read
    of a model not on the others. Rows without the binding's `truth` are left out before.
    """

    name: str
    """What users type in the `task` column of a registration; lowercase."""
    summary: str
    """What a model of it predicts, in a line."""
    from_log: ReadLog
    """Read a log. Tasks that have the same function are asked in one call, which says by
    `Readout.tasks` which of them each model is of."""
    from_models: ReadAnswers
    """Read answers. Tasks that have the same function are asked in one call."""
    columns: tuple[TaskColumn, ...] = ()
    """What metrics are handed besides `truth`, `prediction`, `score`, `truth_score`, `weight` and
    `latency`."""
    reads: tuple[str, ...] = ()
    """Columns of the data that it needs, by their own names, besides those that a binding names.
    They are no features of a model of the task."""
    answers: tuple[str, ...] = ("prediction",)
    """The columns that `Predictor.predict` must answer with."""
    sound: HoldAnswer | None = None
    """Check answers; None keeps the columns of `answers` as they are."""
    recognises: RecogniseLog | None = None
    """Asked where a version names no task. Where two tasks say yes nothing is read, unless both
    have the same `settles`, so leave it out unless no other log can look alike."""
    naive: PredictConstant | None = None
    """The bar for `argosy gate`, which passes no version of a task without one."""
    metrics: tuple[str, ...] = ()
    """The metrics that tell its models apart best, the most telling first, so that a report has one
    to draw; those that compare models of different scale belong before those that do not. Where
    none of them was measured, the metric that most models have is drawn."""
    labels_fixed: bool = False
    """Whether class codes mean something by themselves, as class 1 does whose probability `score`
    is. Two versions are then compared only where their labels are the same; otherwise labels that
    one of them alone knows are coded last."""
    settles: SettleTask | None = None
    """Asked where several tasks recognise a log, and all have this function: which of them each
    model is of."""
