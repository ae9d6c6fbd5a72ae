"""Claim: the command line answers in 0.4 s, and all built-in plugins load in 50 ms.

Nothing heavy is imported before it must be.
Each command runs in a process of its own, in turn with a bare interpreter and with the import of
polars, the lightest of what a fleet needs; the ratio to the bare interpreter is printed.
"""

import statistics
import subprocess
import sys
import time

from _machine import describe

ROUNDS = 9
LOADED = "from argosy.plugins import installed; assert len(installed().plugins) > 10"
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "argosy --version": [sys.executable, "-m", "argosy", "--version"],
    "argosy --help": [sys.executable, "-m", "argosy", "--help"],
    "argosy plugins": [sys.executable, "-m", "argosy", "plugins", "--json"],
    "python -c 'import polars'": [sys.executable, "-c", "import polars"],
    "the same, and all plugins": [sys.executable, "-c", f"import polars; {LOADED}"],
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
    alone, loaded = (spent[name] for name in list(COMMANDS)[-2:])
    extra = statistics.median(after - before for before, after in zip(alone, loaded, strict=True))
    print(f"loading all plugins, beyond importing polars: {1000 * extra:.0f} ms")


if __name__ == "__main__":
    main()
