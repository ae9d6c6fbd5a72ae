"""What the classifier sees of a row: its place, and the products of pairs of coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_multivariate.encoding import Points

    Floats = NDArray[np.float64]

PAIRED = 20
"""The most directions whose products are taken: 210 pairs."""
_FLAT = 1e-9
_APART = 1.01
"""How much longer the last coordinate is taken to be than the first, so that no two components are
equally large: of equal ones every processor has axes of its own."""


class Features(NamedTuple):
    """Rows as a linear classifier sees them."""

    values: Floats
    """Shape (rows, features), of mean 0 and variance 1."""
    owned: Floats
    """How much of each feature is each column's, shape (columns, features)."""

    def shares(self, told: Floats) -> Floats:
        """Return how much the columns tell, where it is known how much the features do."""
        found: Floats = np.maximum(self.owned @ told, 0.0)
        return found


def products(points: Points, columns: int) -> Features:
    """Return coordinates and the products of all pairs, squares included.

    Where there are more than 20 coordinates, the products are those of the rows' first 20
    principal components.

    Args:
        points: the rows.
        columns: how many columns they have.

    Example:
        >>> from argosy_multivariate.encoding import Points
        >>> square = Points(np.array([[-1.0, 2.0], [3.0, 0.0], [-1.0, 1.0]]), np.array([0, 1]))
        >>> products(square, 2).owned.tolist()
        [[1.0, 0.0, 1.0, 0.5, 0.0], [0.0, 1.0, 0.0, 0.5, 1.0]]
    """
    place = points.place - points.place.mean(0)
    owned = (points.owner == np.arange(columns)[:, None]).astype(np.float64)
    several, of = place, owned
    if place.shape[1] > PAIRED:
        # not of standardised coordinates: a column of many categories would count for as many
        apart = place * np.linspace(1, _APART, place.shape[1])
        _, axes = np.linalg.eigh(apart.T @ apart)
        axes = axes[:, ::-1][:, :PAIRED]
        several, of = place @ axes, owned @ np.square(axes)
    place = place / place.std(0)
    several = several / np.maximum(several.std(0), _FLAT)
    one, other = np.triu_indices(several.shape[1])
    pairs = several[:, one] * several[:, other]
    pairs -= pairs.mean(0)
    spread = pairs.std(0)
    pairs /= np.maximum(spread, _FLAT)
    varies = spread > _FLAT  # the square of a coin does not
    both = (of[:, one] + of[:, other]) / 2
    return Features(
        np.concatenate([place, pairs[:, varies]], axis=1),
        np.concatenate([owned, both[:, varies]], axis=1),
    )
