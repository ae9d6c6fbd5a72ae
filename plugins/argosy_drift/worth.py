"""Say how many independent rows a result rests on, and where these are too few to judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.kernels.answers import settled
from argosy_drift.calibration import IN_TIME, METHOD

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy.types import Detector

LEAST = 20
"""Independent rows that either side must be worth."""
NEARLY = 1.2
"""Rows that count as one, up to which a detector may take them for independent."""
TAUS = ("tau", "tau_nulls")
BLOCK = "block_ref"
"""How many rows of the reference make a block, for a detector that is handed rows; one if they
stand by themselves (`argosy_drift.row_blocks`)."""

_LOOSE = (
    "{} rows count as one because they depend on each other, and no order keeps these together:"
    " one of the sides has none, or its clusters overlap in time"
)
_UNCUT = (
    "{} rows count as one because they depend on each other, and the reference has no order, or is"
    " too short, to be cut into parts that keep these together"
)


def slow() -> pl.Expr:
    """Whether the values of a column are worth too few rows, though some are there.

    That none is missing, or as many as before, does not judge such a column.
    """
    values = _values()
    return ((values > 0) & (values / pl.col("tau") < LEAST)).fill_null(value=False)


def effective(detector: Detector) -> pl.Expr:
    """Return how many independent rows the smaller side is worth; null if they are taken so."""
    if detector.of == "missing":
        return pl.min_horizontal("n_ref", "n_cur") / pl.col("tau_nulls")
    return _values() / pl.col("tau")


def in_time(detector: Detector, table: pa.Table) -> NDArray[np.bool_] | None:
    """Return of which rows a detector without p-values is asked about parts of time; null: of none.

    Args:
        detector: who is asked.
        table: with `tau`, and the order of the references' values where that was kept.
    """
    if detector.dependence != "blocks" or "turns" not in table.column_names:
        return None
    rows = pl.DataFrame(table.select(["tau", "turns"]))
    known = (pl.col("tau") > NEARLY) & pl.col("turns").is_not_null()
    return rows.select(known.fill_null(value=False)).to_series().to_numpy()


def doubted(detector: Detector, rows: pl.DataFrame) -> pl.DataFrame:
    """Give results a reason where too few independent rows stand behind them.

    Args:
        detector: whose they are.
        rows: with `TAUS`, `BLOCK`, `n_effective`, `p_method` and `reason`; reasons that are there
            stay.
    """
    if rows["n_effective"].null_count() == rows.height:
        return rows
    rows_worth = settled(pl.col("n_effective"))
    few = rows_worth < LEAST
    tau = pl.col("tau_nulls" if detector.of == "missing" else "tau")
    blocks = pl.lit(detector.dependence == "blocks")
    loose = blocks & (pl.col("kind") == "joint") & (pl.col(BLOCK) == 1)
    unaware = pl.lit(detector.dependence == "none") | (pl.col("p_method") == METHOD)
    uncut = blocks & (pl.col("kind") != "joint") & pl.col("p_method").ne_missing(IN_TIME)
    worth = rows_worth.floor().cast(pl.Int64)
    told = (
        pl.when(few)
        .then(pl.format("worth {} independent rows; {} are needed", worth, pl.lit(LEAST)))
        .when((tau > NEARLY) & loose)
        .then(pl.format(_LOOSE, tau.round(1)))
        .when((tau > NEARLY) & uncut)
        .then(pl.format(_UNCUT, tau.round(1)))
        .when((tau > NEARLY) & unaware)
        .then(
            pl.format(
                "{} rows count as one because they depend on each other, and the detector takes"
                " each for independent",
                tau.round(1),
            )
        )
    )
    return rows.with_columns(reason=pl.coalesce("reason", told))


def _values() -> pl.Expr:
    sides = (pl.col(f"n_{side}") - pl.col(f"null_{side}").fill_null(0) for side in ("ref", "cur"))
    return pl.min_horizontal(*sides)
