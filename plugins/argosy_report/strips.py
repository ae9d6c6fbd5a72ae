"""How good models are: the spread of one metric over the models of each group.

A mean over a fleet says that all is well while a tenth of it is useless. So each group shows
its 5th percentile, median and 95th percentile, and its models: as dots while dots can be told
apart, as a histogram beyond that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.plugins import installed
from argosy.views.facts import in_order
from argosy_report.groups import grouped
from argosy_report.wording import count, number, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

WIDTH, HEIGHT = 600, 30

_ROWS = 30
_DOTS = 150
_MARGIN = 4
_BINS = 100


@dataclass(frozen=True, slots=True)
class Strip:
    """One group's models on the axis of their task's metric."""

    label: str
    models: int
    undefined: int
    """How many of them have no value."""
    low: str
    median: str
    high: str
    marks: tuple[float, float, float] | None
    """Where the 5th percentile, the median and the 95th percentile are; null without values."""
    dots: Sequence[float]
    bars: str
    """SVG path of a histogram, where dots would overlap."""
    beyond: str
    """How many models lie outside the axis; empty where none does."""


@dataclass(frozen=True, slots=True)
class Task:
    """The main metric of one task, all of it measured on data of one role and in one window."""

    task: str
    metric: str
    of: str
    """What was measured: the role, and which rows of it."""
    elsewhere: int
    """How many models were measured in older windows, and are left out."""
    better: str | None
    """Which direction is good: `higher`, `lower` or `nearer to 0`; null where no plugin says so."""
    noun: str
    low: str
    """Where the axis begins."""
    high: str
    """Where it ends."""
    strips: Sequence[Strip]


def tasks(scores: pl.DataFrame, models: pl.DataFrame) -> list[Task]:
    """Spread each task's main metric over groups of models.

    The main metric is the first of `TaskKind.metrics` that was measured, else the one that most
    models have. Numbers of several roles, of all rows and of windows, never share an axis: each
    role has a figure of all rows, and one of the newest window of those that were cut.

    >>> from argosy_report.facts import MODELS, SCORES
    >>> names = [f"m{i}" for i in range(101)]
    >>> models = pl.DataFrame([{"model": name} for name in names], schema=MODELS)
    >>> scores = pl.DataFrame([{"model": name, "task": "binary", "metric": "auc", "value": i / 100}
    ...                        for i, name in enumerate(names)], schema=SCORES)
    >>> [(s.low, s.median, s.high) for s in tasks(scores, models)[0].strips]
    [('0.0500', '0.500', '0.950')]
    """
    found = scores.filter(pl.col("metric").is_not_null(), pl.col("task").is_not_null())
    of = [pl.col("task"), pl.col("dataset"), pl.col("window").is_not_null().alias("cut")]
    parts = found.sort(*of, nulls_last=False, maintain_order=True).group_by(of, maintain_order=True)
    drawn = (_task(str(task), rows, models) for (task, *_), rows in parts)
    return [task for task in drawn if task]


def _task(task: str, scores: pl.DataFrame, models: pl.DataFrame) -> Task | None:
    """Draw what was measured of one role, all of it on all rows or all of it in windows."""
    known = scores.filter(pl.col("value").is_finite())
    if known.is_empty():
        return None
    every = scores["model"].n_unique()
    newest = known.sort(*in_order(), nulls_last=False, maintain_order=True).tail(1)
    dataset, window = newest.select("dataset", "window").row(0)
    key = ["window", "window_start", "window_end"]
    scores = scores.join(newest.select(key), on=key, how="semi", nulls_equal=True)
    metric = _main(task, known.join(newest.select(key), on=key, how="semi", nulls_equal=True))
    chosen = scores.filter(pl.col("metric") == metric)
    rows = "all rows" if window is None else f"the window {shown(window, 40)}"
    better = chosen["better"][0]
    finite = pl.when(pl.col("value").is_finite()).then("value")
    groups = grouped(models.join(chosen.select("model", finite), on="model"), _ROWS)
    low, high = _axis(groups.models["value"].drop_nulls().to_numpy())
    strips = [
        _strip(label, groups.models.filter(pl.col("group") == index)["value"], low, high)
        for index, label in enumerate(groups.labels)
    ]
    return Task(
        shown(task, 20),
        shown(metric),
        f"on '{shown(dataset, 40)}', {rows}",
        every - scores["model"].n_unique(),
        better,
        groups.noun,
        number(low),
        number(high),
        strips,
    )


def _main(task: str, known: pl.DataFrame) -> str:
    """Choose the metric that is drawn: as the task says, else what most models have."""
    counted = known.group_by("metric").agg(models=pl.col("model").n_unique())
    measured = counted.sort("models", "metric", descending=[True, False])["metric"].to_list()
    kind = installed().tasks.get(task)
    preferred = kind.metrics if kind else ()
    return str(next((name for name in preferred if name in measured), measured[0]))


def _axis(values: Values) -> tuple[float, float]:
    """Span all values, unless a few far ones would squeeze the rest into a corner."""
    low, high = np.quantile(values, [0.05, 0.95])
    room = 2 * (high - low)
    least, most = values.min(), values.max()
    return (max(least, low - room), min(most, high + room)) if room else (least, most)


def _strip(label: str, values: pl.Series, low: float, high: float) -> Strip:
    known = values.drop_nulls().to_numpy()
    head = (label, len(values), len(values) - len(known))
    if not len(known):
        return Strip(*head, "–", "–", "–", None, (), "", "")
    p5, median, p95 = np.quantile(known, [0.05, 0.5, 0.95])
    places = _places(known, low, high)
    few = len(known) <= _DOTS
    left, middle, right = _places(np.array([p5, median, p95]), low, high).round(1).tolist()
    return Strip(
        *head,
        low=number(p5, aligned=True),
        median=number(median, aligned=True),
        high=number(p95, aligned=True),
        marks=(left, middle, right),
        dots=np.unique(places.round(1)).tolist() if few else (),
        bars="" if few else _histogram(places),
        beyond=_beyond(known, low, high),
    )


def _places(values: Values, low: float, high: float) -> Values:
    """Put values on the axis; what lies beyond an end goes to that end."""
    if low == high:
        return np.full(len(values), WIDTH / 2)
    return _MARGIN + (values.clip(low, high) - low) * (WIDTH - 2 * _MARGIN) / (high - low)


def _beyond(values: Values, low: float, high: float) -> str:
    below, above = int((values < low).sum()), int((values > high).sum())
    told = []
    if below:
        least = number(float(values.min()))
        told.append(f"{count(below, 'model')} below {number(low)}, the lowest {least}")
    if above:
        most = number(float(values.max()))
        told.append(f"{count(above, 'model')} above {number(high)}, the highest {most}")
    return "; ".join(told)


def _histogram(places: Values) -> str:
    """Draw a bar per bin; a bin with any model is tall enough to be seen."""
    counts, edges = np.histogram(places, bins=_BINS, range=(0, WIDTH))
    wide, floor = WIDTH / _BINS - 1, HEIGHT - 6
    heights = np.maximum(2, counts / counts.max() * (floor - 2))
    return "".join(
        f"M{x:.0f} {floor}v-{height:.1f}h{wide:.0f}V{floor}z"
        for x, height, n in zip(edges, heights, counts, strict=False)
        if n
    )
