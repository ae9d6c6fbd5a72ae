"""Random numbers by name: the same for the same seed and numbers, in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)


def hashed(*parts: Any) -> Hashes:  # noqa: ANN401
    """Mix whole numbers, or arrays of them that fit together, into 64 bits each.

    Source: the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
    number generators", OOPSLA 2014), applied once per part.

    >>> hashed(7, [0, 1]).tolist() == [int(hashed(7, 0)), int(hashed(7, 1))]
    True
    """
    found = np.zeros(1, np.uint64)[0]
    with np.errstate(over="ignore"):
        for part in parts:
            found = (found ^ np.asarray(part).astype(np.int64).view(np.uint64)) + _STEP
            found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            found = found ^ (found >> np.uint64(31))
    return np.asarray(found)


def uniform(*parts: Any) -> NDArray[np.float64]:  # noqa: ANN401
    """Draw numbers from [0, 1) by name.

    >>> bool(abs(uniform(7, np.arange(10_000)).mean() - 0.5) < 0.01)
    True
    """
    drawn: NDArray[np.float64] = (hashed(*parts) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return drawn


def normal(*parts: Any) -> NDArray[np.float64]:  # noqa: ANN401
    """Draw standard normal numbers by name (Box and Muller 1958).

    >>> bool(abs(normal(7, np.arange(10_000)).std() - 1) < 0.02)
    True
    """
    radius = np.sqrt(-2 * np.log1p(-uniform(*parts, 1)))
    drawn: NDArray[np.float64] = np.multiply(radius, np.cos(2 * np.pi * uniform(*parts, 2)))
    return drawn
