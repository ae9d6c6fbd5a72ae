"""Find every change of a series, not only the clearest: each part is looked at by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from argosy_sequential.dispersion import LEAST, dispersion

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from argosy_sequential.answer import Found
    from argosy_sequential.series import Series

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Test = Callable[[Floats, Floats, Floats, Floats], Found]
    """What finds the clearest change of each series, given the values per bucket and their means,
    of shape (series, buckets), the variance and the reach."""


def clearest(series: Series, noise: Floats, test: Test) -> Found:
    """Find the clearest change of each series.

    Args:
        series: whose first bucket is the reference.
        noise: by how much their windows vary more than their rows explain, shape (series,).
        test: what finds it.
    """
    return test(series.n, series.centred(), series.spread() * noise, series.reach)


def changes(
    series: Series, noise: Floats, chosen: Ints, first: Ints, many: Ints, test: Test, level: float
) -> list[list[int]]:
    """Return the buckets with which changes began, in order.

    What lies before a change and what lies after it are tested as the whole was, again and again.
    The p-value of a part counts as often as there are parts and series.

    Args:
        series: of all columns.
        noise: by how much their windows vary more than their rows explain, shape (series,).
        chosen: which of them are asked about.
        first: the bucket with which the clearest change of each began.
        many: the series that each was chosen from.
        test: what finds a change.
        level: below which a change counts.

    Source: Vostrikova, "Detecting disorder in multidimensional random processes", Soviet
    Mathematics Doklady 24 (1981).
    """
    found = [{int(bucket)} for bucket in first]
    end = series.n.shape[1]
    place = np.arange(end)
    usual = noise[chosen]
    owner = np.repeat(np.arange(len(chosen)), 2)
    low = np.stack([np.zeros_like(first), first], axis=1).ravel()
    high = np.stack([first, np.full_like(first, end)], axis=1).ravel()
    while len(owner):
        inside = (place >= low[:, None]) & (place < high[:, None])
        of = chosen[owner]
        part = _part(series, of, inside)
        windows = np.count_nonzero(part.n[:, 1:] > 0, axis=1)
        told = clearest(part, np.where(windows > LEAST, dispersion(part), usual[owner]), test)
        parts = np.array([len(one) + 1 for one in found])[owner]
        within = (told.bucket > low) & (told.bucket < high)
        clear = within & (told.p_value * many[owner] * parts < level)
        for one, bucket in zip(owner[clear], told.bucket[clear], strict=True):
            found[one].add(int(bucket))
        owner, cut = np.repeat(owner[clear], 2), told.bucket[clear]
        low, high = (
            np.stack(pair, axis=1).ravel() for pair in ((low[clear], cut), (cut, high[clear]))
        )
    return [sorted(one) for one in found]


def _part(series: Series, of: Ints, inside: NDArray[np.bool_]) -> Series:
    """Return some series, of which only some buckets have values."""
    return replace(
        series,
        row=series.row[of],
        what=[series.what[place] for place in of],
        n=np.where(inside, series.n[of], 0.0),
        mean=np.where(inside, series.mean[of], 0.0),
        variance=np.where(inside, series.variance[of], 0.0),
        unit=series.unit[of],
        reach=series.reach[of],
    )
