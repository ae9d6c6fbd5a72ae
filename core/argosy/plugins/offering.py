"""Make a function of a notebook a metric, a detector or a cause while the process lasts."""

from __future__ import annotations

from typing import TypeVar

from argosy.errors import BadInput
from argosy.plugins.field_types import misfit, unfit_name
from argosy.plugins.lending import GIVER, Loan, lend
from argosy.plugins.registry import Installed, installed
from argosy.types import Comparison, Detector, Estimator, Metric, TriageCause

T = TypeVar("T", Metric, Comparison, Estimator, Detector, TriageCause)

_KINDS = {
    Metric: "metrics",
    Comparison: "comparisons",
    Estimator: "estimators",
    Detector: "detectors",
    TriageCause: "causes",
}


def offer(value: T) -> T:
    """Offer a metric, comparison, estimator, detector or cause until the process ends.

    It is then asked for by its name, as what plugins offer, and takes part in nothing where nobody
    names it, but for causes, of which triage asks all. Offered again under the same name, it takes
    the place of the earlier one. Functions go to workers by value with the work, on any executor,
    with what they refer to of the notebook; modules that they import must be there. Nothing of it
    is stored: a run keeps the name, and who resumes the run must offer it again first.

    Args:
        value: with the functions that do the work.

    Returns:
        The value itself.

    Raises:
        BadInput: if it is of another kind, a field holds what it cannot, or a plugin offers the
            name.

    Example:
        >>> import polars as pl
        >>> from argosy.kernels import aggregation
        >>> from argosy.types import Metric
        >>> miss = (pl.col("truth") - pl.col("prediction")).abs()
        >>> empty = pl.when(miss.count() == 0).then(pl.lit("there are no rows"))
        >>> measure = aggregation(miss.max(), undefined=empty)
        >>> own = Metric("worst_miss_here", frozenset({"regression"}), measure, False,
        ...              (0, float("inf")))
        >>> offer(own) is installed().metrics["worst_miss_here"]
        True
    """
    kind = _KINDS.get(type(value))
    if kind is None:
        known = ", ".join(of.__name__ for of in _KINDS)
        raise BadInput(f"a {type(value).__name__} cannot be offered so; what can: {known}")
    offered = installed().offered(kind)
    why = unfit_name(value.name, Installed.kinds()[kind]) or misfit(value)
    if why is not None:
        raise BadInput(f"the {offered.what} {value.name!r} cannot be offered: {why}")
    giver = offered.givers.get(value.name)
    if value.name in offered.contested or giver not in (None, GIVER):
        who = giver.origin if giver else "several plugins"
        raise BadInput(f"the {who} offers the {offered.what} {value.name!r}; give another name")
    lend(Loan(kind, value.name, value))
    return value
