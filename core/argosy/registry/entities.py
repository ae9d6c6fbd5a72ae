"""Write and remove entities of kinds that plugins bring, whole tables at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from argosy.registry.entity_rules import as_entities, refusals
from argosy.registry.frames import as_frame, refuse_bad_rows, shaped
from argosy.registry.names import unclear_names
from argosy.store.after_images import Change
from argosy.store.entity_kinds import as_payload, from_payload, kind_called
from argosy.store.state import Decision
from argosy.tables import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.store.ledger import Ledger
    from argosy.store.state import State
    from argosy.types import EntityKind, FleetView

_NONE = pl.lit(None, pl.String)


def put(
    ledger: Ledger,
    look: Callable[[State], FleetView],
    kind: str,
    table: object,
    reason: str | None = None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Write every row of the table as a whole entity, new or in place of the one with its key.

    Args:
        ledger: where the change goes.
        look: the fleet to read, as a state has it.
        kind: the name of a kind that a plugin brings.
        table: its columns; those that are not given are null.
        reason: kept with the change.
        dry_run: write nothing, return the difference.

    Returns:
        One row per input row: the columns of the key, `outcome` (`written`, or `unchanged` where it
        stands so already), `reason`.

    Raises:
        UnknownName: for a kind that no plugin brings, or a column that it does not have.
        BadInput: for a kind of the core's, and missing or mistyped columns.
        RowsRefused: for rows that cannot be written; nothing is.
        PluginError: where the plugin fails.
    """
    chosen = kind_called(kind)
    what = f"table of {chosen.table}"
    rows = shaped(as_frame(table, f"put {chosen.table}"), chosen.schema, chosen.key, what)
    keys = _keys(rows, chosen)
    refuse_bad_rows(_problems(rows, keys, chosen), "be written")
    refuse_bad_rows(_unclear(rows, chosen), "be written")
    images = pl.DataFrame([keys, as_payload(rows, chosen)])
    refuse_bad_rows(_unkept(rows, images, chosen), "be written")
    handed = rows.to_arrow().cast(chosen.schema)

    def decide(state: State) -> Decision:
        asked = refusals(chosen, chosen.refuse, handed, look(state))
        refuse_bad_rows(rows.select(*chosen.key, asked, outcome=_NONE), "be written")
        held = state.lookup(chosen.name, keys, live=True).select("key", held="payload")
        both = images.join(held, on="key", how="left", maintain_order="left")
        news = both.select(pl.col("payload").ne_missing(pl.col("held"))).to_series()
        written = pl.when(pl.lit(news)).then(pl.lit("written")).otherwise(pl.lit("unchanged"))
        outcomes = rows.select(*chosen.key, outcome=written, reason=_NONE)
        return Decision(outcomes, [Change(chosen.name, images.filter(news))])

    return ledger.apply("put", decide, reason, dry_run)


def as_change(kind: str, rows: pl.DataFrame) -> Change:
    """Return the entities of a kind that a run writes, as a change of the ledger.

    Args:
        kind: the core's, whose rows have a `key`, or a plugin's, whose rows have its columns.
        rows: the entities; of a plugin's kind with null in columns that are not given.

    Raises:
        UnknownName: for a kind that no plugin brings, or a column that is not of it.
        RowsRefused: for rows without a key, or with one that another has, and for values that
            would not be read as they are given.
    """
    if kind in KINDS:
        return Change(kind, rows)
    chosen = kind_called(kind)
    whole = shaped(rows, chosen.schema, chosen.key, f"table of {chosen.table}")
    keys = _keys(whole, chosen)
    images = pl.DataFrame([keys, as_payload(whole, chosen)])
    refuse_bad_rows(_problems(whole, keys, chosen), "be written")
    refuse_bad_rows(_unkept(whole, images, chosen), "be written")
    return Change(kind, images)


def remove(
    ledger: Ledger,
    look: Callable[[State], FleetView],
    kind: str,
    table: object,
    reason: str | None = None,
    dry_run: bool = False,
) -> pl.DataFrame:
    """Remove the entities whose keys are the rows of the table; the ledger keeps their history.

    Args:
        ledger: where the change goes.
        look: the fleet to read, as a state has it.
        kind: the name of a kind that a plugin brings.
        table: the columns of its key.
        reason: kept with the change.
        dry_run: write nothing, return the difference.

    Returns:
        One row per input row: the columns of the key, `outcome` (`removed`), `reason`.

    Raises:
        UnknownName: for a kind that no plugin brings, or a column that is not of its key.
        BadInput: for a kind of the core's, and missing or mistyped columns.
        RowsRefused: for entities that are not there, and those that the kind's rule keeps; nothing
            is removed.
        PluginError: where the plugin fails.
    """
    chosen = kind_called(kind)
    schema = pa.schema([chosen.schema.field(name) for name in chosen.key])
    what = f"table of keys of {chosen.table}"
    rows = shaped(as_frame(table, f"remove {chosen.table}"), schema, chosen.key, what)
    keys = _keys(rows, chosen)
    problems = _problems(rows, keys, chosen)
    refuse_bad_rows(problems, "be removed")

    def decide(state: State) -> Decision:
        held = state.lookup(chosen.name, keys, live=True).select("key", "payload")
        there = keys.is_in(held["key"].implode())
        told = pl.format("there is no {} '{}'", pl.lit(chosen.name), pl.lit(keys))
        found = problems.with_columns(reason=pl.when(~pl.lit(there)).then(told))
        refuse_bad_rows(found, "be removed")
        gone = keys.to_frame().join(held, on="key", maintain_order="left")
        if chosen.refuse_removal is not None:
            handed = as_entities(gone, chosen)
            asked = refusals(chosen, chosen.refuse_removal, handed, look(state))
            refuse_bad_rows(problems.with_columns(asked), "be removed")
        outcomes = rows.select(*chosen.key, outcome=pl.lit("removed"), reason=_NONE)
        return Decision(outcomes, [Change(chosen.name, gone.with_columns(deleted=pl.lit(True)))])

    return ledger.apply("remove", decide, reason, dry_run)


def _keys(rows: pl.DataFrame, kind: EntityKind) -> pl.Series:
    r"""Return what tells entities apart as one text each; null where a part is null.

    A slash joins the parts, and is escaped within them, so that no two tuples give one text.

    >>> from types import SimpleNamespace
    >>> rows = pl.DataFrame({"model": ["a/b", "a", "a\\"], "topic": ["c", "b/c", "c"]})
    >>> print(*_keys(rows, SimpleNamespace(key=("model", "topic"))))
    a\/b/c a/b\/c a\\/c
    """
    parts = [
        pl.col(name)
        .cast(pl.String)
        .str.replace_all("\\", "\\\\", literal=True)
        .str.replace_all("/", "\\/", literal=True)
        for name in kind.key
    ]
    return rows.select(pl.concat_str(parts, separator="/").alias("key")).to_series()


def _problems(rows: pl.DataFrame, keys: pl.Series, kind: EntityKind) -> pl.DataFrame:
    """Say which rows name no entity, or one that another row names."""
    missing = [
        pl.when(pl.col(name).is_null()).then(pl.lit(f"{name} is missing")) for name in kind.key
    ]
    told = pl.format("the {} '{}' stands twice in the table", pl.lit(kind.name), pl.lit(keys))
    twice = pl.lit(keys.is_duplicated() & keys.is_not_null())
    return rows.select(
        *kind.key, outcome=_NONE, reason=pl.coalesce(*missing, pl.when(twice).then(told))
    )


def _unclear(rows: pl.DataFrame, kind: EntityKind) -> pl.DataFrame:
    """Say which rows have a key that could be taken for another."""
    names = [name for name in kind.key if rows.schema[name] == pl.String]
    told = pl.coalesce(*map(unclear_names, names)) if names else _NONE
    return rows.select(*kind.key, outcome=_NONE, reason=told)


def _unkept(rows: pl.DataFrame, images: pl.DataFrame, kind: EntityKind) -> pl.DataFrame:
    """Say which rows would not be read as they were given, such as a number that is infinite."""
    outcomes = rows.select(*kind.key, outcome=_NONE, reason=_NONE)
    back = from_payload(images.select("payload"), kind)
    lost = [name for name in rows.columns if not back[name].equals(rows[name])]
    reasons: list[str | None] = [None] * rows.height
    for place in range(rows.height if lost else 0):
        for name in lost:
            if not back[name].slice(place, 1).equals(rows[name].slice(place, 1)):
                reasons[place] = f"its {name} holds a value that cannot be kept"
    return outcomes.with_columns(reason=pl.Series(reasons, dtype=pl.String))
