"""The console script, and `python -m argosy`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    from argosy.cli.main import run
    from argosy.cli.stderr import quiet

    with quiet():
        code = run(sys.argv[1:])
    sys.exit(code)


if __name__ == "__main__":
    main()
