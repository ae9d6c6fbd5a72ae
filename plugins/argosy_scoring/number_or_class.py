"""Whether a log holds numbers or classes whose version names no task: its values say.

Each model's own say it, and how a value is stored says nothing: 1, 1.0, true and the text `1` are
one value. A side is *text* where a value of it is no number, has *fractions* where one of its
numbers has one, and is *whole* otherwise; booleans are 0 and 1.

| truth | prediction | the model is of |
|---|---|---|
| fractions | fractions, whole, nothing | regression |
| whole | fractions | regression |
| whole, of one or two values | fractions, all within 0 and 1 | refused: bind as score, or declare |
| whole | whole, nothing | classes |
| whole | text | classes |
| text | text, whole, nothing | classes |
| text | fractions | refused: bind as score, or declare |
| fractions | text | refused: declare |
| whole, text | whole or text, beside a score | classes |
| whole, text | nothing but a score | classes |
| fractions | any, beside a score | refused: leave the score out, or declare |
| numbers with fractions, and words among them | any | refused, as such predictions are |

So counts that are predicted as counts are classes, as whole numbers of any storage always were
where they were integers: declare the task `regression` of such models. Text of which every value
is a number (`1.10`) is a column of numbers, however it is spelt. What is infinite is a number that
no class is called by. Rows without truth do not count, nor do predictions that are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels import sums
from argosy.kernels.values import has_fractions
from argosy.types import Settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from argosy.types import TaskRows

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

CLASSES, NUMBERS = "binary", "regression"
"""The tasks that are told apart: `binary` stands for all tasks of classes."""
_FIRST = 4
"""So many rows of each model are looked at before all are."""
_WORDS = (pl.String, pl.Categorical, pl.Enum, pl.Binary)
_DECLARE = "register versions with their task"


def may_be_number(kind: pl.DataType) -> bool:
    """Say whether values of a type may be numbers, in text or not."""
    return kind.is_numeric() or kind in (pl.Boolean, pl.Null, *_WORDS)


def may_have_fractions(kind: pl.DataType) -> bool:
    """Say whether values of a type may be numbers with a fraction."""
    return has_fractions(kind) or kind in _WORDS


def settled(handed: TaskRows) -> Settled:
    """Tell of every model whether its log holds numbers or classes.

    Returns:
        The task of each model, and why others have none.

    Example:
        >>> from argosy.types import TaskRows
        >>> rows = pl.DataFrame({"t": [1.0, 2.0, 1.5, 2.0], "p": [1, 2, 1, 3]})
        >>> models = pl.DataFrame({"model": ["a", "b"]})
        >>> binding = {"truth": "t", "prediction": "p", "score": None}
        >>> settled(TaskRows(rows, models, binding, np.array([0, 1]), np.array([2, 2]))).tasks
        ['binary', 'regression']
    """
    binding, rows = handed.binding, handed.rows
    sizes = np.bincount(handed.owners, handed.lengths, handed.models.height).astype(np.int64)
    order = np.array(list(dict.fromkeys(handed.owners.tolist())), np.int64)
    order = order[sizes[order] > 0]
    lengths = sizes[order]
    truth = _Side(rows[binding["truth"]], lengths)
    named = binding["prediction"] in rows.columns and binding["prediction"]
    guess = _Side(rows[binding["prediction"]] if named else _nothing(rows.height), lengths)
    score = np.full(len(order), bool(binding["score"]))
    fractions = truth.fractions | guess.fractions
    numbers = fractions & ~truth.words & ~guess.words & ~score
    doubtful = numbers & ~truth.fractions
    doubtful &= guess.chosen(doubtful, _within) & truth.chosen(doubtful, _of_two)
    faults: list[tuple[Mask, Callable[[int], str]]] = [
        *(
            (side.words & side.fractions, partial(_mixed, side, what))
            for side, what in ((guess, "prediction"), (truth, "truth"))
        ),
        (doubtful, lambda at: _either(truth, guess, at)),
        (
            score & truth.fractions & ~truth.words,
            lambda at: (
                f"its truth has fractions such as {truth.fraction(at)}, and its score tells classes"
                f" apart; bind it without the score, or {_DECLARE}"
            ),
        ),
        (
            ~score & truth.words & guess.fractions & ~guess.words,
            lambda at: (
                f"its truth is text such as {truth.word(at)!r}, and its predictions are numbers"
                f" such as {guess.fraction(at)}; bind them as score, or {_DECLARE}"
            ),
        ),
        (
            ~score & truth.fractions & ~truth.words & guess.words,
            lambda at: (
                f"its truth has fractions such as {truth.fraction(at)}, and its predictions are"
                f" text such as {guess.word(at)!r}; write numbers, or {_DECLARE}"
            ),
        ),
    ]
    tasks: list[str | None] = [None] * handed.models.height
    for place, number in zip(order.tolist(), numbers.tolist(), strict=True):
        tasks[place] = NUMBERS if number else CLASSES
    reasons: dict[int, str] = {}
    for wrong, told in faults:
        for at in np.flatnonzero(wrong).tolist():
            place = int(order[at])
            tasks[place], reasons[place] = None, told(at)
    return Settled(tasks, reasons)


def _mixed(side: _Side, what: str, at: int) -> str:
    return (
        f"its {what} has text such as {side.word(at)!r} among numbers such as"
        f" {side.fraction(at)}; write numbers alone, or {_DECLARE}"
    )


def _either(truth: _Side, guess: _Side, at: int) -> str:
    values = np.unique(truth.of(at)).tolist()
    told = "one value" if len(values) == 1 else "two values"
    shown = ", ".join(f"{value:g}" for value in values)
    return (
        f"its truth has {told} ({shown}), and its predictions lie between 0 and 1 (such as"
        f" {guess.fraction(at)}): they may be probabilities of a class, or numbers; bind them as"
        f" score, or {_DECLARE} ({CLASSES} or {NUMBERS})"
    )


def _nothing(height: int) -> pl.Series:
    return pl.Series([None], dtype=pl.Null).new_from_index(0, height)


def _within(values: Floats, lengths: Ints) -> Mask:
    """Whether all numbers of each model lie within 0 and 1."""
    outside = (values < 0) | (values > 1)
    found: Mask = sums(outside, lengths) == 0
    return found


def _of_two(values: Floats, lengths: Ints) -> Mask:
    """Whether each model has no more than two values."""
    starts = np.cumsum(lengths) - lengths
    missing = np.isnan(values)
    least = np.minimum.reduceat(np.where(missing, np.inf, values), starts)
    most = np.maximum.reduceat(np.where(missing, -np.inf, values), starts)
    other = (values != np.repeat(least, lengths)) & (values != np.repeat(most, lengths))
    found: Mask = sums(other & ~missing, lengths) == 0
    return found


@dataclass
class _Side:
    """Truth or predictions of models, whose rows lie one model after the other."""

    column: pl.Series
    lengths: Ints
    """How many rows each model has; at least one."""

    def __post_init__(self) -> None:
        self.ends = np.cumsum(self.lengths)
        self._all: Floats | None = None
        kind, nothing = self.column.dtype, np.zeros(len(self.lengths), np.bool_)
        self.words = self.fractions = nothing
        if kind in _WORDS:
            distinct = self.column.unique()  # few, as a rule: most text is labels
            self.words = self._any(_words) if _words(distinct).any() else nothing
            self.fractions = self._any(_fractions) if _fractions(distinct).any() else nothing
        elif may_have_fractions(kind):
            self.fractions = self._any(_fractions)
        elif not may_be_number(kind):
            self.words = ~nothing

    def chosen(self, models: Mask, holds: Callable[[Floats, Ints], Mask]) -> Mask:
        """Ask something of the numbers of some models; it is so of no other."""
        found = np.zeros(len(models), np.bool_)
        if models.any():
            rows = np.repeat(models, self.lengths)
            values = _numbers(self.column.filter(pl.Series(rows)))
            found[models] = holds(values, self.lengths[models])
        return found

    def of(self, at: int) -> Floats:
        """Return the numbers of one model."""
        return _numbers(self._rows(at))

    def fraction(self, at: int) -> float:
        """Return a number of a model that has a fraction."""
        values = self.of(at)
        return float(values[_fractions(self._rows(at))][0])

    def word(self, at: int) -> str:
        """Return a value of a model that is no number."""
        rows = self._rows(at)
        wrong = _words(rows) if may_be_number(rows.dtype) else rows.is_not_null().to_numpy()
        return str(rows.filter(pl.Series(wrong))[0])

    def _rows(self, at: int) -> pl.Series:
        return self.column.slice(int(self.ends[at] - self.lengths[at]), int(self.lengths[at]))

    def _any(self, look: Callable[[pl.Series], Mask]) -> Mask:
        """Whether any value of each model is such: the first few tell of most."""
        starts = self.ends - self.lengths
        places = np.minimum(starts[:, None] + np.arange(_FIRST), self.ends[:, None] - 1)
        first = look(self.column[places.ravel()]).reshape(places.shape)
        found: Mask = np.any(first, axis=1)
        if not found.all():
            rest = np.repeat(~found, self.lengths)
            values = self.column if rest.all() else self.column.filter(pl.Series(rest))
            found[~found] = sums(look(values), self.lengths[~found]) > 0
        return found


def _numbers(column: pl.Series) -> Floats:
    """Return values as numbers, NaN where one is missing or none."""
    if column.dtype in _WORDS:
        column = column.cast(pl.String)
    return column.cast(pl.Float64, strict=False).to_numpy()


def _words(column: pl.Series) -> Mask:
    text = column.cast(pl.String, strict=False)
    number = text.cast(pl.Float64, strict=False).is_not_null()
    found: Mask = (column.is_not_null() & ~number).to_numpy()
    return found


def _fractions(column: pl.Series) -> Mask:
    values = _numbers(column)
    found: Mask = ~np.isnan(values) & ((values != np.floor(values)) | np.isinf(values))
    return found
