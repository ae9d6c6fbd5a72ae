"""Versions that no job touches, because they killed their worker, until a person lets them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.registry.frames import as_frame, refuse_bad_rows, shaped
from argosy.store.after_images import Change
from argosy.store.state import Decision
from argosy.tables import QUARANTINE

if TYPE_CHECKING:
    from argosy.store.ledger import Ledger
    from argosy.store.state import State
    from argosy.types import FleetState

POISON = ("crash", "memory", "time")
"""Causes for which a single version that was run by itself is to blame."""

_NAMED = pa.schema([("model", pa.string())])


def culprits(lost: pl.DataFrame, run_id: str) -> pl.DataFrame:
    """Return what puts versions into quarantine, of those that a run lost.

    Args:
        lost: `model`, `version`, `reason` and `cause`.
        run_id: of the run.
    """
    guilty = lost.filter(pl.col("cause").is_in(POISON))
    return guilty.select(
        "model",
        "version",
        "cause",
        why="reason",
        run_id=pl.lit(run_id),
        key=pl.format("{}/{}", "model", "version"),
    )


def barred(state: FleetState) -> pl.DataFrame:
    """Return `model`, `version` and `reason` of versions in quarantine."""
    told = "it is in quarantine since the run {}: {}; `argosy quarantine --release` lets it out"
    return state["quarantine"].select("model", "version", reason=pl.format(told, "run_id", "why"))


def release(
    ledger: Ledger, table: object, reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Let the versions of models (`model`) out of quarantine.

    Returns:
        One row per input row: `model`, `outcome` (`released`), `reason`.

    Raises:
        RowsRefused: for a model that is not in quarantine.
    """
    rows = shaped(as_frame(table, "release"), _NAMED, ("model",), "table of models").unique(
        maintain_order=True
    )

    def decide(state: State) -> Decision:
        held = state["quarantine"].join(rows, on="model", how="semi")
        absent = ~pl.col("model").is_in(held["model"].implode())
        told = pl.when(absent).then(pl.format("the model '{}' is not in quarantine", "model"))
        outcomes = rows.select("model", outcome=pl.lit("released"), reason=told)
        refuse_bad_rows(outcomes, "be released")
        gone = held.select("key", *QUARANTINE.names).with_columns(deleted=pl.lit(True))
        return Decision(outcomes, [Change("quarantine", gone)])

    return ledger.apply("release", decide, reason, dry_run)
