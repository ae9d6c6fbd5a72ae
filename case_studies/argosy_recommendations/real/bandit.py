"""The Open Bandit log: what one policy's impressions say of another, which may be nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy.plugins import installed

if TYPE_CHECKING:
    from pathlib import Path

    from argosy import Fleet

FILE = "reco_open_bandit_women.parquet"
ITEMS = 46


def play(fleet: Fleet, data: Path) -> tuple[dict[str, float], pl.DataFrame]:
    """Ask the log of Thompson sampling what the random policy would have earned.

    Returns:
        The figures, and one row per estimator, as `fleet.experiments.estimates` tells of it.

    Raises:
        BadInput: if the data is not there.

    Source: Saito, Aihara, Matsutani and Narita, "Open Bandit Dataset and Pipeline" (2020).
    """
    path = data / FILE
    if not path.is_file():
        raise BadInput(f"there is no {FILE} in {data}; name the folder that has it with --data")
    rows = pl.read_parquet(path).select(
        "policy",
        "propensity",
        model=pl.lit("women"),
        context=pl.col("position").cast(pl.String),
        action=pl.col("item_id").cast(pl.String),
        reward=pl.col("click").cast(pl.Float64),
    )
    log = rows.filter(policy="bts")
    found = installed().accessors["experiments"].make(fleet).estimates(log, _uniform(log))
    clicks = rows.group_by("policy").agg(pl.col("reward").sum())
    told = {f"clicks under {policy}": float(many) for policy, many in clicks.rows()}
    told["effective sample size, bts re-weighted to random"] = float(found["ess"].max())
    decided = found.filter(pl.col("verdict") != "unknown")
    return told | {"conclusions drawn from it": float(decided.height)}, found


def _uniform(log: pl.DataFrame) -> pl.DataFrame:
    """Return the random policy: every item at every position alike."""
    items = pl.DataFrame({"action": [str(item) for item in range(ITEMS)]})
    each = log.select("model", "context").unique().join(items, how="cross")
    return each.with_columns(
        probability=pl.lit(1 / ITEMS), propensity=pl.lit(None, dtype=pl.Float64)
    )
