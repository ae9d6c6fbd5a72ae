"""Claim: 10,000 models of 20 columns are checked for drift in seconds.

The fleet is seeded: 1,000 reference and 1,000 current rows per model, one model of a hundred
drifting by 0.2 standard deviations in three columns. A run has every detector, the correction over
the fleet, and its results committed. It is compared with a bare polars scan of the same bytes, a
loop over SciPy, and Evidently's DataDriftPreset where `make peers` has installed it.

    drift.py [--models 10000] [--files] [--scale]
        --files: also one file per model
        --scale: also how time and memory grow, from 10,000 to 100,000 models of 100 rows
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
from typing import Any

import argosy  # isort: skip  (it tells polars' allocator to keep memory, so it comes first)

import numpy as np
import polars as pl
from _drift_data import SEED, write
from _machine import describe
from scipy import stats

HERE = Path(__file__).parent
PEERS = Path(os.environ.get("ARGOSY_PEERS", HERE.parent / ".venv-peers/bin/python"))
ROWS = 1_000
LOOPED = 30
BY_EVIDENTLY = 3
ROLES = ("reference", "current")


def main(models: int, files: bool, scale: bool) -> None:
    print(describe())
    print(f"{models:,} models x 20 columns x {ROWS:,} rows on each side, seed {SEED}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, models, ROWS)
        names = [f"{number:06}" for number in range(models)]
        shared = {role: f"{folder / role}/*.parquet" for role in ROLES}
        fleet = fleet_of(folder / "fleet", names)
        fleet.bind([{"role": role, "url": url, "key": "model"} for role, url in shared.items()])
        scan = min(timed(lambda: scanned(shared))[0] for _ in range(3))
        line("bare scan of the same bytes", scan, scan, models)
        line("first check, references profiled", timed(fleet.check_drift)[0], scan, models)
        spent, run = min((timed(fleet.check_drift) for _ in range(3)), key=lambda pair: pair[0])
        line("check", spent, scan, models)
        truth(fleet, run, models)
        if files:
            single(folder, names, spent)
        each = looped(shared) * models
        print(f"SciPy loop, scaled from {LOOPED}: {each:,.0f} s, {each / spent:,.0f} x argosy")
        evidently(folder, spent / models)
    if scale:
        for many in (10_000, 100_000):
            grown(many)
    print(f"import of the work by a worker: {imported()}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory of this process: {peak:.1f} GiB")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = work()
    return time.perf_counter() - started, answer


def line(what: str, spent: float, scan: float, models: int) -> None:
    share = 1000 * spent / models
    print(f"{what:<36}{spent:>8.2f} s{share:>8.2f} ms per model{spent / scan:>7.1f} x scan")


def fleet_of(folder: Path, names: list[str]) -> argosy.Fleet:
    fleet = argosy.open(str(folder), create=True)
    fleet.register(pl.DataFrame({"model": names, "version": ["1"] * len(names)}))
    return fleet


def scanned(urls: dict[str, str]) -> None:
    for url in urls.values():
        for path in sorted(Path(url).parent.glob("*.parquet")):
            pl.scan_parquet(path).collect()


def truth(fleet: argosy.Fleet, run: argosy.Run, models: int) -> None:
    flagged = set(fleet.verdicts().filter("drifted")["model"])
    drifting = {f"{number:06}" for number in range(models) if number % 100 == 99}
    print(
        f"  {run.results().height:,} results; {len(flagged & drifting)} of {len(drifting)}"
        f" drifting models found, {len(flagged - drifting)} of {len(flagged)} flagged falsely"
    )


def single(folder: Path, names: list[str], shared: float) -> None:
    for role in ROLES:
        (folder / "single" / role).mkdir(parents=True)
        for path in sorted((folder / role).glob("*.parquet")):
            for (name,), rows in pl.read_parquet(path).partition_by("model", as_dict=True).items():
                rows.drop("model").write_parquet(folder / "single" / role / f"{name}.parquet")
    fleet = fleet_of(folder / "fleet-of-files", names)
    fleet.bind(
        [
            {"role": role, "model": name, "url": str(folder / "single" / role / f"{name}.parquet")}
            for role in ROLES
            for name in names
        ],
        check=False,
    )
    first, _ = timed(fleet.check_drift)
    spent, _ = timed(fleet.check_drift)
    print(f"one file per model: first {first:.2f} s, then {spent:.2f} s, {spent / shared:.1f} x")


def grown(models: int, rows: int = 100) -> None:
    """Check a fleet of short tables in a new process, and print what that takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, models, rows, part=10_000)
        fleet = fleet_of(folder / "fleet", [f"{number:06}" for number in range(models)])
        fleet.bind(
            [{"role": role, "url": f"{folder / role}/*.parquet", "key": "model"} for role in ROLES]
        )
        command = [sys.executable, str(HERE / "_drift_scale.py"), fleet.url]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    print(
        f"{models:,} models of {rows} rows: first {told['first']:.1f} s, then {told['later']:.1f} s"
        f" ({1000 * told['later'] / models:.2f} ms per model), peak {told['peak']:.1f} GiB"
    )


def imported() -> str:
    """Say what it costs a new process to import all that a worker needs before its first chunk."""
    probe = (
        "import re, time; started = time.perf_counter(); import argosy.drift.work;"
        " spent = time.perf_counter() - started; told = open('/proc/self/status').read();"
        r" print(f'{spent:.2f} s,', int(re.search(r'VmHWM:\s+(\d+)', told)[1]) // 1024, 'MiB')"
    )
    done = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def looped(urls: dict[str, str]) -> float:
    """Seconds per model of a loop over SciPy's tests, the rows in memory already."""
    before, after = (
        pl.scan_parquet(url).head(LOOPED * ROWS).collect().partition_by("model", include_key=False)
        for url in urls.values()
    )
    started = time.perf_counter()
    for sides in zip(before, after, strict=True):
        for column in sides[0].columns:
            reference, current = (side[column].drop_nulls() for side in sides)
            if reference.dtype == pl.String:
                counts = reference.value_counts().join(current.value_counts(), on=column)
                stats.chi2_contingency(np.array(counts.drop(column)), correction=False)
            else:
                stats.ks_2samp(reference.to_numpy(), current.to_numpy())
    return (time.perf_counter() - started) / LOOPED


def evidently(folder: Path, ours: float) -> None:
    command = [str(PEERS), str(HERE / "_evidently_peer.py"), str(folder), str(BY_EVIDENTLY)]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"Evidently was not measured: {error}; `make peers` installs it")
        return
    told = json.loads(done.stdout.splitlines()[-1])
    print(
        f"Evidently {told['version']} DataDriftPreset: {1000 * told['seconds']:,.0f} ms per model,"
        f" {told['seconds'] / ours:,.0f} x argosy"
    )


if __name__ == "__main__":
    count = sys.argv[sys.argv.index("--models") + 1] if "--models" in sys.argv else "10000"
    main(int(count), "--files" in sys.argv, "--scale" in sys.argv)
