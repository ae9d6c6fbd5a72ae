"""What a run needs of what its process offers itself, and who may resume it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy.errors import PluginError
from argosy.jobs.requests import offers
from argosy.plugins.lending import current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.jobs.spec import RunSpec
    from argosy.plugins.lending import Loan
    from argosy.types import Job
    from argosy.types.request import Request

LOANS = "loans"
"""The option of a chunk that holds them."""
_MARK = "offer "
"""What begins their names among the software of a run."""


def needed(job: Job[Any], request: Request) -> tuple[Loan, ...]:
    """Return what a request names, or may be named by templates, of what the process offers."""
    asked = [(of, getattr(request, field)) for field, of in offers(job.request)]
    return tuple(
        loan
        for loan in current()
        if any(
            of.kind == loan.kind and (loan.name in names if names else of.by_template)
            for of, names in asked
        )
    )


def marks(loans: tuple[Loan, ...]) -> dict[str, str]:
    """Return a line for each, to be kept among the software of a run."""
    return {f"{_MARK}{loan.address}": loan.mark for loan in loans}


def here(software: Mapping[str, str]) -> dict[str, str]:
    """Return the lines of this process for what a run was lent."""
    return {name: mark for name, mark in marks(current()).items() if name in software}


def refuse_without(spec: RunSpec) -> None:
    """Raise if a run was lent what this process does not offer.

    Raises:
        PluginError: naming it.
    """
    lacking = sorted(
        name.removeprefix(_MARK)
        for name in spec.software.keys() - here(spec.software).keys()
        if name.startswith(_MARK)
    )
    if lacking:
        raise PluginError(
            f"the run {spec.run_id} needs {', '.join(lacking)}, which the process that began it"
            " offered itself; offer it again (argosy.plugins.offer) and resume it in that process,"
            " or begin a new run"
        )
