"""Lay out everything that a change or a run touches, for policies and listeners."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import PluginError
from argosy.store.after_images import columns_of
from argosy.store.commit_queue import preview
from argosy.store.entity_kinds import from_payload, kind_of_rows
from argosy.store.state import NOTHING, State
from argosy.tables import KINDS, MODEL
from argosy.types import ChangeEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from argosy.store.state import Decision
    from argosy.types import FleetView

_UNTOUCHED = {
    kind: NOTHING[kind].select("key", *schema.names)
    for kind, schema in KINDS.items()
    if kind != "run"
}


@dataclass(frozen=True)
class Attempt:
    """A change that somebody is about to make to a state of a fleet, and its effects."""

    fleet: str
    """The fleet's URL."""
    actor: str
    group: str | None
    verb: str
    reason: str | None
    state: State
    """The state that it was decided on."""
    decision: Decision
    look: Callable[[State], FleetView]
    """The fleet to read, as a state has it."""

    @cached_property
    def touches(self) -> frozenset[str]:
        """What it changes, or would: kinds of entities such as `alias`, and each alias."""
        return self.decision.expects | frozenset(self._touched())

    @property
    def asked_before(self) -> bool:
        """Whether it is the end of a run, whose verb policies were asked about before it began."""
        return self.decision.models is not None and bool(self.decision.changes)

    def event(self, seq: int | None = None) -> ChangeEvent:
        """Return the effects on the fleet; with `seq` once the change is made."""
        before, after, everywhere = dict(_UNTOUCHED), dict(_UNTOUCHED), False
        models = NOTHING["model"].select(MODEL.names)
        names: list[pl.Series] = []
        state, decision = self.state, self.decision
        for change in decision.changes:
            keys, rows = change.rows["key"], change.rows
            if not len(keys) or change.kind == "run":
                continue
            columns = ["key", *columns_of(change.kind)]
            stood = state.lookup(change.kind, keys, live=True).select(columns)
            kept = rows.filter(~pl.col("deleted")) if "deleted" in rows.columns else rows
            kept = kept.select(columns)
            if change.kind not in KINDS:
                stood, kept = _told(stood, change.kind), _told(kept, change.kind)
                names += [part["model"].drop_nulls() for part in (stood, kept) if _of_models(part)]
            before[change.kind], after[change.kind] = stood, kept
            if "model" in columns:
                names.append(rows["model"].drop_nulls())
                everywhere |= bool(rows["model"].null_count())
            if change.kind == "model":
                models = kept.select(MODEL.names)
        if decision.models is not None:
            names.append(decision.models)
        touched = pl.concat(names).unique() if names else models["model"]
        others = state["model"] if everywhere else state.lookup("model", touched, live=True)
        rest = others.join(models.select("model"), on="model", how="anti").select(MODEL.names)
        return ChangeEvent(
            verb=self.verb,
            fleet=self.fleet,
            actor=self.actor,
            group=self.group,
            reason=self.reason,
            models=pl.concat([models, rest], how="vertical_relaxed").sort("model").to_arrow(),
            before=_arrow(before),
            after=_arrow(after),
            facts=_arrow(decision.facts),
            seq=seq,
            touches=self.touches,
            view=self.look(preview(state, decision.changes)),
        )

    def _touched(self) -> set[str]:
        touched = set()
        for change in self.decision.changes:
            if change.rows.height and change.kind != "run":
                touched.add(change.kind)
                if change.kind == "alias":
                    touched |= {f"alias:{name}" for name in change.rows["alias"].unique()}
        return touched


def _told(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Return entities of a kind that a plugin brings with their columns, where it is installed."""
    try:
        brought = kind_of_rows(kind)
        return rows if brought is None else from_payload(rows, brought)
    except PluginError:  # a change must not be held up by what a plugin no longer reads
        return rows


def _of_models(rows: pl.DataFrame) -> bool:
    return rows.schema.get("model") == pl.String


def _arrow(frames: Mapping[str, pl.DataFrame]) -> dict[str, pa.Table]:
    return {name: frame.to_arrow() for name, frame in frames.items()}
