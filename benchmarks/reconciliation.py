"""Claim: forecasts of 10,000 series are made to add up in seconds, with correlated errors.

24 horizons in four blocks, errors of 51 origins, in processor seconds of one core. The library
hierarchicalforecast does the same for fewer series, as it inverts matrices of all of them, in the
environment of `make peers`; it is handed one horizon and one block. A backtest is reconciled too,
each origin by the errors of earlier ones.
"""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from _measure import alternating, asked, options, peer

from argosy_forecast.hierarchy import (
    METHODS,
    Summing,
    incoherence,
    reconcile,
    reconcile_origins,
    summing,
)

SEED = 20261130
HORIZONS = 24
BLOCKS = np.repeat(np.arange(4), 6)


def tree(series: int) -> Summing:
    """Return a hierarchy of so many nodes: one, thirty, a tenth of all, and leaves."""
    middle = series // 10 - 31
    edges = [("all", f"r{place}") for place in range(30)]
    edges += [(f"r{place % 30}", f"m{place}") for place in range(middle)]
    edges += [(f"m{place % middle}", f"l{place}") for place in range(series - middle - 31)]
    return summing(pl.DataFrame(edges, schema=["parent", "child"], orient="row"))


def errors(hierarchy: Summing, origins: int) -> np.ndarray:
    """Draw errors that hang together: shape (nodes, origins, horizons)."""
    generator = np.random.default_rng(SEED)
    leaves = generator.normal(size=(len(hierarchy.leaves), origins, HORIZONS))
    leaves += 0.3 * generator.normal(size=(1, origins, HORIZONS))
    upper = hierarchy.matrix[: hierarchy.aggregates] @ leaves.reshape(len(leaves), -1)
    upper = upper.reshape(-1, origins, HORIZONS) * 0.8
    upper += generator.normal(size=upper.shape)
    return np.concatenate((upper, leaves))


def main() -> None:
    given = asked(options(__doc__, series=(10_000, 1_000), origins=(51, 35), peer=(2_000, 600)))
    print(f"{given.series:,} series, {given.origins} origins, {HORIZONS} horizons, seed {SEED}")
    big, small = tree(given.series), tree(given.peer)
    off, few = errors(big, given.origins + 1), errors(small, given.origins + 1)
    base = 100 + off[:, -1]
    works = {
        "the matrix of the hierarchy": lambda: tree(given.series),
        **{
            method: lambda method=method: reconcile(big, base, off[:, :-1], BLOCKS, method)
            for method in METHODS
        },
        "mint, no leaf below zero": lambda: reconcile(
            big, base, off[:, :-1], BLOCKS, non_negative=True
        ),
        f"mint, {given.peer:,} series, one horizon": lambda: reconcile(
            small, few[:, -1, :1], few[:, :-1, :1]
        ),
    }
    found = alternating(works, given.rounds)
    last = found.pop(f"mint, {given.peer:,} series, one horizon")
    for name, spent in found.items():
        apart = (
            "" if name.startswith("the") else f"  off by {incoherence(big, spent.answer.value):.0e}"
        )
        print(f"{name:<40}{spent.median:>8.2f} s{apart}")
    origins = np.arange(given.origins) * 7
    known = origins[:, None] + np.linspace(0.1, 1, HORIZONS)
    rolled = alternating(
        {
            "all": lambda: reconcile_origins(
                big, off[:, :-1], 0 * off[:, :-1], origins, known, BLOCKS
            )
        },
        1,
    )["all"]
    print(f"{f'a backtest of {given.origins} origins':<40}{rolled.median:>8.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.npz"
        summed = small.matrix.toarray()
        np.savez(path, summed=summed, base=few[:, -1, :1], errors=few[:, :-1, 0])
        theirs = peer("hierarchicalforecast", "_hierarchicalforecast_peer.py", str(path))
    print(f"{f'mint, {given.peer:,} series, one horizon':<40}{last.median:>8.2f} s")
    if theirs:
        told = f"  hierarchicalforecast {theirs['version']}"
        times = theirs["seconds"] / max(last.median, 1e-9)
        print(f"{told:<40}{theirs['seconds']:>8.2f} s{times:>10,.0f} x")


if __name__ == "__main__":
    main()
