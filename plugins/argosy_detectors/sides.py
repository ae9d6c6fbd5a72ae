"""The two sides of numeric rows as flat arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.kernels import Ragged, ragged
from argosy_detectors.shared import shared

if TYPE_CHECKING:
    import pyarrow as pa


@shared
def sides(table: pa.Table) -> tuple[Ragged, Ragged]:
    """Flatten the reference and the current values of a numeric table.

    Args:
        table: with the lists `reference` and `current`.

    Example:
        >>> import pyarrow as pa
        >>> sides(pa.table({"reference": [[1.0, 2.0]], "current": [[3.0]]}))[1].values.tolist()
        [3.0]
    """
    return ragged(table["reference"]), ragged(table["current"])
