"""What users meet: the jobs `drift` and `close`, `argosy incidents`, the aspect `drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.types import Aspect, Command, JobKind, Section

if TYPE_CHECKING:
    import click
    import polars as pl

    from argosy.types import FleetView, Job, Printer
    from argosy_drift.close import Close
    from argosy_drift.request import Drift

_COLUMNS = (
    *("column", "window", "segment", "detector", "effect", "p_value", "q_column", "status"),
    *("n_ref", "n_cur", "reason"),
)


def _show(printer: Printer, fleet: FleetView, model: str, version: str | None) -> None:
    from argosy_drift.picture import show

    show(printer, fleet, model, version)


def _read(fleet: FleetView, model: str, version: str | None) -> pl.DataFrame:
    from argosy_drift.picture import read

    return read(fleet, model, version)


def _worded(rows: pl.DataFrame) -> pl.DataFrame:
    from argosy_drift.picture import worded

    return worded(rows)


ASPECT = Aspect(
    "drift",
    "Only its drift, with pictures.",
    _show,
    Section("drift", 30, _read, _COLUMNS, _worded),
)


def _load() -> click.Command:
    from argosy_drift.command import incidents

    return incidents


COMMAND = Command("incidents", "List what is wrong, one row per cause.", _load)


def _close() -> Job[Close]:
    from argosy_drift.close import JOB

    return JOB


def _drift() -> Job[Drift]:
    from argosy_drift.job import JOB

    return JOB


JOBS = (
    JobKind("drift", "Check models for drift.", _drift),
    JobKind("close", "Close open findings of drift, with a reason.", _close),
)
