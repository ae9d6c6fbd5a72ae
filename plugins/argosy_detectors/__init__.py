"""Detect drift: Kolmogorov-Smirnov, PSI, chi-squared, and the share of missing values.

One detector per module (`ks`, `psi`, `chi_squared`, `nulls`). Those who change them also want
`ragged` (lists of unequal length as flat arrays), `buckets` (tables of counts, and how sparse
ones are pooled), `homogeneity` (statistics of such tables and their null distribution), `fisher`
(the exact test) and `answer` (the result table).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Detector


@hookimpl
def argosy_detectors() -> Iterator[Detector]:
    """Offer the four detectors."""
    from argosy_detectors import chi_squared, ks, nulls, psi

    yield ks.DETECTOR
    yield psi.DETECTOR
    yield chi_squared.DETECTOR
    yield nulls.DETECTOR
