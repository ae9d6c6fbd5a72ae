"""Every metric of every group of forecasts, beside the naive forecast's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.kernels import sums as add_up
from argosy_forecast.metrics import figures, peaks
from argosy_forecast.metrics.points import Points, laid_out
from argosy_forecast.metrics.sums import ABSOLUTE, COUNT, SIGNED, errors, intervals, pinballs, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

_CLOSE = 1e-9
"""Levels that are as near to the two ends of an interval are those."""


def score(
    points: pl.DataFrame,
    by: Sequence[str] = ("series", "method"),
    levels: Sequence[float] = (),
) -> pl.DataFrame:
    """Measure forecasts: a row per group and metric, with a number or the reason why there is none.

    Points without a truth or a forecast are left out of a metric and counted; infinite numbers are
    gaps. Where `day`, `day_steps` and `time` are there (`horizon_days`, `local_times`), whole days
    are measured too; a group that cuts days apart has none. Skill compares with the naive forecast
    on the points that both have; its CRPS is its absolute error, weighed by the levels.

    Args:
        points: as `argosy_forecast.metrics.points.laid_out` takes them.
        by: the columns that groups are made of, such as `block`, `season` and `hour`.
        levels: of the quantiles, ascending.

    Returns:
        The columns `by`, and `metric`, `level` (of a quantile, or the share that an interval is to
        hold), `value`, `naive`, `skill`, `n` (points or days that it is of), `left_out`,
        `quantiles` (how many the CRPS is of), `reason`, `skill_reason`.

        mae, rmse, bias (forecast less truth), wape (a share), smape (0 to 200, 0 at 0/0), mase; for
        days peak (the two peaks' difference), peak_hour (the error when the true peak is),
        peak_time (hours between the peaks), ramp (the mean error of the change from step to step);
        pinball of each level, crps, coverage and winkler of each pair of levels around the middle.

    Raises:
        BadInput: if the forecasts cannot be read so.

    Source: Hyndman and Koehler, International Journal of Forecasting 22 (2006); Gneiting and
    Raftery, Journal of the American Statistical Association 102 (2007).

    Example:
        >>> points = pl.DataFrame({
        ...     "series": "a", "method": "ridge", "origin": 0, "horizon": [1, 2, 3],
        ...     "truth": [10.0, 20.0, None], "value": [12.0, 20.0, 30.0],
        ...     "naive": [14.0, 16.0, 9.0],
        ... })
        >>> found = score(points).filter(pl.col("metric").is_in(["mae", "mase"]))
        >>> found.select("metric", "value", "naive", "skill", "n", "left_out").rows()
        [('mae', 1.0, 4.0, 0.75, 2, 1), ('mase', None, None, None, 0, 3)]
        >>> found["reason"][1]
        'the history never changes, or is not known, so there is no scale'
    """
    laid = laid_out(points, by, levels)
    truths, guesses = (_counted(laid, ~np.isnan(side)) for side in (laid.truth, laid.value))
    seen = truths, guesses, _both(laid, ~np.isnan(laid.value))
    found = [(one, seen) for one in (*_of_rows(laid), *_of_days(laid))]
    if levels:
        there = whole(laid.quantiles)
        seen = truths, _counted(laid, there), _both(laid, there)
        found += [(one, seen) for one in _of_quantiles(laid, tuple(levels), there)]
    return _table(laid.groups, found, len(levels))


def _counted(laid: Points, rows: Flags) -> Floats:
    return add_up(rows, laid.lengths).astype(np.float64)


def _both(laid: Points, there: Flags) -> Floats:
    return _counted(laid, there & ~np.isnan(laid.truth))


def _of_rows(laid: Points) -> Iterator[figures.Figure]:
    used = ~np.isnan(laid.truth) & ~np.isnan(laid.value)
    both = used & ~np.isnan(laid.naive)
    own = _errors(laid, laid.value, used)
    alike = own if np.array_equal(used, both) else _errors(laid, laid.value, both)
    asked = laid.lengths.astype(np.float64)
    yield from figures.by_row(own, alike, _errors(laid, laid.naive, both), asked)


def _errors(laid: Points, guess: Floats, used: Flags) -> Floats:
    return errors(laid.truth, guess, laid.scale, used, laid.starts, laid.lengths)


def _of_days(laid: Points) -> Iterator[figures.Figure]:
    if not {"day", "day_steps", "time"} <= set(laid.rows.columns):
        return
    keys = laid.rows.select("series", "method", "origin", "day")
    begins = (keys != keys.shift(1)).select(pl.any_horizontal(pl.all()).fill_null(value=True))
    begun = begins.to_series().to_numpy().copy()
    begun[laid.starts] = True
    day = np.cumsum(begun).astype(np.int64)
    time = laid.rows["time"].dt.epoch("us").to_numpy()
    steps = laid.rows["day_steps"].cast(pl.Int64).to_numpy()
    used = ~np.isnan(laid.truth) & ~np.isnan(laid.value)
    both = used & ~np.isnan(laid.naive)
    sides = ((laid.value, used), (laid.value, both), (laid.naive, both))
    where = laid.starts, laid.lengths
    yield from figures.by_day(
        *(peaks.days(laid.truth, guess, time, day, steps, rows, *where) for guess, rows in sides)
    )


def _of_quantiles(
    laid: Points, levels: tuple[float, ...], there: Flags
) -> Iterator[figures.Figure]:
    known, asked = np.array(levels), laid.lengths.astype(np.float64)
    used = there & ~np.isnan(laid.truth)
    both = used & ~np.isnan(laid.naive)
    own = _pinballs(laid, known, used)
    alike = own if np.array_equal(used, both) else _pinballs(laid, known, both)
    naive = _errors(laid, laid.naive, both)
    with np.errstate(over="ignore", invalid="ignore"):
        under = (naive[ABSOLUTE] - naive[SIGNED]) / 2
        over = (naive[ABSOLUTE] + naive[SIGNED]) / 2
        sided = known[:, None] * under + (1 - known[:, None]) * over
    n = own[-1]
    yield from figures.by_level(levels, own, alike, np.vstack((sided, naive[COUNT])), n, asked)
    low, high = _pairs(levels)
    if len(low):
        shares = (known[high] - known[low]).round(12)
        where = used, laid.starts, laid.lengths
        inside = intervals(laid.truth, laid.quantiles, low, high, 1 - shares, *where)
        yield from figures.by_interval(tuple(shares.tolist()), inside, n, asked)


def _pinballs(laid: Points, levels: Floats, used: Flags) -> Floats:
    losses = pinballs(laid.truth, laid.quantiles, levels, used, laid.starts, laid.lengths)
    return np.vstack((losses, add_up(used, laid.lengths)))


def _pairs(levels: tuple[float, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of levels that are the two ends of an interval around the middle."""
    pairs = [
        (low, high)
        for low in range(len(levels))
        for high in range(low + 1, len(levels))
        if abs(levels[low] + levels[high] - 1) < _CLOSE
    ]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0].copy(), found[:, 1].copy()


def _table(
    groups: pl.DataFrame,
    found: Sequence[tuple[figures.Figure, tuple[Floats, Floats, Floats]]],
    levels: int,
) -> pl.DataFrame:
    """Return a row per group and metric, group after group."""
    each = [one for one, _ in found]
    why = [figures.reasons(one, *seen) for one, seen in found]
    told = zip(each, why, strict=True)
    skill, no_skill = zip(*(figures.skills(*one) for one in told), strict=True)
    numbers: dict[str, Sequence[Floats]] = {
        "value": [one.value for one in each],
        "naive": [one.naive for one in each],
        "skill": skill,
    }
    counts = {"n": [one.n for one in each], "left_out": [one.asked - one.n for one in each]}
    named = pl.DataFrame(
        {
            "metric": [one.metric for one in each],
            "level": pl.Series([one.level for one in each], dtype=pl.Float64),
            "quantiles": pl.Series(
                [levels if one.metric == "crps" else None for one in each], dtype=pl.Int64
            ),
        }
    )
    reasons = pl.Series(figures.REASONS, dtype=pl.String)
    many = len(found[0][0].n)
    metric = named[np.tile(np.arange(len(each)), many)]
    columns = [
        *(groups[name].gather(np.repeat(np.arange(many), len(each))) for name in groups.columns),
        metric["metric"],
        metric["level"],
        *(
            pl.Series(name, _finite(_side_by_side(one))).fill_nan(None)
            for name, one in numbers.items()
        ),
        *(pl.Series(name, _side_by_side(one).astype(np.int64)) for name, one in counts.items()),
        metric["quantiles"],
        reasons[_side_by_side(why)].alias("reason"),
        reasons[_side_by_side(no_skill)].alias("skill_reason"),
    ]
    return pl.DataFrame(columns)


def _side_by_side(each: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the metrics of the first group, then those of the second, and so on."""
    return np.stack(each, axis=1).ravel()


def _finite(numbers: Floats) -> Floats:
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers
