"""Claim: a fleet of 100,000 models is changed in seconds and asked in milliseconds.

Each step runs in a process of its own, so that its memory is its own; MLflow does the same work
one call per model, on 1,000 models, and is scaled to as many in proportion.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from typing import Any

from _measure import Spent, apart, asked, once, options, peer
from _questions import ON_MODELS, QUESTIONS
from _registrations import SEED, logging_models

COLD = "import argosy, sys; argosy.open(sys.argv[1]).sql(sys.argv[2])"
"""A question asked in a process that has nothing open yet."""

NONE = float("nan")
"""No goal."""

Row = tuple[str, float, float, float | None, float | None]
"""Claim, goal, argosy, MLflow as measured, MLflow scaled; seconds, or what the claim says."""


def main() -> None:
    parser = options(
        __doc__,
        models=(100_000, 1_000),
        single=(200, 10),
        changes=(10_000, 20),
        writers=(10_000, 160),
        race=(25, 2),
        cold=(23, 2),
    )  # fmt: skip
    given = asked(parser, compares=False)
    models = given.models
    print(f"{models:,} models, {logging_models(models):,} of them evaluated; seed {SEED}")
    print("elapsed seconds of single runs, beside goals; MLflow one call per model, scaled")
    theirs = peer("MLflow", "_mlflow_peer.py")
    scale = models / theirs["models"] if theirs else 1.0
    with tempfile.TemporaryDirectory(prefix="argosy-registry-") as folder:
        rows = fleet(f"{folder}/fleet", given, theirs, scale)
        rows += writers(folder, given) + grown(f"{folder}/scale", models)
    table(rows)


def fleet(
    url: str, given: argparse.Namespace, peer: dict[str, Any] | None, scale: float
) -> list[Row]:
    """Register, promote and ask; changes of one row on the same fleet."""
    models = given.models
    registered = step("registry", "register", url, models)
    moved = step("registry", "promote", url, models)
    step("registry", "evaluate", url, models)
    asked = step("registry", "ask", url, models)
    answers, cold = asked["answers"], {}
    for name, text in QUESTIONS[: given.cold]:
        command = [sys.executable, "-c", COLD, url, text]
        cold[name] = once(partial(subprocess.run, command, check=True))
    single = sorted(step("registry", "single", url, models, str(given.single))["seconds"])
    answered = peer["answered"] if peer else {}
    questions(answers, cold, answered, scale)
    slowest = max(answered.values()) if peer else None
    told = peer or {"register": None, "alias": None, "get": None}
    elapsed = [spent.elapsed for spent in cold.values()]
    processor = statistics.median(spent.median for spent in cold.values())
    one = each(told["alias"])
    return [
        (
            f"register {models:,} models",
            10,
            registered["seconds"],
            *scaled(told["register"], scale),
        ),
        ("  peak memory, MB", 1_500, registered["peak_mb"], None, None),
        (f"move champion on {models:,}", 3, moved["moved"], *scaled(told["alias"], scale)),
        ("  set it the first time", 3, moved["given"], None, None),
        ("slowest of 23 questions, warm", 0.15, worst(answers, "warm"), *scaled(slowest, scale)),
        ("  slowest when asked first", 1, worst(answers, "first"), None, None),
        ("  slowest from a new process", 1, max(elapsed), None, None),
        ("  median from a new process", 1, statistics.median(elapsed), None, None),
        ("  its processor time", 1, processor, None, None),
        ("questions answered, of 23", 23, len(answers), len(answered) if peer else None, None),
        ("one model by name and alias", 0.005, asked["get"], told["get"], told["get"]),
        (f"change one row of {models:,}, p50", 0.06, statistics.median(single), one, one),
        ("  p95", 0.15, single[int(0.95 * len(single))], None, None),
        (f"  worst of {len(single)}", NONE, single[-1], None, None),
    ]


def writers(folder: str, given: argparse.Namespace) -> list[Row]:
    """Many changes, many threads, many processes."""
    many = given.changes
    print(f"{many:,} commits, one row each:", file=sys.stderr)
    spent = step("registry", "single", f"{folder}/small", 1_000, str(many))["seconds"]
    few = max(1, many // 50)
    first, last = statistics.median(spent[:few]), statistics.median(spent[-few:])
    threads = step("registry", "threads", f"{folder}/threads", given.writers)
    race = step("registry", "race", f"{folder}/race", given.race)
    return [
        (f"one change, first {few} of {many:,}", 0.06, first, None, None),
        (f"one change, last {few} of {many:,}", 0.06, last, None, None),
        ("  growth, last / first", 2, last / first, None, None),
        (f"{given.writers // 10:,} changes by 16 threads", 5, threads["seconds"], None, None),
        ("  lost changes", 0, threads["lost"], None, None),
        (f"8 processes x {given.race} changes, one model", 60, race["seconds"], None, None),
        ("  lost changes", 0, race["lost"], None, None),
    ]


def grown(url: str, models: int) -> list[Row]:
    """Ask a fleet of ten versions a model and a hundred drift rows a model."""
    versions = step("scale", "versions", url, models)
    drift = step("scale", "drift", url, models)
    asked = step("scale", "ask", url, models)
    newest = step("scale", "newest_rows", url, models)
    return [
        (f"register {10 * models:,} versions", NONE, versions["seconds"], None, None),
        ("  slowest of ten batches", 10, versions["worst"], None, None),
        ("  on disk, MB", NONE, versions["disk_mb"], None, None),
        ("  peak memory, MB", NONE, versions["peak_mb"], None, None),
        ("  open them", NONE, asked["opened"], None, None),
        ("  filter them, first", NONE, asked["first"], None, None),
        ("  filter them, warm", 0.15, asked["filtered"], None, None),
        (f"verdicts at {drift['rows']:,} drift rows", 1, asked["verdicts"], None, None),
        ("  from the drift rows themselves", NONE, newest["seconds"], None, None),
        ("  what the checks took on disk, MB", NONE, drift["disk_mb"], None, None),
    ]


def questions(
    answers: dict[str, Any], cold: dict[str, Spent], answered: dict[str, float], scale: float
) -> None:
    print(f"{'question':<32}{'rows':>9}{'warm ms':>9}{'cold s':>8}{'MLflow s':>10}{'scaled':>8}")
    for number, (name, took) in enumerate(answers.items()):
        theirs = answered.get(name)
        told = f"{theirs:>10.3f}{theirs * scale:>8.1f}" if theirs else f"{'-':>10}{'-':>8}"
        kind = "models: " if number < len(ON_MODELS) else "versions: "
        line = f"{kind + name:<32}{took['rows']:>9}{took['warm'] * 1e3:>9.1f}"
        new = f"{cold[name].elapsed:>8.2f}" if name in cold else f"{'-':>8}"
        print(line + new + told)


def table(rows: Sequence[Row]) -> None:
    print()
    print(
        f"{'claim (seconds unless it says else)':<38}{'goal':>8}{'argosy':>10}{'holds':>7}"
        f"{'MLflow':>9}{'scaled':>9}{'ratio':>8}"
    )
    for claim, goal, ours, theirs, grown in rows:
        least = claim.startswith("questions")
        holds = "" if goal != goal else "yes" if (ours >= goal if least else ours <= goal) else "NO"
        ratio = f"{grown / ours:,.{0 if grown > ours else 1}f}" if grown and ours else "-"
        wanted = "" if goal != goal else f"{goal:g}"
        print(
            f"{claim:<38}{wanted:>8}{shown(ours):>10}{holds:>7}{shown(theirs):>9}{shown(grown):>9}"
            f"{ratio:>8}"
        )


def shown(number: float | None) -> str:
    if number is None:
        return "-"
    return f"{number:,.0f}" if number >= 100 or number == int(number) else f"{number:.4g}"


def scaled(seconds: float | None, scale: float) -> tuple[float | None, float | None]:
    return seconds, None if seconds is None else seconds * scale


def each(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 1_000


def worst(answers: dict[str, Any], which: str) -> float:
    return max(took[which] for took in answers.values())


def step(module: str, name: str, url: str, models: int, *given: str) -> dict[str, Any]:
    return apart(f"_{module}_steps.py", name, url, str(models), *given)


if __name__ == "__main__":
    main()
