"""Claim: a fleet of 100,000 models is changed in seconds and asked in milliseconds.

Each step runs in a process of its own, so that its memory is its own; MLflow does the same work
one call per model, on 1,000 models, and is scaled to as many in proportion.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from _machine import describe
from _questions import ON_MODELS, QUESTIONS
from _registrations import LOGGED, SEED

HERE = Path(__file__).parent
PEERS = Path(os.environ.get("ARGOSY_PEERS", HERE.parent / ".venv-peers/bin/python"))
SCALE = 100
"""MLflow's thousand models, times this, are ours."""

COLD = "import argosy, sys; argosy.open(sys.argv[1]).sql(sys.argv[2])"
"""A question asked in a process that has nothing open yet."""

Row = tuple[str, float, float, float | None, float | None]
"""Claim, goal, argosy, MLflow as measured, MLflow scaled; seconds, or what the claim says."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the 10,000 commits")
    quick = parser.parse_args().quick
    print(describe())
    print(f"100,000 models, {LOGGED:,} of them evaluated, 200,000 versions; seed {SEED}")
    peer = mlflow()
    with tempfile.TemporaryDirectory(prefix="argosy-registry-") as folder:
        rows = fleet(f"{folder}/fleet", peer) + writers(folder, quick) + scale(f"{folder}/scale")
    table(rows)
    if peer is None:
        print(
            f"MLflow was not measured: {PEERS} is missing. Make it with `make peers`, or name an"
            f" interpreter that has what {HERE.name}/peers.txt lists in ARGOSY_PEERS."
        )


def fleet(url: str, peer: dict[str, Any] | None) -> list[Row]:
    """Register, promote and ask; changes of one row on the same fleet."""
    registered = step("registry", "register", url)
    moved = step("registry", "promote", url)
    step("registry", "evaluate", url)
    asked = step("registry", "ask", url)
    answers = asked["answers"]
    cold, work = {}, {}
    for name, text in QUESTIONS:
        started, before = time.perf_counter(), children()
        subprocess.run([sys.executable, "-c", COLD, url, text], check=True)
        cold[name], work[name] = time.perf_counter() - started, children() - before
    single = sorted(step("registry", "single", url, "200")["seconds"])
    answered = peer["answered"] if peer else {}
    questions(answers, cold, answered)
    slowest = max(answered.values()) if peer else None
    told = peer or {"register": None, "alias": None, "get": None}
    return [
        ("register 100,000 models", 10, registered["seconds"], *scaled(told["register"])),
        ("  peak memory, MB", 1_500, registered["peak_mb"], None, None),
        ("move champion on 100,000", 3, moved["moved"], *scaled(told["alias"])),
        ("  set it the first time", 3, moved["given"], None, None),
        ("slowest of 23 questions, warm", 0.15, worst(answers, "warm"), *scaled(slowest)),
        ("  slowest when asked first", 1, worst(answers, "first"), None, None),
        ("  slowest from a new process", 1, max(cold.values()), None, None),
        ("  median from a new process", 1, statistics.median(cold.values()), None, None),
        ("  its processor time", 1, statistics.median(work.values()), None, None),
        ("questions answered, of 23", 23, len(answers), len(answered) if peer else None, None),
        ("one model by name and alias", 0.005, asked["get"], told["get"], told["get"]),
        ("change one row of 100,000, p50", 0.06, single[100], *[each(told["alias"])] * 2),
        ("  p95", 0.15, single[190], None, None),
        ("  worst of 200", float("nan"), single[-1], None, None),
    ]


def writers(folder: str, quick: bool) -> list[Row]:
    """Many changes, many threads, many processes."""
    rows: list[Row] = []
    if not quick:
        url = f"{folder}/small"
        step("registry", "small", url)
        print("10,000 commits, one row each:", file=sys.stderr)
        spent = step("registry", "single", url, "10000")["seconds"]
        first, last = statistics.median(spent[:200]), statistics.median(spent[-200:])
        rows += [
            ("one change, first 200 of 10,000", 0.06, first, None, None),
            ("one change, last 200 of 10,000", 0.06, last, None, None),
            ("  growth, last / first", 2, last / first, None, None),
        ]
    threads = step("registry", "threads", f"{folder}/threads")
    race = step("registry", "race", f"{folder}/race")
    return [
        *rows,
        ("1,000 changes by 16 threads", 5, threads["seconds"], None, None),
        ("  lost changes", 0, threads["lost"], None, None),
        ("8 processes x 25 changes, one model", 60, race["seconds"], None, None),
        ("  lost changes", 0, race["lost"], None, None),
    ]


def scale(url: str) -> list[Row]:
    """Ask a fleet of a million versions and ten million drift rows."""
    versions = step("scale", "versions", url)
    drift = step("scale", "drift", url)
    asked = step("scale", "ask", url)
    newest = step("scale", "newest_rows", url)
    none = float("nan")
    return [
        ("register 1,000,000 versions", none, versions["seconds"], None, None),
        ("  slowest batch of 100,000", 10, versions["worst"], None, None),
        ("  on disk, MB", none, versions["disk_mb"], None, None),
        ("  peak memory, MB", none, versions["peak_mb"], None, None),
        ("  open them", none, asked["opened"], None, None),
        ("  filter them, first", none, asked["first"], None, None),
        ("  filter them, warm", 0.15, asked["filtered"], None, None),
        ("verdicts at 10,000,000 drift rows", 1, asked["verdicts"], None, None),
        ("  from the drift rows themselves", none, newest["seconds"], None, None),
        ("  drift rows on disk, MB", none, drift["disk_mb"] - versions["disk_mb"], None, None),
    ]


def questions(answers: dict[str, Any], cold: dict[str, float], answered: dict[str, float]) -> None:
    print(f"{'question':<32}{'rows':>9}{'warm ms':>9}{'cold s':>8}{'MLflow s':>10}{'scaled':>8}")
    for number, (name, took) in enumerate(answers.items()):
        theirs = answered.get(name)
        told = f"{theirs:>10.3f}{theirs * SCALE:>8.1f}" if theirs else f"{'-':>10}{'-':>8}"
        kind = "models: " if number < len(ON_MODELS) else "versions: "
        line = f"{kind + name:<32}{took['rows']:>9}{took['warm'] * 1e3:>9.1f}{cold[name]:>8.2f}"
        print(line + told)


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


def scaled(seconds: float | None) -> tuple[float | None, float | None]:
    return seconds, None if seconds is None else seconds * SCALE


def each(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 1_000


def worst(answers: dict[str, Any], which: str) -> float:
    return max(took[which] for took in answers.values())


def mlflow() -> dict[str, Any] | None:
    """Run MLflow's share with the interpreter of the peers, if there is one."""
    if not PEERS.exists():
        return None
    found = run([str(PEERS), str(HERE / "_mlflow_peer.py")])
    print(f"MLflow {found['version']}, SQLite, no server, {found['models']:,} models")
    return found


def children() -> float:
    """Return the processor time of the processes that have ended: load does not swell it much."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def step(module: str, name: str, *given: str) -> dict[str, Any]:
    return run([sys.executable, str(HERE / f"_{module}_steps.py"), name, *given])


def run(command: list[str]) -> dict[str, Any]:
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
