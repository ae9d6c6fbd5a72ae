"""One fleet of a million versions and ten million drift rows: `STEP URL`, as `_registry_steps`."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from _registrations import SEED, registrations
from _registry_steps import MODELS, Measured, disk_mb, report, timed

import argosy
from argosy.jobs.job import Job
from argosy.registry import views

VERSIONS = 10
RUNS = 5
COLUMNS = 20


def versions(url: str) -> Measured:
    """Register ten versions of every model, one batch each."""
    fleet = argosy.open(url, create=True, actor="bench")
    spent = []
    for version in range(1, VERSIONS + 1):
        frame = registrations(MODELS, str(version))
        spent.append(timed(lambda frame=frame: fleet.register(frame)))
    return {"seconds": sum(spent), "worst": max(spent), "disk_mb": disk_mb(url)}


def drift(url: str) -> Measured:
    """Write what five drift checks of all models would have written, as they write it."""
    fleet = argosy.open(url, actor="bench")
    names = registrations(MODELS)["model"]
    seconds = sum(timed(lambda run=run: _checked(fleet, names, run)) for run in range(RUNS))
    return {"seconds": seconds, "disk_mb": disk_mb(url)}


def ask(url: str) -> Measured:
    """Open, filter a million versions, and ask for the last verdict of every model."""
    fleet = argosy.open(url)
    opened = timed(fleet.versions)
    question = "SELECT * FROM versions WHERE metrics.auc > 0.9 AND version_number > 5"
    first = timed(lambda: fleet.sql(question))
    filtered = timed(lambda: fleet.sql(question))
    cold = timed(fleet.verdicts)
    verdicts = min(timed(fleet.verdicts) for _ in range(3))
    assert fleet.verdicts().height == MODELS
    return {
        "opened": opened,
        "first": first,
        "filtered": filtered,
        "verdicts": max(cold, verdicts),
        "warm": verdicts,
    }


def newest_rows(url: str) -> Measured:
    """Fold the newest rows of the big table itself, which the verdicts spare the reader."""
    fleet = argosy.open(url)
    last = views.latest("drift", fleet._ledger.state(), fleet._facts)
    folded = last.group_by("model").agg((pl.col("status") == "drift").any())
    return {"seconds": timed(folded.collect)}


def _checked(fleet: argosy.Fleet, names: pl.Series, run: int) -> None:
    generator = np.random.default_rng(SEED + run)
    rows = len(names) * COLUMNS
    p_value = generator.uniform(size=rows)
    effect = generator.exponential(0.05, rows)
    table = pl.DataFrame(
        {
            "model": names.gather(np.repeat(np.arange(len(names)), COLUMNS)),
            "column": pl.Series([f"feature-{number:02d}" for number in range(COLUMNS)]).gather(
                np.tile(np.arange(COLUMNS), len(names))
            ),
            "statistic": effect,
            "effect": effect,
            "p_value": p_value,
            "q_model": p_value,
            "q_column": p_value,
            "status": pl.Series(["ok", "drift"]).gather((effect > 0.3).astype(np.int64)),
        }
    ).with_columns(
        version=pl.lit("10"),
        detector=pl.lit("ks"),
        p_method=pl.lit("asymptotic"),
        n_ref=1_000,
        n_cur=1_000,
        null_ref=0,
        null_cur=0,
    )
    alert = pl.col("status") == "drift"
    verdicts = table.group_by("model", "version", maintain_order=True).agg(
        drifted=alert.any(),
        q_model=pl.col("q_model").min(),
        worst_column=pl.col("column").sort_by("effect").last(),
        severity=pl.col("effect").max(),
        reason=pl.lit("no drift"),
    )
    job = Job("drift", "local", {"run": run}, started=datetime.now(UTC) - timedelta(seconds=1))
    counts = {"models": len(names), "ok": len(names)}
    found = {"drift": table, "verdicts": verdicts}
    job.commit(fleet._ledger, fleet._facts, found, counts, names)


if __name__ == "__main__":
    report(globals())
