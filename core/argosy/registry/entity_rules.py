"""Ask the rules of the kinds that plugins bring about what would be written or removed.

A rule reads the fleet as it would stand after the change, except that the entities of its own kind
are still as they were: it sees a model that the same rollback brings back, and can compare the new
entities with the old ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.errors import PluginError
from argosy.plugins import call
from argosy.plugins.guarded_call import origin, whole
from argosy.store.commit_queue import preview
from argosy.store.entity_kinds import from_payload, kind_of_rows
from argosy.tables import KINDS, REFUSALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from argosy.store.after_images import Change
    from argosy.store.state import State
    from argosy.types import EntityKind, FleetView
    from argosy.types.entities import RefuseRows

_NONE = pl.DataFrame(schema=dict.fromkeys(("kind", "key", "reason"), pl.String))


def refusals(
    kind: EntityKind, rule: RefuseRows | None, entities: pa.Table, fleet: FleetView
) -> pl.Series:
    """Return a reason for each entity that the rule refuses, null for the others.

    Args:
        kind: of the entities.
        rule: of that kind; None allows everything.
        entities: all columns of the kind's schema.
        fleet: what the rule reads.

    Raises:
        PluginError: if the rule fails, or answers with something else.
    """
    if rule is None or not entities.num_rows:
        return pl.Series("reason", [None] * entities.num_rows, dtype=pl.String)
    answer: Any = call("entity_kinds", kind.name, rule, entities, fleet, answers=pa.Table)
    refused = pl.DataFrame(whole("entity_kinds", kind.name, answer, REFUSALS, None))
    if not refused["row"].is_between(0, entities.num_rows - 1).all() or refused["row"].null_count():
        raise PluginError(f"{origin('entity_kinds', kind.name)} refused a row that is not there")
    reasons = dict(refused.reverse().fill_null("it was refused").rows())
    each = [reasons.get(row) for row in range(entities.num_rows)]
    return pl.Series("reason", each, dtype=pl.String)


def objections(
    state: State,
    changes: Sequence[Change],
    look: Callable[[State], FleetView],
    act: str = "be put back",
) -> pl.DataFrame:
    """Return `kind`, `key` and `reason` of the entities whose rules object to the changes.

    Kinds whose plugin is not installed have no rules here, so their entities pass.

    Args:
        state: the fleet as it stands.
        changes: at most one of each kind.
        look: the fleet to read, as a state has it.
        act: what is done with entities that are written.

    Raises:
        PluginError: if a rule fails, or the kind can no longer read what the fleet holds.
    """
    return pl.concat([_NONE, *_objections(state, changes, look, act)])


def as_entities(rows: pl.DataFrame, kind: EntityKind) -> pa.Table:
    """Return rows with a `payload` as a rule is handed them: the columns of the kind's schema.

    Raises:
        PluginError: if the kind can no longer read them.
    """
    return from_payload(rows.select("payload"), kind).to_arrow().cast(kind.schema)


def _objections(
    state: State, changes: Sequence[Change], look: Callable[[State], FleetView], writing: str
) -> Iterator[pl.DataFrame]:
    for change in changes:
        kind = None if change.kind in KINDS else kind_of_rows(change.kind)
        if kind is None or (kind.refuse is None and kind.refuse_removal is None):
            continue
        fleet = look(preview(state, [other for other in changes if other is not change]))
        written, gone = _written_and_gone(change, state)
        for rule, rows, act in (
            (kind.refuse, written, writing),
            (kind.refuse_removal, gone, "be removed"),
        ):
            if rule is None or rows.is_empty():
                continue
            reasons = refusals(kind, rule, as_entities(rows, kind), fleet)
            found = rows.select(pl.lit(kind.name).alias("kind"), "key", reasons)
            text = pl.format("{} '{}' cannot {}: {}", "kind", "key", pl.lit(act), "reason")
            yield found.drop_nulls("reason").with_columns(reason=text)


def _written_and_gone(change: Change, state: State) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split a change into the entities that it writes, and those that stand and that it removes."""
    rows = change.rows
    removed = pl.col("deleted") if "deleted" in rows.columns else pl.lit(False)
    gone = state.lookup(change.kind, rows.filter(removed)["key"], live=True)
    return rows.filter(~removed), gone
