"""Drift detectors that give the numbers of Evidently and NannyML, for those who migrate.

None runs unless it is named: `argosy drift --detector evidently:psi`.

One detector per module, called after the library whose numbers it gives: `evidently_psi` is
`evidently:psi`. `battery` lists them.

Those who change them also want, from the data to the answer:

- `columns` (the rows of a table as arrays) and `answer` (one answer per row);
- `evidently` and `nannyml` (what either library does before it compares: what it drops, where
  its bins are);
- `distances` (the Jensen-Shannon and the Wasserstein distance, which both compute alike).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Detector

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_detectors() -> Iterator[Detector]:
    """Offer the battery."""
    from argosy_compat.battery import DETECTORS

    yield from DETECTORS
