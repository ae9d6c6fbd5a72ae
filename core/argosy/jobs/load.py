"""Load a job, and refuse one that could not be carried out before anything begins."""

from __future__ import annotations

import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from argosy.errors import PluginError
from argosy.plugins import installed
from argosy.plugins.guarded_call import origin
from argosy.plugins.secret_fields import holds_secret
from argosy.store.artifacts import FOLDER
from argosy.store.fact_tables import fact_tables
from argosy.store.facts import STAGED_FOLDER
from argosy.tables import BESIDES, FACTS, TIME, VIEWS

if TYPE_CHECKING:
    from argosy.types import FactTable, Job

_NAME = re.compile(r"[a-z][a-z0-9_]*")
RESERVED = frozenset(
    {*VIEWS, *BESIDES, "ledger", "state", STAGED_FOLDER, FOLDER, "cycles", "exposures", "outbox"}
    | {table.folder.partition("/")[0] for table in FACTS.values()}
)
"""Names that a fleet uses itself: tables, and folders beside them."""


def taken(name: str) -> bool:
    """Whether a fleet here has a table or a folder of that name, its own or of a job.

    >>> taken("runs"), taken("invoices")
    (True, False)
    """
    return name in RESERVED or name in fact_tables()


def load(name: str) -> Job[Any]:
    """Return a job by its name.

    Raises:
        UnknownName: if nobody offers it.
        PluginError: naming it and its plugin, if it cannot be loaded or carried out.
    """
    kind = installed().jobs[name]
    try:
        job = kind.load()
    except Exception as error:  # a stranger's module may raise anything
        told = f"{type(error).__name__}: {error}"
        raise PluginError(f"{origin('jobs', name)} cannot be loaded: {told}") from error
    reason = unfit(job)
    if reason:
        raise PluginError(f"{origin('jobs', name)} cannot be carried out: {reason}")
    if any(FACTS.get(table.name) is not table for table in job.tables):
        fact_tables()  # which refuses one name for different tables
    return job


def unfit(job: Job[Any]) -> str | None:
    """Say why a job could not be carried out, or None where it can."""
    from pydantic import PydanticUndefinedAnnotation

    from argosy.types.request import Request

    if not getattr(job, "tables", None):
        return "load() must return an argosy.types.Job with one table at least"
    if not (isinstance(job.request, type) and issubclass(job.request, Request)):
        return "its request is no class that inherits argosy.types.request.Request"
    try:
        job.request.model_rebuild()
    except PydanticUndefinedAnnotation as error:
        return (
            f"its request names {error.name!r}, which is not there when it runs; import it without"
            " `if TYPE_CHECKING`"
        )
    if holds_secret(job.request):
        return (
            "its request has a secret, which would be kept with every run; declare it with"
            " argosy_options, and ask for it where it is used"
        )
    if not _importable(job.perform):
        named = getattr(job.perform, "__qualname__", repr(job.perform))
        return (
            f"its work {named} cannot be imported by its name, as workers must; write it as a"
            " function at the top of a module"
        )
    first, *_ = job.tables
    needed = ("model", first.version, first.part, "status", "reason")
    absent = [column for column in needed if column not in first.schema.names]
    if absent:
        return f"its first table {first.name!r} has no column {absent[0]!r}"
    return next(filter(None, map(_unfit_table, job.tables)), None)


def _unfit_table(table: FactTable) -> str | None:
    import pyarrow as pa

    if FACTS.get(table.name) is table:
        return None
    if not _NAME.fullmatch(table.name) or table.name in RESERVED:
        return (
            f"{table.name!r} cannot name a table; use lowercase letters, digits and _, and no name"
            " that a fleet has itself"
        )
    for column, wanted in (("run_id", pa.string()), ("at", TIME)):
        if column not in table.schema.names or table.schema.field(column).type != wanted:
            return f"its table {table.name!r} must have the column {column!r} of type {wanted}"
    return None


def _importable(work: Any) -> bool:  # noqa: ANN401
    """Say whether workers can import a function by its name.

    >>> _importable(load), _importable(partial(load)), _importable(lambda chunk: {})
    (True, True, False)
    """
    if isinstance(work, partial):
        return _importable(work.func)
    named = work if hasattr(work, "__qualname__") else type(work)
    found: Any = sys.modules.get(named.__module__)
    for part in named.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is named
