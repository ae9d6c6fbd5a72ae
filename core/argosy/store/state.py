"""The fleet as it stands after a commit, and how a change moves it on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import StoreError
from argosy.store.after_images import EMPTY, OPAQUE, Change, fields, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

_SETTLE = 2_000
"""So many rows may lie over the settled ones before they are folded in."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a verb wants to write, and what it tells its caller."""

    outcomes: pl.DataFrame
    """One row per input row."""
    changes: Sequence[Change]
    facts: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """What a run found, by fact table, for those who hear of it."""
    models: pl.Series | None = None
    """The models that a run is about."""
    otherwise: str | None = None
    """What is kept as the reason where the actor gives none: policies do not see it."""
    expects: frozenset[str] = frozenset()
    """What a run that has not begun would touch: kinds of entities, and aliases."""


class State:
    """The newest row of every entity, by kind; deleted entities are kept with their mark.

    Entities of a kind that a plugin brings have a `payload` in place of columns, so that they are
    the same whether or not it is installed.

    It never changes. The many rows of a kind are shared between states, and the few that later
    changes touched lie over them, so that a change of one row costs little however large the
    fleet is.
    """

    def __init__(
        self,
        seq: int,
        at: datetime,
        chain: str,
        settled: Mapping[str, pl.DataFrame],
        recent: Mapping[str, pl.DataFrame],
    ) -> None:
        self.seq = seq
        """The last change that it holds."""
        self.at = at
        self.chain = chain
        """The hash of every change up to here."""
        self._settled = settled
        self._recent = recent
        self._whole: dict[str, pl.DataFrame] = {}

    @property
    def rows(self) -> int:
        """How many entities it holds, roughly."""
        return sum(frame.height for frame in self._settled.values())

    @property
    def kinds(self) -> list[str]:
        """The kinds of entities that it may hold: the core's, then those that plugins brought."""
        return list(dict.fromkeys([*self._settled, *self._recent]))

    def __getitem__(self, kind: str) -> pl.DataFrame:
        """Return the live entities of one kind, in no particular order."""
        whole = self.whole(kind)
        return whole.filter(~pl.col("deleted")) if whole["deleted"].any() else whole

    def whole(self, kind: str) -> pl.DataFrame:
        """Return the entities of one kind, the deleted ones too, in no particular order."""
        if kind not in self._whole:
            self._whole[kind] = _over(self._settled.get(kind, OPAQUE), self._recent.get(kind))
        return self._whole[kind]

    def held(self, kinds: Iterable[str]) -> tuple[pl.DataFrame | None, ...]:
        """Return what some kinds are made of: the very same frames until one of them changes."""
        return tuple(
            part
            for kind in kinds
            for part in (self._settled.get(kind, OPAQUE), self._recent.get(kind))
        )

    def lookup(self, kind: str, keys: pl.Series, live: bool = False) -> pl.DataFrame:
        """Return the entities with one of the keys, the deleted ones too unless `live`."""
        found = self._found(kind, keys)
        return found.filter(~pl.col("deleted")) if live and found["deleted"].any() else found

    def _found(self, kind: str, keys: pl.Series) -> pl.DataFrame:
        recent = self._recent.get(kind)
        settled = self._settled.get(kind, OPAQUE)
        if recent is None:
            return _with_keys(settled, keys)
        above = _with_keys(recent, keys)
        if settled.is_empty() or above.height == len(keys):
            return above
        return _over(_with_keys(settled, keys), above)

    def after(self, rows: pl.DataFrame) -> State:
        """Fold later ledger rows in.

        Raises:
            StoreError: for rows without a kind, or that cannot be read.
        """
        if rows.is_empty():
            return self
        last = rows.select("seq", "ord", "at", "chain").sort("seq", "ord").row(-1, named=True)
        return self.moved(last["seq"], last["at"], last["chain"], _newest(rows))

    def before(self, seq: int, at: datetime, chain: str, earlier: pl.DataFrame) -> State:
        """Return the state after an earlier change, whose time and hash are given.

        Args:
            seq: the number of the change.
            at: its time.
            chain: its hash.
            earlier: the ledger's rows up to it of what was touched since.

        Raises:
            StoreError: for rows without a kind, or that cannot be read.
        """
        untouched = {kind: self.whole(kind).filter(pl.col("seq") <= seq) for kind in self.kinds}
        state = State(seq, at, chain, untouched, {})
        return state.moved(seq, at, chain, _newest(earlier)) if earlier.height else state

    def equals(self, other: State) -> bool:
        """Say whether two states hold the same entities."""
        return all(
            self.whole(kind).sort("key").equals(other.whole(kind).sort("key"))
            for kind in {*self.kinds, *other.kinds}
        )

    def moved(self, seq: int, at: datetime, chain: str, images: Sequence[pl.DataFrame]) -> State:
        """Lay new after-images, a frame per kind with each key once, over what there is."""
        settled, recent = dict(self._settled), dict(self._recent)
        for part in images:
            name = part["kind"][0]
            below = settled.get(name, OPAQUE)
            newest = part[below.columns]
            recent[name] = _over(recent[name], newest) if name in recent else newest
            if recent[name].height > _SETTLE:
                settled[name] = _over(below, recent.pop(name))
        after = State(seq, at, chain, settled, recent)
        touched = {part["kind"][0] for part in images}
        after._whole = {kind: whole for kind, whole in self._whole.items() if kind not in touched}
        return after


def _newest(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the newest after-image of each entity that rows of the ledger tell of, by kind."""
    if rows["kind"].null_count():
        worst = rows.filter(pl.col("kind").is_null())["seq"].sort()[0]
        raise StoreError(
            f"change {worst} has a row without a kind: the ledger is damaged; `argosy verify`"
            " names what else is, restore the ledger from a backup"
        )
    newest = rows.sort("seq", "ord").unique(["kind", "key"], keep="last", maintain_order=True)
    try:
        return [unpacked(newest, kind) for kind in newest["kind"].unique(maintain_order=True)]
    except pl.exceptions.PolarsError as error:
        raise StoreError(
            "a payload of the ledger cannot be read: it is damaged; `argosy verify` names the"
            " change, restore the ledger from a backup"
        ) from error


def among(values: pl.Series, wanted: pl.Series) -> NDArray[np.bool_]:
    """Say which values are wanted; for a single wanted one, the common case, without a query."""
    only = wanted[0] if len(wanted) == 1 else None
    return (values.is_in(wanted.implode()) if only is None else values == only).to_numpy()


def _with_keys(frame: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    return frame[np.flatnonzero(among(frame["key"], keys))]


def _over(below: pl.DataFrame, above: pl.DataFrame | None) -> pl.DataFrame:
    """Lay rows over others: those above win."""
    if above is None or above.is_empty():
        return below
    hidden = among(below["key"], above["key"])
    kept = below[np.flatnonzero(~hidden)] if hidden.any() else below
    return kept.vstack(above).rechunk()


NOTHING = State(
    0,
    datetime.min.replace(tzinfo=UTC),
    "",
    EMPTY,
    {},
)
"""The state of a fleet before its first commit."""


def difference(state: State, changes: Sequence[Change]) -> pl.DataFrame:
    """Say what changes would do to a state: `kind`, `key`, `column`, `old` and `new`, as text.

    An entity that appears has null for every `old`, one that goes has null for every `new`.
    """
    schema = dict.fromkeys(("kind", "key", "column", "old", "new"), pl.String)
    parts = [pl.DataFrame(schema=schema)]
    for change in changes:
        if "payload" in change.rows.columns:
            parts.append(pl.DataFrame(_fields_of_both(state, change), schema, orient="row"))
            continue
        columns = [name for name in change.rows.columns if name not in {"key", "deleted"}]
        gone = pl.col("deleted") if "deleted" in change.rows.columns else pl.lit(False)
        new = change.rows.select(
            "key", *[pl.when(~gone).then(_text(change.rows, name)).alias(name) for name in columns]
        )
        old = state.lookup(change.kind, change.rows["key"]).filter(~pl.col("deleted"))
        old = old.select("key", *[_text(old, name) for name in columns])
        both = new.unpivot(index="key", variable_name="column", value_name="new").join(
            old.unpivot(index="key", variable_name="column", value_name="old"),
            on=["key", "column"],
            how="left",
            maintain_order="left",
        )
        parts.append(
            both.filter(pl.col("old").ne_missing(pl.col("new"))).select(
                pl.lit(change.kind).alias("kind"), "key", "column", "old", "new"
            )
        )
    return pl.concat(parts)


def _fields_of_both(state: State, change: Change) -> list[tuple[str | None, ...]]:
    """Say what a change would do to entities of a kind that a plugin brings."""
    held = state.lookup(change.kind, change.rows["key"], live=True)
    stood = dict(held.select("key", "payload").rows())
    found: list[tuple[str | None, ...]] = []
    for row in change.rows.iter_rows(named=True):
        old = fields(stood.get(row["key"]))
        new = {} if row.get("deleted") else fields(row["payload"])
        found += [
            (change.kind, row["key"], name, old.get(name), new.get(name))
            for name in dict.fromkeys([*new, *old])
            if old.get(name) != new.get(name)
        ]
    return found


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    if not frame.schema[name].is_nested():
        return column.cast(pl.String)
    inside = pl.struct(column).struct.json_encode().str.strip_prefix(f'{{"{name}":')
    return pl.when(column.is_not_null()).then(inside.str.strip_suffix("}")).alias(name)
