"""Quantiles from a forecaster's own errors on origins that it had not learnt from.

Errors are shares of the level that a series had at the origin; the quantiles of each series and
block of leads are kept, and laid around what is forecast. Errors of the rows that were learnt from
would be too small, and make every interval too narrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.origins import Held

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

LEVELS = np.concatenate([[0.005, 0.01, 0.025], np.arange(1, 20) / 20, [0.975, 0.99, 0.995]])
"""Those that are kept; others lie on the line between them, and none beyond the outermost."""
FEWEST = 40
"""Errors of a block, below which a series has no quantiles there."""
_BLOCKS = 4


def spread(held: Held | None) -> dict[str, Any] | None:
    """Return the quantiles of errors by series and block of leads; None where none were held out.

    A level q is read at place q (n + 1) of n sorted errors, as conformal prediction has it, so that
    few errors give wider intervals than many.
    """
    if held is None or not held.forecasts.size:
        return None
    share = (held.truths - held.forecasts) / held.levels[:, :, None]
    parts = np.array_split(np.arange(len(held.leads)), min(_BLOCKS, len(held.leads)))
    found = np.full((len(share), len(parts), len(LEVELS)), np.nan)
    for place, part in enumerate(parts):
        errors = np.sort(share[:, :, part].reshape(len(share), -1), axis=1)
        count = np.count_nonzero(np.isfinite(errors), axis=1)
        at = np.clip(LEVELS * (count[:, None] + 1) - 1, 0, np.maximum(count - 1, 0)[:, None])
        low = np.floor(at).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(count - 1, 0)[:, None])
        below = np.take_along_axis(errors, low, axis=1)
        above = np.take_along_axis(errors, high, axis=1)
        found[:, place] = below + (above - below) * (at - low)
        found[count < FEWEST, place] = np.nan
    begins = np.array([int(held.leads[part[0]]) for part in parts])
    return {"begins": begins, "errors": found}


def quantiles(
    kept: Mapping[str, Any],
    place: Ints,
    leads: Ints,
    values: Floats,
    size: Floats,
    levels: tuple[float, ...],
) -> Floats:
    """Return quantiles around forecasts.

    Args:
        kept: what `spread` returned.
        place: of each series among those that it was made of; shape (S,).
        leads: shape (H,).
        values: the forecasts; shape (S, H).
        size: how large each series is; shape (S,).
        levels: K of them, between 0 and 1.

    Returns:
        Shape (S, H, K); NaN where there are none.
    """
    block = np.maximum(np.searchsorted(kept["begins"], leads, "right") - 1, 0)
    errors = kept["errors"][place]
    right = np.clip(np.searchsorted(LEVELS, levels), 1, len(LEVELS) - 1)
    share = np.clip((np.array(levels) - LEVELS[right - 1]) / np.diff(LEVELS)[right - 1], 0, 1)
    between: Floats = errors[..., right - 1] * (1 - share) + errors[..., right] * share
    return values[:, :, None] + between[:, block] * size[:, None, None]
