"""What is measured: metrics, comparisons, drift, and performance without labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from argosy.types.models import Task

Kind = Literal["numeric", "categorical", "joint", "course"]
"""What a detector looks at.

A column by its ordered values (`numeric`) or by the counts of its categories (`categorical`); all
columns of a model together, row by row (`joint`); a column through the windows of a run (`course`).
"""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that says how good predictions are.

    `measure` is handed one row per group, which is a model's rows or those of one of its windows
    or segments, and the names that are wanted. It answers one row for each, in the same order,
    with one column per name: a struct of `value`, `error` (its standard error), `lower`, `upper`
    (the 95 % interval), all float64 and null where they do not exist, and `reason` (string, null
    unless the value is undefined; then all numbers are null).

    Every row has `model`, `version`, `task` (strings), `classes` (int64: how many classes the
    model knows, null for a regression), and lists of float64, as long as the group has rows:
    `truth`, `prediction`, `score`, `truth_score`, `weight`, and where the data has it `latency`
    in milliseconds. A multiclass model that gives them has `probabilities` too: those of the
    first row class by class, then those of the second, and so on.

    For classifiers `truth` and `prediction` are class codes (0, 1, ...); a truth that the model
    does not know has the code `classes`. `score` is the probability of class 1 of a binary
    model, `truth_score` the probability given to the class that came true. A list is null where
    the model gives none of it, and an element is NaN where it gave none for that row.

    For a ranking `truth` is how many items are relevant to a row, at least one, and `prediction`
    how many its list holds. Beside them stand lists of an element per item, those of the first
    row, best first, then those of the second, and so on: `items` (its code, 0 ... `classes` - 1),
    `hits` (1.0 where it is relevant and not higher in the list already, else 0.0) and, where the
    model gives it, `novelty` (in bits). `classes` is how many items the model knows.

    `truth`, `prediction` and `weight` are complete: rows that lack one are not handed over.
    Weights are finite and not negative; a row of weight zero counts as absent.
    """

    name: str
    """What users type; lowercase."""
    tasks: frozenset[Task]
    """The tasks it applies to."""
    measure: Callable[[pa.Table, Sequence[str]], pa.Table]
    """Measure all groups at once. Metrics that have the same one are asked for in one call.

    `argosy.kernels.aggregation` makes one of polars expressions.
    """
    higher_is_better: bool
    """Its direction."""
    bounds: tuple[float, float]
    """The least and the greatest value it can take."""
    needs: tuple[str, ...] = ()
    """Columns that not all data has, such as `latency`, without which it does not apply."""
    default: bool = True
    """Whether it takes part where the user names no metrics."""


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

    A joint row stands for all columns of a model that both sides have; its `column` is `*`. It
    has `columns` and `kinds` (lists of strings: the names, and numeric or categorical), and
    `reference` and `current`: lists of float64, a sample of at most 1,000 rows of either side, row
    after row, each with one number per column. Missing is NaN; a category is its place (0, 1, ...)
    among those of both samples, the most common of the reference first. `n_ref` and `n_cur` count
    all rows, `null_ref` and `null_cur` are null.

    A course row stands for the windows of a column, oldest first, and is handed over where there
    are windows. It has `kind` and lists with one element per window: `windows` (the names), `n`
    (rows, missing ones included), `nulls`, and for a numeric column `mean`, `sd` (population),
    `least` and `greatest`, null where a window has no values; and the same of the reference as
    `mean_ref`, `sd_ref`, `least_ref` and `greatest_ref`. A categorical column has `categories`
    (the most common of the reference, most common first, at most eight), `ref_counts`, and
    `counts`, window after window. `n_cur` and `null_cur` are of all windows together.

    It may answer a column `detail` (string) too: what more there is to say of an alert, such as
    the window in which it began.
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
    default: bool = True
    """Whether it takes part where the user names no detectors."""
    weight: float = 1.0
    """How much of a column's evidence is expected of it, next to the others; positive.

    Where it is never null, `p_value` decides whether an effect is beyond chance; a detector that
    answers none is compared with what it answers for parts of the reference. One that sees columns
    jointly or through windows must answer one itself, or it never alerts.
    """


@dataclass(frozen=True, slots=True)
class Estimator:
    """How well models do before their labels are there, estimated from their predictions.

    `fit` is handed one row per model whose truth is known: `model`, `version`, `task`, and the
    lists of float64 `truth`, `prediction` and `score` (codes and probabilities as for a
    `Metric`; a score is null, or the whole list is, where the model gave none). It answers one
    row for each, in order: whatever columns `estimate` needs, and `reason` (null unless the model
    cannot be fitted).

    `estimate` is handed the rows that have no reason, with `model`, `version`, `task` and the
    lists `prediction` and `score` of rows without labels beside them. It answers one row for
    each, in order, with one column per metric: a struct of `value`, `lower`, `upper` (float64)
    and `reason` (null unless undefined, where the numbers are null). `lower` and `upper` are the
    band that holds the realised value in 95 of 100 samples.
    """

    name: str
    """What users type; lowercase."""
    tasks: frozenset[Task]
    """The tasks it applies to."""
    metrics: tuple[str, ...]
    """The metrics that it estimates, named as the metrics themselves."""
    fit: Callable[[pa.Table], pa.Table]
    """Learn from rows whose truth is known."""
    estimate: Callable[[pa.Table], pa.Table]
    """Estimate for rows whose truth is not known yet."""
    default: bool = True
    """Whether it takes part where the user names no estimators."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A paired test of whether two models do equally well on the same rows.

    `measure` is handed one row per pair of models and the names of metrics, and answers one row
    for each, in order, with one column per metric: a struct of `champion` and `challenger` (the
    metric of either), `effect`, `lower`, `upper`, `p_value` (float64) and `reason`. `effect` is
    the difference, positive where the challenger is better; `lower` and `upper` are its 95 %
    confidence interval; `p_value` is two-sided. Where there is no test, `reason` says why, and
    `lower`, `upper` and `p_value` are null.

    Every row has `model`, `champion_version`, `challenger_version`, `task`, `classes`, and lists
    as long as the pair has rows, in order of time where that is known: `truth` and `weight`
    (positive), of either side `prediction`, `score` and `truth_score` (as `champion_score`), of
    multiclass models `probabilities`, and of rankings `hits` and `novelty`, all float64, coded and
    absent as for a `Metric`; and `time` (timestamps in UTC, null where the data has none).
    """

    name: str
    """What users type; lowercase."""
    tasks: frozenset[Task]
    """The tasks it applies to."""
    metrics: tuple[str, ...] | None
    """The metrics whose difference it tests, named as the metrics themselves; None: any."""
    measure: Callable[[pa.Table, Sequence[str]], pa.Table]
    """Test the difference of the metrics that are asked for, which apply to the pairs' tasks."""
    default: bool = True
    """Whether it takes part where the user names no comparisons."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that versions are held to before a promotion."""

    name: str
    """What users type; lowercase."""
    summary: str
    """One line of what it asks."""
    judge: Callable[[pa.Table, pa.Table, Any], pa.Table]
    """Judge all versions of a run: `argosy.tables.JUDGED`, a row for each that it has a say on.

    The first table has a row per model and dataset: `model`, `version`, `dataset`,
    `dataset_digest`, `metric` (that the model is judged by), `value`, `error`, `n`, `sign` (1 where
    more is better, else -1), `best`, `base` and `base_error` (the value on the base case), `scale`
    (how far the best constant is from the best value there) and `reason`, why there is no value.
    The second has all that was measured: `who` (`version`, `naive` or the name of a baseline),
    `model`, `version`, `dataset`, `dataset_digest`, `metric`, `value`, `error`, `n`, `status` and
    `reason`. The third argument is the request of the job `gate`.

    What is neither true nor false is not passed, nor is what a gate fails to answer.
    """
