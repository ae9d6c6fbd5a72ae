"""Lay out what a change or a run touches, whole, for policies and listeners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.store.state import NOTHING, State
from argosy.tables import KINDS, MODEL
from argosy.types import Happening

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from argosy.store.state import Decision

_UNTOUCHED = {
    kind: NOTHING[kind].select("key", *schema.names)
    for kind, schema in KINDS.items()
    if kind != "run"
}


def happening(
    fleet: str,
    actor: str,
    group: str | None,
    verb: str,
    reason: str | None,
    state: State,
    decision: Decision,
    seq: int | None = None,
) -> Happening:
    """Return what a decision on a state does to it; `seq` once it is done."""
    before, after, everywhere = dict(_UNTOUCHED), dict(_UNTOUCHED), False
    models = NOTHING["model"].select(MODEL.names)
    names: list[pl.Series] = []
    for change in decision.changes:
        keys, rows = change.rows["key"], change.rows
        if not len(keys) or change.kind == "run":
            continue
        columns = ["key", *KINDS[change.kind].names]
        before[change.kind] = state.lookup(change.kind, keys, live=True).select(columns)
        kept = rows.filter(~pl.col("deleted")) if "deleted" in rows.columns else rows
        after[change.kind] = kept.select(columns)
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
    return Happening(
        verb=verb,
        fleet=fleet,
        actor=actor,
        group=group,
        reason=reason,
        models=pl.concat([models, rest], how="vertical_relaxed").sort("model").to_arrow(),
        before=_arrow(before),
        after=_arrow(after),
        facts=_arrow(decision.facts),
        seq=seq,
    )


def _arrow(frames: Mapping[str, pl.DataFrame]) -> dict[str, pa.Table]:
    return {name: frame.to_arrow() for name, frame in frames.items()}
