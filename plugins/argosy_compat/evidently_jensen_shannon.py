"""Evidently's Jensen-Shannon distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.types import Detector
from argosy_compat import evidently
from argosy_compat.answer import Score, answered
from argosy_compat.distances import jensen_shannon

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy_compat.columns import Column


def measure(table: pa.Table) -> pa.Table:
    """Give Evidently's Jensen-Shannon distance: the root of the divergence, base e.

    Its greatest value is therefore 0.8326, the root of ln 2. Bins are those of
    `argosy_compat.evidently.shares`, or the categories; empty ones stay empty.

    Source: Evidently 0.7.23, legacy/calculations/stattests/jensenshannon.py.

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[300, 700]], "cur_counts": [[400, 600]]}))
        >>> round(row["effect"][0].as_py(), 6)
        0.07422
    """
    return answered(table, evidently.NAME, values, counts)


def values(row: Column) -> Score:
    """Compare two sides of values."""
    return Score(jensen_shannon(*evidently.shares(evidently.finite(row))))


def counts(row: Column) -> Score:
    """Compare two sides of counts."""
    return Score(jensen_shannon(*evidently.category_shares(row)))


DETECTOR = Detector(
    name="evidently:jensen_shannon",
    kinds=frozenset({"numeric", "categorical"}),
    measure=measure,
    floor=0.1,
    effect="Evidently's Jensen-Shannon distance",
    default=False,
    dependence="blocks",
)
