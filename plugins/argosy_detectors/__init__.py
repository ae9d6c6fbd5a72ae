"""Detect drift: ten detectors that run by default.

One detector per module, but for `unseen` and `vanished`, which are in `one_sided`. Numeric
columns: `ks`, `wasserstein` and `out_of_range`. Categorical ones: `chi_squared`, `l_infinity`,
`unseen` and `vanished`. Both: `psi`, `jensen_shannon` and `nulls`.

Those who change them also want, from the data to the answer:

- `shared` (work that several detectors need of one table, such as both sides of numeric rows as
  flat arrays), on top of `argosy.kernels`;
- `sweep` (all that is found out about a numeric row at once: `merge_walk`, `ranks`, `spread`),
  `paths` and `brownian_bridge` (the null distributions of what it finds);
- `counts` and `buckets` (tables of counts, and how sparse ones are pooled), `homogeneity`
  (statistics of such tables and their null distribution), `fisher`, `deviation` and
  `category_share_null` (exact tests and bounds);
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
    """Offer every detector of this package, in the order in which results are listed."""
    from argosy_detectors import (
        chi_squared,
        jensen_shannon,
        ks,
        l_infinity,
        nulls,
        one_sided,
        out_of_range,
        psi,
        wasserstein,
    )

    yield ks.DETECTOR
    yield psi.DETECTOR
    yield jensen_shannon.DETECTOR
    yield wasserstein.DETECTOR
    yield chi_squared.DETECTOR
    yield l_infinity.DETECTOR
    yield one_sided.UNSEEN
    yield one_sided.VANISHED
    yield nulls.DETECTOR
    yield out_of_range.DETECTOR
