"""Change in the share of missing values, of any column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.fisher import fisher_of
from argosy_detectors.shared import taus

if TYPE_CHECKING:
    import pyarrow as pa


def measure(table: pa.Table) -> pa.Table:
    """Test whether both sides miss the same share of their values.

    Statistic and effect are the absolute difference of the shares (0 to 1), the p-value is that
    of Fisher's exact test, two-sided. Where values are missing in runs, so many rows count as one
    as `tau_nulls` says.

    Args:
        table: one row per model and column, with `n_ref`, `n_cur`, `null_ref` and `null_cur`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no rows.

    Source: Fisher, "The logic of inductive inference", Journal of the Royal Statistical Society
    98 (1935).

    Example:
        >>> import pyarrow as pa
        >>> row = measure(
        ...     pa.table({"n_ref": [200], "n_cur": [100], "null_ref": [2], "null_cur": [9]})
        ... )
        >>> round(row["effect"][0].as_py(), 3), round(row["p_value"][0].as_py(), 5)
        (0.08, 0.00112)
    """
    columns = ["n_ref", "n_cur", "null_ref", "null_cur"]
    n, m, null, other_null = (table[name].to_numpy().astype(np.int64) for name in columns)
    effect = np.abs(other_null / np.maximum(m, 1) - null / np.maximum(n, 1))
    p_value = fisher_of(null, n, other_null, m, taus(table, "tau_nulls"))
    return answer(n, m, "rows", effect, effect, p_value, ["exact"])


DETECTOR = Detector(
    name="nulls",
    kinds=frozenset({"numeric", "categorical"}),
    measure=measure,
    floor=0.05,
    effect="change of the missing share",
    dependence="rate",
    of="missing",
)
