"""Each job of a night once, however often the night is begun again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy import Fleet

    Progress = Callable[[int, int], None]


def once(fleet: Fleet, group: str, kind: str, begin: Callable[..., Any], done: Progress) -> Run:
    """Begin a job of a night, carry it on where it was stopped, or tell what it did.

    Args:
        fleet: grouped, so that all that is done through it belongs to the night.
        group: the night's.
        kind: of job.
        begin: begins one, with `progress`.
        done: is told how far it is.

    Returns:
        The run, finished.
    """
    summary = finished(fleet, group, kind)
    if summary is None:
        waiting = fleet.unfinished().filter(group=group, kind=kind)
        if waiting.is_empty():
            begin(progress=done)
        else:
            fleet.resume(waiting["run_id"][0], progress=done)
        summary = finished(fleet, group, kind)
        assert summary is not None  # noqa: S101 - what returns has been committed
    return Run(fleet, summary)


def finished(fleet: Fleet, group: str, kind: str) -> dict[str, Any] | None:
    """Return the summary of a group's run of a kind, or None."""
    runs = fleet.runs().filter(group=group, kind=kind)
    rows = runs.select("run_id", "kind", "models", "ok", "failed").collect().to_dicts()
    return rows[-1] if rows else None
