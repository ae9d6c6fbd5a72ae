"""Detect drift of all columns of a model together: two detectors that run where they are named.

`domain_classifier` asks how well a classifier tells current from reference rows, `mmd` how alike
rows are to those of either side. Both see a change of what goes with what where no column changed
by itself.

Those who change them also want `encoding` (rows of mixed columns as points), `features`,
`discriminant`, `sides` and `student` (the classifier and its test), `permuted` (the test of `mmd`),
`blocks` (rows that depend on each other) and `answer` (the loop over models).
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
    """Offer both."""
    from argosy_multivariate import domain_classifier, mmd

    yield domain_classifier.DETECTOR
    yield mmd.DETECTOR
