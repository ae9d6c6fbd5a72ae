"""Metrics of classifiers and regressions, of a whole fleet at once, and how sure they are.

`README.md` beside this file defines each. There is a family for `classifiers`, made of `decisions`
(classes), `ranking` (the order of scores) and `probabilities` (scores as probabilities), one for
`regression` and one for `latency`. Metrics of a family share a `measure`, which flattens the
groups once.

Those who change them also want:

- `groups` (flat columns, and how an answer is put together), `intervals` (from standard errors),
  `scores` (what is wrong with them), `options`;
- `shares` and `parts` (what gaps of slices are tested by) with `part_loops`;
- the loops: `agreement`, `batched_cells`, `curves`, `threshold_scan`, `one_vs_rest`, `losses`,
  `errors` and `quantiles`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from argosy.types import Metric

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_options() -> type[BaseModel]:
    """Declare the section `metrics`."""
    from argosy_metrics.options import Options

    return Options


@hookimpl
def argosy_metrics() -> Iterator[Metric]:
    """Offer the metrics that `README.md` beside this file defines."""
    from argosy_metrics import classifiers, latency, regression

    yield from classifiers.METRICS
    yield from regression.METRICS
    yield from latency.METRICS
