"""The gates of a selection: gather what they need, judge, and keep what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.evaluation.job import with_data
from argosy.evaluation.models import all_features
from argosy.gates.rules import (
    ANSWER,
    BASE_CASE,
    PERFECT,
    TOLERANCE,
    baseline,
    suite,
    suspiciously_perfect,
)
from argosy.gates.table import NAIVE, PREFERRED, SUBJECT, beside
from argosy.gates.work import Asked, perform
from argosy.jobs.job import Job
from argosy.plugins import installed
from argosy.registry import views
from argosy.registry.registration import EXTERNAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.running import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.state import State

ODDITY, RECENT = "oddity:", "recent"
"""What the roles of a suite's cases are called, or begin with."""


@dataclass(frozen=True, slots=True)
class Bars:
    """How high the gates are."""

    margin: float = 0.0
    perfect: float = PERFECT
    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        if self.margin < 0:
            raise BadInput(f"the margin over a baseline is 0 or more, not {self.margin}")
        if not 0 < self.perfect <= 1:
            raise BadInput(f"the suspicious skill is a share above 0, not {self.perfect}")
        if self.tolerance < 0:
            raise BadInput(f"the tolerated loss is 0 or more, not {self.tolerance}")


def gate(
    ledger: Ledger,
    facts: Facts,
    state: State,
    units: pl.DataFrame,
    *,
    alias: str | None,
    data: str,
    baselines: Sequence[str],
    metrics: Sequence[str] | None,
    truth: str | None,
    bars: Bars,
    executor: str,
    progress: Progress | None,
) -> dict[str, Any]:
    """Hold versions against every gate, commit, and return the summary."""
    known = installed().metrics
    asked = Asked(data, tuple(known[name].name for name in metrics or PREFERRED))
    options = {
        "alias": alias,
        "data": data,
        "baselines": list(baselines),
        "metrics": list(asked.metrics),
        "truth": truth,
        "margin": bars.margin,
        "perfect": bars.perfect,
        "tolerance": bars.tolerance,
    }
    found = installed()
    faults = [*found.metrics.faults, *found.loaders.faults, *found.sources.faults]
    job = Job("gate", executor, options, faults=faults)
    subjects = views.subjects(state, units, alias)
    cases = _cases(state, subjects, baselines, data, truth)
    homeless = cases.filter(pl.col("binding").is_null(), who=SUBJECT, dataset=data)
    base = cases.filter(dataset=data)
    ready = (
        cases.filter(pl.col("binding").is_not_null())
        .join(homeless.select("model"), on="model", how="anti")
        .sort(pl.col("binding").struct.field("url"), "model", maintain_order=True)
        .group_by("model", maintain_order=True)
        .agg(cases=pl.struct("who", "dataset", *views.SUBJECT, "binding", "labels"))
        .join(subjects.select("model", "version"), on="model", maintain_order="left")
        .join(
            base.filter(who=SUBJECT).select("model", "binding"), on="model", maintain_order="left"
        )
        .join(all_features(base), on="model", how="left", maintain_order="left")
    )
    isolate = bool((cases["format"] != EXTERNAL).any())
    done, lost = job.carry_out(ledger.location, ready, perform, isolate, progress, {"asked": asked})
    told = homeless.select(
        "model", "version", reason=pl.lit(f"no data is bound to its role {data!r}")
    )
    bare = pl.concat([lost, told]).with_columns(
        dataset=pl.lit(data), who=pl.lit(SUBJECT), status=pl.lit("failed")
    )
    measured = pl.concat(
        [*([done["measured"]] if "measured" in done else []), bare], how="diagonal_relaxed"
    )
    judged = judge(measured, subjects, data, baselines, asked.metrics, bars)
    ok = int(judged.filter(gate=BASE_CASE)["passed"].sum())
    counts = {"models": subjects.height, "ok": ok, "failed": subjects.height - ok}
    return job.commit(ledger, facts, {"gates": judged}, counts, subjects["model"])


def judge(
    measured: pl.DataFrame,
    subjects: pl.DataFrame,
    base: str,
    baselines: Sequence[str],
    metrics: Sequence[str],
    bars: Bars,
) -> pl.DataFrame:
    """Ask every gate about what was measured: one row per model and gate, by model."""
    known = [installed().metrics[name] for name in metrics]
    traits = pl.DataFrame(
        {
            "metric": [one.name for one in known],
            "sign": [1 if one.higher_is_better else -1 for one in known],
            "best": [float(one.bounds[one.higher_is_better]) for one in known],
        }
    )
    own = subjects.select("model", "version")
    mine = measured.filter(pl.col("who").is_in([SUBJECT, NAIVE]))
    rows = beside(mine, base, traits, metrics)
    parts = [suspiciously_perfect(rows, base, bars.perfect), suite(rows, base, bars.tolerance)]
    for name in baselines:
        against = measured.filter(who=name, dataset=base)
        bar = _bar(against, rows, base)
        parts.append(baseline(rows, bar, name, base, bars.margin, sure=name == NAIVE))
    judged = pl.concat(parts).join(own, on=["model", "version"], how="semi")
    lost = (pl.col("gate") == BASE_CASE) & ~pl.col("passed")
    status = pl.when(lost).then(pl.lit("failed")).otherwise(pl.lit("ok"))
    return judged.sort("model", maintain_order=True).select(*ANSWER, status=status)


def _bar(against: pl.DataFrame, rows: pl.DataFrame, base: str) -> pl.DataFrame:
    """Return what a baseline reached in the metric of each model, on the same rows."""
    mine = rows.filter(dataset=base).select("model", "metric", own="dataset_digest")
    found = mine.join(against, on=["model", "metric"], how="left", maintain_order="left")
    failed = against.filter(pl.col("metric").is_null()).select("model", lost="reason")
    other = pl.col("own") != pl.col("dataset_digest")
    return found.join(failed.unique("model"), on="model", how="left", maintain_order="left").select(
        "model",
        "metric",
        value=pl.when(~other).then("value"),
        reason=pl.when(other)
        .then(pl.lit("it was not measured on the same rows"))
        .otherwise(pl.coalesce("reason", "lost")),
    )


def _cases(
    state: State, subjects: pl.DataFrame, baselines: Sequence[str], data: str, truth: str | None
) -> pl.DataFrame:
    """Return a row for everything that is measured: `who` on which `dataset`, with its binding."""
    roles = state["binding"]["role"].unique().sort().to_list()
    suite_roles = [role for role in roles if role.startswith(ODDITY) or role == RECENT]
    placed = with_data(state, subjects, data, truth)
    parts = [placed.with_columns(who=pl.lit(SUBJECT), dataset=pl.lit(data))]
    for role in suite_roles:
        if role != data:
            case = with_data(state, subjects, role, truth).filter(pl.col("binding").is_not_null())
            parts.append(case.with_columns(who=pl.lit(SUBJECT), dataset=pl.lit(role)))
    parts += [
        _of_baseline(state, placed, name).with_columns(who=pl.lit(name), dataset=pl.lit(data))
        for name in baselines
        if name != NAIVE
    ]
    return pl.concat(parts, how="diagonal_relaxed")


def _of_baseline(state: State, placed: pl.DataFrame, name: str) -> pl.DataFrame:
    """Put the version of an alias, or the newest of a named model, in the place of each version."""
    frame = placed.drop(views.SUBJECT)
    if name in state["alias"]["alias"].unique().to_list():
        return frame.join(
            views.pointed(state, name).select("model", *views.SUBJECT), on="model", how="inner"
        )
    other = views.newest(state).filter(model=name)
    if other.is_empty():
        known = [NAIVE, *state["alias"]["alias"].unique(), *state["model"]["model"]]
        raise UnknownName.among("baseline", name, known, "It is naive, an alias or a model")
    if other["format"].item() == EXTERNAL:
        raise BadInput(
            f"the model {name!r} is scored elsewhere, so it cannot predict the rows of others;"
            " name one that argosy loads, or an alias"
        )
    # its own name, so that it is not taken for a version of the model whose rows it predicts
    told = other.select(*views.SUBJECT).with_columns(
        version=pl.format("{}@{}", pl.lit(name), "version")
    )
    return frame.join(told, how="cross")
