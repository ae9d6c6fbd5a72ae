"""Which windows need not be measured again, because their rows are those of an earlier run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from argosy.types import FleetState
    from argosy_evaluate.request import Evaluate

_WHATEVER = {"at", "fresh"}
"""Parameters that do not tell what is measured on given rows."""


def runs_alike(state: FleetState, request: Evaluate) -> list[str]:
    """Name the evaluations that measured the same on whatever rows they found."""
    wanted = request.model_dump(mode="json", exclude=_WHATEVER)
    runs = state["run"].filter(job="evaluate")
    changed = state["template"]["at"].max()
    if not request.metrics and changed is not None:  # templates may name other metrics since
        runs = runs.filter(pl.col("started") > changed)
    told = (
        (run, json.loads(kept or "{}")) for run, kept in runs.select("run_id", "options").rows()
    )
    return [run for run, kept in told if {name: kept.get(name) for name in wanted} == wanted]


def mark() -> pl.Expr:
    """Tell windows with their rows apart; one that has become whole is another."""
    whole = pl.col("whole").fill_null(value=True)
    return pl.format("{} {} {}", "dataset_digest", "window", whole)


def with_seen(
    units: pl.DataFrame, past: pl.LazyFrame | None, runs: list[str], data: str
) -> pl.DataFrame:
    """Give each version the marks of the windows that earlier runs measured, as `seen`.

    Args:
        units: with `model` and `version`.
        past: earlier evaluations; None where everything is to be measured.
        runs: the runs that count.
        data: the role of the data.
    """
    if past is None or not runs:
        return units.with_columns(seen=pl.lit([], pl.List(pl.String)))
    known = (
        past.filter(pl.col("run_id").is_in(runs), pl.col("window").is_not_null(), dataset=data)
        .filter(pl.col("dataset_digest").is_not_null())
        .group_by("model", "version")
        .agg(seen=mark().unique())
        .collect()
    )
    joined = units.join(known, on=["model", "version"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("seen").fill_null([]))
