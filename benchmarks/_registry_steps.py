"""The steps of the registry's benchmark, each in a process of its own: `STEP URL`.

A step prints one JSON document, with `peak_mb`: the most memory that its process has held.
"""

import json
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
from _questions import QUESTIONS
from _registrations import LOGGED, predictions, registrations

import argosy

Measured = dict[str, object]

MODELS = 100_000
REPEATS = 5


def register(url: str) -> Measured:
    """Register a version of every model; the memory is that of this and nothing else."""
    frame = registrations(MODELS)
    fleet = argosy.open(url, create=True, actor="bench")
    return {"seconds": timed(lambda: fleet.register(frame)), "disk_mb": disk_mb(url)}


def promote(url: str) -> Measured:
    """Move the champion of every model to a second version, and give the fleet all else."""
    fleet = argosy.open(url, actor="bench")
    given = timed(lambda: fleet.set_alias(fleet.where("tier >= 1"), "champion"))
    second = registrations(MODELS, "2")
    again = timed(lambda: fleet.register(second))
    moved = timed(lambda: fleet.set_alias(fleet.where("tier >= 1"), "champion"))
    first = second.head(MODELS // 10).select("model", version=pl.lit("1"))
    fleet.set_alias(first, "champion", reason="the second version did not hold")
    fleet.set_alias(fleet.where("tier = 1"), "production")
    return {"given": given, "moved": moved, "registered_again": again}


def evaluate(url: str) -> Measured:
    """Evaluate the models that have logged predictions."""
    fleet = argosy.open(url, actor="bench")
    path = Path(url) / "logged.parquet"
    predictions(registrations(LOGGED)["model"]).write_parquet(path)
    roles = {"key": "model", "truth": "label", "score": "score"}
    fleet.bind([{"role": "holdout", "template": "logged", "url": str(path), **roles}])
    return dict(fleet.evaluate("template = 'logged'").summary)


def ask(url: str) -> Measured:
    """Ask every question once, and then again on the fleet that is open by now."""
    fleet = argosy.open(url)
    answers = {}
    for name, text in QUESTIONS:
        first = timed(lambda text=text: fleet.sql(text))
        warm = statistics.median(timed(lambda text=text: fleet.sql(text)) for _ in range(REPEATS))
        answers[name] = {"rows": fleet.sql(text).height, "first": first, "warm": warm}
    names = registrations(200)["model"]
    got = [timed(lambda name=name: fleet.get(name, alias="champion")) for name in names]
    return {"answers": answers, "get": statistics.median(got)}


def small(url: str) -> Measured:
    """Register 1,000 models."""
    fleet = argosy.open(url, create=True, actor="bench")
    return {"seconds": timed(lambda: fleet.register(registrations(1_000)))}


def single(url: str, changes: str) -> Measured:
    """Change one row at a time."""
    fleet = argosy.open(url, actor="bench")
    names = fleet.models().select("model").collect()["model"]
    spent = []
    for number in range(int(changes)):
        row = [{"model": names[number % len(names)], "version": "1"}]
        spent.append(timed(lambda row=row, alias=f"trial-{number}": fleet.set_alias(row, alias)))
        if number % 1_000 == 999:
            print(f"  {number + 1} changes", file=sys.stderr, flush=True)
    return {"seconds": spent, "disk_mb": disk_mb(url)}


def threads(url: str) -> Measured:
    """Make 1,000 single-row changes from 16 threads."""
    fleet = argosy.open(url, create=True, actor="bench")
    frame = registrations(10_000)
    fleet.register(frame)
    names = frame["model"].head(1_000).to_list()
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


def tag(url: str, who: str, times: str) -> Measured:
    """Add tags to one and the same model, so that every change builds on the one before."""
    fleet = argosy.open(url, actor=who)
    for number in range(int(times)):
        fleet.tag([{"model": "shared", "tags": {f"{who}-{number}": "1"}}])
    return {}


def race(url: str) -> Measured:
    """Let 8 processes make 25 changes each to one model, and count the changes that are lost."""
    fleet = argosy.open(url, create=True, actor="bench")
    fleet.register([{"model": "shared", "version": "1"}])

    def together() -> None:
        started = [
            subprocess.Popen(
                [sys.executable, __file__, "tag", url, f"p{who}", "25"], stdout=subprocess.DEVNULL
            )
            for who in range(8)
        ]
        assert all(process.wait() == 0 for process in started)

    seconds = timed(together)
    kept = fleet.models().select(pl.col("tags").map.len()).collect().item()
    return {"seconds": seconds, "lost": 8 * 25 - kept}


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def disk_mb(url: str) -> float:
    return sum(path.stat().st_size for path in Path(url).rglob("*") if path.is_file()) / 1e6


def report(steps: dict[str, Callable[..., Measured]]) -> None:
    """Carry out the step that the command line names, and print what it measured."""
    step, *given = sys.argv[1:]
    measured = steps[step](*given)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    json.dump({**measured, "peak_mb": peak}, sys.stdout)


if __name__ == "__main__":
    report(globals())
