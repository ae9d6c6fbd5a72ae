"""Claim: a fleet of 10,000 models is evaluated in seconds.

The logs are seeded: 1,000 rows per model. A run has its metrics with errors, digests and counts
committed. It is compared with a bare polars scan of the columns that the binding names, decoded and
added up, and a loop over scikit-learn;
estimates without labels with NannyML where `make peers` has installed it; models that are loaded
with nothing but loading them and predicting.

    evaluation.py [--models 10000] [--large]      --large: also 100,000 models, for memory
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import skops.io
from _evaluation_data import SEED, names, write
from _machine import describe
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier

import argosy
from argosy.evaluation.gathering import WHOLE
from argosy.evaluation.job import named, with_data
from argosy.evaluation.models import Models
from argosy.evaluation.work import Order, perform
from argosy.types import Chunk

HERE = Path(__file__).parent
PEERS = Path(os.environ.get("ARGOSY_PEERS", HERE.parent / ".venv-peers/bin/python"))
ROWS = 1_000
LOOPED = 30
BINARY = (
    *("accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "f1_macro"),
    *("mcc", "brier", "log_loss", "auc", "average_precision"),
)
REGRESSION = ("mae", "mse", "rmse", "r2", "bias", "mape", "median_absolute_error", "max_error")
LOADED = 1_000
FEATURES = 10


def main(models: int, large: bool) -> None:
    print(describe())
    print(f"{models:,} models x {ROWS:,} rows, seed {SEED}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = write(folder / "logs", models, ROWS)
        fleet = logged(folder / "fleet", models, url)
        scan = best(lambda: bare(url, ["model", "label", "score"]))
        line("bare scan of what binary metrics read", scan, scan, models)
        spent = best(lambda: fleet.evaluate(data="binary", metrics=BINARY))
        line(f"logged, {len(BINARY)} binary metrics", spent, scan, models)
        sliced = best(
            lambda: fleet.evaluate(data="binary", metrics=BINARY, slices=["group"]), times=2
        )
        line("the same, and in ten slices", sliced, scan, models)
        print(f"  {sliced.elapsed / spent.elapsed:.1f} x without slices", end="")
        print(f", of processor time {sliced.processor / spent.processor:.1f} x")
        scan = best(lambda: bare(url, ["model", "sales", "forecast"]))
        line("bare scan of what regressions read", scan, scan, models)
        other = best(lambda: fleet.evaluate(data="regression", metrics=REGRESSION))
        line(f"logged, {len(REGRESSION)} regression metrics", other, scan, models)
        for task, ours in (("binary", spent.elapsed), ("regression", other.elapsed)):
            each = looped(url, task) * models
            told = f"scikit-learn loop, {task}, scaled from {LOOPED}"
            print(f"{told:<52}{each:>8,.0f} s, {each / ours:,.0f} x argosy")
        estimated(fleet, folder, models)
        loaded(folder)
    if large:
        grown(models)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory of this process: {peak:.1f} GiB")


def logged(folder: Path, models: int, url: str) -> argosy.Fleet:
    fleet = argosy.open(str(folder), create=True)
    fleet.register(pl.DataFrame({"model": names(models), "version": ["1"] * models}))
    shared = {"url": url, "key": "model"}
    fleet.bind(
        [
            {"role": "binary", **shared, "truth": "label", "score": "score"},
            {"role": "regression", **shared, "truth": "sales", "prediction": "forecast"},
        ]
    )
    return fleet


class Spent(NamedTuple):
    """Seconds."""

    elapsed: float
    processor: float
    """Of all threads of this process: what other work on the machine changes least."""


def bare(url: str, columns: list[str]) -> pl.DataFrame:
    """Read what an evaluation must: every column that the binding names, decoded and looked at."""
    frame = pl.scan_parquet(url).select(columns).collect()
    return frame.select(pl.col(columns[0]).str.len_bytes().sum(), pl.col(columns[1:]).sum())


def best(work: Callable[[], Any], times: int = 3) -> Spent:
    found = [timed(work) for _ in range(times)]
    return Spent(min(one.elapsed for one in found), min(one.processor for one in found))


def timed(work: Callable[[], Any]) -> Spent:
    started, before = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - started, time.process_time() - before)


def line(what: str, spent: Spent, scan: Spent, models: int) -> None:
    share = 1000 * spent.elapsed / models
    ratio = spent.elapsed / scan.elapsed
    print(
        f"{what:<40}{spent.elapsed:>8.2f} s{share:>8.2f} ms per model{ratio:>7.1f} x scan", end=""
    )
    print(f"; processor {spent.processor:.2f} s, {spent.processor / scan.processor:.1f} x")


def looped(url: str, task: str) -> float:
    """Seconds per model of a loop over scikit-learn, the rows in memory already."""
    frame = pl.scan_parquet(url).head(LOOPED * ROWS).collect()
    parts = [part.to_dict(as_series=True) for part in frame.partition_by("model")]
    arrays = [{name: column.to_numpy() for name, column in part.items()} for part in parts]
    return timed(lambda: [_LOOPS[task](part) for part in arrays]).elapsed / LOOPED


def _binary(part: dict[str, np.ndarray]) -> list[float]:
    truth, score = part["label"], part["score"]
    said = (score >= 0.5).astype(np.int64)
    return [
        metrics.accuracy_score(truth, said),
        metrics.balanced_accuracy_score(truth, said),
        metrics.precision_score(truth, said),
        metrics.recall_score(truth, said),
        metrics.recall_score(truth, said, pos_label=0),
        metrics.f1_score(truth, said),
        metrics.f1_score(truth, said, average="macro"),
        metrics.matthews_corrcoef(truth, said),
        metrics.brier_score_loss(truth, score),
        metrics.log_loss(truth, score),
        metrics.roc_auc_score(truth, score),
        metrics.average_precision_score(truth, score),
    ]


def _regression(part: dict[str, np.ndarray]) -> list[float]:
    truth, said = part["sales"], part["forecast"]
    return [
        metrics.mean_absolute_error(truth, said),
        metrics.mean_squared_error(truth, said),
        metrics.root_mean_squared_error(truth, said),
        metrics.r2_score(truth, said),
        float(np.mean(said - truth)),
        metrics.mean_absolute_percentage_error(truth, said),
        metrics.median_absolute_error(truth, said),
        metrics.max_error(truth, said),
    ]


_LOOPS = {"binary": _binary, "regression": _regression}


def estimated(fleet: argosy.Fleet, folder: Path, models: int) -> None:
    spent = best(lambda: fleet.estimate(reference="binary", current="binary"), times=2).elapsed
    print(f"{'estimated without labels (CBPE)':<36}{spent:>8.2f} s{1000 * spent / models:>8.2f} ms")
    command = [str(PEERS), str(HERE / "_nannyml_peer.py"), str(folder / "logs")]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"NannyML was not measured: {error}; `make peers` installs it")
        return
    told = json.loads(done.stdout.splitlines()[-1])
    ratio = told["seconds"] * models / spent
    print(f"NannyML {told['version']}: {1000 * told['seconds']:,.0f} ms per model, {ratio:,.0f} x")


def loaded(folder: Path) -> None:
    """Say what a worker spends beyond loading models and letting them predict."""
    generator = np.random.default_rng(SEED)
    columns = [f"x{number}" for number in range(FEATURES)]
    owners = names(LOADED)
    x = generator.normal(size=(ROWS, FEATURES))
    y = (x[:, 0] + generator.normal(size=ROWS) > 0).astype(np.int64)
    made = [RandomForestClassifier(20, max_depth=8, random_state=n).fit(x, y) for n in range(10)]
    content = [skops.io.dumps(model) for model in made]
    for number, owner in enumerate(owners):
        (folder / f"{owner}.skops").write_bytes(content[number % 10])
    table = pl.DataFrame(generator.normal(size=(ROWS * LOADED, FEATURES)), schema=columns)
    table = table.with_columns(
        model=pl.Series(np.repeat(owners, ROWS)), y=generator.integers(0, 2, ROWS * LOADED)
    )
    table.write_parquet(folder / "table.parquet", row_group_size=50 * ROWS)
    fleet = argosy.open(str(folder / "scored"), create=True)
    fleet.register(
        pl.DataFrame(
            {
                "model": owners,
                "version": ["1"] * LOADED,
                "format": ["skops"] * LOADED,
                "artifact": [str(folder / f"{owner}.skops") for owner in owners],
            }
        )
    )
    url = str(folder / "table.parquet")
    fleet.bind([{"role": "holdout", "url": url, "key": "model", "truth": "y"}])
    fleet.evaluate("model < '000004'", metrics=["auc"])  # the workers start
    whole = timed(lambda: fleet.evaluate(metrics=BINARY)).elapsed
    print(f"{LOADED:,} scikit-learn models, loaded: {whole:.1f} s, workers at two cores")
    chunk, units = _chunk(fleet, 100)
    part = table.filter(pl.col("model").is_in(units["model"].implode()))
    parts = part.partition_by("model", include_key=False)

    def needed() -> None:
        held = Models(fleet._location)
        for unit, mine in zip(units.iter_rows(named=True), parts, strict=True):
            held.get(unit).predict(mine.select(columns))

    pairs = [  # one after the other, because other work on the machine comes and goes
        (timed(needed).processor, timed(lambda: perform.__wrapped__(chunk)).processor)
        for _ in range(4)
    ]
    alone, spent = map(min, zip(*pairs, strict=True))
    print(
        f"  processor time of a chunk of 100: {spent:.2f} s, of which loading and predicting"
        f" {alone:.2f} s; {100 * (spent / alone - 1):.0f} % beyond"
    )


def _chunk(fleet: argosy.Fleet, models: int) -> tuple[Chunk, pl.DataFrame]:
    units = with_data(
        fleet._ledger.state(), fleet._units(None, "evaluate"), "holdout", None
    ).sort("model").head(models)  # fmt: skip
    told = units.with_columns(seen=pl.lit([], pl.List(pl.String)))
    order = Order(named(BINARY), WHOLE)
    options = {"order": order, "location": fleet._location}
    return Chunk("0", told.to_arrow(), options), units


def grown(models: int) -> None:
    """Evaluate ten times as many models in a process of its own, and say what that took."""
    script = str(HERE / "_evaluation_growth.py")
    for many in (models, 10 * models):
        command = [sys.executable, script, str(many)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"{many:,} models x 100 rows, in a process of its own: {done.stdout.strip()}")


if __name__ == "__main__":
    count = sys.argv[sys.argv.index("--models") + 1] if "--models" in sys.argv else "10000"
    main(int(count), "--large" in sys.argv)
