"""Point an alias of many models at one of their versions, or take it away, in one change.

Two people who promote at once must not overwrite each other silently: give the version that you
expect the alias to point at, and the change is refused where it points elsewhere by now.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.registry.frames import as_frame, refuse_bad_name, refuse_bad_rows, shaped
from argosy.store.after_images import Change
from argosy.store.commit_queue import RowWise
from argosy.store.state import Decision
from argosy.tables import ALIAS

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.store.ledger import Ledger
    from argosy.store.state import State

_INPUT = pa.schema([("model", pa.string()), ("version", pa.string()), ("if_version", pa.string())])


def set_alias(
    ledger: Ledger,
    table: object,
    alias: str,
    if_version: str | None = None,
    reason: str | None = None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Move an alias of every model in the table (`model`, `version`), or of none.

    Args:
        ledger: where the change goes.
        table: `model`, `version`, and `if_version` where each row expects its own old version;
            a null in that column expects the alias to be unset.
        alias: such as `champion`.
        if_version: the old version that all rows expect.
        reason: kept with the change.
        dry_run: write nothing, return the difference.

    Returns:
        One row per input row: `model`, `version`, `previous`, `outcome` (`set` or `unchanged`),
        `reason`.

    Raises:
        BadInput: for an alias or a table that cannot be used.
        RowsRefused: for versions that do not exist, or an alias that moved meanwhile.
    """
    _refuse_bad_alias(alias)
    given = as_frame(table, "set an alias")
    rows = shaped(given, _INPUT, ("model", "version"), "alias table")
    expects = "if_version" in given.columns or if_version is not None
    if if_version is not None:
        rows = rows.with_columns(if_version=pl.lit(if_version))

    def decide(state: State, keyed: pl.DataFrame) -> Decision:
        return _moved(state, keyed, alias, expects)

    rule = (alias, expects)
    decision = RowWise(rule, _keyed(rows, alias), decide)
    return ledger.apply("set_alias", decision, reason, dry_run)


def moving(rows: pl.DataFrame, alias: str) -> Callable[[State], Decision]:
    """Return the decision to point an alias at versions, for a change that does more than that.

    Args:
        rows: `model` and `version`.
        alias: such as `champion`.

    Raises:
        BadInput: for an alias that cannot be used.
    """
    _refuse_bad_alias(alias)
    keyed = _keyed(rows.with_columns(if_version=pl.lit(None, pl.String)), alias)
    return lambda state: _moved(state, keyed, alias, expects=False)


def back(state: State, moved: pl.DataFrame, alias: str) -> Change:
    """Return the change that undoes moves of an alias, but for models that were moved again.

    Args:
        state: that it is decided on.
        moved: `model`, `version`, `previous` (null: the alias was not set) and `rev`.
        alias: such as `champion`.
    """
    held = state["alias"].filter(alias=alias).select("model", "rev")
    ours = moved.join(held, on=["model", "rev"], how="semi")
    gone = pl.col("previous").is_null()
    rows = ours.with_columns(version=pl.coalesce("previous", "version"), deleted=gone)
    return Change("alias", _change(rows, alias).rows.with_columns(rows["deleted"]))


def clear_alias(
    ledger: Ledger,
    table: object,
    alias: str,
    reason: str | None = None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Take an alias from every model in the table (`model`).

    Returns:
        One row per input row: `model`, `previous`, `outcome` (`cleared` or `unchanged`),
        `reason`.

    Raises:
        BadInput: for an alias or a table that cannot be used.
        RowsRefused: for a model that stands twice in the table.
    """
    _refuse_bad_alias(alias)
    given = as_frame(table, "clear an alias")
    rows = shaped(given, pa.schema([("model", pa.string())]), ("model",), "alias table")

    def decide(state: State) -> Decision:
        joined = _with_previous(rows, alias, state)
        outcomes = joined.select(
            "model",
            "previous",
            outcome=pl.when(pl.col("previous").is_null())
            .then(pl.lit("unchanged"))
            .otherwise(pl.lit("cleared")),
            reason=_twice(),
        )
        refuse_bad_rows(outcomes, f"lose {alias}")
        gone = outcomes.filter(outcome="cleared").rename({"previous": "version"})
        change = _change(gone, alias)
        return Decision(outcomes, [Change("alias", change.rows.with_columns(deleted=pl.lit(True)))])

    return ledger.apply("clear_alias", decide, reason, dry_run)


def _keyed(rows: pl.DataFrame, alias: str) -> pl.DataFrame:
    return rows.with_columns(
        alias=pl.lit(alias),
        key=pl.format("{}/{}", pl.lit(alias), "model"),
        named=pl.concat_str("model", "version", separator="@"),
    )


def _moved(state: State, keyed: pl.DataFrame, alias: str, expects: bool) -> Decision:
    held = state.lookup("alias", keyed["key"], live=True).lazy()
    known = state.lookup("version", keyed["named"], live=True).lazy()
    joined = (
        keyed.lazy()
        .join(held.select("key", previous="version"), on="key", how="left", maintain_order="left")
        .join(known.select(named="key", known=True), on="named", how="left", maintain_order="left")
        .with_columns(_outcome(alias, expects))
        .collect()
    )
    outcomes = joined[["model", "version", "previous", "outcome", "reason"]]
    refuse_bad_rows(outcomes, f"become {alias}")
    moved = joined[np.flatnonzero(joined["outcome"] == "set")]
    return Decision(outcomes, [Change("alias", moved[["key", *ALIAS.names]])])


@lru_cache
def _refuse_bad_alias(alias: str) -> None:
    refuse_bad_name(alias, "alias")


@lru_cache(maxsize=64)  # building it costs as much as a single row's change
def _outcome(alias: str, expects: bool) -> list[pl.Expr]:
    """Say what becomes of a row of `previous`, `version`, `known` and `if_version`, and why."""
    moved = pl.lit(expects) & pl.col("previous").ne_missing(pl.col("if_version"))
    return [
        pl.when(pl.col("previous").eq_missing(pl.col("version")))
        .then(pl.lit("unchanged"))
        .otherwise(pl.lit("set"))
        .alias("outcome"),
        pl.coalesce(
            pl.when(pl.col("known").is_null()).then(
                pl.format(
                    "there is no version {} of the model {}", _said("version"), _said("model")
                )
            ),
            pl.when(moved).then(
                pl.format(
                    "{} of {} points at {}, not at {} as expected",
                    pl.lit(alias),
                    _said("model"),
                    _said("previous"),
                    _said("if_version"),
                )
            ),
            _twice(),
        ).alias("reason"),
    ]


def _with_previous(rows: pl.DataFrame, alias: str, state: State) -> pl.DataFrame:
    keys = rows.select(pl.format("{}/{}", pl.lit(alias), "model")).to_series()
    held = state.lookup("alias", keys).filter(~pl.col("deleted"))
    held = held.select("model", previous="version")
    return rows.join(held, on="model", how="left", maintain_order="left")


def _change(rows: pl.DataFrame, alias: str) -> Change:
    named = rows.with_columns(alias=pl.lit(alias)).select(*ALIAS.names)
    return Change("alias", named.with_columns(key=pl.format("{}/{}", "alias", "model")))


def _twice() -> pl.Expr:
    return pl.when(pl.col("model").is_duplicated()).then(
        pl.format("the model {} stands twice in the table", _said("model"))
    )


def _said(name: str) -> pl.Expr:
    return (
        pl.when(pl.col(name).is_null())
        .then(pl.lit("nothing"))
        .otherwise(pl.format("'{}'", pl.col(name)))
    )
