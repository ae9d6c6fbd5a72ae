"""Claim: where nothing changed hardly a model is flagged, also where rows depend on each other.

Fleets are drawn by processes of which no tool is told, 20 columns per model, 1,000 reference rows
and the next 1,000. Printed is the share of clean models that each tool flags, and for argosy how
many columns it judged: what judges nothing flags nothing. Below stands how often shifts are found,
and how often 95 % intervals hold the value of a metric. Nothing here is timed.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import argosy  # isort: skip  (it tells polars' allocator to keep memory, so it comes first)

import polars as pl
from _coverage import coverage
from _measure import ALIBI, PEERS, asked, options, peer
from _processes import (
    Setting,
    autoregressive,
    day_effects,
    independent,
    noisy,
    nulls_in_runs,
    random_walk,
    sides,
    sticky_levels,
    varying_scale,
)

SEED = 19
COLUMNS, ROWS = 20, 1_000
TOOLS = {PEERS: ("Evidently", "NannyML", "River"), ALIBI: ("alibi-detect",)}
CLEAN = (
    Setting("independent rows", independent),
    *(Setting(f"autoregression {phi}", autoregressive(phi)) for phi in (0.5, 0.9)),
    Setting("autoregression 0.95, and as much noise", noisy(0.95)),
    Setting("days of 50 rows, 5 % in common", day_effects(0.05, 50), per_day=50),
    Setting("days of 24 rows, 30 % in common", day_effects(0.3, 24)),
    Setting("a scale that varies", varying_scale),
    Setting("categories that stay", sticky_levels),
    Setting("a tenth missing, in runs of 12", nulls_in_runs),
    *(Setting(f"autoregression {phi}", autoregressive(phi), unknown=True) for phi in (0.95, 0.99)),
    Setting("a random walk", random_walk, unknown=True),
    Setting("lag 24, autoregression 0.8", autoregressive(0.8, lag=24)),
)
MOVED = (
    Setting("independent rows, 0.2 sd in 3 columns", independent, 24, 0.01, 0.2, 3),
    Setting("independent rows, 0.2 sd in 1 column", independent, 24, 0.01, 0.2, 1),
    *(
        Setting(f"autoregression {phi}, 1 sd in 1 column", autoregressive(phi), 24, 0.05, 1.0, 1)
        for phi in (0.5, 0.8, 0.9)
    ),
)


def main() -> None:
    parser = options(__doc__, models=(1_000, 20), peers=(20, 2), covered=(2_000, 40))
    parser.add_argument("--seed", type=int, default=SEED)
    given = asked(parser, compares=False)
    print(f"{given.models:,} models x {COLUMNS} columns x {ROWS:,} rows a side, seed {given.seed}")
    told = f"clean models that are flagged (others: of {given.peers} models)"
    print(f"\n{told:<52}{'argosy':>8}{'judged':>8}{'unordered':>11}", end="")
    print("".join(f"{name:>14}" for names in TOOLS.values() for name in names))
    for place, setting in enumerate(CLEAN):
        line(setting, given.models, given.peers, given.seed + place)
    print(
        f"\n{'models that moved':<52}{'found':>8}{'falsely':>9}{'judged':>8}{'without order':>15}"
    )
    for place, setting in enumerate(MOVED):
        power(setting, max(given.models, 200), given.seed + 100 + place)
    coverage(given.covered, given.seed)


def line(setting: Setting, models: int, others: int, seed: int) -> None:
    tables, _ = sides(setting, models, COLUMNS, ROWS, seed)
    flagged, judged = checked(tables, ordered=True)
    unordered, _ = checked(tables, ordered=False)
    told = f"{len(flagged) / models:>8.1%}{judged:>8.0%}{len(unordered) / models:>11.1%}"
    few = {role: rows.filter(pl.col("model") < f"{others:04}") for role, rows in tables.items()}
    found = dict(flagged_by_others(few, others))
    names = [name for some in TOOLS.values() for name in some]
    shares = "".join(f"{found[name]:>14.0%}" if name in found else f"{'-':>14}" for name in names)
    print(f"{setting.name:<52}{told}{shares}", flush=True)


def flagged_by_others(tables: dict[str, pl.DataFrame], models: int) -> Iterator[tuple[str, float]]:
    """Yield the share of models that each other tool flags; those that are absent are left out."""
    with tempfile.TemporaryDirectory() as name:
        for role, rows in tables.items():
            rows.write_parquet(Path(name) / f"{role}.parquet")
        for interpreter, names in TOOLS.items():
            given = (name, str(models), *names)
            told: dict[str, Any] | None = peer(
                " and ".join(names), "_calibration_peer.py", *given, interpreter=interpreter
            )
            for tool, found in (told or {}).items():
                yield tool, len(found["flagged"]) / len(found["looked"])


def power(setting: Setting, models: int, seed: int) -> None:
    tables, moved = sides(setting, models, COLUMNS, ROWS, seed)
    flagged, judged = checked(tables, ordered=True)
    unordered, _ = checked(tables, ordered=False)
    falsely = len(flagged - moved) / max(len(flagged), 1)
    found = f"{len(flagged & moved) / len(moved):>8.0%}{falsely:>9.1%}{judged:>8.0%}"
    others = f"{len(unordered & moved) / len(moved):.0%}, falsely"
    others += f" {len(unordered - moved) / max(len(unordered), 1):.0%}"
    print(f"{setting.name:<52}{found}{others:>24}", flush=True)


def checked(tables: dict[str, pl.DataFrame], ordered: bool) -> tuple[set[str], float]:
    """Return the models that argosy flags, and the share of columns that it judged."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fleet = argosy.open(str(folder / "fleet"), create=True)
        models = tables["current"]["model"].unique(maintain_order=True).to_list()
        fleet.register(pl.DataFrame({"model": models, "version": ["1"] * len(models)}))
        for role, rows in tables.items():
            path = str(folder / f"{role}.parquet")
            (rows if ordered else rows.drop("time")).write_parquet(path)
            binding = {"role": role, "url": path, "key": "model"}
            fleet.bind([{**binding, "timestamp": "time"} if ordered else binding])
        results = fleet.check_drift().results()
        columns = results.group_by("model", "column").agg(pl.col("status").eq("ok").all())
        flagged = fleet.verdicts().filter(pl.col("drifted"))["model"]
        return set(flagged), float(columns["status"].mean())


if __name__ == "__main__":
    sys.exit(main())
