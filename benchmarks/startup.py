"""Claim: the command line answers in 0.4 s, and all built-in plugins load in 50 ms.

Nothing heavy is imported before it must be.
Each command runs in a process of its own, in turn with a bare interpreter and with the import of
polars, the lightest of what a fleet needs. Elapsed seconds are what who types waits; the ratio to
the bare interpreter is of processor time.
"""

import subprocess
import sys
from functools import partial

from _measure import Spent, alternating, asked, options

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
    given = asked(options(__doc__))
    print("nothing is drawn, so there is no seed")
    run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL)
    found = alternating({name: partial(run, told) for name, told in COMMANDS.items()}, given.rounds)
    bare = found["python -c pass"].median
    print(
        f"{'command':<28}{'elapsed s':>10}{'worst s':>10}{'processor s':>13}{'x bare python':>15}"
    )
    for name, spent in found.items():
        print(
            f"{name:<28}{spent.elapsed:>10.3f}{max(spent.wall):>10.3f}{spent.median:>13.3f}"
            f"{spent.median / bare:>15.1f}"
        )
    alone, loaded = (found[name] for name in list(COMMANDS)[-2:])
    each = zip(alone.wall, loaded.wall, strict=True)
    extra = Spent([], [after - before for before, after in each]).elapsed
    print(f"loading all plugins, beyond importing polars: {1000 * extra:.0f} ms elapsed")


if __name__ == "__main__":
    main()
