"""Rows that depend on each other: what the calibration of verdicts and intervals is tried on.

Each process is a function of a generator and a shape, rows first, and gives series side by side
that do not depend on each other, each with mean 0; only what a process is called is known to whom
it is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from scipy.signal import lfilter

Floats = np.ndarray
Draw = Callable[[np.random.Generator, tuple[int, int]], Floats]
START = datetime(2026, 1, 1)


def independent(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    return rng.standard_normal(shape)


def autoregressive(phi: float, lag: int = 1) -> Draw:
    """x[t] = phi x[t - lag] + noise, of standard deviation 1, begun long before."""

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
        before = min(20_000, int(lag * 10 / (1 - phi)))
        noise = rng.standard_normal((before + shape[0], shape[1]))
        weights = np.zeros(lag + 1)
        weights[0], weights[lag] = 1, -phi
        return lfilter([(1 - phi**2) ** 0.5], weights, noise, axis=0)[before:]

    return draw


def noisy(phi: float) -> Draw:
    """Half of the variance is an autoregression, half is noise."""
    slow = autoregressive(phi)
    return lambda rng, shape: (slow(rng, shape) + rng.standard_normal(shape)) / 2**0.5


def day_effects(share: float, each: int) -> Draw:
    """Days of so many rows have a part in common, which is a share of the variance."""

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
        days = rng.standard_normal((-(-shape[0] // each), shape[1]))
        common = np.repeat(days, each, axis=0)[: shape[0]]
        return share**0.5 * common + (1 - share) ** 0.5 * rng.standard_normal(shape)

    return draw


def varying_scale(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Let the logarithm of the scale be an autoregression of 0.95, of standard deviation 0.5."""
    return np.exp(0.5 * autoregressive(0.95)(rng, shape)) * rng.standard_normal(shape)


def random_walk(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    return rng.standard_normal(shape).cumsum(axis=0)


def sticky_levels(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Five levels, of which nine rows of ten take that of the row before."""
    fresh = rng.choice(5, shape, p=(0.4, 0.3, 0.15, 0.1, 0.05))
    changes = rng.random(shape) >= 0.9
    changes[0] = True
    newest = np.maximum.accumulate(np.where(changes, np.arange(shape[0])[:, None], 0), axis=0)
    return np.take_along_axis(fresh, newest, axis=0)


def nulls_in_runs(rng: np.random.Generator, shape: tuple[int, int], each: int = 12) -> Floats:
    """Independent numbers, of which a tenth is missing, in runs of twelve rows."""
    blocks = rng.random((-(-shape[0] // each) + 1, shape[1])) < 0.1
    missing = np.repeat(blocks, each, axis=0)
    first = rng.integers(0, each, shape[1])
    places = first[None, :] + np.arange(shape[0])[:, None]
    lost = np.take_along_axis(missing, places, axis=0)
    return np.where(lost, np.nan, rng.standard_normal(shape))


@dataclass(frozen=True)
class Setting:
    """A process, and what is done to some of the models after their reference."""

    name: str
    draw: Draw
    per_day: int = 24
    shifted: float = 0.0
    """The share of models of which columns move."""
    by: float = 0.0
    """How far, in standard deviations."""
    columns: int = 0
    """How many of a model's columns."""
    unknown: bool = False
    """Whether rows are worth too little to be judged."""


def times(rows: int, per_day: int) -> pl.Series:
    step = timedelta(days=1) / per_day
    return pl.Series("time", [START + place * step for place in range(rows)])


def sides(
    setting: Setting, models: int, columns: int, rows: int, seed: int
) -> tuple[dict[str, pl.DataFrame], set[str]]:
    """Return the `reference` and `current` rows of some models, and the names of those that moved.

    Args:
        setting: the process.
        models: how many.
        columns: of each.
        rows: on either side, one after the other in time.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    drawn = setting.draw(rng, (2 * rows, models * columns))
    names = [f"{place:04}" for place in range(models)]
    moved = rng.choice(models, round(setting.shifted * models), replace=False)
    for place in moved:
        drawn[rows:, place * columns : place * columns + setting.columns] += setting.by
    cells = drawn.reshape(2 * rows, models, columns).transpose(1, 0, 2)
    at = times(2 * rows, setting.per_day)
    found = {}
    for role, part in (("reference", slice(None, rows)), ("current", slice(rows, None))):
        flat = cells[:, part].reshape(-1, columns)
        values = {f"x{place:02}": _column(flat[:, place]) for place in range(columns)}
        found[role] = pl.DataFrame(
            {
                "model": np.repeat(names, rows),
                "time": pl.concat([at[part]] * models),
                **values,
            }
        )
    return found, {names[place] for place in moved}


def _column(values: Floats) -> pl.Series:
    column = pl.Series(values)
    if column.dtype.is_integer():
        return column.cast(pl.String)
    return column.fill_nan(None)
