"""The test of Diebold and Mariano of whether one model's forecasts are better than another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argosy.kernels import batches
from argosy.kernels.batch_cuts import NO_TIME as NEVER
from argosy.types import Comparison
from argosy_comparisons.answer import NO_VARIANCE, WEIGHTED, by_t, reasons, told, unvaried
from argosy_comparisons.dependence import by_batch
from argosy_comparisons.losses import LOSSES, fitness
from argosy_comparisons.pairs import pairs, weighted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy_comparisons.pairs import Floats, Ints, Pairs

NO_TIME = "the data names no timestamp, and the order of forecasts counts; bind it with one"
TIED = "several rows share a time, so their order is not known"


def measure(table: pa.Table, metrics: Sequence[str]) -> pa.Table:
    """Test every pair's difference of the mean loss of forecasts, which depend on each other.

    The variance is that of ten batches of the time, and p-value and interval are Student's t with
    nine degrees of freedom. Where the option `comparisons.horizon` names how many steps ahead the
    forecasts look, they are taken to miss alike for that many steps and no longer: the variance
    adds up the autocovariances of the loss differences before that lag. Where that sum is not
    positive it is that of one step. The correction of Harvey, Leybourne and Newbold for few rows
    is applied, and p-value and interval are Student's t.

    Args:
        table: one row per pair, as `argosy.types.Comparison` says, with `time`.
        metrics: of `mse` and `mae`.

    Returns:
        One row per pair. Undefined without times, below 20 rows, where rows are weighted, or where
        a loss is not finite; with a horizon also where times are not distinct, or there are no
        more rows than two horizons.

    Source: Diebold and Mariano, Journal of Business & Economic Statistics 13 (1995); Harvey,
    Leybourne and Newbold, International Journal of Forecasting 13 (1997). Where the sum is not
    positive, as `dm.test` of R's package forecast (Hyndman).
    """
    from argosy.plugins import options

    return compared(table, metrics, options("comparisons").horizon)


def compared(table: pa.Table, metrics: Sequence[str], horizon: int | None = None) -> pa.Table:
    """Test forecasts that look `horizon` steps ahead, or by batches where it is not named.

    Example:
        >>> truth = [float(place % 5) for place in range(30)]
        >>> sides = {"champion": [value * 0.5 for value in truth], "challenger": truth}
        >>> given = pa.table({
        ...     "truth": [truth], "weight": [[1.0] * 30], "time": [list(range(30))],
        ...     **{f"{side}_{name}": [of] for side, of in sides.items()
        ...        for name in ("prediction", "score", "truth_score")},
        ... })
        >>> [round(compared(given, ["mae"], ahead)["mae"][0].as_py()["lower"], 2)
        ...  for ahead in (1, 2, None)]
        [0.73, 0.7, 0.71]
    """
    given = pairs(table)
    times = table["time"]
    n = given.lengths.astype(np.float64)
    timed = pc.is_valid(times).to_numpy(zero_copy_only=False)
    moments = _moments(given, times, timed)
    if not given.batches.some:
        given = given._replace(batches=batches(given.lengths, given.weight, moments))
    odd = given.lengths <= 2 * (horizon or 0)
    alike = (given.batches.counts == 0) | (horizon is not None)
    shared = _shared(given, moments) & alike
    found = {}
    for name in metrics:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            loss = LOSSES[name](given)
            cases = [
                *fitness(given, name, loss),
                (~timed, NO_TIME),
                (shared, TIED),
                (weighted(given), WEIGHTED),
                (odd & (given.lengths > 0), f"no more than two horizons of {horizon} steps"),
            ]
            champion, challenger = given.each(loss) / n
            effect = given.each(loss[0] - loss[1]) / n
            ahead = horizon or 1
            variance = _variance(given, loss[0] - loss[1], effect, ahead)
            few = (n + 1 - 2 * ahead + ahead * (ahead - 1) / n) / n
            error, freedom = np.sqrt(variance / few), n - 1
            worth = np.full(len(n), np.nan)
            if horizon is None:
                owed = (loss[0] - loss[1] - effect[given.owners]) / n[given.owners]
                error, freedom, worth = by_batch(given, owed, error, freedom)
            tested = by_t(champion, challenger, effect, error, freedom)
        cases.append((unvaried(effect, error), NO_VARIANCE))
        found[name] = told(tested, reasons(cases, len(n)), worth)
    return pa.table(found)


def _moments(given: Pairs, times: pa.ChunkedArray, timed: NDArray[np.bool_]) -> Ints:
    """Return the time of each row in microseconds, `NEVER` where its pair has none."""
    of_rows = np.repeat(timed, given.lengths)
    moments = np.full(len(of_rows), NEVER, np.int64)
    flat = pc.list_flatten(times)
    moments[of_rows] = pc.fill_null(flat.cast(pa.int64()), 0).to_numpy()
    return moments


def _shared(given: Pairs, moments: Ints) -> NDArray[np.bool_]:
    """Say of each pair whether two rows have the same time; rows come in its order."""
    owners = given.owners
    same = np.zeros(len(moments), bool)
    same[1:] = (moments[1:] == moments[:-1]) & (owners[1:] == owners[:-1])
    return given.some(same & (moments != NEVER))


def _variance(given: Pairs, gap: Floats, effect: Floats, horizon: int) -> Floats:
    """Return the variance of each pair's mean difference."""
    n = given.lengths.astype(np.float64)
    off = gap - effect[given.owners]
    place = np.arange(len(off)) - given.starts[given.owners]
    one = given.each(off**2) / n
    total = one.copy()
    for lag in range(1, horizon):
        product = np.zeros(len(off))
        product[lag:] = off[lag:] * off[:-lag]
        product[place < lag] = 0.0
        total += 2 * given.each(product) / n
    return np.where(total > 0, total, one) / n


COMPARISON = Comparison(
    name="diebold_mariano",
    tasks=frozenset({"regression"}),
    metrics=("mse", "mae"),
    measure=measure,
    default=False,
    batched=True,
)
