"""Evidence against two proportions being equal that may be looked at after every batch.

For a batch of n_c customers under control and n_t under treatment, and any rates a and b fixed
before it came, the likelihood of the batch under (a, b) over its likelihood under the one rate
(n_c a + n_t b) / (n_c + n_t) has an expectation of at most 1 whatever rate both groups share:
it is an e-variable, for batches of any size. Products over batches are an e-process, and so are
averages of those. By Ville's inequality it ever exceeds 1/alpha with a probability of at most
alpha, so nobody need say beforehand when they will look, or stop.

Here a and b lie a fixed log odds ratio apart, around the rate of all that came before; the
average is over ratios of either sign. Before anything is known of the rate, nothing is bet.

Source: Turner, Ly and Grunwald, "Generic E-variables for exact sequential k-sample tests that
allow for optional stopping", Journal of Statistical Planning and Inference 230 (2024); Ville,
"Etude critique de la notion de collectif" (1939); Robbins, Annals of Mathematical Statistics 41
(1970), for the average.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import across

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SIZES = np.array([0.05, 0.1, 0.2, 0.35, 0.55, 0.8, 1.2])
RATIOS = np.concatenate([-_SIZES[::-1], _SIZES])
"""Log odds ratios of treatment to control that are bet on, alike."""
_LEAST = 1e-6


def evidence(n: Floats, successes: Floats, base: Floats) -> Floats:
    """Return the logarithm of the e-variable of one batch, for every ratio of `RATIOS`.

    Args:
        n: customers under control and treatment, shape (tests, 2).
        successes: how many of them did it, of the same shape.
        base: the rate that is expected, from what was known before the batch; shape (tests,).
            NaN where nothing is: the evidence is then 0.

    Returns:
        Shape (tests, ratios).

    Example:
        >>> n, successes = np.array([[100.0, 100.0]]), np.array([[5.0, 20.0]])
        >>> evidence(n, successes, np.array([0.1]))[0, [0, -1]].round(2).tolist()
        [-12.79, 5.21]
    """
    known = np.isfinite(base) & (across(n) > 0)
    answer = np.zeros((len(base), len(RATIOS)))
    if not known.any():
        return answer
    n, successes = n[known], successes[known]
    rate = np.clip(base[known], _LEAST, 1 - _LEAST)
    logit = np.log(rate) - np.log1p(-rate)
    share = (n / across(n)[:, None])[:, :, None]
    # Away from the base by as much as the other group is large, so that the mean stays near it.
    towards = np.stack([-share[:, 1], share[:, 0]], axis=1) * RATIOS
    rates = 1 / (1 + np.exp(-(logit[:, None, None] + towards)))
    pooled = share[:, :1] * rates[:, :1] + share[:, 1:] * rates[:, 1:]
    hits, misses = successes[:, :, None], (n - successes)[:, :, None]
    found = hits * np.log(rates / pooled) + misses * np.log((1 - rates) / (1 - pooled))
    answer[known] = found[:, 0] + found[:, 1]
    return answer


def average(logs: Floats) -> Floats:
    """Return the logarithm of the average over the last axis of what has these logarithms.

    Example:
        >>> average(np.log([[1.0, 3.0]])).round(4).tolist() == [0.6931]
        True
    """
    from scipy.special import logsumexp

    answer: Floats = logsumexp(logs, axis=-1) - np.log(logs.shape[-1])
    return answer
