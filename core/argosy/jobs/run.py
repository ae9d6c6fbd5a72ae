"""A run: one job over a selection, what it found and what it could not do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.store.fact_tables import first_table
from argosy.store.retention import refuse_gone

if TYPE_CHECKING:
    from argosy.types import FactTable, FleetView


class Run:
    """One job that has been carried out and committed."""

    def __init__(self, fleet: FleetView, summary: dict[str, Any]) -> None:
        self.view = fleet
        """The fleet that it was carried out on."""
        self.summary = summary
        """`run_id`, `kind`, `models`, `ok`, `failed`, `drifted`, `unknown`, `seconds` and
        `left_out`: by cause, the rows that were read and count nowhere (`rows`, of how many
        `models` or `files`, and the same in words as `told`). Rows whose local time is of an hour
        that the clock showed twice or skipped count, and are told there too, as `unclear`.
        `independent`: of how many models rows were taken for independent, because their binding
        names neither a `timestamp` nor a `cluster`. `missed`: the plugins that could not be loaded
        and would have taken part, as nothing was named."""

    @property
    def id(self) -> str:
        """The run's identity, as in the column `run_id` of its results."""
        return str(self.summary["run_id"])

    @property
    def _table(self) -> FactTable:
        return first_table(str(self.summary["kind"]))

    def results(self) -> pl.DataFrame:
        """Return every row that the run appended to the first table of its job.

        Raises:
            StoreError: if they were removed by `maintain` since, or are missing.
        """
        kind = self._table
        for row in self.view.runs().filter(run_id=self.id).collect().to_dicts():
            refuse_gone(row, kind.name)
        found = self.view.table(kind.name).filter(run_id=self.id)
        return found.sort("model", kind.version, kind.part, nulls_last=True).collect()

    def failures(self) -> pl.DataFrame:
        """Return `model`, `version` and `reason` of whatever the run could not do.

        Every model of which nothing came out has a row. A detector or metric that failed for
        several other models, and a plugin that could not be loaded, is one row without a model.
        """
        kind = self._table
        unit = ["model", "version"]
        part, offered = pl.col(kind.part).is_not_null(), pl.col(kind.offered).is_not_null()
        rows = self.results().rename({kind.version: "version"})
        nothing = pl.col("status").eq_missing("failed").all().over(unit)
        failed = rows.with_columns(nothing=nothing).filter(status="failed")
        models = failed.filter(~part | pl.col("nothing"))
        models = models.unique(unit, keep="first", maintain_order=True)
        several = pl.col("model").n_unique() > 1
        parts = (
            failed.filter(part, offered)
            .join(models, on=unit, how="anti", nulls_equal=True, maintain_order="left")
            .group_by("reason", maintain_order=True)
            .agg(
                model=pl.when(~several).then(pl.col("model").first()),
                version=pl.when(~several).then(pl.col("version").first()),
            )
        )
        faults = pl.DataFrame({"reason": self._faults()}, schema={"reason": pl.String})
        told = pl.concat([models, parts, faults], how="diagonal_relaxed")
        return told.select("model", "version", "reason")

    def worst_slices(self) -> pl.DataFrame:
        """Return each model's worst slice if chance does not explain it, worst first.

        The columns are `model`, `version`, `window`, `slice`, `metric`, `value`, `gap` (to the
        model's other rows), its 95 % interval `gap_lower` and `gap_upper`, `n`, `q_value` and
        `gap_reason`, such as "fewer positives: 12 % against 31 %". Only evaluations with slices
        have rows; runs of other kinds have none.
        """
        return self.view.worst_slices(self.id)

    def _faults(self) -> list[str]:
        kept = self.view.runs().filter(run_id=self.id).select("options").collect()
        return list(json.loads(kept.item() or "{}").get("faults", ()))

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.summary.items())
        return f"Run({told})"
