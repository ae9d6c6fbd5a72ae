"""Claim: a metric that ends its process costs the evaluation of 4,000 models less than a minute.

A fleet of small scikit-learn models is evaluated from the command line by two workers, with a
stranger's metric beside `auc`: it behaves well, ends its process over every model, or over one in
fifty. Told is what a run takes longer where it ends processes, on `local` and on Ray, and that
every model has its `auc`, none is in quarantine, and the metric is named.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import skops.io
from _evaluation_data import names
from _family import own
from _measure import asked, options
from sklearn.tree import DecisionTreeClassifier

import argosy

ROWS, FEATURES, SEED = 50, 5, 11
PLUGIN, METRIC = "argosy-crashing", "crashing"
SIDES = {"behaves": 0, "ends every model": 1, "ends one in 50": 50}
BAR = 60
"""Seconds that may be lost."""


def main() -> None:
    parser = options(__doc__, models=(4_000, 200), turns=(3, 1))
    parser.add_argument("--executor", choices=("local", "ray"), help="one only")
    given = asked(parser, compares=False)
    executors = [given.executor] if given.executor else ["local", *(["ray"] if _has_ray() else [])]
    print(f"{given.models:,} models x {ROWS} rows, {os.cpu_count()} workers, seed {SEED}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install(folder / "site")
        fleet = fleet_of(folder, given.models)
        for executor in executors:
            evaluated(fleet, folder / "site", executor, 0)  # learns what a model costs
            spent: dict[str, list[tuple[float, float]]] = {side: [] for side in SIDES}
            for _ in range(given.turns):
                for side, every in SIDES.items():
                    spent[side].append(evaluated(fleet, folder / "site", executor, every))
            told(executor, spent)


def told(executor: str, spent: dict[str, list[tuple[float, float]]]) -> None:
    """Print the medians of all sides, and what is lost against the first."""
    medians = {
        side: [statistics.median(one) for one in zip(*rounds, strict=True)]
        for side, rounds in spent.items()
    }
    without = medians["behaves"]
    for side, (wall, cpu) in medians.items():
        line = f"{executor:<6} the metric {side:<18}{wall:8.1f} s elapsed{cpu:8.1f} s of processors"
        if side != "behaves":
            lost = wall - without[0]
            verdict = "" if lost <= BAR else f", above {BAR}"
            line += f"; lost {lost:6.1f} s{verdict}, {cpu - without[1]:6.1f} s of processors"
        print(line)


def evaluated(fleet: argosy.Fleet, site: Path, executor: str, every: int) -> tuple[float, float]:
    """Evaluate from the command line, look at what came out, and return what it took."""
    surroundings = {name: value for name, value in os.environ.items() if name[:4] != "RAY_"}
    surroundings |= {"PYTHONPATH": str(site), "DEADLY": str(every), "RAY_AUTH_MODE": "disabled"}
    line = [sys.executable, "-m", "argosy", "--fleet", fleet.url, "evaluate"]
    line += ["--metric", METRIC, "--metric", "auc", "--executor", executor]
    began, before = time.monotonic(), own()
    done = subprocess.run(line, env=surroundings, capture_output=True, text=True, check=False)
    wall, cpu = time.monotonic() - began, own() - before
    assert done.returncode in (0, 4), done.stderr[-2000:]
    fleet = argosy.open(fleet.url)
    newest = fleet.runs().sort("started").collect()["run_id"][-1]
    rows = fleet.evaluations().filter(run_id=newest).collect()
    fine = rows.filter(pl.col("status") == "ok")["metric"].value_counts()
    counts = dict(fine.rows())
    failed = rows.filter(metric=METRIC, status="failed")["reason"]
    assert counts.get("auc") == fleet.models().collect().height, done.stderr[-2000:]
    assert bool(every) == bool(failed.len()), done.stderr[-2000:]
    assert failed.str.contains(PLUGIN).all(), failed
    assert fleet.quarantined().collect().is_empty()
    return wall, cpu


def fleet_of(folder: Path, models: int) -> argosy.Fleet:
    generator = np.random.default_rng(SEED)
    columns = [f"x{number}" for number in range(FEATURES)]
    x = generator.normal(size=(10 * ROWS, FEATURES))
    y = (x[:, 0] + generator.normal(size=10 * ROWS) > 0).astype(np.int64)
    tree = DecisionTreeClassifier(max_depth=3, random_state=SEED)
    contents = [skops.io.dumps(tree.fit(x[part::10], y[part::10])) for part in range(10)]
    artifacts = []
    for number, owner in enumerate(names(models)):
        artifact = folder / f"{owner}.skops"
        artifact.write_bytes(contents[number % 10])
        artifacts.append(str(artifact))
    rows = pl.DataFrame(generator.normal(size=(ROWS * models, FEATURES)), schema=columns)
    rows = rows.with_columns(
        model=pl.Series(np.repeat(names(models), ROWS)), y=generator.integers(0, 2, ROWS * models)
    )
    rows.write_parquet(folder / "rows.parquet", row_group_size=100 * ROWS)
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="benchmark")
    told = {"model": names(models), "artifact": artifacts}
    fleet.register(pl.DataFrame(told).with_columns(version=pl.lit("1"), format=pl.lit("skops")))
    url = str(folder / "rows.parquet")
    fleet.bind([{"role": "holdout", "url": url, "key": "model", "truth": "y"}])
    return fleet


def install(site: Path) -> None:
    """Put the plugin where commands and their workers find it."""
    about = site / "argosy_crashing-1.0.dist-info"
    about.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "_crashing_plugin.py", site / "argosy_crashing.py")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PLUGIN}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[argosy]\ncrashing = argosy_crashing\n")
    (about / "RECORD").write_text("argosy_crashing.py,,\n")


def _has_ray() -> bool:
    found = find_spec("ray") is not None
    if not found:
        print("Ray is not installed, and not measured")
    return found


if __name__ == "__main__":
    main()
