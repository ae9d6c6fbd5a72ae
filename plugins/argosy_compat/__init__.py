"""Drift detectors that give the numbers of Evidently and NannyML, for those who migrate.

None runs unless it is named: `argosy drift --detector evidently:psi`.

One detector per module, called after the library whose numbers it gives: `evidently_psi` is
`evidently:psi`.

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
    """Offer every detector of this package, in the order in which results are listed."""
    from argosy_compat import (
        evidently_chi_squared,
        evidently_hellinger,
        evidently_jensen_shannon,
        evidently_ks,
        evidently_psi,
        evidently_wasserstein,
        nannyml_chi2,
        nannyml_hellinger,
        nannyml_jensen_shannon,
        nannyml_kolmogorov_smirnov,
        nannyml_l_infinity,
        nannyml_wasserstein,
    )

    yield evidently_psi.DETECTOR
    yield evidently_jensen_shannon.DETECTOR
    yield evidently_wasserstein.DETECTOR
    yield evidently_chi_squared.DETECTOR
    yield evidently_ks.DETECTOR
    yield evidently_hellinger.DETECTOR
    yield nannyml_jensen_shannon.DETECTOR
    yield nannyml_wasserstein.DETECTOR
    yield nannyml_kolmogorov_smirnov.DETECTOR
    yield nannyml_hellinger.DETECTOR
    yield nannyml_chi2.DETECTOR
    yield nannyml_l_infinity.DETECTOR
