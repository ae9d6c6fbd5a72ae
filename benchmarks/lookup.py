"""Claim: a row of the predictions of a whole fleet is found in 5 ms by a warm process.

The lists are written by the function that `argosy predict` writes with, bound model by model, and
asked for at random. The peer is polars' own filter of the same file: a lazy scan with the same two
conditions, which skips the same row groups by their statistics.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from _measure import Spent, asked, options, ratio

import argosy
from argosy.store.location import Location
from argosy_predict.files import Files

SEED = 7
ITEMS = 20
"""Of a list."""
FILES = 40
"""Chunks of a night, each of which writes one."""
_PAUSE = 0.002
"""Seconds between questions, as a service has: who never waits is set aside by a busy machine."""


def main() -> None:
    given = asked(
        options(__doc__, models=(4_000, 80), customers=(1_000, 50), questions=(3_000, 100))
    )
    models, customers, many = given.models, given.customers, given.questions
    print(f"{models:,} models of {customers:,} customers, lists of {ITEMS}; seed {SEED}\n")
    generator = np.random.default_rng(SEED)
    with tempfile.TemporaryDirectory() as folder:
        fleet, urls = _fleet(Path(folder), models, customers, generator)
        size = sum(Path(url).stat().st_size for url in set(urls.values()))
        print(f"{size / 2**20:,.0f} MiB in {FILES} files")
        begun = time.perf_counter()
        look = fleet.lookup("lists")
        print(f"{'a new handle':<34}{1e3 * (time.perf_counter() - begun):9.2f} ms")
        names = list(urls)
        pairs = list(
            zip(
                generator.integers(0, models, many).tolist(),
                generator.integers(0, customers, many).tolist(),
                strict=True,
            )
        )
        _told(
            "first of each file (footer, index)",
            _timed(look, names[:: max(1, models // FILES)], pairs),
        )
        _told("look-up", _timed(look, names, pairs))
        begun = time.perf_counter()
        for _ in range(100):
            look.refresh()
        print(f"{'refresh, nothing changed':<34}{10 * (time.perf_counter() - begun):9.2f} ms")
        few = pairs[: many // 3]
        both = [
            (_timed(look, names, few), _filtered(names, urls, few)) for _ in range(given.rounds)
        ]
        ours, theirs = (np.concatenate(side) for side in zip(*both, strict=True))
        _told("look-up, in turns with the filter", ours)
        _told("polars' filter of the same file", theirs)
        _compared(both)


def _compared(both: list[tuple[np.ndarray, np.ndarray]]) -> None:
    sides = [
        Spent(*([float(np.mean(part[:, column])) for part in side] for column in (1, 0)))
        for side in zip(*both, strict=True)
    ]
    wall = sides[1].elapsed / sides[0].elapsed
    print(f"\nthe filter takes {wall:.1f} times as long, and {ratio(*sides)} the processor time")


def _fleet(
    folder: Path, models: int, customers: int, generator: np.random.Generator
) -> tuple[argosy.Fleet, dict[str, str]]:
    fleet = argosy.open(str(folder / "fleet"), create=True)
    names = [f"m{number:05d}" for number in range(models)]
    fleet.register({"model": names, "version": ["1"] * models})
    catalogue = np.array([f"item-{number:04d}" for number in range(50)])
    location, urls = Location(fleet.url), {}
    for part in np.array_split(np.array(names), FILES):
        with Files(location, "predicted/bench") as files:
            for name in part.tolist():
                drawn = catalogue[generator.integers(0, len(catalogue), (customers, ITEMS))]
                rows = pl.DataFrame(
                    {
                        "model": [name] * customers,
                        "version": ["1"] * customers,
                        "customer": np.arange(customers),
                        "prediction": pl.Series(drawn).arr.to_list(),
                    }
                )
                file = files.add(rows.to_arrow(), ["model", "customer"])
                urls[name] = location.child("predicted/bench", file)
    bound = {"role": "lists", "key": "model", "id": "customer", "format": "parquet"}
    fleet.bind([{**bound, "model": name, "url": url} for name, url in urls.items()])
    return fleet, urls


def _timed(look: object, names: list[str], pairs: list[tuple[int, int]]) -> np.ndarray:
    """Return seconds of wall and of CPU per question; shape (questions, 2)."""
    times = []
    for model, customer in pairs:
        name = names[model % len(names)]
        time.sleep(_PAUSE)
        begun = time.perf_counter(), time.process_time()
        row = look.get(name, customer)
        times.append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
        assert row["model"] == name
        assert row["customer"] == customer
    return np.array(times)


def _filtered(names: list[str], urls: dict[str, str], pairs: list[tuple[int, int]]) -> np.ndarray:
    times = []
    for model, customer in pairs:
        name = names[model]
        time.sleep(_PAUSE)
        begun = time.perf_counter(), time.process_time()
        row = (
            pl.scan_parquet(urls[name])
            .filter(pl.col("model") == name, pl.col("customer") == customer)
            .collect()
        )
        times.append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
        assert row.height == 1
    return np.array(times)


def _told(what: str, times: np.ndarray) -> None:
    middle, high, top = np.percentile(1e3 * times[:, 0], [50, 95, 99])
    spent = 1e3 * times[:, 1].mean()
    print(
        f"{what:<36}{middle:7.2f} ms p50{high:7.2f} ms p95{top:7.2f} ms p99{spent:7.2f} ms of CPU"
    )


if __name__ == "__main__":
    main()
