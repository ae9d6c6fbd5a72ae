"""A run: one job over a selection, what it found and what it could not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from argosy.fleet import Fleet


class Run:
    """One job that has been carried out and committed."""

    def __init__(self, fleet: Fleet, summary: dict[str, Any]) -> None:
        self._fleet = fleet
        self.summary = summary
        """`run_id`, `kind`, `models`, `ok`, `failed`, `drifted` and `seconds`."""

    @property
    def id(self) -> str:
        """The run's identity, as in the column `run_id` of its results."""
        return str(self.summary["run_id"])

    def results(self) -> pl.DataFrame:
        """Return every row that the run appended to the evaluations or drift table."""
        table = self._fleet.evaluations() if self._job == "evaluate" else self._fleet.drift()
        order = ["model", "version", "metric" if self._job == "evaluate" else "column"]
        return table.filter(run_id=self.id).sort(order, nulls_last=True).collect()

    def failures(self) -> pl.DataFrame:
        """Return `model`, `version` and `reason` of every model the run could not do."""
        whole = pl.col("metric" if self._job == "evaluate" else "column").is_null()
        rows = self.results().filter(whole, status="failed")
        return rows.unique(["model", "version"], keep="first", maintain_order=True).select(
            "model", "version", "reason"
        )

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.summary.items())
        return f"Run({told})"

    @property
    def _job(self) -> str:
        return str(self.summary["kind"])
