"""Claim: 10,000 models of 20 columns are checked for drift in seconds.

The fleet is seeded: 1,000 reference and 1,000 current rows per model, one model of a hundred
drifting by 0.2 standard deviations in three columns. A run has every detector, the correction over
the fleet, and its results committed. It is compared with a bare polars scan of the same bytes, a
loop over SciPy, and Evidently's DataDriftPreset where `make peers` has installed it.
"""

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import argosy  # isort: skip  (it tells polars' allocator to keep memory, so it comes first)

import numpy as np
import polars as pl
from _drift_data import SEED, write
from _drift_data import rows as drawn
from _family import peak
from _measure import Spent, alternating, apart, asked, once, options, peer, ratio
from _processes import times
from scipy import stats

ROWS = 1_000
LOOPED = 30
HELD_OUT = "nannyml:wasserstein"
BY_EVIDENTLY = 3
ROLES = ("reference", "current")


SWITCHES = {
    "files": "also one file per model",
    "order": "also what it costs that rows have a timestamp, of a tenth of the models",
    "scale": "also how time and memory grow, from 10,000 to 100,000 models of 100 rows",
}


def main() -> None:
    given = asked(options(__doc__, SWITCHES, models=(10_000, 100)))
    models = given.models
    print(f"{models:,} models x 20 columns x {ROWS:,} rows on each side, seed {SEED}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, models, ROWS)
        names = [f"{number:06}" for number in range(models)]
        shared = {role: f"{folder / role}/*.parquet" for role in ROLES}
        fleet = fleet_of(folder / "fleet", names)
        fleet.bind([{"role": role, "url": url, "key": "model"} for role, url in shared.items()])
        first = once(fleet.check_drift)
        loops = sides(shared)
        sought = {
            "scan": lambda: scanned(shared),
            "check": fleet.check_drift,
            "loop": lambda: looped(*loops),
        }
        found = alternating(sought, given.rounds)
        scan, check = found["scan"], found["check"]
        line("bare scan of the same bytes", scan, scan, models)
        line("first check, references profiled", first, scan, models)
        line("check", check, scan, models)
        truth(fleet, check.answer, models)
        if given.files:
            single(folder, names, check, given.rounds)
        if given.order:
            ordered(folder, max(models // 10, 10), given.rounds)
        loop = found["loop"] / len(loops[0]) * models
        told = f"SciPy loop, scaled from {len(loops[0])} models"
        print(f"{told}: {loop.median:,.0f} s, {ratio(check, loop)} argosy")
        evidently(folder, check.elapsed / models)
    for many in (10_000, 100_000) if given.scale else ():
        grown(many)
    print(f"import of the work by a worker: {imported()}")
    print(f"peak memory of this process: {peak():.1f} GiB")


def line(what: str, spent: Spent, scan: Spent, models: int) -> None:
    each = 1000 * spent.median / models
    print(
        f"{what:<36}{spent.elapsed:>8.2f} s elapsed{spent.median:>8.2f} s of processors"
        f"{each:>8.2f} ms per model  {ratio(scan, spent)} scan"
    )


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


def single(folder: Path, names: list[str], shared: Spent, rounds: int) -> None:
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
    first = once(fleet.check_drift)
    spent = alternating({"": fleet.check_drift}, rounds)[""]
    print(
        f"one file per model: first {first.elapsed:.2f} s, then {spent.elapsed:.2f} s elapsed,"
        f" of processors {ratio(shared, spent)} the shared table"
    )


def ordered(folder: Path, models: int, rounds: int) -> None:
    """Check the same rows with and without a timestamp, as all detectors and as one held out."""
    fleets = {}
    for told in ("without", "with"):
        (folder / told).mkdir()
        fleets[told] = fleet_of(folder / f"fleet-{told}", [f"{n:06}" for n in range(models)])
    at = times(2 * ROWS, 24)
    for role, part in zip(ROLES, (slice(None, ROWS), slice(ROWS, None)), strict=True):
        table = drawn(range(models), ROWS, role == "current")
        for told, fleet in fleets.items():
            bound = {"role": role, "url": f"{folder / told}/{role}.parquet", "key": "model"}
            if told == "with":
                table = table.with_columns(time=pl.concat([at[part]] * models))
                bound["timestamp"] = "time"
            table.write_parquet(bound["url"])
            fleet.bind([bound])
    for what, detectors in (("all detectors", None), (HELD_OUT, [HELD_OUT])):
        works = {
            f"{kind} {told}": partial(fleet.check_drift, detectors=detectors, fresh_reference=fresh)
            for kind, fresh in (("first", True), ("later", False))
            for told, fleet in fleets.items()
        }
        found = alternating(works, rounds)
        for kind in ("first", "later"):
            bare, timed = found[f"{kind} without"], found[f"{kind} with"]
            print(
                f"{models:,} models with a timestamp, {what}, {kind} check: {timed.median:.2f} s"
                f" of processors, {ratio(bare, timed)} without"
            )


def grown(models: int, rows: int = 100) -> None:
    """Check a fleet of short tables in a new process, and print what that takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, models, rows, part=10_000)
        fleet = fleet_of(folder / "fleet", [f"{number:06}" for number in range(models)])
        fleet.bind(
            [{"role": role, "url": f"{folder / role}/*.parquet", "key": "model"} for role in ROLES]
        )
        told = apart("_drift_scale.py", fleet.url)
    print(
        f"{models:,} models of {rows} rows: first {told['first']:.1f} s, then {told['later']:.1f} s"
        f" ({1000 * told['later'] / models:.2f} ms per model), peak {told['peak']:.1f} GiB"
    )


def imported() -> str:
    """Say what it costs a new process to import all that a worker needs before its first chunk."""
    probe = (
        "import re, time; started = time.perf_counter(); import argosy_drift.work;"
        " spent = time.perf_counter() - started; told = open('/proc/self/status').read();"
        r" print(f'{spent:.2f} s,', int(re.search(r'VmHWM:\s+(\d+)', told)[1]) // 1024, 'MiB')"
    )
    done = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def sides(urls: dict[str, str]) -> list[list[pl.DataFrame]]:
    """Return the rows of a few models, in memory, reference and current."""
    return [
        pl.scan_parquet(url).head(LOOPED * ROWS).collect().partition_by("model", include_key=False)
        for url in urls.values()
    ]


def looped(before: list[pl.DataFrame], after: list[pl.DataFrame]) -> None:
    """Put each column to SciPy's test, model by model."""
    for pair in zip(before, after, strict=True):
        for column in pair[0].columns:
            reference, current = (side[column].drop_nulls() for side in pair)
            if reference.dtype == pl.String:
                counts = reference.value_counts().join(current.value_counts(), on=column)
                stats.chi2_contingency(np.array(counts.drop(column)), correction=False)
            else:
                stats.ks_2samp(reference.to_numpy(), current.to_numpy())


def evidently(folder: Path, ours: float) -> None:
    told = peer("Evidently", "_evidently_peer.py", str(folder), str(BY_EVIDENTLY))
    if told:
        print(
            f"Evidently {told['version']} DataDriftPreset: {1000 * told['seconds']:,.0f} ms per"
            f" model, {told['seconds'] / ours:,.0f} x argosy"
        )


if __name__ == "__main__":
    main()
