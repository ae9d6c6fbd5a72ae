"""Gather the predictions of a chunk's models: beside the truth in the reference, alone in current.

Every row counts alike: estimators know no weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import ArgosyError, BadInput
from argosy.evaluation.scoring import load, logged, scored
from argosy.evaluation.unlabelled import foreseen, labels, told
from argosy.jobs.datasets import MODEL, Dataset, read
from argosy.registry.registration import EXTERNAL

if TYPE_CHECKING:
    from argosy.store.location import Location
    from argosy.types import Task

    Found = tuple[Task, pl.DataFrame, pl.DataFrame]

_LISTS = ("truth", "prediction", "score", "current_prediction", "current_score")
_TABLE: dict[str, Any] = {
    "model": pl.String,
    "version": pl.String,
    "task": pl.String,
    "n": pl.Int64,
    **dict.fromkeys(_LISTS, pl.List(pl.Float64)),
}
_TROUBLE = dict.fromkeys(("model", "version", "reason"), pl.String)


@dataclass(frozen=True, slots=True)
class _Side:
    """One model's rows in one role."""

    rows: pl.DataFrame
    dataset: Dataset

    def counted(self) -> pl.DataFrame:
        """Return the rows that count, which they do alike."""
        name = self.dataset.binding["weight"]
        if not name:
            return self.rows
        weight = self.rows[name].cast(pl.Float64).fill_null(0.0)
        kept = self.rows.filter(weight > 0)
        if weight.filter(weight > 0).n_unique() > 1:
            raise BadInput(
                f"the column {name!r} weighs the rows at {self.dataset.binding['url']}, and an"
                " estimate counts all rows alike; bind them without a weight"
            )
        return kept


def gather(models: pl.DataFrame, location: Location) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the predictions of every model, and why some have none.

    Args:
        models: `model`, `version`, what a job knows of them, and the bindings `reference` and
            `current`.
        location: of the fleet.

    Returns:
        One row per model with `model`, `version`, `task`, `n` (current rows), the lists `truth`,
        `prediction`, `score` of the reference and `current_prediction`, `current_score`; and
        `model`, `version`, `reason` of the others.
    """
    before = _sides(models.rename({"reference": "binding"}), location, "reference")
    after = _sides(models.rename({"current": "binding"}), location, "current")
    found: list[dict[str, Any]] = []
    trouble: list[dict[str, Any]] = []
    for unit in models.drop("reference", "current").iter_rows(named=True):
        name = unit["model"]
        row = {"model": name, "version": unit["version"]}
        try:
            task, known, new = _predictions(unit, before[name], after[name], location)
        except ArgosyError as error:
            trouble.append({**row, "reason": str(error)})
            continue
        lists = (*known.get_columns(), *new.get_columns())
        held = dict(zip(_LISTS, lists, strict=True))
        found.append({**row, "task": task, "n": new.height, **held})
    columns = {name: [row[name] for row in found] for name in _TABLE}
    return pl.DataFrame(columns, schema=_TABLE), pl.DataFrame(trouble, schema=_TROUBLE)


def _sides(models: pl.DataFrame, location: Location, role: str) -> dict[str, _Side | str]:
    found: dict[str, _Side | str] = {}
    for dataset in read(models, location):
        by_model = dataset.rows.partition_by(MODEL, as_dict=True, include_key=False)
        for name in dataset.models["model"]:
            rows = by_model.get((name,))
            if rows is None:
                absent = f"there is no {role} row of the model at {dataset.binding['url']}"
                found[name] = dataset.reason or absent
            else:
                found[name] = _Side(rows, dataset)
    return found


def _predictions(
    unit: dict[str, Any], before: _Side | str, after: _Side | str, location: Location
) -> Found:
    if isinstance(before, str):
        raise BadInput(before)
    if isinstance(after, str):
        raise BadInput(after)
    known, new = before.counted(), after.counted()
    of_known, of_new = before.dataset.binding, after.dataset.binding
    if unit["format"] == EXTERNAL:
        task, rows = logged(known, of_known, unit["task"])
        names = [] if task == "regression" else labels(known, of_known)
        return task, rows.select(_LISTS[:3]), told(new, of_new, task, names)
    model = load(unit, location)
    task, rows = scored(model, known, _features(unit, before.dataset), of_known)
    later = foreseen(model, new, _features(unit, after.dataset), of_new)
    return task, rows.select(_LISTS[:3]), later


def _features(unit: dict[str, Any], dataset: Dataset) -> list[str]:
    declared = unit["features"]
    if declared is None:
        return dataset.features
    return [feature["name"] for feature in declared if feature["role"] in {None, "feature"}]
