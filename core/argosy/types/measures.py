"""How good predictions are: metrics, paired comparisons of models, and gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

Number = TypeVar("Number", bound=Any)
"""Anything that can be subtracted from and has a size."""


class MeasureMetrics(Protocol):
    """Measure metrics of many groups of rows at once."""

    def __call__(self, groups: pa.Table, names: Sequence[str], /) -> pa.Table:
        """Return one row per group, in the same order, with one column per name.

        A column is a struct of `value`, `error` (its standard error), `lower`, `upper` (the 95 %
        interval), all float64 and null if they do not exist, and `reason` (string, null unless the
        value is undefined; then all numbers are null). One that heeds `batch` may add
        `n_effective`, how many independent rows the group's are worth.

        Args:
            groups: one row per group, which is a model's rows or those of one of its windows or
                segments: `model`, `version`, `task` (strings), `classes` (int64: how many classes
                the model knows, null for a regression), and lists of float64 with an element per
                row of the group: `truth`, `prediction`, `score`, `truth_score`, `weight`, and if
                the data has it `latency` in milliseconds. A multiclass model that gives them has
                `probabilities` too: those of the first row class by class, then those of the
                second, and so on.

                For classifiers `truth` and `prediction` are class codes (0, 1, ...); a truth that
                the model does not know has the code `classes`. `score` is the probability of class
                1 of a binary model, `truth_score` the probability given to the class that came
                true. A list is null if the model gives none of it, and an element is NaN if it gave
                none for that row.

                For a ranking `truth` is how many items are relevant to a row, at least one, and
                `prediction` how many its list holds. Beside them are lists with an element per
                item, those of the first row, best first, then those of the second, and so on:
                `items` (its code, 0 ... `classes` - 1), `hits` (1.0 if it is relevant and not
                higher in the list already, else 0.0) and, if the model gives it, `novelty` (in
                bits). `classes` is how many items the model knows.

                Where the data has a timestamp or clusters there is `batch`: the number of the
                batch that each row belongs to, null where rows are taken for independent. Rows
                of one batch depend on each other, batches hardly do (`argosy.kernels.batches`).

                Columns that another task declares (`TaskKind.columns`) come beside these.

                `truth`, `prediction` and `weight` are complete: rows that lack one are left out.
                Weights are finite and not negative; a row of weight zero counts as absent.
            names: the metrics that are wanted.
        """
        ...


class CountShares(Protocol):
    """Count the rows that shares of rows are made of."""

    def __call__(self, groups: pa.Table, names: Sequence[str], /) -> pa.Table:
        """Return one row per group, in the same order, with one column per name.

        A column is a struct of `part` and `whole` (int64): how many rows the share counts, and of
        how many. Weights are not looked at, for it is asked only where all are 1.

        Args:
            groups: as `MeasureMetrics` is handed them.
            names: the metrics that are wanted.
        """
        ...


class MeasureParts(Protocol):
    """Measure many parts of the rows of one group."""

    def __call__(
        self, group: pa.Table, inside: NDArray[np.uint8], names: Sequence[str], /
    ) -> NDArray[np.float64] | None:
        """Return the values of every part and of the rows that it leaves, NaN where undefined.

        Where it has no quicker way than `measure`, as for some task, it returns None.

        Args:
            group: one row, as `MeasureMetrics` is handed it.
            inside: 1 where a row is of a part, else 0; shape (parts, rows).
            names: the metrics that are wanted.

        Returns:
            Shape (names, 2, parts): of the part, and of the other rows.
        """
        ...


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that says how good predictions are."""

    name: str
    """What users type; lowercase."""
    tasks: frozenset[str]
    """The names of the tasks it applies to."""
    measure: MeasureMetrics
    """Measure all groups at once. Metrics that have the same one are asked for in one call.

    `argosy.kernels.aggregation` makes one of polars expressions.
    """
    higher_is_better: bool
    """Its direction; False where `best` is given: less of the distance from it is better."""
    bounds: tuple[float, float]
    """The least and the greatest value it can take."""
    needs: tuple[str, ...] = ()
    """Columns that not all data has, such as `latency`, without which it does not apply."""
    default: bool = True
    """Whether it takes part where nobody names any: of what comes with argosy. What is installed
    besides waits until the option `plugins.defaults` names it."""
    batched: bool = False
    """Whether its `error` and interval heed the column `batch`.

    Where they do not, rows that depend on each other are measured batch by batch too, and ten
    values say how sure the metric is, in place of what it answers itself.
    """
    best: float | None = None
    """The value of a perfect model where that lies between the bounds, as 0.0 for a bias.

    Values are then judged by how far they lie from it, on whichever side. Without it, the best
    value is the end of the bounds that `higher_is_better` names.
    """
    moves_with_base_rate: bool = False
    """Whether it changes where the share of positives does, though the model is as good as before.

    Precision does, recall does not. A slice that has other labels is not named for such a metric
    where another says the same.
    """
    counted: bool = False
    """Whether it counts rows, so that slices of unequal size have no gap."""
    counts: CountShares | None = None
    """Of a metric that is a share of rows: the rows. Its gaps have Fisher's exact test."""
    on_logits: bool = False
    """Whether the log of the odds of its value, with the standard error that it answers, is normal
    far into the tails, as that of an area under a curve is. Its gaps are tested on that scale.

    Gaps of any other metric are tested by permuting which rows belong to the slice, and so are all
    gaps where rows hang together or the test that a metric names cannot be made.
    """
    parts: MeasureParts | None = None
    """Measure many parts of a group at once, for permutations; without it `measure` does, which
    takes much longer, and so there are fewer permutations."""

    def goodness(self, value: Number) -> Number:
        """Return how good values are: the greater, the better, whatever the metric.

        Args:
            value: a number, an array, a polars series or expression.

        Example:
            >>> bias = Metric("bias", frozenset(), print, False, (-1, 1), best=0.0)
            >>> bias.goodness(-0.5) == bias.goodness(0.5) < bias.goodness(-0.1)
            True
        """
        good: Number = value if self.higher_is_better else -value
        if self.best is not None:
            good = -abs(value - self.best)
        return good

    @property
    def perfect(self) -> float:
        """The value of a perfect model."""
        return self.bounds[self.higher_is_better] if self.best is None else self.best


class ComparePairs(Protocol):
    """Test for many pairs of models whether the two do equally well on the same rows."""

    def __call__(self, pairs: pa.Table, metrics: Sequence[str], /) -> pa.Table:
        """Return one row per pair, in order, with one column per metric.

        A column is a struct of `champion` and `challenger` (the metric of either), `effect`,
        `lower`, `upper`, `p_value` (float64) and `reason`. `effect` is the difference, positive if
        the challenger is better; `lower` and `upper` are its 95 % confidence interval; `p_value` is
        two-sided. One that heeds `batch` may add `n_effective`, how many independent rows the
        pair's are worth. If there is no test, `reason` says why, and `lower`, `upper` and `p_value`
        are null.

        Args:
            pairs: one row per pair: `model`, `champion_version`, `challenger_version`, `task`,
                `classes`, and lists with an element per row of the pair, in order of time if that
                is known: `truth` and `weight` (positive), of either side `prediction`, `score` and
                `truth_score` (as `champion_score`), of multiclass models `probabilities`, and of
                rankings `items`, `hits` and `novelty`, all float64, coded and absent as
                `MeasureMetrics` has them; what another task declares, of the truth by its name and
                of predictions by side; `time` (timestamps in UTC, null if the data has none); and
                where there is a timestamp or clusters `batch`, as `MeasureMetrics` has it.
            metrics: those that are asked for, which apply to the tasks of the pairs.
        """
        ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """A paired test of whether two models do equally well on the same rows."""

    name: str
    """What users type; lowercase."""
    tasks: frozenset[str]
    """The names of the tasks it applies to."""
    metrics: tuple[str, ...] | None
    """The metrics whose difference it tests, named as the metrics themselves; None: any."""
    measure: ComparePairs
    """Test the differences of metrics."""
    default: bool = True
    """Whether it takes part where nobody names any: of what comes with argosy. What is installed
    besides waits until the option `plugins.defaults` names it."""
    batched: bool = False
    """Whether its test heeds the column `batch`.

    Where it does not, pairs whose rows may depend on each other are undecidable: a test that takes
    them for independent calls equal models different.
    """


class JudgeVersions(Protocol):
    """Hold the versions of a run to what a gate demands."""

    def __call__(self, judged: pa.Table, measured: pa.Table, request: Any, /) -> pa.Table:  # noqa: ANN401
        """Return `argosy.tables.JUDGED`: a row per version that the gate has a say on.

        What is neither true nor false is not passed, nor is what the gate leaves out.

        Args:
            judged: a row per model and dataset: `model`, `version`, `dataset`, `dataset_digest`,
                `metric` (that the model is judged by), `value`, `error`, `n`, `sign` (1 if more is
                better, else -1), `best`, `base` and `base_error` (the value on the base case),
                `scale` (how far the best constant is from the best value there) and `reason`, why
                there is no value. Where rows depend on each other, `error` is as large as an
                interval of 1.96 on either side needs. Of a metric with a `best` value, `value` and
                `base` are the distances from it, and the sign is -1.
            measured: all that was measured: `who` (`version`, `naive` or the name of a baseline),
                `model`, `version`, `dataset`, `dataset_digest`, `metric`, `value`, `error`, `n`,
                `status` and `reason`.
            request: of the job `gate`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that versions are held to before a promotion."""

    name: str
    """What users type; lowercase."""
    summary: str
    """One line of what it demands."""
    judge: JudgeVersions
    """Judge all versions of a run."""
