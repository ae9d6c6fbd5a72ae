"""Claim: one night of 4,000 recommenders takes at most five minutes of two cores and 4 GB.

A night fetches a day more of purchases (median 1,000 per client, 10 to 100,000), fits popularity,
item neighbours and EASE for every client and keeps the best, evaluates it with every ranking
metric, compares it with the champion, promotes in waves, and ranks for every customer. Measured is
the second night, whose clients have champions. Processor time is of this process and its workers,
and so is the greatest memory (proportional set size, as shared pages count once).
"""

import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
from _family import Watch
from _measure import asked, options

import argosy
from argosy_recommendations.generator.feeds import Night
from argosy_recommendations.generator.market import Market
from argosy_recommendations.night.cycle import NightlyCycle
from argosy_recommendations.night.opening import open_fleet
from argosy_recommendations.night.shop import open_shop
from argosy_recommendations.serving.lookup_service import LookupService

SEED = 7
SHARES = {
    "fitting": ("train",),
    "metrics": ("evaluate", "compare"),
    "lists": ("rank",),
    "feeds": ("refresh",),
    "decisions": ("promote",),
}


def looked_up(fleet: argosy.Fleet, lookups: int) -> None:
    service, rng = LookupService(fleet), np.random.default_rng(SEED)
    clients = fleet.aliases().filter(alias="champion").collect()["model"]
    drawn = rng.integers(len(clients), size=lookups), rng.integers(200, size=lookups)
    took = []
    for client, number in zip(*drawn, strict=True):
        started = time.perf_counter()
        service.recommend(clients[int(client)], f"k{number:05}")
        took.append(time.perf_counter() - started)
    warm = np.percentile(np.array(took[lookups // 2 :]) * 1e3, [50, 95, 99])
    print(
        "\nlook-up of one customer, warm: p50 {:.2f} ms, p95 {:.2f} ms, p99 {:.2f} ms".format(*warm)
    )


def main() -> None:
    parser = options(__doc__, clients=(4_000, 20), lookups=(4_000, 200))
    parser.add_argument("--executor", default="local", help="who performs the chunks")
    told = asked(parser, compares=False)
    print(f"seed {SEED}; played once")
    warnings.simplefilter("ignore", argosy.errors.ArgosyWarning)
    watch = Watch()
    watch.start()
    spent: dict[str, float] = {}

    @contextmanager
    def begin(title: str) -> Iterator[Callable[[int, int], None]]:
        started = watch.look()
        yield lambda done, total: None
        spent[title.rpartition(" ")[2]] = watch.look() - started

    with tempfile.TemporaryDirectory() as folder:
        market = Market(told.clients, SEED)
        fleet = argosy.open(f"{folder}/fleet", create=True)
        open_fleet(fleet, market)
        for number in (0, 1):
            night = Night(market, number)
            open_shop(fleet, market, night.day)
            started, watch.most = time.perf_counter(), 0.0
            steps = NightlyCycle(fleet, night, begin, told.executor).play()
            seconds, cpu = time.perf_counter() - started, sum(spent.values())
            rows = pl.scan_parquet(Path(fleet.url) / "feeds" / str(night.date) / "training.parquet")
            lists = fleet.predictions().filter(status="ok").select("run_id", "n").collect()
            many = lists.filter(run_id=lists["run_id"][-1])["n"].sum()
            print(
                f"\n{night.group}: {told.clients:,} clients,"
                f" {rows.select(pl.len()).collect().item():,} purchases to learn from,"
                f" {many:,} lists; {told.executor}\n"
                f"wall {seconds:.0f} s, CPU {cpu:.0f} s (of two cores {cpu / 2:.0f} s),"
                f" memory {watch.most:.1f} GiB"
            )
            for name, parts in SHARES.items():
                own = sum(spent.get(part, 0.0) for part in parts)
                print(f"  {name:<10}{own:>7.0f} s CPU{own / cpu:>7.0%}   ({', '.join(parts)})")
            print(steps.select("step", "models", "ok", "failed", "seconds"))
        looked_up(fleet, told.lookups)


if __name__ == "__main__":
    main()
