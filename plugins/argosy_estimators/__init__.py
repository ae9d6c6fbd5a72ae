"""Estimate how well models do before their labels are there.

One estimator per module (`cbpe` for binary classifiers, `direct_loss` for regressions). Those who
change them also want `ragged` (lists of unequal length as flat arrays), `isotonic` (calibration of
all models at once), `binary` (the metrics of a classifier whose labels are probabilities) and
`answer` (the tables they give back).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Estimator

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_estimators() -> Iterator[Estimator]:
    """Offer both estimators."""
    from argosy_estimators.cbpe import ESTIMATOR as CBPE
    from argosy_estimators.direct_loss import ESTIMATOR as DIRECT_LOSS

    yield CBPE
    yield DIRECT_LOSS
