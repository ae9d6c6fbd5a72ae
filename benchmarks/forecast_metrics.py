"""Claim: all metrics of 10,000 series, 48 steps and 3 methods take less than two seconds.

Beside the naive forecast's, with skills and reasons, in processor time; utilsforecast computes
those that it has, on a table of polars, in the environment of `make peers`.
"""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from _measure import alternating, asked, options, peer

from argosy_forecast.metrics import horizon_days, score

SEED = 20261130
METHODS = ("naive2", "ridge", "theta")
LEVELS = (0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95)


def forecasts(series: int, steps: int) -> pl.DataFrame:
    """Draw forecasts of every series by every method, from one origin."""
    generator = np.random.default_rng(SEED)
    many = len(METHODS)
    truth = np.repeat(generator.gamma(9.0, size=(series, 1, steps)), many, axis=1).ravel()
    value = truth + generator.normal(size=len(truth))
    spread = np.sort(generator.normal(size=(len(truth), len(LEVELS))), axis=1)
    horizon = np.tile(np.arange(1, steps + 1), series * many)
    points = pl.DataFrame(
        {
            "series": np.repeat([f"s{place:05d}" for place in range(series)], steps * many),
            "method": np.tile(np.repeat(METHODS, steps), series),
            "origin": 0,
            "time": pl.Series(horizon * 3_600_000_000).cast(pl.Datetime("us", "UTC")),
            "horizon": horizon,
            "truth": truth,
            "value": value,
            "naive": truth + 2 * generator.normal(size=len(truth)),
            "scale": 1.5,
            "quantiles": pl.Series(
                value[:, None] + spread, dtype=pl.Array(pl.Float64, len(LEVELS))
            ),
        }
    )
    return horizon_days(points, 24)


def main() -> None:
    given = asked(options(__doc__, series=(10_000, 300), steps=(48, 24)))
    print(f"{given.series:,} series, {given.steps} steps, {len(METHODS)} methods, seed {SEED}")
    points = forecasts(given.series, given.steps)
    score(points.head(1000), levels=LEVELS)  # compiled, or read from the cache
    mixed = points.sample(fraction=1.0, shuffle=True, seed=SEED)
    works = {
        "all metrics": lambda: score(points, levels=LEVELS),
        "all metrics, without quantiles": lambda: score(points),
        "all metrics, rows in any order": lambda: score(mixed, levels=LEVELS),
        "all metrics, by hour and method": lambda: score(points, ["horizon", "method"], LEVELS),
    }
    found = alternating(works, given.rounds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "points.parquet"
        points.write_parquet(path)
        levels = ",".join(map(str, LEVELS))
        theirs = peer(
            "utilsforecast", "_utilsforecast_peer.py", str(path), levels, str(given.rounds)
        )
    for name, spent in found.items():
        print(f"{name:<34}{spent.median:>8.2f} s{spent.median / points.height * 1e9:>8.0f} ns/row")
    if theirs:
        ours = found["all metrics"].median
        told = f"utilsforecast {theirs['version']}, {theirs['metrics']} of them"
        print(f"{told:<34}{theirs['seconds']:>8.2f} s{theirs['seconds'] / ours:>8.1f} x")


if __name__ == "__main__":
    main()
