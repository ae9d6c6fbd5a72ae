"""Claim: a fleet's challengers are tested in two milliseconds per model, all tests together.

Every model logs what its champion and its challenger predict for the same rows. Measured is CPU
time: of the tests alone beside what a loop over models takes (DeLong after Sun and Xu with SciPy's
ranks, SciPy's `binomtest` and `ttest_rel`), of `fleet.compare` as a whole beside a bare scan of the
log, and of an estimate that fits beside one that need not.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from _measure import alternating, asked, once, options, ratio
from scipy import stats

import argosy
from argosy.plugins import installed
from argosy.testing.comparisons import table
from argosy.testing.pairs import SIDES, pair

SEED, ROWS, FEW = 7, 1000, 40


def loop_delong(rows: pl.DataFrame) -> tuple[float, float]:
    """Test one pair as Sun and Xu write it, with NumPy and SciPy."""
    truth = rows["truth"].to_numpy() == 1
    placed = []
    for side in SIDES:
        score = rows[f"{side}_score"].to_numpy()
        x, y = score[truth], score[~truth]
        m, n = len(x), len(y)
        both = stats.rankdata(np.concatenate([x, y]))
        placed.append(((both[:m] - stats.rankdata(x)) / n, 1 - (both[m:] - stats.rankdata(y)) / m))
    (x0, y0), (x1, y1) = placed
    variance = np.var(x1 - x0, ddof=1) / len(x0) + np.var(y1 - y0, ddof=1) / len(y0)
    return x1.mean() - x0.mean(), 2 * stats.norm.sf(abs(x1.mean() - x0.mean()) / variance**0.5)


def loop_mcnemar(rows: pl.DataFrame) -> float:
    right = [(rows[f"{side}_prediction"] == rows["truth"]).to_numpy() for side in SIDES]
    won, lost = int((right[1] & ~right[0]).sum()), int((right[0] & ~right[1]).sum())
    return stats.binomtest(won, max(won + lost, 1)).pvalue


def loop_brier(rows: pl.DataFrame) -> tuple[float, Any]:
    losses = [((rows[f"{side}_score"] - rows["truth"]) ** 2).to_numpy() for side in SIDES]
    found = stats.ttest_rel(*losses)
    return found.pvalue, found.confidence_interval()


def alone(models: int, rounds: int) -> None:
    drawn = [pair("binary", ROWS, seed=SEED + number) for number in range(min(models, 200))]
    handed, few = table("binary", drawn), drawn[:FEW]
    work = {
        ("delong", "auc"): loop_delong,
        ("mcnemar", "accuracy"): loop_mcnemar,
        ("paired_t", "brier"): loop_brier,
    }
    print(f"\n{'test':<12}{'argosy ms':>12}{'loop ms':>12}   ratio; per pair of {ROWS} rows")
    for (name, metric), loop in work.items():
        measure = installed().comparisons[name].measure
        measure(handed.slice(0, 2), [metric])  # compiled before the clock starts
        sides = {
            "argosy": lambda measure=measure, metric=metric: measure(handed, [metric]),
            "loop": lambda loop=loop: [loop(rows) for rows in few],
        }
        found = alternating(sides, rounds)
        ours, theirs = found["argosy"] / len(drawn), found["loop"] / len(few)
        told = f"{1000 * ours.median:>12.3f}{1000 * theirs.median:>12.3f}"
        print(f"{name:<12}{told}   {ratio(ours, theirs)}")


def whole(models: int, rounds: int, folder: Path) -> None:
    generator = np.random.default_rng(SEED)
    truth = (generator.random((models, ROWS)) < 0.3).astype(np.int64)
    names = [f"m{number:05}" for number in range(models)]
    parts = []
    for version in ("1", "2"):
        logit = 2 * truth - 1 + generator.normal(size=truth.shape)
        parts.append(pl.DataFrame({
            "client": np.repeat(names, ROWS), "row": np.tile(np.arange(ROWS), models),
            "by": version, "label": truth.ravel(), "score": (1 / (1 + np.exp(-logit))).ravel(),
        }))  # fmt: skip
    path = folder / "log.parquet"
    pl.concat(parts).sort("client", "by").write_parquet(path)
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register(
        {"model": [name for name in names for _ in "12"], "version": ["1", "2"] * models}
    )
    row = {"url": str(path), "key": "client", "id": "row", "version": "by", "truth": "label",
           "score": "score"}  # fmt: skip
    fleet.bind([{"role": role, **row} for role in ("holdout", "current")])
    for version, alias in (("1", "champion"), ("2", "challenger")):
        fleet.set_alias({"model": names, "version": [version] * models}, alias)
    fitted = once(fleet.estimate)
    found = alternating(
        {
            "bare scan of the log": lambda: pl.read_parquet(path),
            "fleet.compare, four tests": fleet.compare,
            "fleet.estimate from kept fits": fleet.estimate,
        },
        rounds,
    )
    found["fleet.estimate that fits, once"] = fitted
    scan = found["bare scan of the log"]
    results = found["fleet.compare, four tests"].answer.results()
    called = results["verdict"].is_in(["better", "worse"]).sum()
    print(f"\n{'what':<40}{'s':>8}{'ms per model':>14}{'x scan':>9}")
    for name, spent in found.items():
        each = 1000 * spent.median / models
        print(f"{name:<40}{spent.median:>8.2f}{each:>14.3f}{spent.median / scan.median:>9.1f}")
    print(f"{called} of {results.height} tests of equal challengers called a difference")


def main() -> None:
    given = asked(options(__doc__, models=(1_000, 20)))
    models = given.models
    print(f"seed {SEED}, {models:,} models, {ROWS:,} rows of each version; processor seconds")
    alone(models, given.rounds)
    with tempfile.TemporaryDirectory() as folder:
        whole(models, given.rounds, Path(folder))


if __name__ == "__main__":
    main()
