"""Test gaps by permuting which rows of a model are of the slice.

Every metric of a slice is tested on the same draws, until a hundred of them reach its gap on
either side, or after 100,000. Of gaps that fewer than ten reach, the greatest ones tell how their
tail goes on. The p-value is twice that of the side with fewer.

What is told well enough is drawn no more: a p-value that is too great to matter in its run, once
ten draws or the tail of 10,000 tell it; one that is surely small enough after 10,000; and a gap ten
standard deviations off after 1,000.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.errors import PluginError
from argosy.kernels import sums
from argosy.plugins import call
from argosy_evaluate.draws import Design, drawn
from argosy_evaluate.tails import tail
from argosy_scoring.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.types import Metric

    Bits = NDArray[np.uint8]
    Floats = NDArray[np.float64]

REACHED = 100
"""So many draws must reach a gap on either side; where they do, no more are needed."""
SOME = 10
"""Where fewer reach it the tail tells; where these do and it cannot matter, no more are needed."""
STEPS = (100, 1_000, 3_000, 10_000, 40_000, 100_000)
"""How many draws there are when it is looked whether more are needed."""
SLOW = 10_000
"""The most draws of a metric that has no `parts`, which takes some microseconds per row."""
ROWS = 1 << 31
"""The most rows that are drawn for a slice, and of a metric without `parts` a tenth of it."""
AT_ONCE = 1 << 22
"""Rows that are drawn at a time."""
FAR = 10.0
"""So many standard deviations off, a gap is no chance, however its tail goes on."""
SURE = 200
"""A p-value so many times below the one that matters is small enough after 10,000 draws."""
_ROUNDING = 1e-12


class Told(NamedTuple):
    """What permutations say of the gaps of a slice, one element per metric."""

    p_value: Floats
    """NaN where the gap is undefined, or a plugin failed."""
    spread: Floats
    """The standard deviation of the gaps that were drawn."""


def seed_of(seed: int, *key: object) -> int:
    """Return the seed of a slice, whatever else is drawn beside it.

    >>> seed_of(0, "m", "1") == seed_of(0, "m", "1") != seed_of(1, "m", "1")
    True
    """
    return int.from_bytes(blake2b(repr((seed, *key)).encode(), digest_size=8).digest(), "little")


def permuted(
    group: Predictions, metrics: Sequence[Metric], design: Design, seed: int, worth: float = 1.0
) -> Told:
    """Test the gaps of a slice of one group.

    Args:
        group: all rows of the group.
        metrics: whose gaps are tested.
        design: which rows are of the slice, and how that may be permuted.
        seed: of the slice.
        worth: a p-value above this does not matter.
    """
    rows = len(design.labels)
    found = Told(np.full(len(metrics), np.nan), np.full(len(metrics), np.nan))
    quick = np.array([_is_quick(group, metric, design.labels) for metric in metrics], np.bool_)
    for asked, most, work in ((quick, STEPS[-1], ROWS), (~quick, SLOW, ROWS // 10)):
        places = np.flatnonzero(asked)
        if len(places):
            chosen = [metrics[place] for place in places.tolist()]
            many = min(max(work // rows, STEPS[1]), most)
            own = _tested(_Asked(group, chosen, asked is quick), design, seed, many, worth)
            for numbers, some in zip(found, own, strict=True):
                numbers[places] = some
    return found


def _is_quick(group: Predictions, metric: Metric, labels: Bits) -> bool:
    """Say whether a metric has a quick way to measure parts of a group."""
    if metric.parts is None:
        return False
    try:
        asked = group.table(), labels[None], [metric.name]
        found = call("metrics", metric.name, metric.parts, *asked, answers=object)
    except PluginError:
        return False
    return isinstance(found, np.ndarray) and found.shape == (1, 2, 1)


class _Asked(NamedTuple):
    """What is measured: metrics of parts of a group, all of them quickly or none."""

    group: Predictions
    metrics: Sequence[Metric]
    quick: bool

    def only(self, places: NDArray[np.int64]) -> _Asked:
        return self._replace(metrics=[self.metrics[place] for place in places.tolist()])


def _tested(asked: _Asked, design: Design, seed: int, most: int, worth: float) -> Told:
    observed = _gaps(asked, design.labels[None])[:, 0]
    left = np.flatnonzero(np.isfinite(observed))
    p, spread = np.full(len(observed), np.nan), np.full(len(observed), np.nan)
    gaps = [np.zeros(0)] * len(observed)
    size = max(1, AT_ONCE // len(design.labels))
    before = 0
    for step in (*(step for step in STEPS if step < most), most):
        if not len(left):
            break
        some = asked.only(left)
        fresh = [
            _gaps(some, drawn(design, seed, first, min(size, step - first)))
            for first in range(before, step, size)
        ]
        done = np.zeros(len(left), np.bool_)
        for place, one in enumerate(left):
            gaps[one] = np.concatenate([gaps[one], *(part[place] for part in fresh)])
            p[one], spread[one], done[place] = _told(gaps[one], observed[one], worth)
        left, before = left[~done], step
    return Told(p, spread)


def _told(gaps: Floats, observed: float, worth: float) -> tuple[float, float, bool]:
    """Return the p-value, the standard deviation, and whether more draws are not worth it."""
    many, known = len(gaps), gaps[~np.isnan(gaps)]
    margin = _ROUNDING * max(abs(observed), 1e-3)
    unknown = many - len(known)  # reaches it on either side, for all that one can tell
    above = unknown + int(np.count_nonzero(known >= observed - margin))
    below = unknown + int(np.count_nonzero(known <= observed + margin))
    reached = min(above, below)
    p, (middle, spread) = (reached + 1) / (many + 1), _moments(known)
    far = not unknown and abs(observed - middle) > FAR * spread
    if reached < SOME and many >= STEPS[1] and not unknown:
        side = 1 if above <= below else -1
        p = tail(side * gaps, side * observed, far)
    p = min(2 * p, 1.0)
    told = reached >= SOME or many >= STEPS[3] or (far and many >= STEPS[1])
    sure = many >= STEPS[3] and p < worth / SURE
    return p, spread, reached >= REACHED or sure or (told and (p > worth or far))


def _moments(gaps: Floats) -> tuple[float, float]:
    """Return the mean and the standard deviation of gaps; NaN of fewer than two."""
    if len(gaps) < 2:
        return np.nan, np.nan
    size = np.array([len(gaps)])
    middle = float(sums(gaps, size)[0]) / len(gaps)
    return middle, float((sums((gaps - middle) ** 2, size)[0] / (len(gaps) - 1)) ** 0.5)


def _gaps(asked: _Asked, inside: Bits) -> Floats:
    """Return the gaps of many parts of a group; shape (metrics, parts), NaN where undefined."""
    group, metrics, quick = asked
    found = np.full((len(metrics), len(inside)), np.nan)
    families: dict[int, list[int]] = {}
    for place, metric in enumerate(metrics):
        families.setdefault(id(metric.parts if quick else metric.measure), []).append(place)
    table = group.table() if quick else _taken(group, inside)
    for places in families.values():
        names, one = [metrics[place].name for place in places], metrics[places[0]]
        ask = "metrics", names[0]
        try:
            if quick:
                handed = table, inside, names
                values = call(*ask, one.parts, *handed, answers=np.ndarray)  # type: ignore[arg-type]
                found[places] = values[:, 0] - values[:, 1]
            else:
                answers = call(*ask, one.measure, table, names, answers=pa.Table)
                values = _values(pl.DataFrame(answers), names)
                found[places] = values[:, 0::2] - values[:, 1::2]
        except (PluginError, pl.exceptions.PolarsError, ValueError):
            continue  # what it answers for the rows as they are is told; this has no p-value
    return found


def _values(answers: pl.DataFrame, names: Sequence[str]) -> Floats:
    each = [
        answers.select(
            pl.when(pl.col(name).struct.field("reason").is_null()).then(
                pl.col(name).struct.field("value").cast(pl.Float64)
            )
        )
        for name in names
    ]
    return np.stack([one.to_series().to_numpy() for one in each]).astype(np.float64)


def _taken(group: Predictions, inside: Bits) -> pa.Table:
    """Lay out the rows of every part, and after them those that it leaves."""
    many, rows = inside.shape
    order = np.argsort(1 - inside, axis=1, kind="stable")
    own = np.count_nonzero(inside, axis=1)
    lengths = np.stack([own, rows - own], axis=1).ravel().astype(np.int64)
    groups = group.groups[np.zeros(2 * many, np.int64)]
    return Predictions(group.rows[order.ravel()], groups, lengths).table()
