"""One fleet of ten versions a model and millions of drift rows: steps as in `_registry_steps`."""

from pathlib import Path

import polars as pl
from _drift_data import write
from _registrations import opened, registrations
from _registry_steps import Measured, disk_mb, report, timed

import argosy

VERSIONS = 10
RUNS = 5
ROWS = 10
"""Of a model and role: what matters is how many results there are, not what they say."""
DETECTORS = ("ks", "chi_squared")
"""One of them for each of the twenty columns of `_drift_data`."""


def versions(url: str, models: int) -> Measured:
    """Register ten versions of every model, one batch each."""
    fleet = opened(url)
    spent = []
    for version in range(1, VERSIONS + 1):
        frame = named(models, str(version))
        spent.append(timed(lambda frame=frame: fleet.register(frame)))
    return {"seconds": sum(spent), "worst": max(spent), "disk_mb": disk_mb(url)}


def named(models: int, version: str = "1") -> pl.DataFrame:
    """Return registrations under the names that models have in `_drift_data`."""
    number = pl.int_range(pl.len()).cast(pl.String).str.zfill(6)
    return registrations(models, version).with_columns(model=number)


def drift(url: str, models: int, runs: str = str(RUNS)) -> Measured:
    """Check all models for drift several times, a result per column each time."""
    fleet = argosy.open(url, actor="bench")
    folder, before = Path(url).parent / "rows", disk_mb(url)
    write(folder, models, ROWS, part=20_000)
    fleet.bind(
        [
            {"role": role, "url": f"{folder / role}/*.parquet", "key": "model"}
            for role in ("reference", "current")
        ]
    )
    seconds = sum(timed(lambda: fleet.check_drift(detectors=DETECTORS)) for _ in range(int(runs)))
    rows = fleet.drift().select(pl.len()).collect().item()
    return {"seconds": seconds, "rows": rows, "disk_mb": disk_mb(url) - before}


def ask(url: str, models: int) -> Measured:
    """Open, filter all versions, and ask for the last verdict of every model."""
    fleet = argosy.open(url)
    opened = timed(fleet.versions)
    question = "SELECT * FROM versions WHERE metrics.auc > 0.9 AND version_number > 5"
    first = timed(lambda: fleet.sql(question))
    filtered = timed(lambda: fleet.sql(question))
    cold = timed(fleet.verdicts)
    verdicts = min(timed(fleet.verdicts) for _ in range(3))
    assert fleet.verdicts().height == models
    return {
        "opened": opened,
        "first": first,
        "filtered": filtered,
        "verdicts": max(cold, verdicts),
        "warm": verdicts,
    }


def newest_rows(url: str, models: int) -> Measured:
    """Fold the newest rows of the big table itself, which the verdicts spare the reader."""
    fleet = argosy.open(url)
    newest = fleet.drift().filter(pl.col("at") == pl.col("at").max().over("model"))
    folded = newest.group_by("model").agg((pl.col("status") == "drift").any())
    measured = {"seconds": timed(folded.collect)}
    assert folded.collect().height == models
    return measured


if __name__ == "__main__":
    report(globals())
