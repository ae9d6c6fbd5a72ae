"""Detect drift: ten detectors that run by default.

One detector per module. Numeric columns: `ks`, `wasserstein` and `out_of_range`. Categorical
ones: `chi_squared`, `l_infinity`, `unseen` and `vanished`. Both: `psi`, `jensen_shannon` and
`nulls`. `battery` lists them.

Those who change them also want, from the data to the answer:

- `sides` (both sides of numeric rows as flat arrays) and `shared` (work that several detectors
  need of one table), on top of `argosy.kernels`;
- `sweep` (all that is found out about a numeric row at once: `walking`, `ranks`, `spread`), `paths`
  and `bridge` (the null distributions of what it finds);
- `counts` and `buckets` (tables of counts, and how sparse ones are pooled), `homogeneity`
  (statistics of such tables and their null distribution), `fisher`, `deviation` and `monopoly`
  (exact tests and bounds);
- `answer` (the result table).
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
    from argosy_detectors.battery import DETECTORS

    yield from DETECTORS
