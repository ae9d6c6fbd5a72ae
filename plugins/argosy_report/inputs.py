"""Which input is broken, and for whom: drifted columns by groups of models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy_report.groups import grouped
from argosy_report.wording import column_shown, count, number, share, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

_INPUTS, _HEADS = 20, 10


@dataclass(frozen=True, slots=True)
class Cell:
    """One column in the models of one group."""

    look: str
    """The CSS class of its band: `none` where no model has the column, else `s0` to `s4`."""
    share: str = ""
    """How many of the checked models drifted in it."""
    effect: str = ""
    """The largest effect among them."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One column in the whole fleet."""

    column: str
    drifted: int
    checked: int
    """How many models have the column and were checked."""
    detector: str
    """Whose effects the row shows."""
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class InputMap:
    """Drifted columns, the one that hurts most models first."""

    noun: str
    """What a column of the table is."""
    heads: Sequence[str]
    rows: Sequence[Row]
    more: int
    """How many drifted columns are not shown."""


def input_map(drift: pl.DataFrame, models: pl.DataFrame) -> InputMap:
    """Count the models that drifted in each column, by group.

    Columns that drifted in no model are left out. Effects of different detectors have different
    units, so a row shows those of one: the detector that alerted most often for the column, then
    the one that its effects exceed furthest.

    >>> from argosy_report.facts import DRIFT, MODELS
    >>> models = pl.DataFrame([{"model": m, "template": "t", "state": "drifted"} for m in "ab"],
    ...                       schema=MODELS)
    >>> drift = pl.DataFrame([
    ...     {"model": "a", "column": "age", "detector": "psi", "effect": 0.4, "status": "drift"},
    ...     {"model": "b", "column": "age", "detector": "psi", "effect": 0.0, "status": "ok"},
    ... ], schema=DRIFT)
    >>> input_map(drift, models).rows[0].cells
    [Cell(look='s3', share='50 %', effect='0.4',
          title='age, t: 1 of 2 models drifted, worst psi 0.4 in a')]
    """
    broken, more = _broken(drift)
    checked = drift.filter(pl.col("status").is_in(["ok", "drift"])).join(broken, on="column")
    groups = grouped(models.join(checked, on="model", how="semi"), _HEADS)
    cells = (
        checked.group_by("model", "column")
        .agg(
            (pl.col("status") == "drift").any().alias("drifted"),
            pl.col("effect").filter(pl.col("detector") == pl.col("shown")).first(),
        )
        .join(groups.models.select("model", "group"), on="model")
        .sort(["drifted", "effect", "model"], descending=[True, True, False], nulls_last=True)
        .group_by("column", "group", maintain_order=True)  # so a cell's first row is its worst
        .agg(pl.col("drifted").sum(), pl.len().alias("checked"), pl.col("model", "effect").first())
    )
    found = {(cell["column"], cell["group"]): cell for cell in cells.iter_rows(named=True)}
    rows = []
    for column, detector in broken.select("column", "shown").iter_rows():
        line = [found.get((column, index)) for index in range(len(groups.labels))]
        rows.append(
            Row(
                column_shown(column, 40),
                sum(cell["drifted"] for cell in line if cell),
                sum(cell["checked"] for cell in line if cell),
                shown(detector, 24),
                [
                    _cell(cell, f"{column_shown(column)}, {head}", shown(detector, 24))
                    for cell, head in zip(line, groups.labels, strict=True)
                ],
            )
        )
    return InputMap(groups.noun, groups.labels, rows, more)


def _broken(drift: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Find the columns with most drifted models, and the detector of each; say how many more."""
    alerts = drift.filter(pl.col("status") == "drift")
    detectors = (
        alerts.group_by("column", "detector")
        .agg(pl.len().alias("alerts"), pl.col("excess").median())
        .sort(["alerts", "excess", "detector"], descending=[True, True, False], nulls_last=True)
        .group_by("column", maintain_order=True)
        .agg(pl.col("detector").first().alias("shown"))
    )
    affected = alerts.group_by("column").agg(pl.col("model").n_unique())
    ordered = affected.join(detectors, on="column").sort(
        ["model", "column"], descending=[True, False]
    )
    return ordered.select("column", "shown").head(_INPUTS), max(0, ordered.height - _INPUTS)


def _cell(cell: dict[str, Any] | None, told: str, detector: str) -> Cell:
    if cell is None:
        return Cell("none")
    drifted, checked = cell["drifted"], cell["checked"]
    part = share(drifted, checked)
    told = f"{told}: {drifted:,} of {count(checked, 'model')} drifted"
    if not drifted:
        return Cell("s0", part, "", told)
    band = 1 + sum(drifted > limit * checked for limit in (0.1, 0.25, 0.5))
    effect = number(cell["effect"])
    return Cell(
        f"s{band}", part, effect, f"{told}, worst {detector} {effect} in {shown(cell['model'])}"
    )
