"""Undo one change: every entity that it touched gets the after-image it had before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import UnknownName
from argosy.registry.frames import refuse_bad_rows
from argosy.store.delta import collect
from argosy.store.state import NOTHING, Change, Decision
from argosy.tables import COMMIT, KINDS

if TYPE_CHECKING:
    from argosy.store.ledger import Ledger
    from argosy.store.state import State


def rollback(
    ledger: Ledger, seq: int, reason: str | None = None, dry_run: bool = False
) -> pl.DataFrame:
    """Put everything that the change `seq` touched back to how it stood before, in one change.

    Returns:
        One row per entity: `kind`, `key`, `outcome` (`put back` or `removed`), `reason`.

    Raises:
        UnknownName: if there is no such change.
        RowsRefused: if a later change touched one of the entities; roll that back first.
    """
    own = ledger.scan().filter(pl.col("seq") == seq).select("kind", "key")
    touched = collect(own, ledger.table.url)
    if touched.is_empty():
        raise UnknownName(
            f"there is no change {seq}; the fleet stands at {ledger.state().seq},"
            " and `argosy history` lists its changes"
        )
    # the history of these entities only: what they were, and who touched them since
    theirs = ledger.scan().join(touched.lazy(), on=["kind", "key"], how="semi")
    history = collect(theirs, ledger.table.url)
    before = NOTHING.after(history.filter(pl.col("seq") < seq))
    at = NOTHING.after(history.filter(pl.col("seq") <= seq))

    def decide(state: State) -> Decision:
        outcomes = pl.concat(
            [_outcomes(kind, before, at, state) for kind in KINDS if at.whole(kind).height]
        )
        refuse_bad_rows(outcomes, "be rolled back", "Roll back the later changes first.")
        changes = [_back(kind, before, at) for kind in KINDS]
        return Decision(outcomes, changes)

    told = reason or f"rollback of change {seq}"
    return ledger.apply("rollback", decide, told, dry_run)


def _outcomes(kind: str, before: State, at: State, now: State) -> pl.DataFrame:
    touched = at.whole(kind).select("key", "rev")
    held = now.lookup(kind, touched["key"]).select("key", now_rev="rev", now_seq="seq", by="actor")
    stood = before[kind].select("key", stood=True)
    return (
        touched.join(held, on="key", how="left")
        .join(stood, on="key", how="left")
        .select(
            pl.lit(kind).alias("kind"),
            "key",
            outcome=pl.when("stood").then(pl.lit("put back")).otherwise(pl.lit("removed")),
            reason=pl.when(pl.col("now_rev") != pl.col("rev")).then(
                pl.format(
                    "{} '{}' was changed again by change {} ({})",
                    pl.lit(kind),
                    "key",
                    "now_seq",
                    "by",
                )
            ),
        )
    )


def _back(kind: str, before: State, at: State) -> Change:
    """Return the old after-images, and a removal for what did not exist."""
    columns = ["key", "deleted", *KINDS[kind].names]
    old = before.whole(kind).select(columns)
    new = at.whole(kind).join(old.select("key"), on="key", how="anti")
    gone = new.drop([name for name in COMMIT.names if name != "key"]).with_columns(
        deleted=pl.lit(True)
    )
    return Change(kind, pl.concat([old, gone.select(columns)]))
