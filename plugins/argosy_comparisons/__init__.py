"""Test whether a challenger is better than the champion on the same rows.

One paired test per module: `delong` (area under the ROC curve), `mcnemar` (accuracy), `losses`
(Brier score, log loss, squared and absolute error), `diebold_mariano` (errors of forecasts) and
`bootstrap` (any metric). Those who change them also want `pairs` (the rows of all pairs as flat
arrays), `answer` (what a test answers) and `settings` (the options).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Comparison
    from argosy_comparisons.settings import Options

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_options() -> type[Options]:
    """Declare how many resamples are drawn, from which seed, and how far forecasts look."""
    from argosy_comparisons.settings import Options

    return Options


@hookimpl
def argosy_comparisons() -> Iterator[Comparison]:
    """Offer the five tests."""
    from argosy_comparisons import bootstrap, delong, diebold_mariano, losses, mcnemar

    yield delong.COMPARISON
    yield mcnemar.COMPARISON
    yield losses.COMPARISON
    yield diebold_mariano.COMPARISON
    yield bootstrap.COMPARISON
