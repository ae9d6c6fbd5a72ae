"""NannyML's L-infinity distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_compat import nannyml
from argosy_compat.answer import Score, answered

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy_compat.columns import Column


def measure(table: pa.Table) -> pa.Table:
    """Give the largest change of the share of a category.

    Source: NannyML 0.13.1, nannyml/drift/univariate/methods.py.

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[30, 70]], "cur_counts": [[40, 60]]}))
        >>> round(row["effect"][0].as_py(), 6)
        0.1
    """
    return answered(table, nannyml.NAME, counts=counts)


def counts(row: Column) -> Score:
    """Compare two sides of counts."""
    change = row.reference / row.reference.sum() - row.current / row.current.sum()
    return Score(float(np.abs(change).max()))


DETECTOR = Detector(
    name="nannyml:l_infinity",
    kinds=frozenset({"categorical"}),
    measure=measure,
    floor=0.1,
    effect="NannyML's L-infinity distance",
    default=False,
    dependence="blocks",
)
