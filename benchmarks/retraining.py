"""Claim: training a fleet costs hardly more than fitting and saving its models.

Measured is CPU time of the whole of `fleet.retrain`, its chunks performed in this process, beside a
loop that does nothing but fit the same estimators on the same rows and write what it saves; the
share that the trainer itself took; and what it takes to make the instances and to undo a night.
`--executor` measures wall time on an executor instead, `--models` sets another size.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from _machine import describe

import argosy
from argosy.plugins import installed
from argosy.types import Chunk, Executor, Finished, Tables

ROWS, SEED = 1_000, 7
PARAMS = {"estimator": "LinearRegression"}


def data(folder: Path, models: int) -> list[str]:
    """Write the rows of all models, one after another, and return their names."""
    generator = np.random.default_rng(SEED)
    names = [f"c{number:05d}" for number in range(models)]
    a, b, noise = generator.normal(size=(3, models * ROWS))
    owner = pl.Series(names).gather(np.repeat(np.arange(models), ROWS))
    rows = pl.DataFrame({"client": owner, "a": a, "b": b, "y": a - b + noise})
    rows.write_parquet(folder / "rows.parquet", row_group_size=100 * ROWS)
    return names


def loop(folder: Path) -> None:
    import skops.io
    from sklearn.linear_model import LinearRegression

    whole = pl.read_parquet(folder / "rows.parquet")
    for (name,), rows in whole.partition_by("client", as_dict=True).items():
        fitted = LinearRegression().fit(rows.select("a", "b"), rows["y"].to_numpy())
        (folder / f"{name}.skops").write_bytes(skops.io.dumps(fitted))


def here(chunks: Iterable[Chunk], perform: Callable[[Chunk], Tables]) -> Iterator[Finished]:
    """Perform chunks in this process, so that its clock sees all of the work."""
    for chunk in chunks:
        yield Finished(chunk.id, perform(chunk))


def timed(what: str, clock: Callable[[], float], work: Callable[[], Any]) -> tuple[float, Any]:
    started = clock()
    answer = work()
    spent = clock() - started
    print(f"  {what:<34}{spent:9.2f} s")
    return spent, answer


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--models", type=int, default=4_000)
    asked.add_argument("--executor")
    told = asked.parse_args()
    clock = time.perf_counter if told.executor else time.process_time
    executor = told.executor or "here"
    print(describe())
    print(f"{told.models:,} models of {ROWS:,} rows, {PARAMS}, seed {SEED}, executor {executor}")
    installed().executors.setdefault("here", Executor("here", here))
    with tempfile.TemporaryDirectory() as folder:
        names = data(Path(folder), told.models)
        fleet = argosy.open(f"{folder}/fleet", create=True, actor="benchmark")
        fleet.define([{"template": "shop", "trainer": "sklearn", "params": PARAMS}])
        night = fleet.grouped("night")
        timed("instantiate", clock, lambda: fleet.instantiate("shop", {"model": names}))
        bound = {"role": "training", "url": f"{folder}/rows.parquet", "key": "client"}
        fleet.bind([{**bound, "truth": "y"}])
        night.retrain(
            f"model < '{names[min(50, len(names) - 1)]}'", executor
        )  # imports, and learns the cost
        spent, run = timed("retrain", clock, lambda: night.retrain(executor=executor))
        assert run.summary["ok"] == told.models
        inside = run.results()["seconds"].sum()
        wall = run.summary["seconds"]
        print(f"  {'of its wall time, in the trainer':<34}{inside:9.2f} of {wall:.2f} s")
        timed("roll the group back", clock, lambda: fleet.rollback(group="night"))
        peer, _ = timed("fit and save in a loop", clock, lambda: loop(Path(folder)))
        print(
            f"  retrain is {spent / peer:.2f} × the loop,"
            f" {1000 * spent / told.models:.2f} ms per model"
        )


if __name__ == "__main__":
    main()
