"""Claim: Ray costs hardly more than the local executor, and a chunk is the right unit of work.

Drift of a seeded fleet on both executors with as many workers as cores, the start of Ray apart,
and on Ray with one worker and with two; work that does nothing, as chunks, as one Ray task per
model and with Ray Data where that can be imported; the plan of a million models; and from these
figures what a million models take on 10, 100 and 1,000 cores, by formula and on a virtual clock.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

sys.path.append(sys.path.pop(0))  # else `import ray` would find this very file

import polars as pl
from _drift_data import SEED, write
from _family import peak
from _measure import alternating, asked, options, ratio
from _ray_model import Measured, predicted, simulated

import argosy
from argosy.jobs.chunking import Costs, chunks, cuts
from argosy.testing.poison import carried, fleet_of

ONE_BY_ONE = 400
MILLION = 1_000_000
PRICE = 0.05
"""What a core costs per hour, in dollars: about what clouds ask on demand."""


def main(models: int, rows: int, trivial: int, rounds: int) -> None:
    print(f"{models:,} models x 20 columns x {rows:,} rows on each side, seed {SEED}")
    plan = json.loads(
        subprocess.check_output([sys.executable, __file__, "--plan"]).splitlines()[-1]
    )
    print(
        f"plan of {MILLION:,} models: {plan['seconds']:.1f} s, {plan['chunks']:,} chunks,"
        f" peak {plan['peak']:.2f} GiB"
    )
    start = started()
    print(f"start of Ray and its first task, apart from all below: {start:.1f} s")
    with tempfile.TemporaryDirectory() as name:
        whole, each, commit, staged = drift(Path(name), models, rows, rounds)
    with tempfile.TemporaryDirectory() as name:
        chunk = nothing(Path(name), trivial)
    found = Measured(start, each, chunk, commit, plan["seconds"] / MILLION, staged)
    scale(found, models, start + whole)


def started() -> float:
    from argosy_ray.cluster import connected, ray

    begun = time.perf_counter()
    with connected():
        ray.get(ray.remote(lambda: None).remote())
    return time.perf_counter() - begun


def drift(folder: Path, models: int, rows: int, rounds: int) -> tuple[float, float, float, float]:
    """Compare the executors.

    Returns the median seconds of the runs on Ray; per model, seconds of a core, seconds of the
    driver to commit, and bytes of rows.
    """
    write(folder, models, rows)
    fleet = argosy.open(str(folder / "fleet"), create=True)
    names = [f"{number:06}" for number in range(models)]
    fleet.register({"model": names, "version": ["1"] * models})
    roles = ("reference", "current")
    fleet.bind(
        [{"role": role, "url": f"{folder / role}/*.parquet", "key": "model"} for role in roles]
    )
    fleet.check_drift()  # profiles the references, which is done once
    ends: dict[str, list[float]] = {"local": [], "ray": []}

    def checked(executor: str) -> argosy.Run:
        marks: list[float] = []
        run = fleet.check_drift(executor=executor, progress=marking(marks))
        ends[executor].append(time.perf_counter() - marks[-1])
        return run

    found = alternating({name: partial(checked, name) for name in ends}, rounds)
    commit = {name: statistics.median(each) for name, each in ends.items()}
    for name, spent in found.items():
        told = f"{spent.elapsed:>8.2f} s elapsed, of which {commit[name]:.2f} s commit"
        print(f"drift, {name:<6}{told}; {spent.median:.2f} s of processors")
    run, work = found["ray"].answer, found["ray"].wall[-1] - ends["ray"][-1]
    [kept] = fleet.runs().filter(run_id=run.id).collect()["options"]
    took = json.loads(kept)["took"]
    busy, times = took["seconds"] / (work * argosy_cores()), ratio(found["local"], found["ray"])
    elapsed = found["ray"].elapsed / found["local"].elapsed
    print(f"Ray takes {elapsed:.2f} x the time of the local executor, and {times} the processors'")
    print(f"its workers are busy {busy:.0%} of the time")
    efficiency(fleet.url, rounds)
    whole, each = found["ray"].elapsed, took["seconds"] / models
    return whole, each, commit["ray"] / models, took["read"] / models


def efficiency(url: str, rounds: int) -> None:
    """Compare one worker with two, each in a process of its own; the start of Ray apart."""
    told: dict[int, list[dict[str, float]]] = {1: [], 2: []}
    for _ in range(max(1, rounds // 3)):  # in turns, so that what else the machine does hits both
        for workers, each in told.items():
            command = [sys.executable, __file__, "--workers", str(workers), "--fleet", url]
            each.append(json.loads(subprocess.check_output(command).splitlines()[-1]))
    middle = {
        workers: {name: statistics.median(one[name] for one in each) for name in each[0]}
        for workers, each in told.items()
    }
    alone, both = middle.values()
    whole, work = (alone[name] / (2 * both[name]) for name in ("wall", "work"))
    print(
        f"one worker {alone['wall']:.1f} s, two {both['wall']:.1f} s elapsed: parallel efficiency"
        f" {whole:.0%}, and {work:.0%} without the commit"
    )


def worked(workers: int, url: str) -> None:
    """Check drift of all rows and of a segment, and profile both; print what that took."""
    from argosy_ray.cluster import ray

    threads = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    ray.init(
        address="local",
        num_cpus=workers,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        runtime_env={"env_vars": threads},
    )
    fleet = argosy.open(url)
    long = {"executor": "ray", "segments": ["number_00 > 0"], "fresh_reference": True}
    fleet.check_drift("model < '000100'", **long)  # the workers import what they need
    marks: list[float] = []
    begun = time.perf_counter()
    fleet.check_drift(**long, progress=marking(marks))
    print(json.dumps({"wall": time.perf_counter() - begun, "work": marks[-1] - begun}))


def marking(marks: list[float]) -> Callable[[int, int], None]:
    return lambda *_: marks.append(time.perf_counter())


def nothing(folder: Path, models: int) -> float:
    """Run work that does nothing; return seconds of the driver per chunk."""
    from argosy_ray.cluster import ray

    fleet = fleet_of(folder, [f"m{number:07}" for number in range(models)])
    begun = time.perf_counter()
    done = carried(fleet, "ray", costs=Costs(seconds=2e-5))
    spent = time.perf_counter() - begun
    assert done["ok"] == models
    print(
        f"nothing, {models:,} models in chunks: {spent:.1f} s, {1e3 * spent / models:.3f} ms each"
    )
    task = ray.remote(num_cpus=1, max_retries=0)(lambda model: len(model))
    begun = time.perf_counter()
    ray.get([task.remote("m") for _ in range(ONE_BY_ONE)])
    single = (time.perf_counter() - begun) / ONE_BY_ONE
    print(f"one Ray task per model: {1e3 * single:.2f} ms each, {single * models / spent:,.0f} x")
    data(models, spent)
    return single  # a chunk is one task


def data(models: int, spent: float) -> None:
    try:
        ray_data = import_module("ray.data")
    except ImportError as error:
        print(f"Ray Data: not here ({error})")
        return
    begun = time.perf_counter()
    names = pl.DataFrame({"model": [f"m{number:07}" for number in range(models)]}).to_arrow()
    found = ray_data.from_arrow(names).map_batches(lambda batch: batch, batch_format="pyarrow")
    count = found.materialize().count()
    taken = time.perf_counter() - begun
    print(f"Ray Data map_batches, {count:,} rows: {taken:.1f} s, {taken / spent:.1f} x, no commit")


def argosy_cores() -> int:
    from argosy_ray.cluster import cores

    return cores()


def scale(found: Measured, models: int, whole: float) -> None:
    print(
        f"per model: {1e3 * found.model:.2f} ms of a worker, {1e3 * found.commit:.3f} ms of the"
        f" driver to commit; per chunk: {1e3 * found.chunk:.1f} ms of the driver"
    )
    print(f"measured: {models:,} models on {argosy_cores()} cores, start and all: {whole:.0f} s")
    print(f"{'models':>10}{'cores':>7}{'formula':>10}{'virtual':>10}  bottleneck      cost")
    for many, cores in ((models, argosy_cores()), (MILLION, 10), (MILLION, 100), (MILLION, 1000)):
        told, played = predicted(found, many, cores), simulated(found, many, cores)
        cost = told.total / 3600 * cores * PRICE
        print(
            f"{many:>10,}{cores:>7,}{told.total:>9.0f} s{played:>9.0f} s  {told.bottleneck:<10}"
            f"{cost:>8.2f} $"
        )


def planned() -> None:
    """Plan a million models in a process of its own; print what that took."""
    binding = {
        "url": pl.lit("s3://bucket/current/*.parquet"),
        "format": pl.lit("parquet"),
        "key": pl.lit("model"),
    }
    names = pl.int_range(MILLION, eager=True).cast(pl.String).str.zfill(7)
    units = pl.DataFrame({"model": names}).with_columns(
        version=pl.lit("1"), current=pl.struct(**binding), reference=pl.struct(**binding)
    )
    begun = time.perf_counter()
    costs = Costs(seconds=1e-3)
    made = chunks(units, cuts(units, costs, 1000, False), {}, False, costs, 600)
    spent = time.perf_counter() - begun
    print(json.dumps({"seconds": spent, "chunks": len(made), "peak": peak()}))


if __name__ == "__main__":
    parser = options(__doc__, models=(10_000, 100), rows=(1_000, 100), trivial=(100_000, 1_000))
    parser.add_argument("--plan", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--fleet", help=argparse.SUPPRESS)
    given = asked(parser)
    if given.plan:
        planned()
    elif given.workers:
        worked(given.workers, given.fleet)
    else:
        main(given.models, given.rows, given.trivial, given.rounds)
