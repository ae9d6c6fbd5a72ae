"""Covariates that are known ahead, such as a weather forecast, as columns of a regression.

Each is measured in its own standard deviations, and bends at its mean and one deviation to either
side, since load rises with heat and with cold. What it was at the nearest lag stands beside, since
what is told is the step from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from argosy.errors import BadInput
from argosy.kernels import across

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.call import Call

    Floats = NDArray[np.float64]


def scales(call: Call, names: Sequence[str]) -> dict[str, Any]:
    """Return the mean and the width of covariates over a history; shape (C, S).

    Raises:
        BadInput: for one that the history does not have.
    """
    values = _columns(call.past, names, "history", len(call.names), len(call.times))
    there = np.isfinite(values)
    count = np.maximum(np.count_nonzero(there, axis=2), 1)
    mean = across(np.where(there, values, 0.0)) / count
    gaps = np.where(there, values - mean[:, :, None], 0.0)
    width = np.sqrt(across(gaps * gaps) / count)
    return {"mean": mean, "width": np.where(width > 0, width, 1.0)}


def measured(
    call: Call, names: Sequence[str], mean: Floats, width: Floats, before: int = 0
) -> Floats:
    """Return covariates over a history and what is asked, in standard deviations.

    Args:
        call: the tables.
        names: of the covariates, C of them.
        mean: shape (C, S).
        width: shape (C, S).
        before: how many unknown rows stand before the history.

    Returns:
        Shape (C, S, before + T + the last lead); NaN is unknown.
    """
    n, length = len(call.names), len(call.times)
    past = _columns(call.past, names, "history", n, length)
    last = int(call.leads[-1]) if len(call.leads) else 0
    found = np.full((len(names), n, before + length + last), np.nan)
    found[:, :, before : before + length] = past
    if last:
        ahead = _columns(call.ahead, names, "table of what is asked", n, len(call.leads))
        found[:, :, before + length - 1 + call.leads] = ahead
    return (found - mean[:, :, None]) / width[:, :, None]


def bent(values: Floats) -> Floats:
    """Return a value and what it is above and below its bends, along a new last axis."""
    above = [np.maximum(values - bend, 0.0) for bend in (0.0, 1.0)]
    return np.stack([values, *above, np.maximum(-1.0 - values, 0.0)], axis=-1)


def _columns(
    given: Mapping[str, Floats], names: Sequence[str], what: str, n: int, width: int
) -> Floats:
    for name in names:
        if name not in given:
            raise BadInput(
                f"the {what} has no column of numbers {name!r}, which `ahead` names; there are"
                f" {', '.join(given) or 'none'}"
            )
    found: Floats = np.array([given[name] for name in names], float).reshape(len(names), n, width)
    return found
