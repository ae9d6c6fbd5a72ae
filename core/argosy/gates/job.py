"""The gates of a selection: gather what they need, judge, and keep what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import BadInput
from argosy.gates.cases import cases, free, suspects
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
from argosy.gates.work import MEASURED, Asked, perform
from argosy.jobs.blaming import Suspects
from argosy.jobs.job import Job
from argosy.plugins import installed
from argosy.registry.quarantine import barred
from argosy.registry.registration import EXTERNAL
from argosy.scoring import trial
from argosy.scoring.model_cache import all_features
from argosy.views import entities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.running import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.state import State


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
    judging = entities.subjects(state, units, alias)
    asking, held = free(cases(state, judging, baselines, data, truth), barred(state))
    homeless = asking.filter(pl.col("binding").is_null(), who=SUBJECT, dataset=data)
    base = asking.filter(dataset=data)
    ready = (
        asking.filter(pl.col("binding").is_not_null())
        .join(homeless.select("model"), on="model", how="anti")
        .sort(pl.col("binding").struct.field("url"), "model", maintain_order=True)
        .group_by("model", maintain_order=True)
        .agg(cases=pl.struct("who", "dataset", *entities.SUBJECT, "binding", "labels"))
        .join(judging.select("model", "version"), on="model", maintain_order="left")
        .join(
            base.filter(who=SUBJECT).select("model", "binding"), on="model", maintain_order="left"
        )
        .join(all_features(base), on="model", how="left", maintain_order="left")
    )
    isolate = bool((asking["format"] != EXTERNAL).any())
    besides = {"asked": asked}
    apart = Suspects(suspects(ready, asking), trial.perform)
    done, lost = job.carry_out(
        ledger.location, ready, perform, isolate, progress, besides, suspects=apart
    )
    told = homeless.select(
        "model", "version", reason=pl.lit(f"no data is bound to its role {data!r}")
    )
    bare = pl.concat([lost, told]).with_columns(
        dataset=pl.lit(data), who=pl.lit(SUBJECT), status=pl.lit("failed")
    )
    found_rows = [done["measured"]] if "measured" in done else []
    measured = pl.concat(
        [pl.DataFrame(schema=MEASURED), *found_rows, bare, held], how="diagonal_relaxed"
    )
    judged = judge(measured, judging, data, baselines, asked.metrics, bars)
    ok = int(judged.filter(gate=BASE_CASE)["passed"].sum())
    counts = {"models": judging.height, "ok": ok, "failed": judging.height - ok}
    return job.commit(ledger, facts, {"gates": judged}, counts, judging["model"])


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
