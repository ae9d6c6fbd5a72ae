"""What a comparison answers, and the reasons why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from argosy.kernels.answers import WORTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Cases = Sequence[tuple[NDArray[np.bool_], str]]

FEWEST = 20
"""Means of fewer rows are too far from normal for a test that takes them to be."""
CONFIDENCE = 0.975
"""The quantile on either side of an interval that holds 95 of 100."""

WEIGHTED = "its rows have weights, and this test counts all alike; `bootstrap` heeds them"
NO_VARIANCE = "the difference is the same in every row, so there is no variance to judge it by"
NO_SCORES = "one of the models gives no scores"
SOME_SCORES = "some rows have no score"
NO_ROWS = "there are no rows"
ONE_BATCH = "its rows are all of one time or cluster, so nothing says how they vary"
FEW_ROWS = f"fewer than {FEWEST} rows"


HAIR = 1e-12
"""A standard error below this share of its effect is rounding."""


class Found(NamedTuple):
    """What is known of every pair: the two values of a metric, and their difference tested."""

    champion: Floats
    challenger: Floats
    effect: Floats
    """Positive where the challenger is better."""
    lower: Floats
    upper: Floats
    p_value: Floats


def by_t(
    champion: Floats, challenger: Floats, effect: Floats, error: Floats, freedom: Floats
) -> Found:
    """Test effects whose standard error is estimated with some degrees of freedom.

    An effect of zero without any error is no difference at all: its p-value is 1.

    Example:
        >>> one = np.ones(1)
        >>> found = by_t(one, one + 1, one, one / 2, one * 20)
        >>> round(float(found.p_value[0]), 4), round(float(found.lower[0]), 3)
        (0.0593, -0.043)
    """
    from scipy.special import stdtr, stdtrit

    same = (effect == 0) & (error == 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        p_value = 2 * stdtr(freedom, -np.abs(effect) / error)
        half = stdtrit(freedom, CONFIDENCE) * error
    p_value, half = np.where(same, 1.0, p_value), np.where(same, 0.0, half)
    return Found(champion, challenger, effect, effect - half, effect + half, p_value)


def unvaried(effect: Floats, error: Floats) -> NDArray[np.bool_]:
    """Say of each pair whether it differs, but without any variance to judge that by.

    Example:
        >>> unvaried(np.array([0.0, 0.2, 0.2]), np.array([0.0, 1e-17, 0.1])).tolist()
        [False, True, False]
    """
    still: NDArray[np.bool_] = (effect != 0) & (error <= HAIR * np.abs(effect))
    return still


def reasons(cases: Cases, pairs: int) -> list[str | None]:
    """Return the reason of the first case that holds for each pair, or None.

    Example:
        >>> reasons([(np.array([True, False]), "no rows")], 2)
        ['no rows', None]
    """
    found: list[str | None] = [None] * pairs
    for holds, reason in reversed(cases):
        for place in np.flatnonzero(holds).tolist():
            found[place] = reason
    return found


def told(
    found: Found, undefined: Sequence[str | None], worth: Floats | None = None
) -> pa.StructArray:
    """Make the column of one metric; a pair with a reason has no test, and what values it has.

    Args:
        found: what is known of every pair.
        undefined: why it has no test, or None.
        worth: how many independent rows its rows are worth; NaN, or None altogether, where unknown.

    Example:
        >>> half = np.array([0.5])
        >>> told(Found(half, half, half, half, half, half), ["no rows"]).to_pylist()
        [{'champion': 0.5, 'challenger': 0.5, 'effect': 0.5, 'lower': None, 'upper': None,
          'p_value': None, 'reason': 'no rows'}]
    """
    absent = np.array([reason is not None for reason in undefined], bool)
    columns = []
    for name, numbers in found._asdict().items():
        untested = absent if name in {"lower", "upper", "p_value"} else ~np.isfinite(numbers)
        columns.append(pa.array(numbers, pa.float64(), mask=untested))
    names = [*Found._fields, "reason"]
    if worth is not None:
        names.insert(-1, WORTH)
        columns.append(pa.array(worth, pa.float64(), mask=~np.isfinite(worth)))
    return pa.StructArray.from_arrays([*columns, pa.array(undefined, pa.string())], names)
