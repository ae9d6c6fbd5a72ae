"""Undo one change, or a group of them: what they touched gets the after-image it had before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.registry.frames import refuse_bad_rows
from argosy.registry.templates import bereft
from argosy.registry.undoing import followed
from argosy.store.after_images import Change, columns_of, packed, unpacked
from argosy.store.damage import collect
from argosy.store.retention import OP
from argosy.store.state import Decision
from argosy.tables import KINDS

if TYPE_CHECKING:
    from argosy.registry.undoing import Course
    from argosy.store.ledger import Ledger
    from argosy.store.state import State

_ENTITY = ["kind", "key"]


def rollback(
    ledger: Ledger,
    seq: int | None,
    group: str | None = None,
    reason: str | None = None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Put everything that was touched back to how it stood before, in one change.

    Args:
        ledger: where the change goes.
        seq: the number of a change.
        group: in place of it, the name of a group of changes.
        reason: kept with the new change.
        dry_run: write nothing, return the difference.

    Returns:
        One row per entity: `kind`, `key`, `outcome` (`put back`, `removed`, or `unchanged` where
        it stands as before already), `reason`.

    Raises:
        UnknownName: if there is no such change or group.
        BadInput: unless one of them is named.
        RowsRefused: if another change touched one of the entities since; roll that back first.
    """
    if (seq is None) == (group is None):
        raise BadInput("name a change by its number, or a group of changes; `argosy history`")
    if seq is not None and not isinstance(seq, int):
        raise BadInput(f"a change is named by its number, not by {seq!r}; `argosy history`")
    own = pl.col("seq") == seq if group is None else pl.col("group") == group
    touched = collect(ledger.scan().filter(own).select(_ENTITY).unique(), ledger.table.url)
    if touched.is_empty():
        raise _unknown(ledger, seq, group)
    # the history of these entities only: what they were, and who touched them since
    theirs = ledger.scan().join(touched.lazy(), on=_ENTITY, how="semi")
    history = collect(theirs, ledger.table.url)
    if history.filter(own, op=OP).height:
        raise BadInput(f"change {seq} let rows go for good, so it cannot be undone")

    def decide(state: State) -> Decision:
        rows = _with_newer(history, touched, state).sort(*_ENTITY, "seq", "ord")
        course = followed(rows, rows.select(own.fill_null(False)).to_series())
        outcomes = _outcomes(rows, course)
        refuse_bad_rows(outcomes, "be rolled back", "Roll back the later changes first.")
        back = _back(rows, course)
        kinds = dict.fromkeys([*KINDS, *back["kind"].unique().sort()])
        changes = [_of_kind(kind, back) for kind in kinds]
        refuse_bad_rows(bereft(state, changes), "be rolled back")
        return Decision(outcomes, changes, otherwise=f"rollback of {named}")

    named = f"change {seq}" if group is None else f"the group {group}"
    return ledger.apply("rollback", decide, reason, dry_run)


def _unknown(ledger: Ledger, seq: int | None, group: str | None) -> UnknownName:
    if group is None:
        return UnknownName(
            f"there is no change {seq}; the fleet stands at {ledger.state().seq},"
            " and `argosy history` lists its changes"
        )
    known = collect(ledger.scan().select("group").unique(), ledger.table.url)["group"].drop_nulls()
    return UnknownName.among("group of changes", group, known)


def _with_newer(history: pl.DataFrame, touched: pl.DataFrame, state: State) -> pl.DataFrame:
    """Add what became of the entities since the history was read."""
    parts = [history]
    for kind in touched["kind"].unique():
        now = state.lookup(kind, touched.filter(kind=kind)["key"])
        known = history.filter(kind=kind).select("key", "seq")
        newer = now.join(known, on=["key", "seq"], how="anti")
        if newer.height:
            parts.append(packed(newer))
    return pl.concat(parts)


def _outcomes(rows: pl.DataFrame, course: Course) -> pl.DataFrame:
    stood = np.where(course.base >= 0, ~rows["deleted"].to_numpy()[course.base], False)
    intruders = rows.select("seq", "actor")[np.maximum(course.intruder, 0)]
    return course.entities.hstack(intruders).select(
        *_ENTITY,
        outcome=pl.when(pl.lit(pl.Series(course.undone)))
        .then(pl.lit("unchanged"))
        .when(pl.lit(pl.Series(stood)))
        .then(pl.lit("put back"))
        .otherwise(pl.lit("removed")),
        reason=pl.when(pl.lit(pl.Series(course.intruder >= 0))).then(
            pl.format("{} '{}' was changed again by change {} ({})", *_ENTITY, "seq", "actor")
        ),
    )


def _back(rows: pl.DataFrame, course: Course) -> pl.DataFrame:
    """Return the old after-images, and a removal for what did not exist, in their old order."""
    todo = ~course.undone & (course.intruder < 0)
    new = todo & (course.base < 0)
    old = rows[course.base[todo & ~new]]
    gone = rows[course.left[new]].with_columns(deleted=pl.lit(True))
    return pl.concat([old, gone]).sort("seq", "ord")


def _of_kind(kind: str, rows: pl.DataFrame) -> Change:
    return Change(kind, unpacked(rows, kind).select("key", "deleted", *columns_of(kind)))
