"""The loop over class codes that adds up weights by cell and batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from argosy_metrics.groups import Floats, Ints


@compiled
def batched_cells(
    truth: Floats,
    prediction: Floats,
    weight: Floats,
    starts: Ints,
    lengths: Ints,
    batch: Ints,
    counts: Ints,
) -> Floats:
    """Add up the weights of each batch by cell, where truth and prediction are 1 or not.

    Returns:
        Shape (4, batches), those of each group after those before.
    """
    sums = np.zeros((4, counts.sum()))
    first = 0
    for group in range(len(lengths)):
        if counts[group] > 0:
            for k in range(starts[group], starts[group] + lengths[group]):
                cell = 2 * (truth[k] == 1.0) + (prediction[k] == 1.0)
                sums[cell, first + batch[k]] += weight[k]
            first += counts[group]
    return sums
