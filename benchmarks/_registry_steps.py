"""The steps of the registry's benchmark, each in a process of its own: `STEP URL MODELS`.

A step prints one JSON document, with `peak_mb`: the most memory that its process has held.
"""

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
from _family import peak
from _questions import QUESTIONS
from _registrations import logging_models, opened, predictions, registrations

import argosy

Measured = dict[str, object]

REPEATS = 5


def register(url: str, models: int) -> Measured:
    """Register a version of every model; the memory is that of this and nothing else."""
    frame = registrations(models)
    fleet = opened(url)
    return {"seconds": timed(lambda: fleet.register(frame)), "disk_mb": disk_mb(url)}


def promote(url: str, models: int) -> Measured:
    """Move the champion of every model to a second version, and give the fleet all else."""
    fleet = argosy.open(url, actor="bench")
    given = timed(lambda: fleet.set_alias(fleet.where("tier >= 1"), "champion"))
    second = registrations(models, "2")
    again = timed(lambda: fleet.register(second))
    moved = timed(lambda: fleet.set_alias(fleet.where("tier >= 1"), "champion"))
    first = second.head(models // 10).select("model", version=pl.lit("1"))
    fleet.set_alias(first, "champion", reason="the second version did not hold")
    fleet.set_alias(fleet.where("tier = 1"), "production")
    return {"given": given, "moved": moved, "registered_again": again}


def evaluate(url: str, models: int) -> Measured:
    """Evaluate the models that have logged predictions."""
    fleet = argosy.open(url, actor="bench")
    path = Path(url) / "logged.parquet"
    logging = registrations(models).head(logging_models(models))
    predictions(logging["model"]).write_parquet(path)
    roles = {"key": "model", "truth": "label", "score": "score"}
    fleet.bind([{"role": "holdout", "template": "logged", "url": str(path), **roles}])
    return dict(fleet.evaluate("template = 'logged'").summary)


def ask(url: str, models: int) -> Measured:
    """Ask every question once, and then again on the fleet that is open by now."""
    fleet = argosy.open(url)
    answers = {}
    for name, text in QUESTIONS:
        first = timed(lambda text=text: fleet.sql(text))
        warm = statistics.median(timed(lambda text=text: fleet.sql(text)) for _ in range(REPEATS))
        answers[name] = {"rows": fleet.sql(text).height, "first": first, "warm": warm}
    names = registrations(models)["model"].head(200)
    got = [timed(lambda name=name: fleet.get(name, alias="champion")) for name in names]
    return {"answers": answers, "get": statistics.median(got)}


def single(url: str, models: int, changes: str) -> Measured:
    """Change one row at a time."""
    fleet = opened(url)
    if fleet.models().collect().is_empty():
        fleet.register(registrations(models))
    names = fleet.models().select("model").collect()["model"]
    spent = []
    for number in range(int(changes)):
        row = [{"model": names[number % len(names)], "version": "1"}]
        spent.append(timed(lambda row=row, alias=f"trial-{number}": fleet.set_alias(row, alias)))
        if number % 1_000 == 999:
            print(f"  {number + 1} changes", file=sys.stderr, flush=True)
    return {"seconds": spent, "disk_mb": disk_mb(url)}


def threads(url: str, models: int) -> Measured:
    """Make single-row changes of a tenth of the models from 16 threads."""
    fleet = opened(url)
    frame = registrations(models)
    fleet.register(frame)
    names = frame["model"].head(models // 10).to_list()
    shares = [names[start::16] for start in range(16)]

    def work(share: Iterable[str]) -> None:
        for name in share:
            fleet.set_alias([{"model": name, "version": "1"}], "champion")

    workers = [threading.Thread(target=work, args=(share,)) for share in shares]

    def together() -> None:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    seconds = timed(together)
    return {"seconds": seconds, "lost": len(names) - fleet.aliases().collect().height}


def tag(url: str, times: int, who: str) -> Measured:
    """Add tags to one and the same model, so that every change builds on the one before."""
    fleet = argosy.open(url, actor=who)
    for number in range(times):
        fleet.tag([{"model": "shared", "tags": {f"{who}-{number}": "1"}}])
    return {}


def race(url: str, times: int) -> Measured:
    """Let 8 processes make some changes each to one model, and count the changes that are lost."""
    fleet = opened(url)
    fleet.register([{"model": "shared", "version": "1"}])

    def together() -> None:
        started = [
            subprocess.Popen(
                [sys.executable, __file__, "tag", url, str(times), f"p{who}"],
                stdout=subprocess.DEVNULL,
            )
            for who in range(8)
        ]
        assert all(process.wait() == 0 for process in started)

    seconds = timed(together)
    kept = fleet.models().select(pl.col("tags").map.len()).collect().item()
    return {"seconds": seconds, "lost": 8 * times - kept}


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def disk_mb(url: str) -> float:
    return sum(path.stat().st_size for path in Path(url).rglob("*") if path.is_file()) / 1e6


def report(steps: dict[str, Callable[..., Measured]]) -> None:
    """Carry out the step that the command line names, and print what it measured."""
    step, url, models, *given = sys.argv[1:]
    measured = steps[step](url, int(models), *given)
    json.dump({**measured, "peak_mb": 1_000 * peak()}, sys.stdout)


if __name__ == "__main__":
    report(globals())
