"""Point an alias of many models at one of their versions, in one commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.errors import BadInput
from argosy.registry.frames import as_frame, bad_names, refuse_bad_rows, shaped
from argosy.store.ledger import Change
from argosy.tables import ALIAS

if TYPE_CHECKING:
    from argosy.store.ledger import Ledger, State

_INPUT = pa.schema([("model", pa.string()), ("version", pa.string())])


def set_alias(ledger: Ledger, table: object, alias: str, reason: str | None) -> pl.DataFrame:
    """Move an alias of every model in the table (`model`, `version`), or of none.

    Returns:
        One row per input row: `model`, `version`, `previous`, `outcome` (`set` or `unchanged`),
        `reason`.

    Raises:
        BadInput: for an alias or a table that cannot be used.
        RowsRefused: for versions that do not exist; the outcomes are attached to it.
    """
    fault = pl.DataFrame({"alias": [alias]}).select(bad_names("alias")).item()
    if fault:
        raise BadInput(fault)
    rows = shaped(as_frame(table, "set an alias"), _INPUT, ("model", "version"), "alias table")
    outcome = pl.DataFrame()

    def decide(state: State) -> list[Change]:
        nonlocal outcome
        joined = rows.join(
            state["version"].select("model", "version", known=True),
            on=["model", "version"],
            how="left",
            maintain_order="left",
        ).join(
            state["alias"].filter(alias=alias).select("model", previous="version"),
            on="model",
            how="left",
            maintain_order="left",
        )
        outcome = joined.select(
            "model",
            "version",
            "previous",
            outcome=pl.when(pl.col("previous").eq_missing(pl.col("version")))
            .then(pl.lit("unchanged"))
            .otherwise(pl.lit("set")),
            reason=pl.coalesce(
                pl.when(pl.col("known").is_null()).then(
                    pl.format(
                        "there is no version '{}' of the model '{}'",
                        pl.col("version").fill_null(""),
                        pl.col("model").fill_null(""),
                    )
                ),
                pl.when(pl.col("model").is_duplicated()).then(
                    pl.format("the model '{}' stands twice in the table", "model")
                ),
            ),
        )
        refuse_bad_rows(outcome, f"become {alias}")
        moved = outcome.filter(outcome="set").select(
            pl.format("{}/{}", pl.lit(alias), pl.col("model")).alias("key"),
            pl.lit(alias).alias("alias"),
            "model",
            "version",
        )
        return [Change("alias", moved.select("key", *ALIAS.names))]

    ledger.commit("set_alias", decide, reason)
    return outcome
