"""Undo one change, or a group of them: what they touched gets the after-image it had before.

Only what still stands as we left it is undone. If somebody else touched an entity since, either
they rolled it back already, which leaves nothing to undo, or undoing our change would undo theirs.
All entities are followed at once, one row of each one's history per step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.registry.entity_rules import objections
from argosy.registry.frames import refuse_bad_rows
from argosy.registry.templates import bereft
from argosy.store.after_images import Change, columns_of, packed, unpacked
from argosy.store.damage import collect
from argosy.store.retention import OP
from argosy.store.state import Decision
from argosy.tables import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from argosy.store.ledger import Ledger
    from argosy.store.state import State
    from argosy.types import FleetView

_ENTITY = ["kind", "key"]


def rollback(
    ledger: Ledger,
    look: Callable[[State], FleetView],
    seq: int | None,
    group: str | None = None,
    reason: str | None = None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Put everything that was touched back to how it stood before, in one change.

    Args:
        ledger: where the change goes.
        look: the fleet to read, as a state has it.
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
        RowsRefused: if another change touched one of the entities since (roll that back first), or
            if the rule of a plugin's kind forbids that one comes back or goes.
        PluginError: if that rule fails.
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
        course = _followed(rows, rows.select(own.fill_null(False)).to_series())
        outcomes = _outcomes(rows, course)
        refuse_bad_rows(outcomes, "be rolled back", "Roll back the later changes first.")
        back = _back(rows, course)
        kinds = dict.fromkeys([*KINDS, *back["kind"].unique().sort()])
        changes = [_of_kind(kind, back) for kind in kinds]
        refuse_bad_rows(bereft(state, changes), "be rolled back")
        refuse_bad_rows(_with_objections(outcomes, state, changes, look), "be rolled back")
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


def _outcomes(rows: pl.DataFrame, course: _Course) -> pl.DataFrame:
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


def _with_objections(
    outcomes: pl.DataFrame,
    state: State,
    changes: list[Change],
    look: Callable[[State], FleetView],
) -> pl.DataFrame:
    """Give each entity that the rule of its kind objects to the reason."""
    reasons = objections(state, changes, look)
    return outcomes.drop("reason").join(reasons, on=_ENTITY, how="left", maintain_order="left")


def _back(rows: pl.DataFrame, course: _Course) -> pl.DataFrame:
    """Return the old after-images, and a removal for what did not exist, in their old order."""
    todo = ~course.undone & (course.intruder < 0)
    new = todo & (course.base < 0)
    old = rows[course.base[todo & ~new]]
    gone = rows[course.left[new]].with_columns(deleted=pl.lit(True))
    return pl.concat([old, gone]).sort("seq", "ord")


def _of_kind(kind: str, rows: pl.DataFrame) -> Change:
    return Change(kind, unpacked(rows, kind).select("key", "deleted", *columns_of(kind)))


class _Course(NamedTuple):
    """What became of each entity; arrays of shape (entities,)."""

    entities: pl.DataFrame
    """`kind` and `key`."""
    left: NDArray[np.int64]
    """The row of the history in which we left it."""
    base: NDArray[np.int64]
    """The row that it is to be put back to; -1 where it did not exist."""
    undone: NDArray[np.bool_]
    """Whether it stood, since we left it, as before already."""
    intruder: NDArray[np.int64]
    """The row by which somebody else touched it, and which is in the way; -1 if none is."""


def _followed(history: pl.DataFrame, own: pl.Series) -> _Course:
    """Follow every entity of a history.

    Args:
        history: rows of the ledger, by entity and then in order.
        own: which of them are to be undone; each entity has one.
    """
    entity = history.select(pl.struct(_ENTITY).rle_id()).to_series().to_numpy()
    content, mine = _content(history), own.to_numpy()
    rolled = (history["op"] == "rollback").to_numpy()
    like_ours = rolled & _met(entity, content, mine)
    many = int(entity[-1]) + 1
    starts = np.searchsorted(entity, np.arange(many))
    lengths = np.diff(np.append(starts, len(entity)))
    left, base, intruder = (np.full(many, -1) for _ in range(3))
    undone = np.zeros(many, np.bool_)
    for step in range(int(lengths.max())):
        at = np.flatnonzero(lengths > step)
        row = starts[at] + step
        before = row - 1 if step else np.full(len(at), -1)
        ours, begun = mine[row], left[at] >= 0
        moved = ours & begun & (_of(content, before) != _of(content, left[at]))
        fresh = ours & (~begun | (moved & undone[at]))
        clash = moved & ~undone[at]
        intruder[at[clash]] = before[clash]
        base[at[fresh]] = before[fresh]
        ours |= begun & like_ours[row]  # a part of ours was undone, the rest stands
        left[at[ours]] = row[ours]
        back = content[row] == _of(content, base[at])
        undone[at] = np.where(ours, back, begun & (undone[at] | (back & rolled[row])))
    last = starts + lengths - 1
    late = ~undone & (content[last] != content[left])
    intruder = np.where(late, last, intruder)
    return _Course(history.select(_ENTITY)[starts], left, base, undone, intruder)


def _met(
    entity: NDArray[np.int64], content: NDArray[np.int64], mine: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Say of which rows the content is one that we gave the entity."""
    pairs = pl.DataFrame({"entity": entity, "content": content})
    given = pairs.filter(pl.Series(mine)).unique().with_columns(met=True)
    found = pairs.join(given, on=["entity", "content"], how="left", maintain_order="left")
    return found["met"].fill_null(False).to_numpy()


def _content(history: pl.DataFrame) -> NDArray[np.int64]:
    """Return a number for what each row says its entity is, 0 where it is no longer."""
    texts = pl.when(~pl.col("deleted")).then("payload")
    ranks = texts.rank("dense").fill_null(0).cast(pl.Int64)
    return history.select(ranks).to_series().to_numpy()


def _of(content: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(rows >= 0, content[rows], 0)
