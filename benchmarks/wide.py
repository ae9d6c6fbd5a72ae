"""Claim: drift of one model takes time in proportion to its columns, up to 10,000 of them.

The columns are normal values and alike on both sides, 500 rows a side. Each width has a fleet of
its own, whose reference is profiled before the clock starts; the widths take turns.
"""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from _family import peak
from _measure import alternating, asked, options

import argosy

SEED = 20261129
ROWS = 500
WIDTHS = (1_000, 2_000, 4_000, 10_000)


def main() -> None:
    given = asked(options(__doc__, widest=(10_000, 100)))
    widths = [max(2, width * given.widest // WIDTHS[-1]) for width in WIDTHS]
    print(f"one model x {ROWS} rows a side, seed {SEED}")
    with tempfile.TemporaryDirectory() as folder:
        fleets = {str(width): fleet_of(Path(folder) / str(width), width) for width in widths}
        for fleet in fleets.values():
            fleet.check_drift()
        works = {width: fleet.check_drift for width, fleet in fleets.items()}
        found = alternating(works, given.rounds)
    least = found[str(widths[0])].median / widths[0]
    print(f"{'columns':>9}{'elapsed s':>11}{'processor s':>13}{'ms per column':>15}{'ratio':>8}")
    for width, spent in found.items():
        each = spent.median / int(width)
        assert spent.answer.summary["ok"] == 1
        print(
            f"{int(width):>9,}{spent.elapsed:>11.2f}{spent.median:>13.2f}{1e3 * each:>15.3f}"
            f"{each / least:>8.2f}"
        )
    print("a ratio of 1 is linear, of 10 at ten times the columns quadratic")
    print(f"peak memory of this process: {peak():.1f} GiB")


def fleet_of(folder: Path, width: int) -> argosy.Fleet:
    """Open a fleet of one model with so many columns."""
    folder.mkdir()
    generator = np.random.default_rng([SEED, width])
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": ["wide"], "version": ["1"]})
    for role in ("reference", "current"):
        values = generator.standard_normal((ROWS, width))
        rows = pl.DataFrame(values, schema=[f"x{place:05}" for place in range(width)])
        rows.write_parquet(folder / f"{role}.parquet")
        fleet.bind([{"role": role, "model": "wide", "url": str(folder / f"{role}.parquet")}])
    return fleet


if __name__ == "__main__":
    main()
