"""What every benchmark does alike: options, the first lines, fair comparisons.

A comparison of speed counts processor seconds, of child processes too; its sides take turns
(A B A B), seven times each; what is told is the median, and a difference counts where it is
beyond twice the spread.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _family import of_others, own
from _machine import describe

HERE = Path(__file__).parent
PEERS = Path(os.environ.get("ARGOSY_PEERS", HERE.parent / ".venv-peers/bin/python"))
ALIBI = Path(os.environ.get("ARGOSY_PEERS", HERE.parent / ".venv-alibi/bin/python"))
"""alibi-detect needs an older NumPy than the others."""
ROUNDS = 7
QUICK_ROUNDS = 3


def options(
    claim: str | None,
    switches: Mapping[str, str] | None = None,
    /,
    **sizes: tuple[int, int],
) -> argparse.ArgumentParser:
    """Return a parser with `--quick`, the switches, and the sizes, each in full and when quick."""
    parser = argparse.ArgumentParser(
        description=claim, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, seconds in all")
    for name, told in (switches or {}).items():
        parser.add_argument(f"--{name}", action="store_true", help=told)
    for name, (full, quick) in sizes.items():
        parser.add_argument(f"--{name}", type=int, help=f"{full:,}, or {quick:,} with --quick")
    parser.set_defaults(sizes=sizes)
    return parser


def asked(parser: argparse.ArgumentParser, compares: bool = True) -> argparse.Namespace:
    """Read the command line and print the first lines; sizes not given are those of `--quick`."""
    given = parser.parse_args()
    for name, pair in given.sizes.items():
        if getattr(given, name) is None:
            setattr(given, name, pair[given.quick])
    given.rounds = QUICK_ROUNDS if given.quick else ROUNDS
    print(describe())
    if given.quick:
        print("quick: not a figure to quote")
    if compares:
        print(f"medians of {given.rounds} rounds in turns; ~ marks what is within twice the spread")
    return given


@dataclass(frozen=True)
class Spent:
    """What the rounds of one side took, in seconds; dividing shares it among models."""

    cpu: Sequence[float]
    wall: Sequence[float]
    answer: Any = None
    """Of the last round."""

    @property
    def median(self) -> float:
        return statistics.median(self.cpu)

    @property
    def elapsed(self) -> float:
        return statistics.median(self.wall)

    @property
    def spread(self) -> float:
        """The interquartile range of the processor seconds."""
        low, _, high = statistics.quantiles(self.cpu, n=4, method="inclusive")
        return high - low

    def __truediv__(self, many: float) -> "Spent":
        shared = ([one / many for one in side] for side in (self.cpu, self.wall))
        return Spent(*shared, self.answer)

    def __mul__(self, many: float) -> "Spent":
        return self / (1 / many)


def alternating(works: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, Spent]:
    """Let all sides do their work in turns, so many rounds."""
    cpu: dict[str, list[float]] = {name: [] for name in works}
    wall: dict[str, list[float]] = {name: [] for name in works}
    answers = {}
    for _ in range(rounds):
        for name, work in works.items():
            others, started, before = of_others(), time.perf_counter(), own()
            answers[name] = work()
            after, ended = own(), time.perf_counter()
            # a child that ended meanwhile is in `own` now, and in `others` no longer
            cpu[name].append(after - before + of_others() - others)
            wall[name].append(ended - started)
    return {name: Spent(cpu[name], wall[name], answers[name]) for name in works}


def once(work: Callable[[], Any]) -> Spent:
    """Do what can be done once only."""
    return alternating({"": work}, 1)[""]


def differ(one: Spent, other: Spent) -> bool:
    """Say whether two sides differ by more than twice the spread of either."""
    return abs(one.median - other.median) > 2 * max(one.spread, other.spread)


def ratio(ours: Spent, theirs: Spent) -> str:
    """Say how many times as long the peer takes; a difference that does not count is marked."""
    if not ours.median:
        return "too short to compare"
    told = f"{theirs.median / ours.median:,.1f} x"
    if len(ours.cpu) < 2 or len(theirs.cpu) < 2 or differ(ours, theirs):
        return told
    return f"~{told}"


def peer(name: str, script: str, *given: str, interpreter: Path = PEERS) -> dict[str, Any] | None:
    """Let a peer do its share in its own environment; say so where it is not there, and go on."""
    command = [str(interpreter), str(HERE / script), *given]
    try:
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{name} was not measured: {error}; `make peers` installs it")
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def apart(script: str, *given: str) -> dict[str, Any]:
    """Run a script of this folder in a process of its own; it prints one JSON document last."""
    command = [sys.executable, str(HERE / script), *given]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
