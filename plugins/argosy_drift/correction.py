"""Decide fleet-wide which differences are drift, so that ten thousand clean models stay silent.

Three levels, each by Simes (1986) and Benjamini-Hochberg (1995): the tests of a column, weighted
by how much their detectors are trusted (Genovese, Roeder and Wasserman 2006), make the column's
p-value; the columns make the model's; over the models of one window, Benjamini-Hochberg gives
`q_model`. Inside the R of M models selected, columns are judged at the level times R/M
(Benjamini and Bogomolov 2014), which is `q_column`; inside a column, its tests likewise.
A test alerts where all three are below the level *and* its effect reaches its floor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.kernels.multiplicity import adjusted, refuse_improper

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.05
"""The share of false models among the flagged that is tolerated on average."""

FAMILY = ("window",)
UNIT = (*FAMILY, "model", "version", "segment_key", "segment_value")
_COLUMN = (*UNIT, "column")


def decide(results: pl.DataFrame) -> pl.DataFrame:
    """Fill in `q_model`, `q_column` and turn `status` from `ok` to `drift` where a test alerts.

    A fleet that does not fit into memory is decided by its parts, of whole models: `nested` for
    each of them, `pooled` for what all of them found, `decided` for each.

    Args:
        results: one row per test: the columns of `UNIT`, `column`, `p_value`, `effect`, `status`
            (only rows that are `ok` and have a p-value are tests), and what it is held to:
            `weight` (positive), `threshold` (the smallest effect worth an alert) and `level`.

    >>> results = pl.DataFrame({
    ...     "window": [None] * 3, "segment_key": [None] * 3, "segment_value": [None] * 3,
    ...     "model": ["a", "a", "b"], "version": ["1", "1", "1"], "column": ["x", "y", "x"],
    ...     "effect": [0.6, 0.1, 0.2], "p_value": [1e-9, 0.4, 0.3], "status": ["ok"] * 3,
    ...     "weight": [1.0] * 3, "threshold": [0.1] * 3, "level": [0.05] * 3,
    ... })
    >>> decide(results).select("model", "column", "status").rows()
    [('a', 'x', 'drift'), ('a', 'y', 'ok'), ('b', 'x', 'ok')]
    """
    results = results.drop("q_model", "q_column", strict=False)
    part, units = nested(numbered(results))
    return decided(part, pooled(units)).drop("unit", "place", "q_test")


def numbered(results: pl.DataFrame) -> pl.DataFrame:
    """Give the units a number each, in `unit`, and the columns of all units, in `place`: from 0."""
    ranks = (pl.struct(names).rank("dense").cast(pl.Int32) - 1 for names in (UNIT, _COLUMN))
    return results.with_columns(
        column.alias(name) for column, name in zip(ranks, ("unit", "place"), strict=True)
    )


def nested(results: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Correct inside columns and inside models, for models that are there as a whole.

    Args:
        results: as for `decide`, and `numbered`.

    Returns:
        The results with `q_test` and `q_column` as they are inside their model alone; and one
        row per unit, in the order of its number, with the columns of `UNIT`, `level`, and `p`,
        which is null where nothing was tested.
    """
    tested = (results["p_value"].is_not_null() & (results["status"] == "ok")).to_numpy()
    p_value, weight, unit, place = (
        results[name].filter(tested).to_numpy() for name in ("p_value", "weight", "unit", "place")
    )
    refuse_improper(p_value)
    many = _many(results["place"])
    shares = np.bincount(place, weight, many) / np.maximum(np.bincount(place, minlength=many), 1)
    q_test = adjusted(np.minimum(p_value * shares[place] / weight, 1.0), place)
    of = _first(place, many)
    columns = np.flatnonzero(of >= 0)
    owner = unit[of[columns]]
    least = np.full(many, np.inf)
    np.minimum.at(least, place, q_test)
    q_column = np.empty(many)
    q_column[columns] = adjusted(least[columns], owner)
    p_model = np.full(_many(results["unit"]), np.nan)
    np.fmin.at(p_model, owner, q_column[columns])
    heads = _first(results["unit"].fill_null(len(p_model)).to_numpy(), len(p_model) + 1)[:-1]
    units = results.select(*UNIT, "level")[heads]
    found = {"q_test": q_test, "q_column": q_column[place]}
    return (
        results.with_columns(_spread(name, values, tested) for name, values in found.items()),
        units.with_columns(pl.Series("p", p_model, nan_to_null=True)),
    )


def _first(numbers: NDArray[Any], many: int) -> NDArray[np.int64]:
    """Return where each of the numbers from 0 on stands first, -1 where it does not."""
    found = np.full(many, -1)
    found[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return found


def _many(numbers: pl.Series) -> int:
    return int(numbers.drop_nulls().to_numpy().max(initial=-1)) + 1


def _spread(name: str, values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> pl.Series:
    whole = np.full(len(chosen), np.nan)
    whole[chosen] = values
    return pl.Series(name, whole, nan_to_null=True)


def pooled(units: pl.DataFrame) -> pl.DataFrame:
    """Add `q_model`, and `share`: how many models there are for every one that is selected.

    Args:
        units: those of the whole fleet, as `nested` gives them.

    Returns:
        The units in the same order; both columns are null where nothing was tested.
    """
    rows = units.with_row_index("row")
    tested = rows.filter(pl.col("p").is_not_null())
    family = tested.select(pl.struct(FAMILY).rank("dense")).to_series().cast(pl.Int64)
    q_model = adjusted(tested["p"].to_numpy(), family.to_numpy())
    tested = tested.with_columns(pl.Series("q_model", q_model))
    chosen = (pl.col("q_model") < pl.col("level")).sum().over(FAMILY)
    tested = tested.with_columns(share=pl.len().over(FAMILY) / chosen.clip(lower_bound=1))
    judged = tested.select("row", "q_model", "share")
    return rows.join(judged, on="row", how="left", maintain_order="left").drop("row")


def decided(results: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Say what alerts, given what was found in the whole fleet.

    Args:
        results: of some models, as `nested` gives them.
        units: their units, `pooled` with those of all others; numbered as these are.
    """
    unit, own = pl.col("unit"), {name: pl.lit(units[name]) for name in ("q_model", "share")}
    results = results.with_columns(q_model=own["q_model"].gather(unit)).with_columns(
        q_column=(pl.col("q_column") * own["share"].gather(unit)).clip(upper_bound=1.0)
    )
    tested = pl.col("q_test").is_not_null()
    may_alert = results.with_row_index("row").filter(tested, pl.col("q_model") < pl.col("level"))
    chosen = pl.col("column").filter(pl.col("q_column") < pl.col("level")).n_unique().over("unit")
    columns = pl.col("column").n_unique().over("unit") / chosen.clip(lower_bound=1)
    sure = pl.max_horizontal("q_column", pl.col("q_test") * own["share"].gather(unit) * columns)
    alerts = may_alert.filter(sure < pl.col("level"), pl.col("effect") >= pl.col("threshold"))
    status = results["status"].scatter(alerts["row"], ["drift"] * alerts.height)
    return results.with_columns(status)
