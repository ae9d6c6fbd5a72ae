"""One row per model with all that is known of it, from which selections choose."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from argosy.registry.expression import as_struct
from argosy.store.damage import collect
from argosy.tables import KINDS, MODEL
from argosy.views import entities, facts
from argosy.views import verdicts as standing
from argosy.views.facts import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from argosy.store.facts import Facts
    from argosy.store.state import State
    from argosy.views.memo import Memo

UNIT = ("model", "version", "task", "format", "artifact", "digest", "features")
"""What a job and a selection know of each model's newest version."""

_REGISTERED = ("model", "version", "template")
"""The kinds of entities that a selection sees, but for aliases and results."""

_OWN = frozenset(MODEL.names) - {"tags"}
"""Columns of the model itself, which need no join."""

_OF_TEMPLATE = ("trainer", "schedule", "effect_delay")
"""What a selection knows of each model's template."""

_OF_METRICS = ("metrics", "metrics_data", "metrics_window")
"""The last numbers, the role that they were measured on, and the window: null for all rows."""

_OF_VERDICT = ("verdict", "drifted", "q_model", "worst_column")


def overview(
    state: State, store: Facts, memo: Memo, wanted: set[str] | None = None, aliases: bool = True
) -> pl.DataFrame:
    """Return one row per model: its newest version, tags, aliases and latest results.

    Args:
        state: of the fleet.
        store: its facts.
        memo: where tables are kept until the state changes.
        wanted: the columns that will be used; costly ones are left out unless named.
        aliases: include aliases even if they are not named.
    """
    if wanted is not None and not aliases and wanted <= _OWN:
        return entities.own(state, wanted)
    if aliases or wanted is None or "aliases" in wanted:
        make = partial(_with_aliases, memo=memo)
        frame = memo.table("overview", state, make, (*_REGISTERED, "alias"))
    else:
        frame = _registered(state, memo)
    if wanted is None or wanted & set(_OF_METRICS):
        frame = _with_metrics(frame, state, store)
    if wanted is None or wanted & set(_OF_VERDICT):
        judged = verdicts(state, store).select("model", *_OF_VERDICT)
        frame = frame.join(judged, on="model", how="left", maintain_order="left")
    return frame


def models(state: State, memo: Memo) -> pl.DataFrame:
    """Return every model with its newest version, ordered by name."""
    counted = memo.table("counted", state, entities.counted, ("version",))
    make = partial(entities.models, counted=counted)
    return memo.table("models", state, make, ("model", "version"))


def verdicts(state: State, store: Facts) -> pl.DataFrame:
    """Return how the drift of the newest version of each model stands."""
    checks = facts.of_finished("verdicts", state, store)
    findings = facts.of_finished("findings", state, store)
    return standing.verdicts(state, checks, findings, store.location.url)


def with_fields(
    name: str,
    frame: pl.LazyFrame,
    state: State,
    memo: Memo,
    kinds: Iterable[str] = KINDS,
) -> pl.LazyFrame:
    """Return a table with its maps as structs, so that SQL can name their keys."""
    maps = [column for column, kind in frame.collect_schema().items() if isinstance(kind, pl.Map)]
    if not maps:
        return frame

    def structured(_: State) -> pl.DataFrame:
        whole = frame.collect()
        for column in maps:
            whole = as_struct(whole, column)
        return whole

    return memo.table(f"{name} with fields", state, structured, kinds).lazy()


def _registered(state: State, memo: Memo) -> pl.DataFrame:
    return memo.table("registered", state, partial(_with_template, memo=memo), _REGISTERED)


def _with_template(state: State, memo: Memo) -> pl.DataFrame:
    newest = memo.table("newest", state, entities.newest, ("version",)).select(UNIT)
    frame = models(state, memo).drop("newest_version")
    frame = frame.join(newest, on="model", how="left", maintain_order="left")
    if state["template"].height:
        of_template = state["template"].select("template", *_OF_TEMPLATE)
        frame = frame.join(of_template, on="template", how="left", maintain_order="left")
    return as_struct(frame, "tags")


def _with_aliases(state: State, memo: Memo) -> pl.DataFrame:
    frame = _registered(state, memo)
    if state["alias"].is_empty():
        return frame
    pointed = state["alias"].pivot("alias", index="model", values="version")
    names = [name for name in pointed.columns if name != "model"]
    aliases = pointed.select("model", aliases=pl.struct(names))
    return frame.join(aliases, on="model", how="left", maintain_order="left")


def _with_metrics(frame: pl.DataFrame, state: State, store: Facts) -> pl.DataFrame:
    rows = facts.of_finished("evaluations", state, store)
    own = frame.select("model", "version").lazy()  # a new version has no metrics of the old one
    mine = rows.join(own, on=["model", "version"], how="semi")
    last = facts.of_last_run(mine, facts.all_rows_first(entities.runs(state).lazy()))
    whole = last.filter(pl.col("metric").is_not_null(), slice="all")
    newest = facts.newest_window(whole).sort(*in_order(), nulls_last=False, maintain_order=True)
    values = newest.select("model", "metric", "value", "dataset", "window", "window_start")
    measured = collect(values, store.location.url)
    if measured.is_empty():
        return frame
    # of one run all numbers are of one role, and those of a window are of the newest it has
    of = measured.group_by("model", maintain_order=True).agg(
        metrics_data=pl.col("dataset").last(), metrics_window=pl.col("window").last()
    )
    alike = measured.join(of, on="model").filter(
        pl.col("window").eq_missing(pl.col("metrics_window"))
    )
    wide = alike.pivot("metric", index="model", values="value", aggregate_function="first")
    names = sorted(name for name in wide.columns if name != "model")
    metrics = wide.select("model", metrics=pl.struct(names)).join(of, on="model")
    return frame.join(metrics, on="model", how="left", maintain_order="left")
