"""Claim: training a fleet costs hardly more than fitting and saving its models.

Measured is the whole of `fleet.train`, its chunks performed in this process, in turns with a
loop that does nothing but fit the same estimators on the same rows and write what it saves; the
share that the trainer itself took; and what it takes to make the instances and to undo a night.
`--executor` has an executor perform the chunks.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
from _measure import Spent, alternating, asked, once, options, ratio

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


def line(what: str, spent: Spent, models: int) -> None:
    each = 1000 * spent.median / models
    print(
        f"  {what:<34}{spent.median:9.2f} s{each:9.2f} ms per model{spent.elapsed:9.2f} s elapsed"
    )


def main() -> None:
    parser = options(__doc__, models=(4_000, 60))
    parser.add_argument("--executor", default="here")
    given = asked(parser)
    models, executor = given.models, given.executor
    print(f"{models:,} models of {ROWS:,} rows, {PARAMS}, seed {SEED}, executor {executor}")
    installed().executors.setdefault("here", Executor("here", here))
    with tempfile.TemporaryDirectory() as folder:
        names = data(Path(folder), models)
        fleet = argosy.open(f"{folder}/fleet", create=True, actor="benchmark")
        fleet.define([{"template": "shop", "trainer": "sklearn", "params": PARAMS}])
        line("instantiate", once(lambda: fleet.instantiate("shop", {"model": names})), models)
        bound = {"role": "training", "url": f"{folder}/rows.parquet", "key": "client"}
        fleet.bind([{**bound, "truth": "y"}])
        night = fleet.in_group("night")
        few = names[min(50, len(names) - 1)]
        night.train(f"model < '{few}'", executor)  # imports, and learns the cost
        found = alternating(
            {
                "train": lambda: night.train(executor=executor),
                "loop": lambda: loop(Path(folder)),
            },
            given.rounds,
        )
        ours, theirs = found["train"], found["loop"]
        run = ours.answer
        assert run.summary["ok"] == models
        line("train", ours, models)
        inside, wall = run.results()["seconds"].sum(), run.summary["seconds"]
        print(f"  {'of its wall time, in the trainer':<34}{inside:9.2f} of {wall:.2f} s")
        line("fit and save in a loop", theirs, models)
        print(f"  train is {ratio(theirs, ours)} the loop")
        undone = once(lambda: fleet.rollback(group="night"))
        line(f"roll the group of {given.rounds} back", undone, models)


if __name__ == "__main__":
    main()
