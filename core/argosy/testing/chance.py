"""How often something rare may happen before it is no accident any more."""

from __future__ import annotations

import math

_SURE = 1e-4
"""The chance with which an honest count lies above what `at_most` says."""


def at_most(expected: float) -> int:
    """Return the greatest count that is still likely of independent events, by Poisson.

    >>> at_most(4), at_most(0.3), at_most(200)
    (13, 4, 255)
    """
    count, term = 0, math.exp(-expected)
    below = term
    while 1 - below > _SURE:
        count += 1
        term *= expected / count
        below += term
    return count
