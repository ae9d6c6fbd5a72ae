"""Many lists are sorted at once, each as NumPy sorts it."""

import numpy as np
import pytest

from argosy.kernels import order

from .draws import DRAWS


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_every_list_is_sorted_as_numpy_sorts_it(draw):
    """Stably, NaN last; crowded values take the long way round."""
    rng = np.random.default_rng(1)
    lengths = np.append(rng.integers(0, 60, 40), [0, 1, 2, 24, 25, 1000, 5000])
    starts = np.cumsum(lengths) - lengths
    values = draw(rng, lengths.sum())
    found = order(values, starts, lengths)

    for start, length in zip(starts, lengths, strict=True):
        part = slice(start, start + length)
        assert np.array_equal(np.argsort(values[part], kind="stable") + start, found[part])
