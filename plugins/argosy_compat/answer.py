"""One answer per row: the library's number, or the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from argosy.tables import ANSWERS
from argosy_compat.columns import columns, is_numeric

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy_compat.columns import Column


class Score(NamedTuple):
    """What a library says of one column."""

    statistic: float
    p_value: float | None = None
    p_method: str | None = None


class Undefined(ValueError):
    """Raised where the library gives no number; it says why."""


def answered(
    table: pa.Table,
    library: str,
    values: Callable[[Column], Score] | None = None,
    counts: Callable[[Column], Score] | None = None,
) -> pa.Table:
    """Answer every row of a table, undefined wherever the library fails or gives no number.

    Args:
        table: as `argosy.types.Detector` says.
        library: whose numbers these are, for the reasons.
        values: compares a numeric column whose sides both have values.
        counts: compares a categorical column whose sides both have rows.

    Example:
        >>> one = pa.table({"reference": [[1.0], []], "current": [[3.0], [3.0]]})
        >>> answered(one, "Nobody", lambda row: Score(row.current[0]))["reason"].to_pylist()
        [None, 'no reference values']
    """
    compare = values if is_numeric(table) else counts
    assert compare is not None, "the core hands over the kinds that a detector names"  # noqa: S101
    filled = np.size if is_numeric(table) else np.sum
    rows: list[dict[str, object]] = []
    with np.errstate(all="ignore"):  # what is no number is told by a reason
        for row in columns(table):
            try:
                for side, name in ((row.reference, "reference"), (row.current, "current")):
                    if not filled(side):
                        raise Undefined(f"no {name} values")
                rows.append(_told(compare(row), library))
            except Undefined as gap:
                rows.append({"reason": str(gap)})
            except (ValueError, OverflowError) as error:
                rows.append({"reason": f"{library} cannot compare these values: {error}"})
    return pa.Table.from_pylist(rows, ANSWERS)


def _told(score: Score, library: str) -> dict[str, object]:
    if not np.isfinite(score.statistic):
        raise Undefined(f"{library}'s number is {score.statistic} here")
    if score.p_value is not None and np.isnan(score.p_value):
        raise Undefined(f"{library}'s p-value is nan here")
    statistic = float(score.statistic)
    return {
        "statistic": statistic,
        "effect": statistic,
        "p_value": None if score.p_value is None else float(score.p_value),
        "p_method": score.p_method,
    }
