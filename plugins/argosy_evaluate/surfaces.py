"""What users meet besides the job: `argosy leaderboard`, and the aspect `metrics` of one model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.types import Aspect, Command, Section

if TYPE_CHECKING:
    import click
    import polars as pl

    from argosy.types import FleetView, Printer

_COLUMNS = ("dataset", "window", "whole", "metric", "value", "lower", "upper", "n", "reason")


def _show(printer: Printer, fleet: FleetView, model: str, _: str | None) -> None:
    from argosy_evaluate.picture import show

    show(printer, fleet, model)


def _read(fleet: FleetView, model: str, version: str | None) -> pl.DataFrame:
    from argosy_evaluate.picture import read

    return read(fleet, model, version)


ASPECT = Aspect(
    "metrics",
    "Only its metrics, and how they went.",
    _show,
    Section("evaluations", 10, _read, _COLUMNS),
)


def _load() -> click.Command:
    from argosy_evaluate.command import leaderboard

    return leaderboard


COMMAND = Command("leaderboard", "Rank models, or groups of them, by a metric.", _load)
