"""The console script, and `python -m argosy`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from argosy_cli.parent import watched

if TYPE_CHECKING:
    from argosy_cli.parent import Watch


def main() -> None:
    """Run the command line in a child of this process, and exit with its status."""
    watched(_work)


def _work(watch: Watch) -> int:
    from argosy_cli.main import run
    from argosy_cli.stderr import quiet
    from argosy_cli.stdout import answers_alone
    from argosy_cli.terminal import show_traceback

    sys.excepthook = show_traceback
    with quiet(), answers_alone():
        return run(sys.argv[1:], watch)


if __name__ == "__main__":
    main()
