"""Claim: what the guides say of statistics comes out again, each figure with its seeds.

A/B tests that are peeked at and the price of it, a bandit whose best arm changes, rows that hang
together in clusters, off-policy logs of rare rewards, how much the weight of the most powerful of
six tests is worth, and the false alarms of the demo over its seeds.
Nothing here is timed.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
from _clusters import clustered, rare
from _measure import asked, options

import argosy
from argosy_demo.scenario import play
from argosy_drift.correction import decide
from argosy_experiments.ab_tests import rates as ab_tests
from argosy_experiments.bandits import thompson

SEED = 7
DEMOS = range(7)
LEVEL = 0.05
ARMS = ("a", "b", "c")
WEIGHTED, WEIGHTS = "wasserstein", (1.0, 8.0, 16.0, 64.0)
PLANTED = 20
"""Models that drift in a fleet."""


def main() -> None:
    parser = options(
        __doc__,
        tests=(2_000, 100),
        looks=(100, 10),
        models=(300, 20),
        clustered=(100, 10),
        fleets=(15, 1),
        clean=(1_980, 180),
        demos=(7, 1),
        members=(1_000, 60),
    )
    given = asked(parser, compares=False)
    print(f"seed {SEED}, of each experiment anew; demos of the seeds {list(DEMOS[: given.demos])}")
    peeked(given.tests, given.looks)
    price(given.tests // 2, 125 * given.looks // 100)
    swapped(given.models)
    clustered(given.clustered, SEED)
    rare(given.clustered, SEED)
    weighted(given.fleets, given.clean)
    demos(DEMOS[: given.demos], given.members)


def looked(rates: np.ndarray, looks: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Look at tests again and again; return who has evidence, and who a z-test calls different.

    Args:
        rates: of success, shape (tests, 2).
        looks: how often.
        size: customers per group that come between two looks.

    Returns:
        Two tables of truth, shape (looks, tests).
    """
    rng = np.random.default_rng(SEED)
    names = [f"m{number:05}" for number in range(len(rates))]
    state = ab_tests.begun(pl.DataFrame({"model": names}))
    won, valid, naive = np.zeros(rates.shape), [], []
    for look in range(1, looks + 1):
        new = rng.binomial(size, rates).astype(float)
        counts = pl.concat(
            pl.DataFrame({"model": names, "group": group, "n": size, "successes": new[:, side]})
            for side, group in enumerate(("control", "treatment"))
        )
        state = ab_tests.looked(state, counts.cast({"n": pl.Float64}))
        valid.append((state.sort("model")["p_value"] <= LEVEL).to_numpy())
        won += new
        mean = won.sum(1) / (2 * size * look)
        error = np.sqrt(mean * (1 - mean) * 2 / (size * look))
        apart = np.abs(won[:, 1] - won[:, 0]) / (size * look)
        naive.append(apart > 1.96 * np.where(error > 0, error, np.inf))
    return np.array(valid), np.array(naive)


def peeked(tests: int, looks: int) -> None:
    print(f"\nof {tests:,} tests without a difference, looked at {looks} times, ever called one:")
    for rate, size in ((0.005, 200), (0.05, 50), (0.3, 20)):
        valid, naive = looked(np.full((tests, 2), rate), looks, size)
        print(f"  rate {rate:.1%}: z-test {naive.any(0).mean():.1%}, e-process", end=" ")
        print(f"{valid.any(0).mean():.1%}")


def price(tests: int, looks: int) -> None:
    size, middle = 100, max(1, looks // 2)
    valid, naive = looked(np.broadcast_to([0.05, 0.0615], (tests, 2)), looks, size)
    ended = np.where(valid.any(0), valid.argmax(0) + 1, looks) * size
    print(f"\n5 % against 6.15 %, {tests:,} tests, a look every {size} customers per group:")
    print(f"  a z-test at {middle * size:,} finds {naive[middle - 1].mean():.0%}", end=", ")
    print(f"the e-process by then {valid[:middle].any(0).mean():.0%}", end=", ")
    print(f"by {looks * size:,} {valid.any(0).mean():.0%}; it stops after {ended.mean():,.0f}")


def swapped(models: int) -> None:
    """Say how many plays pass until half of the traffic is on the arm that is best now."""
    rates = ({"a": 0.1, "b": 0.2, "c": 0.4}, {"a": 0.4, "b": 0.2, "c": 0.1})
    size, rounds = 20, 60
    names = pl.DataFrame({"model": [f"m{number:03}" for number in range(models)]})
    requests = names.join(pl.DataFrame({"slot": range(size)}), how="cross")
    print(f"\nbest and worst of three arms swap after {size * rounds:,} plays; {models} models:")
    for memory in (300, None):
        rng = np.random.default_rng(SEED)
        state = thompson.begun(names.join(pl.DataFrame({"arm": ARMS}), how="cross"))
        shares = []
        for number in range(2 * rounds):
            arms = thompson.chosen(state, requests, seed=int(rng.integers(2**31)))
            plays = arms.group_by("model", "arm").len("plays").sort("model", "arm")
            rate = plays["arm"].replace_strict(rates[number >= rounds], return_dtype=pl.Float64)
            wins = rng.binomial(plays["plays"].to_numpy(), rate.to_numpy())
            state = thompson.learnt(state, plays.with_columns(wins=pl.Series(wins)), memory)
            shares.append(plays.filter(arm="a")["plays"].sum() / requests.height)
        after = np.array(shares[rounds:]) > 0.5
        told = f"{after.argmax() * size:,} plays" if after.any() else "more than were played"
        print(f"  half of the traffic on the new best, memory {memory}: after {told}")


def weighted(fleets: int, clean: int) -> None:
    """Say what the most powerful test finds with several weights, and alone."""
    found: dict[str, list[int]] = {}
    for seed in range(fleets):
        with tempfile.TemporaryDirectory() as folder:
            results = shifted(Path(folder), PLANTED + clean, seed).check_drift().results()
        rows = results.with_columns(
            status=pl.col("status").replace("drift", "ok"), level=pl.lit(LEVEL)
        )
        for name, part in sides(rows):
            alerts = decide(part).filter(status="drift")["model"].unique()
            right = (alerts < f"m{PLANTED:05}").sum()
            known = found.setdefault(name, [0, 0])
            known[0] += right
            known[1] += len(alerts) - right
    print(f"\nof {fleets * PLANTED} drifts planted in {fleets} fleets (seeds 0 ...), found by:")
    for name, (right, false) in found.items():
        print(f"  {name}: {right}, and {false} of {right + false} models falsely")


def sides(rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    best = pl.col("detector") == WEIGHTED
    for weight in WEIGHTS:
        yield (
            f"all tests, weight {weight:g} for {WEIGHTED}",
            rows.with_columns(weight=pl.when(best).then(weight).otherwise(1.0)),
        )
    yield f"{WEIGHTED} alone", rows.filter(best).with_columns(weight=1.0)


def shifted(folder: Path, models: int, seed: int, each: int = 1_000) -> argosy.Fleet:
    """Open a fleet of 20 normal columns that correlate by 0.3; three of the first models' move."""
    rng = np.random.default_rng(seed)
    names = [f"m{number:05}" for number in range(models)]
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": names, "version": ["1"] * models})
    for role in ("reference", "current"):
        common = rng.standard_normal((models, each), np.float32)
        columns = {}
        for place in range(20):
            own = rng.standard_normal((models, each), np.float32)
            values = np.float32(0.3**0.5) * common + np.float32(0.7**0.5) * own
            if role == "current" and place < 3:
                values[:PLANTED] += np.float32(0.2)
            columns[f"x{place}"] = values.ravel()
        path = folder / f"{role}.parquet"
        pl.DataFrame({"model": np.repeat(names, each), **columns}).write_parquet(path)
        fleet.bind([{"role": role, "url": str(path), "key": "model"}])
    return fleet


def demos(seeds: range, members: int) -> None:
    print(f"\nthe demo with {members:,} models:")
    false = flagged = short = 0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            outcome = play(Path(folder) / "fleet", members, seed, "local", silent)
        false += outcome.false_alarms
        flagged += outcome.flagged.height
        shortfall = outcome.shortfall()
        short += shortfall is not None
        told = shortfall or "it holds"
        print(
            f"  seed {seed}: {outcome.found} of {outcome.planted.height} found,"
            f" {outcome.false_alarms} of {outcome.flagged.height} flagged falsely; {told}"
        )
    print(f"  in all {false} of {flagged} flagged falsely; {short} did not hold")


@contextmanager
def silent(title: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda done, total: None


if __name__ == "__main__":
    main()
