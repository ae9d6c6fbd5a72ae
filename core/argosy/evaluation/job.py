"""The evaluation of a selection."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.windows import Cut
from argosy.errors import BadInput, PluginError
from argosy.evaluation.already_measured import runs_alike, with_seen
from argosy.evaluation.conclude import Ending
from argosy.evaluation.work import Order, perform
from argosy.jobs.job import Job
from argosy.plugins import installed
from argosy.registry.binding import bound
from argosy.registry.registration import EXTERNAL
from argosy.scoring.gather import Asked, without_features
from argosy.scoring.measure import Draws
from argosy.scoring.slices import expression
from argosy.views import facts as standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from argosy.jobs.running import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.state import State

TRUTH = "truth"
"""The role of a table of labels, where it is not named otherwise."""
_UNIT = (
    *("model", "version", "task", "format", "artifact", "digest", "features"),
    *("binding", "labels"),
)


def evaluate(
    ledger: Ledger,
    facts: Facts,
    state: State,
    units: pl.DataFrame,
    data: str,
    *,
    truth: str | None,
    metrics: Sequence[str] | None,
    window: str | None,
    at: datetime | None,
    slices: Sequence[str],
    depth: int,
    least: int,
    segments: bool,
    fresh: bool,
    bootstrap: int,
    seed: int,
    executor: str,
    progress: Progress | None,
) -> dict[str, Any]:
    """Evaluate model versions on the data bound to a role, commit, and return the summary."""
    asked = Asked(window, at, tuple(slices), segments)
    order = Order(named(metrics), asked, depth, least, Draws(bootstrap, seed))
    _refuse(order)
    found = installed()
    options = {"data": data, "truth": truth, **asdict(order), "at": at and at.isoformat()}
    options |= {name: value for name, value in options.pop("rows").items() if name != "at"}
    faults = [*found.metrics.faults, *found.loaders.faults, *found.sources.faults]
    job = Job("evaluate", executor, options, faults=faults)
    placed = with_data(state, units, data, truth).sort(
        pl.col("binding").struct.field("url"), "model", nulls_last=True
    )
    past = standing.of_finished("evaluations", state, facts) if window and not fresh else None
    ready = placed.filter(pl.col("binding").is_not_null()).select(_UNIT)
    ready = with_seen(ready, past, runs_alike(state, job.options), data)
    homeless = placed.filter(pl.col("binding").is_null()).with_columns(
        reason=pl.lit(f"no data is bound to its role {data!r}")
    )
    isolate = bool((ready["format"] != EXTERNAL).any())
    done, lost = job.carry_out(
        ledger.location,
        without_features(ready),
        perform,
        isolate,
        progress,
        {"order": order},
        ["binding", "labels"],
        order.rows.needs(),
    )
    ending = Ending(done, pl.concat([lost, homeless.select("model", "version", "reason")]), data)
    job.write(facts, "evaluations", ending.results())
    broken = ending.broken()
    counts = {"models": units.height, "ok": units.height - broken, "failed": broken}
    heard = {"evaluations": ending.failures()}
    return job.commit(ledger, facts, {}, counts, units["model"], heard)


def named(metrics: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the metrics that are wanted; those that take part by default if none.

    Raises:
        PluginError: if no metric is installed.
        UnknownName: for one that does not exist.
    """
    offered = installed().metrics
    if not offered:
        raise PluginError("no metric is installed; `argosy plugins` says what is")
    usual = [name for name, metric in offered.items() if metric.default]
    return tuple(offered[name].name for name in metrics or usual)


def with_data(state: State, units: pl.DataFrame, data: str, truth: str | None) -> pl.DataFrame:
    """Give each model the binding of its data and, where it has one, of its `labels`.

    Args:
        state: of the fleet.
        units: with `model` and `template`.
        data: the role of the data.
        truth: the role of a table of labels; `truth` where something is bound to it, unless given.

    Raises:
        UnknownName: for a role that nothing is bound to.
    """
    placed = bound(state, units, data)
    if truth is None and TRUTH not in state["binding"]["role"]:
        return placed.with_columns(labels=pl.lit(None, placed.schema["binding"]))
    found = bound(state, units, truth or TRUTH)["binding"]
    return placed.with_columns(found.alias("labels"))


def _refuse(order: Order) -> None:
    """Refuse what cannot be meant, before any work."""
    Cut(order.rows.window)
    for text in order.rows.slices:
        expression(text)
    if order.depth < 1:
        raise BadInput(f"slices of {order.depth} expressions make no sense; the depth is 1 or more")
    if order.draws.many < 0 or order.draws.many == 1:
        raise BadInput(f"a spread needs two draws at least, not {order.draws.many}")
    if order.least < 1:
        raise BadInput(f"a slice has at least 1 row, not {order.least}")
