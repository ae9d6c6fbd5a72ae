"""Claim: a change of one row takes 12 ms on a fleet of 100,000, and many writers wait alike.

The changes of one process are given as a table of one row, in turns with changes of one row that
is chosen by `where`; MLflow moves an alias of a model on SQLite beside them. Then many processes
change one fleet at once: changes per second, and how long the changes of each of them waited.
Elapsed time, because who waits for the disk or for others uses no processor.
"""

import statistics
import tempfile
from collections.abc import Sequence

import numpy as np
from _measure import apart, asked, options, peer
from _registrations import SEED

BARS = {"given as a table": 12, "chosen by where": 40}
"""Milliseconds, of the median."""
PACE = 40
"""Changes per second of all writers."""


def main() -> None:
    parser = options(
        __doc__,
        models=(100_000, 1_000),
        changes=(200, 10),
        writers=(16, 3),
        each=(25, 3),
    )
    given = asked(parser, compares=False)
    print(f"{given.models:,} models, seed {SEED}; elapsed time of single changes")
    with tempfile.TemporaryDirectory(prefix="argosy-changes-") as folder:
        models, many = str(given.models), str(given.changes)
        url = f"{folder}/alone"
        apart("_changes_steps.py", "made", url, models)
        found = apart("_changes_steps.py", "alone", url, models, many)
        url = f"{folder}/together"
        apart("_changes_steps.py", "made", url, models)
        raced = apart(
            "_changes_steps.py", "together", url, models, str(given.writers), str(given.each)
        )
    for name, spent in zip(BARS, (found["given"], found["chosen"]), strict=True):
        held = holds(1e3 * statistics.median(spent) <= BARS[name])
        print(f"{name:<24}{quantiles(spent)}   bar {BARS[name]} ms: {held}")
    told = peer("MLflow", "_mlflow_peer.py")
    if told:
        alias = [told[name] for name in ("alias_p50", "alias_p99")]
        print(f"{'MLflow ' + told['version']:<24}{1e3 * alias[0]:8.1f} ms p50", end="")
        print(f"{1e3 * alias[1]:9.1f} ms p99   SQLite, {told['models']:,} models")
    race(raced)


def race(raced: dict[str, list[list[float]]]) -> None:
    waits = raced["waits"]
    every = [wait for each in waits for wait in each]
    pace = len(every) / raced["seconds"]
    print(
        f"\n{len(waits)} writers, {len(every)} changes: {pace:.1f} per second"
        f" (bar {PACE}: {holds(pace >= PACE)}), {raced['lost']} lost"
    )
    print(f"{'all':<24}{quantiles(every)}")
    for number, each in enumerate(waits):
        print(f"{f'writer {number}':<24}{quantiles(each)}")
    middles = sorted(statistics.median(each) for each in waits)
    print(f"the slowest writer's median is {middles[-1] / middles[0]:.1f} x the fastest's")


def quantiles(seconds: Sequence[float]) -> str:
    middle, top = np.percentile(1e3 * np.array(seconds), [50, 99])
    return f"{middle:8.1f} ms p50{top:9.1f} ms p99{1e3 * max(seconds):9.1f} ms worst"


def holds(true: bool) -> str:
    return "holds" if true else "DOES NOT HOLD"


if __name__ == "__main__":
    main()
