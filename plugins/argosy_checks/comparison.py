"""The comparison of a promoted version with the one that it replaces does not speak against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.types import Check
from argosy_checks.evaluation import decline, failing, unmeasured
from argosy_checks.subjects import subjects, told
from argosy_checks.verdicts import objections

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView


def look(fleet: FleetView, moved: pa.Table) -> pa.Table:
    """Find versions that are worse, do not win by their margin, or were never compared.

    A version that replaces none must have been evaluated. No version may have failed in its last
    evaluation, or have declined in the metric that it is judged by.
    """
    models = subjects(fleet, moved)
    first = models.filter(
        models["previous"].is_null() | (models["previous"] == models["version"]).fill_null(False)
    )
    return told(
        objections(fleet, models),
        unmeasured(fleet, first),
        failing(fleet, models),
        decline(fleet, models),
    )


CHECK = Check(
    name="comparison",
    summary="The comparison with the version that it replaces does not speak against a version.",
    look=look,
    reads=("comparisons", "evaluations"),
    next_step="argosy evaluate",
)
