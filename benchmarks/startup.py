"""Claim: the command line answers in 0.4 s, because it imports nothing heavy before it must.

Each command runs in a process of its own, in turn with a bare interpreter and with the import of
polars, the lightest of what a fleet needs; the ratio to the bare interpreter is printed.
"""

import statistics
import subprocess
import sys
import time

from _machine import describe

ROUNDS = 9
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "argosy --version": [sys.executable, "-m", "argosy", "--version"],
    "argosy --help": [sys.executable, "-m", "argosy", "--help"],
    "argosy plugins": [sys.executable, "-m", "argosy", "plugins", "--json"],
    "python -c 'import polars'": [sys.executable, "-c", "import polars"],
}


def main() -> None:
    print(describe())
    spent: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            spent[name].append(time.perf_counter() - started)
    bare = statistics.median(spent["python -c pass"])
    print(f"{'command':<28}{'median s':>10}{'worst s':>10}{'x bare python':>15}")
    for name, times in spent.items():
        middle = statistics.median(times)
        print(f"{name:<28}{middle:>10.3f}{max(times):>10.3f}{middle / bare:>15.1f}")


if __name__ == "__main__":
    main()
