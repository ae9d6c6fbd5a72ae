"""Two-sample Kolmogorov-Smirnov test of a numeric column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.paths import reaching
from argosy_detectors.shared import taus
from argosy_detectors.sweep import swept

if TYPE_CHECKING:
    import pyarrow as pa

FLOOR = 0.1
METHODS = ["limit", "exact"]
LIMIT, EXACT = range(2)
# The limit overstates small p-values. A tinier one alerts among fifty million columns anyway, a
# larger one among none.
DOUBTFUL = (1e-9, 0.2)
# Counting paths takes a second for two hundred million cells; sides that need more are large.
CELLS = 10**8


def measure(table: pa.Table) -> pa.Table:
    """Compare the distribution functions of each row's reference and current values.

    Statistic and effect are D, the largest distance between the two empirical distribution
    functions. The p-value is Kolmogorov's limit (`p_method` "limit"). Rows whose effect reaches
    the floor and whose limit is neither large nor tiny get the exact one ("exact"). Small
    p-values are overstated by the limit, and by both where values are tied: the test errs on the
    quiet side. Where rows depend on each other, it is the limit for a `tau`-th of them.

    Args:
        table: one row per model and column, with the sorted lists `reference` and `current`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no values.

    Source: Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för
    Matematik 3 (1958).

    Example:
        >>> import pyarrow as pa
        >>> before, after = [0.0, 1.0, 2.0, 3.0], [2.5, 3.0, 4.0, 5.0]
        >>> row = measure(pa.table({"reference": [before], "current": [after]}))
        >>> row["statistic"][0].as_py(), round(row["p_value"][0].as_py(), 4)
        (0.75, 0.2106)
    """
    from scipy.special import kolmogorov

    sweep = swept(table)
    n, m = sweep.n, sweep.m
    pairs = np.maximum(n * m, 1)
    distance = sweep.gap / pairs
    tau = taus(table)
    p_value = kolmogorov(np.sqrt(pairs / np.maximum(n + m, 1) / tau) * distance)
    method = np.full(len(n), LIMIT)
    doubtful = (p_value > DOUBTFUL[0]) & (p_value < DOUBTFUL[1]) & (distance >= FLOOR)
    doubtful &= (2 * sweep.gap <= CELLS) & (tau == 1)
    # Where nothing is tied, p depends on the sizes and the gap alone.
    cases, which = np.unique(
        np.stack([n, m, sweep.gap], axis=1)[doubtful], axis=0, return_inverse=True
    )
    exact = np.array([reaching(*map(int, case)) for case in cases])
    p_value[doubtful], method[doubtful] = exact[which], EXACT
    return answer(n, m, "values", distance, distance, p_value, METHODS, method)


DETECTOR = Detector(
    name="ks",
    kinds=frozenset({"numeric"}),
    measure=measure,
    floor=FLOOR,
    effect="KS distance",
    weight=2.0,
    dependence="scale",
)
